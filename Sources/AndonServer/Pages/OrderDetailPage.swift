import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb

/// One order as its template shows it.
struct OrderDetailPage {
    let detail: OrderDetail
    let plant: Plant
    let texts: Texts
    let formats: Formats

    private var order: OrderRecord { detail.order }
    private var document: WorkOrder { detail.order.document }
    private var words: OrderTexts { OrderTexts(texts: texts, formats: formats) }

    var title: String { OrderText(document).title }

    func values(_ caller: Caller) -> [String: Any] {
        let mayPlan = caller.may(.plan, at: plant.site(of: order.asset))
        var values = head
        values["picture"] = OrderPictureView(detail: detail, plant: plant, texts: texts, formats: formats).values
        values["frames"] = detail.frames.map { frame in
            [
                "frame": frame.picture.sha256,
                "place": texts.text(
                    "order", frame.offset < 0 ? "frame-before" : "frame-after",
                    ["count": "\(abs(frame.offset))", "time": formats.second(frame.capturedAt)]),
            ]
        }
        values["hasFrames"] = !detail.frames.isEmpty
        values["chart"] = OrderChartView(detail: detail, texts: texts, formats: formats).values
        values["why"] = why
        values["recurrence"] = recurrence
        values["occurrences"] = detail.occurrences.map(occurrence)
        values["occurrenceCount"] = texts.count(
            "order", "occurrences", order.occurrences, formats.number(order.occurrences))
        if let more = detail.more {
            values["moreOccurrences"] = "/orders/\(order.reference)?occurrences=\(more)#occurrences"
        }
        values["related"] = detail.related.map(words.row)
        values["hasRelated"] = !detail.related.isEmpty
        let others = relatedQuery
        values["relatedList"] = OrdersQuery({ others[$0] }).address()
        values["there"] = there
        if let link = Self.link(order.remoteLink) { values["link"] = link }
        values["history"] = detail.history.map(change)
        values["closure"] = order.closure.map(closure) ?? []
        values["hasClosure"] = order.closure != nil
        values["photos"] = detail.photos.map { photo in
            ["photo": photo.picture.sha256, "taken": formats.time(photo.at), "takenBy": photo.by]
        }
        values["attempts"] = detail.attempts.map(attempt)
        values["hasAttempts"] = !detail.attempts.isEmpty
        values["dead"] = detail.dead.map(dead)
        values["isDead"] = !detail.dead.isEmpty
        values["mayRetry"] = mayPlan
        values["asksWho"] = caller.isAnybody
        values["signatures"] = detail.signatures.map { ["words": $0.words] }
        values["hasSignatures"] = !detail.signatures.isEmpty
        values["sign"] = SignForm(order.reference, texts).values
        values["mayExport"] = caller.may(.audit)
        return values
    }

    private var relatedQuery: [String: String] {
        ["show": "all", "asset": order.asset, "class": order.defectClass]
    }

    // MARK: The head

    private var head: [String: Any] {
        var values = words.row(order)
        values["title"] = title
        values["delivery"] = words.delivery(order.delivery)
        values["deliveryTone"] = OrderTexts.tone(order.delivery)
        values["location"] = document.place.path.joined(separator: " › ")
        let detected = texts.text("order", "detected", ["time": formats.second(document.detectedAt)])
        values["detected"] = detected
        if let seconds = order.secondsToOrder {
            values["secondsToOrder"] = texts.text("order", "seconds", ["duration": formats.duration(seconds)])
        } else {
            values["secondsToOrder"] = texts["order", "no-seconds"]
        }
        values["facts"] = facts
        return values
    }

    /// A name and a value for each line; what is not known is left out.
    private func lines(_ found: [(String, String?)]) -> [[String: String]] {
        found.compactMap { key, value in
            guard let value, !value.isEmpty else { return nil }
            return ["name": texts["order", key], "value": value]
        }
    }

    private var facts: [[String: String]] {
        let severity = document.severity.map { "\(formats.number($0, digits: 2)), \(document.severityBand)" }
        let place = document.place
        let asset = place.assetName.map { "\(place.asset) \($0)" } ?? place.asset
        let first: [(String, String?)] = [
            ("fact-asset", asset), ("fact-location", place.location), ("fact-camera", document.camera),
            ("fact-class", [document.className, document.classCode].compactMap { $0 }.joined(separator: " · ")),
            ("fact-severity", severity),
            ("fact-confidence", document.confidence.map { formats.percent($0, digits: 0) }),
        ]
        let second: [(String, String?)] = [
            ("fact-criticality", document.criticality), ("fact-action", document.action),
            ("fact-planned", document.scheduledAt.map(formats.time)), ("fact-lot", document.lot),
            ("fact-unit", document.unit),
            ("fact-model", document.model.map { [$0.name, $0.version].compactMap { $0 }.joined(separator: " ") }),
        ]
        return lines(first + second)
    }

    // MARK: Why, and what was before

    private var why: [String: Any] {
        var values: [String: Any] = ["reason": document.reason, "rule": document.rule]
        values["rules"] = texts.text("order", "rules", ["version": "\(document.rulesVersion)"])
        values["version"] = document.rulesVersion
        if let spc = document.spc { values["spc"] = spc }
        let prediction = PredictionWords(texts: texts, formats: formats)
        if let found = document.prediction { values["prediction"] = prediction.text(found) }
        return values
    }

    private var recurrence: [String: Any] {
        let recurrence = document.recurrence
        var values: [String: Any] = [:]
        values["sentence"] = texts.text(
            "order", "recurrence",
            ["detections": formats.number(recurrence.detections), "orders": formats.number(recurrence.orders)])
        values["previous"] = recurrence.previous.map {
            ["earlier": $0.reference.text, "when": formats.day($0.raisedAt), "cause": $0.cause ?? "–"]
        }
        values["hasPrevious"] = !recurrence.previous.isEmpty
        return values
    }

    private func occurrence(_ occurrence: OrderOccurrence) -> [String: Any] {
        let record = occurrence.detection
        var values: [String: Any] = [:]
        values["detection"] = "\(record.inspectionID)#\(record.ordinal)"
        values["digest"] = occurrence.picture ?? ""
        values["hasPicture"] = occurrence.picture != nil && occurrence.isPictureKept
        values["isGone"] = occurrence.picture != nil && !occurrence.isPictureKept
        values["at"] = formats.second(record.detectedAt)
        values["atMachine"] = Formats.machine(record.detectedAt)
        values["outcome"] = texts["orders", "outcome-\(record.outcome.rawValue)"]
        let figures: [String?] = [
            record.confidence.map { texts.text("order", "confidence", ["value": formats.percent($0, digits: 0)]) },
            record.severity.map { texts.text("order", "severity", ["value": formats.number($0, digits: 2)]) },
            occurrence.lot.map { texts.text("order", "lot", ["value": $0]) },
        ]
        values["figures"] = figures.compactMap { $0 }.joined(separator: " · ")
        return values
    }

    // MARK: The CMMS

    private var there: [[String: String]] {
        let connector = texts.text("order", "there-connector", ["name": order.connector])
        return lines([
            ("there-by", connector), ("there-number", order.remoteNumber), ("there-id", order.remoteID),
            ("there-state", order.vendorState), ("there-priority", order.remotePriority),
            ("there-assignee", order.assignee), ("there-merged", order.mergedInto),
            ("there-acknowledged", order.acknowledgedAt.map(formats.second)),
            ("there-completed", order.completedAt.map(formats.second)),
            ("there-ended", order.endedAt.map(formats.second)),
        ])
    }

    /// An address of the CMMS for a browser, and nothing that a browser would run.
    static func link(_ text: String?) -> String? {
        guard let text, text.hasPrefix("https://") || text.hasPrefix("http://") else { return nil }
        return text
    }

    private func change(_ entry: LedgerEntry) -> [String: Any] {
        let body = entry.body
        var values: [String: Any] = ["index": entry.index]
        values["at"] = formats.second(entry.at)
        values["atMachine"] = Formats.machine(entry.at)
        values["what"] = texts["order", "change-\(entry.kind)"]
        let told: [String?] = [
            body["vendorState"]?.string,
            body["assignee"]?.string.map { texts.text("order", "assigned", ["name": $0]) },
            body["by"]?.string.map { texts.text("order", "by", ["name": $0]) }, body["reason"]?.string,
            body["why"]?.string,
        ]
        values["told"] = told.compactMap { $0 }.joined(separator: " · ")
        return values
    }

    private func closure(_ closure: Closure) -> [[String: String]] {
        let parts = closure.parts.map { part in
            let name = part.name.map { " \($0)" } ?? ""
            return "\(formats.number(part.quantity, digits: 1)) × \(part.code)\(name)"
        }
        let hours = closure.labourHours.map {
            texts.text("order", "hours", ["hours": formats.number($0, digits: 1)])
        }
        let verdict = closure.verdict.map { texts["order", "verdict-\($0.rawValue)"] }
        let used: String? = parts.isEmpty ? nil : parts.joined(separator: "; ")
        return lines([
            ("closure-verdict", verdict),
            ("closure-technician", closure.technician), ("closure-started", closure.startedAt.map(formats.time)),
            ("closure-closed", closure.closedAt.map(formats.time)), ("closure-labour", hours),
            ("closure-problem", closure.problemCode), ("closure-cause", closure.causeCode),
            ("closure-remedy", closure.remedyCode),
            ("closure-parts", used), ("closure-notes", closure.notes),
        ])
    }

    // MARK: The transmission log

    private func attempt(_ record: AttemptRecord) -> [String: Any] {
        var values: [String: Any] = ["effect": texts["order", "effect-\(record.effect.rawValue)"]]
        values["attemptNumber"] = record.number
        values["action"] = texts["order", "action-\(record.action)"]
        values["at"] = formats.second(record.startedAt)
        values["atMachine"] = Formats.machine(record.startedAt)
        values["payload"] = record.payloadDigest
        guard let answer = record.answer else {
            values["outcome"] = texts["order", "no-answer"]
            values["outcomeTone"] = "warn"
            return values
        }
        values["outcome"] = answer.outcome
        values["outcomeTone"] = ["done", "found"].contains(answer.outcome) ? "good" : "bad"
        values["httpStatus"] = answer.status.map(String.init) ?? "–"
        let milliseconds = formats.number(answer.latency.milliseconds, digits: 0)
        values["latency"] = "\(milliseconds) ms"
        let told: [String] = [answer.remoteID, answer.detail].compactMap { $0 }
        values["told"] = told.joined(separator: " · ")
        values["exchanges"] = (answer.exchanges.array ?? []).map { ["exchange": $0.canonicalText] }
        values["hasExchanges"] = answer.exchanges.array?.isEmpty == false
        return values
    }

    private func dead(_ letter: OrderDeadLetter) -> [String: Any] {
        var values: [String: Any] = ["effect": texts["order", "effect-\(letter.effect.rawValue)"]]
        values["why"] = letter.lastError ?? texts["order", "no-answer"]
        values["tries"] = texts.count("order", "tries", letter.attempts)
        values["since"] = formats.time(letter.createdAt)
        return values
    }
}

/// The form by which a record is signed, with what was typed into it.
struct SignForm {
    let reference: Reference
    let texts: Texts
    var login = ""
    var meaning = ""
    var reason = ""
    var isOpen = false

    init(_ reference: Reference, _ texts: Texts) { (self.reference, self.texts) = (reference, texts) }

    var values: [String: Any] {
        var values: [String: Any] = ["action": "/orders/\(reference)/sign", "login": login, "reason": reason]
        values["isOpen"] = isOpen
        values["meanings"] = SignatureMeaning.allCases.map { choice in
            [
                "word": choice.rawValue, "label": texts["order", "meaning-\(choice.rawValue)"],
                "isChosen": choice.rawValue == meaning,
            ] as [String: Any]
        }
        return values
    }
}
