import AndonLedger
import AndonModel
import AndonWeb
import Foundation

/// What an order's page and the list show of an order, for the templates.
struct DeskPage {
    let papers: Desk.Papers
    let texts: Texts
    let formats: Formats
    let now: Timestamp
    /// Makes the key of a step, one for each form.
    let makeKey: () -> String

    private var order: DeskOrder { papers.order }
    private var document: WorkOrder { papers.order.order }

    var title: String { "D-\(order.number) \(OrderText(document).title)" }

    private static let thumbnailPixels = 320

    private static func thumbnail(_ sha256: String) -> String {
        "/pictures/\(sha256)/thumbnail?width=\(thumbnailPixels)"
    }

    /// An order in the list.
    static func listed(_ order: DeskOrder, _ texts: Texts, _ formats: Formats) -> [String: Any] {
        var values = head(order, texts)
        values["created"] = formats.time(order.createdAt)
        values["createdAt"] = Formats.machine(order.createdAt)
        values["planned"] = order.order.scheduledAt.map {
            texts.text("desk", "planned-short", ["time": formats.time($0)])
        }
        values["thumbnail"] = order.order.picture.map { thumbnail($0.sha256) }
        values["place"] = [order.order.place.line, order.order.place.zoneName ?? order.order.place.zone]
            .compactMap { $0 }.joined(separator: " · ")
        return values
    }

    private static func head(_ order: DeskOrder, _ texts: Texts) -> [String: Any] {
        var values: [String: Any] = [:]
        values["reference"] = order.order.reference.text
        values["number"] = "D-\(order.number)"
        values["name"] = OrderText(order.order).title
        values["priority"] = order.order.priority
        values["isUrgent"] = order.order.priority <= 1
        values["stateName"] = texts["desk", "state-\(order.state.rawValue)"]
        values["isOpen"] = order.state.takesOccurrences
        values["canStart"] = order.state == .open
        values["assignee"] = order.assignee ?? texts["desk", "nobody"]
        return values
    }

    /// - Parameters:
    ///   - form: what was typed into a form that was refused.
    ///   - action: whose form that is.
    func values(typed form: URLEncodedForm?, of action: DeskAction?) -> [String: Any] {
        var values = Self.head(order, texts)
        values["words"] = OrderText(document).longText
        values["todo"] = document.action
        values["planned"] = document.scheduledAt.map { formats.time($0) }
        values["startedAt"] = order.startedAt.map { Formats.machine($0) }
        values["notes"] = papers.notes.map(note)
        values["photos"] = papers.photos.map(photo)
        values["hasPapers"] = !papers.notes.isEmpty || !papers.photos.isEmpty
        values["technicians"] = papers.technicians
        values["holder"] = order.assignee
        values["keys"] = Dictionary(uniqueKeysWithValues: DeskAction.allCases.map { ($0.rawValue, makeKey()) })
        addPictures(to: &values)
        addClosure(to: &values)
        var typed = form?.texts ?? [:]
        typed["password"] = nil
        for one in DeskAction.allCases {
            let shown: [String: String] = one == action ? typed : [:]
            values["\(one.rawValue)Form"] = shown
        }
        addChoices(to: &values, typed: action == .close ? typed : [:])
        return values
    }

    private func addPictures(to values: inout [String: Any]) {
        func has(_ role: Attachment.Role) -> Bool { papers.files.contains { $0.contains("-\(role.rawValue)-") } }
        if has(.chart), let chart = document.spc {
            values["chart"] = texts.text("desk", "alt-chart", ["chart": chart])
        }
        if has(.map), let zone = document.place.zone {
            values["map"] = texts.text("desk", "alt-map", ["zone": zone])
        }
        if let removal = papers.removal {
            values["pictureGone"] = texts.text(
                "desk", "picture-gone", ["time": formats.time(removal.at), "reason": removal.reason.words])
            return
        }
        values["picture"] = document.picture?.sha256
        values["annotated"] = has(.annotated)
        values["crop"] = has(.crop)
        guard let box = document.region?.box, let picture = document.picture, let width = picture.width,
            let height = picture.height
        else { return }
        values["box"] = [
            "x": box.x, "y": box.y, "w": box.width, "h": box.height, "width": Double(width), "height": Double(height),
        ]
    }

    private func note(_ note: DeskNote) -> [String: Any] {
        // What a person wrote stays as it is.
        let text = note.by == nil ? formats.localised(note.text) : note.text
        var values: [String: Any] = ["text": text, "when": formats.time(note.at)]
        values["at"] = Formats.machine(note.at)
        values["writer"] = note.by ?? "Andon"
        return values
    }

    private func photo(_ photo: OrderPhoto) -> [String: Any] {
        let said = texts.text("desk", "photo-by", ["name": photo.by, "time": formats.time(photo.at)])
        return [
            "digest": photo.picture.sha256, "small": Self.thumbnail(photo.picture.sha256), "said": said,
        ]
    }

    // MARK: The closure

    private func addClosure(to values: inout [String: Any]) {
        guard order.state.isEnded, let closure = order.closure else { return }
        values["closure"] = rows(closure)
        values["isWrongClass"] = closure.verdict == .wrongClass
    }

    private func rows(_ closure: Closure) -> [[String: String]] {
        let parts = closure.parts.map { part in
            [part.code, "×", formats.number(part.quantity, digits: part.quantity.rounded() == part.quantity ? 0 : 2)]
                .joined(separator: " ") + (part.name.map { " \($0)" } ?? "")
        }
        var facts: [(String, String?)] = [("technician", closure.technician)]
        facts.append(("hours", closure.labourHours.map { "\(formats.number($0, digits: 2)) h" }))
        facts.append(("parts", parts.isEmpty ? nil : parts.joined(separator: ", ")))
        facts.append(("cause", closure.causeCode))
        facts.append(("remedy", closure.remedyCode))
        facts.append(("done", closure.notes))
        facts.append(("closed", closure.closedAt.map { formats.time($0) }))
        facts.append(("verdict", closure.verdict.map { texts["desk", "verdict-\($0.rawValue)"] }))
        return facts.compactMap { name, value in
            value.map { ["label": texts["desk", "fact-\(name)"], "value": $0] }
        }
    }

    /// Codes that a plant which has used none yet begins with.
    private static let causes = ["WEAR", "MISALIGNED", "CONTAMINATION", "MATERIAL", "SETTING", "NO-FAULT"]
    private static let remedies = ["REPLACED", "CLEANED", "ADJUSTED", "TIGHTENED", "LUBRICATED"]

    private func addChoices(to values: inout [String: Any], typed: [String: String]) {
        values["causes"] = Self.choices(papers.causes + Self.causes, typed["cause"])
        values["remedies"] = Self.choices(papers.remedies + Self.remedies, typed["remedy"])
        values["isOtherCause"] = typed["cause"] == URLEncodedForm.otherCode
        values["isOtherRemedy"] = typed["remedy"] == URLEncodedForm.otherCode
        values["otherCode"] = URLEncodedForm.otherCode
        values["hours"] = typed["hours"] ?? suggestedHours
        values["verdicts"] = Self.verdicts.map { verdict -> [String: Any] in
            [
                "code": verdict.rawValue, "label": texts["desk", "verdict-\(verdict.rawValue)"],
                "isChosen": typed["verdict"] == verdict.rawValue,
            ]
        }
    }

    private static let verdicts: [Closure.Verdict] = [.confirmed, .falseAlarm, .wrongClass]

    /// Each code once, what was used before in front; what was typed and is in no list comes along.
    private static func choices(_ codes: [String], _ chosen: String?) -> [[String: Any]] {
        var seen: Set<String> = []
        let further: [String] = chosen.map { $0.isEmpty || $0 == URLEncodedForm.otherCode ? [] : [$0] } ?? []
        return (codes + further).filter { seen.insert($0).inserted }.map { code -> [String: Any] in
            ["code": code, "isChosen": code == chosen]
        }
    }

    /// From the start to now, in quarters of an hour; nil before the start, and for what lay for longer than a day.
    private var suggestedHours: String? {
        guard let started = order.startedAt else { return nil }
        let quarters = ((now - started).seconds / 900).rounded(.up)
        guard quarters <= 96 else { return nil }
        return JSON.ecmaScriptText(of: max(1, quarters) / 4)
    }
}
