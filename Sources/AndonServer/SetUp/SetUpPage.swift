import AndonConfiguration
import AndonModel
import AndonWeb
import Foundation

/// What the templates of the set-up show.
struct SetUpPage {
    private typealias Field = SetUpForm.Field

    let view: SetUpView
    let step: SetUpStep
    let texts: Texts
    /// Whether remarks are shown: not on a page that nobody has filled in yet.
    let showsRemarks: Bool
    let hasAccounts: Bool

    private static let page = "setup"
    private static let remarksMax = 20

    private func text(_ key: String) -> String { texts[Self.page, key] }

    var title: String { text("title-\(step.rawValue)") }

    /// All values of the step's template.
    func values(_ connectors: SetUpConnectors) -> [String: Any] {
        var values = common
        switch step {
        case .administrator: addAdministrator(to: &values)
        case .plant: addPlant(to: &values)
        case .cameras: values["fields"] = [area(Field.cameras, rows: 10)]
        case .connector: addConnector(to: &values, connectors)
        case .rules: addRules(to: &values)
        case .summary: addSummary(to: &values)
        }
        addGeneral(to: &values)
        return values
    }

    private var common: [String: Any] {
        var values: [String: Any] = [:]
        values["heading"] = title
        values["action"] = step.address
        values["hasBack"] = step.previous != nil
        values["steps"] = SetUpStep.allCases.map { entry -> [String: Any] in
            var item: [String: Any] = [:]
            item["name"] = text("title-\(entry.rawValue)")
            item["address"] = entry.address
            item["isHere"] = entry == step
            item["isWrong"] = showsRemarks && entry != step && view.isWrong(entry)
            return item
        }
        values["hasFaults"] = showsRemarks && step != .summary && view.isWrong(step)
        return values
    }

    // MARK: Steps

    private func addAdministrator(to values: inout [String: Any]) {
        values["hasAccounts"] = hasAccounts
        values["hasPassword"] = view.hasPassword
        values["fields"] = [
            input(SetUpDesk.Field.login, required: true, completes: "username"),
            input(SetUpDesk.Field.printedName, required: true, completes: "name"),
        ]
        values["passwordFaults"] = messages(SetUpDesk.Field.password, warnings: false)
    }

    private func addPlant(to values: inout [String: Any]) {
        values["fields"] = [
            input(Field.plantName, required: true), input(Field.site), input(Field.timeZone, list: "zones"),
            input(Field.defaultLocation),
        ]
        values["zones"] = TimeZone.knownTimeZoneIdentifiers
        values["assets"] = [area(Field.assets, rows: 8)]
        values["server"] = [input(Field.listen), input(Field.publicURL), input(Field.dataFolder)]
    }

    private func addConnector(to values: inout [String: Any], _ connectors: SetUpConnectors) {
        let chosen = view.choice?.type
        values["isDesk"] = chosen == nil
        values["hasAssets"] = view.choice?.hasAssets == true
        values["systems"] = connectors.choices.map { choice -> [String: Any] in
            ["type": choice.type, "system": choice.system, "isChosen": choice.type == chosen]
        }
        values["connectorFaults"] = messages(Field.connector, warnings: false)
        if let choice = view.choice {
            values["system"] = choice.system
            values["fields"] = choice.asked.map { option($0, of: choice) }
            let nameHint = texts.text(Self.page, "hint-connector-name", ["type": choice.type])
            values["name"] = [input(Field.name(of: choice.type), label: "label-connector-name", hint: nameHint)]
            values["further"] = [
                area(Field.further(of: choice.type), rows: 6, label: "label-further", hint: "hint-further")
            ]
            values["sample"] = choice.sample.text
        }
        values["network"] = [input(Field.networks), input(Field.authorities)]
        if let report = view.report { values["report"] = self.report(report) }
    }

    private func report(_ report: Commissioning) -> [String: Any] {
        var values: [String: Any] = [:]
        values["isUsable"] = report.isUsable
        values["steps"] = report.steps.map { step -> [String: Any] in
            var item: [String: Any] = [:]
            item["outcome"] = text("outcome-\(step.outcome.rawValue)")
            item["mark"] = ["passed": "good", "failed": "bad"][step.outcome.rawValue] ?? "warn"
            item["name"] = step.name
            item["detail"] = step.detail
            item["ask"] = shown(step.ask)
            return item
        }
        return values
    }

    private func addRules(to values: inout [String: Any]) {
        values["fields"] = [
            area(Field.classes, rows: 8), input(Field.minConfidence, mode: "decimal"),
            input(Field.minSeverity, mode: "decimal"),
        ]
    }

    private func addSummary(to values: inout [String: Any]) {
        values["document"] = view.document
        let wrong = SetUpStep.allCases.filter { view.isWrong($0) }
        values["isReady"] = wrong.isEmpty
        values["wrong"] = wrong.map { entry -> [String: Any] in
            var item: [String: Any] = [:]
            item["name"] = text("title-\(entry.rawValue)")
            item["address"] = entry.address
            item["messages"] = view.remarks(of: entry).filter { !$0.isWarning }.prefix(Self.remarksMax).map {
                words($0.message)
            }
            return item
        }
        values["warnings"] = view.remarks.filter(\.isWarning).prefix(Self.remarksMax).map { words($0.message) }
    }

    /// What stands at no field of the page.
    private func addGeneral(to values: inout [String: Any]) {
        guard showsRemarks else { return }
        let shown = Set(
            ["fields", "assets", "server", "name", "further", "network"].flatMap { key in
                (values[key] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            })
        let own: Set<String> = [SetUpDesk.Field.password, Field.connector]
        let rest = view.remarks.filter { remark in
            let owner = SetUpStep.owner(of: remark.field)
            return !shown.contains(remark.field) && !own.contains(remark.field) && !remark.isWarning
                && (owner == step || (owner == nil && step == .summary))
        }
        values["general"] = rest.prefix(Self.remarksMax).map { words($0.message) }
    }

    // MARK: Fields

    /// A message of ours is a key of the texts; one of the configuration is a sentence.
    private func words(_ message: String) -> String {
        message.hasPrefix("remark-") ? text(message) : message
    }

    private func messages(_ name: String, warnings: Bool) -> [String] {
        guard showsRemarks else { return [] }
        let found = view.remarks.filter { $0.field == name && $0.isWarning == warnings }
        let shown = found.prefix(Self.remarksMax).map { words($0.message) }
        let more = found.count - shown.count
        return more > 0 ? shown + [texts.count(Self.page, "more", more)] : shown
    }

    /// A section that is left out where there is no text: a missing key would be looked for in what is around.
    private func shown(_ text: String?) -> Any {
        guard let text, !text.isEmpty else { return false }
        return text
    }

    /// What all kinds of fields have.
    private func field(_ name: String, label: String?, hint: String?) -> [String: Any] {
        let key = name.replacing(".", with: "-")
        let (faults, warnings) = (messages(name, warnings: false), messages(name, warnings: true))
        let id = "f-" + key.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }.joined()
        let hintText = hint ?? text("hint-\(key)")
        var parts: [String] = []
        if !hintText.isEmpty { parts.append("\(id)-hint") }
        if !faults.isEmpty { parts.append("\(id)-fault") }
        if !warnings.isEmpty { parts.append("\(id)-warning") }
        var field: [String: Any] = [:]
        field["id"] = id
        field["name"] = name
        field["label"] = label ?? text("label-\(key)")
        field["value"] = view.form.fields[name] ?? ""
        field["hint"] = shown(hintText)
        field["describedBy"] = shown(parts.joined(separator: " "))
        field["isFaulty"] = !faults.isEmpty
        field["faults"] = faults
        field["isDoubtful"] = !warnings.isEmpty
        field["warnings"] = warnings
        for kind in ["isInput", "isArea", "isSecret", "required", "list", "mode", "completes"] { field[kind] = false }
        return field
    }

    private func input(
        _ name: String, required: Bool = false, list: String? = nil, mode: String? = nil, completes: String? = nil,
        label: String? = nil, hint: String? = nil
    ) -> [String: Any] {
        var field = field(name, label: label.map { text($0) }, hint: hint)
        field["isInput"] = true
        field["required"] = required
        field["list"] = shown(list)
        field["mode"] = shown(mode)
        field["completes"] = shown(completes)
        return field
    }

    private func area(_ name: String, rows: Int, label: String? = nil, hint: String? = nil) -> [String: Any] {
        var field = field(name, label: label.map { text($0) }, hint: hint.map { text($0) })
        field["isArea"] = true
        field["rows"] = rows
        return field
    }

    private func option(_ option: ConnectorSample.Option, of choice: SetUpConnectors.Choice) -> [String: Any] {
        let name = Field.option(option.key, of: choice.type)
        let hint = [
            option.hint, option.example.isEmpty ? "" : texts.text(Self.page, "example", ["text": option.example]),
        ]
        var field = field(name, label: option.key, hint: hint.filter { !$0.isEmpty }.joined(separator: " · "))
        field["required"] = choice.required.contains(option.key)
        guard option.kind == .secret else {
            field["isInput"] = true
            return field
        }
        let kind = Field.secretKind(option.key, of: choice.type)
        field["isSecret"] = true
        field["kindName"] = kind
        field["isFile"] = view.form.fields[kind] == "file"
        return field
    }
}
