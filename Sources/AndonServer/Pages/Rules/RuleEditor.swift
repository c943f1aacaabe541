import AndonDecide
import AndonModel

/// The form of one level of the rules: all classes, one class, or what is different for a group, a type or an asset.
struct RuleEditor: RulesEditor {
    static let name = "rule"

    /// The place in the document: `/defaults`, `/classes/scratch`, `/unmapped/types/press`.
    let pointer: String
    /// The class; nil for all classes. Empty for the ones that the rules do not have.
    private let label: String?
    /// What is different there; nil for the class itself.
    private let part: Part?

    /// A part of the plant.
    private struct Part {
        /// `groups`, `types` or `assets`.
        var kind: String
        var name: String

        init?(_ kind: String, _ name: String) {
            guard RuleEditor.kinds.contains(kind), RuleEditor.isName(name) else { return nil }
            (self.kind, self.name) = (kind, name)
        }
    }

    private static let kinds = ["groups", "types", "assets"]
    private static let nameMax = 120

    /// - Throws: ``Problem`` 400 for a pointer to no level.
    init(at pointer: String) throws {
        self.pointer = pointer
        var tokens = (JSONPointer.tokens(pointer) ?? [])[...]
        var label: String?
        switch tokens.popFirst() {
        case "unmapped": label = ""
        case "classes":
            guard let name = tokens.popFirst(), Self.isName(name) else { throw Self.noLevel }
            label = name
        case "defaults" where tokens.isEmpty: label = nil
        default: throw Self.noLevel
        }
        self.label = label
        guard let kind = tokens.popFirst() else {
            self.part = nil
            return
        }
        guard let name = tokens.popFirst(), tokens.isEmpty, let found = Part(kind, name) else { throw Self.noLevel }
        self.part = found
    }

    private static var noLevel: Problem {
        Answer.invalidQuery(
            "at is a place with thresholds, such as /defaults, /classes/scratch or /classes/scratch/types/press.")
    }

    private static func isName(_ name: String) -> Bool { (1...nameMax).contains(name.count) }

    /// A level by its parts, as the small forms of the pages name it.
    ///
    /// - Parameters:
    ///   - base: the pointer of the class; nil for a class of this name.
    ///   - kind: `class`, `groups`, `types` or `assets`.
    static func pointer(_ base: String?, kind: String, name: String) -> String {
        "\(kind == "class" ? "/classes" : "\(base ?? "")/\(kind)")/\(JSONPointer.escape(name))"
    }

    var query: String { "?at=\(RulesOverview.escaped(pointer))" }

    /// The class's own place, where it is narrower than that.
    private var basePointer: String {
        guard let label else { return "/defaults" }
        return label.isEmpty ? "/unmapped" : "/classes/\(JSONPointer.escape(label))"
    }

    func title(_ ground: EditGround) -> String {
        guard let label else { return ground.words["defaults"] }
        let name = label.isEmpty ? ground.words["unmapped"] : label
        guard let part else { return ground.words.text("class-title", ["name": name]) }
        return ground.words.text("title-\(part.kind)", ["name": part.name, "class": name])
    }

    func demand(_ scope: SiteScope) throws {
        guard let part, part.kind == "assets" else { return }
        try scope.demand(asset: part.name, "asset \"\(part.name)\"")
    }

    // MARK: Showing

    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any] {
        let own = ground.document.value(at: pointer)
        let wider = widerLevels(ground)
        var values: [String: Any] = ["pointer": pointer]
        values["baseQuery"] = "?at=\(RulesOverview.escaped(basePointer))"
        values["fields"] = Rule.Field.allCases.map { field in
            row(field, own, wider, form, faults, ground)
        }
        values["isClass"] = label != nil && part == nil
        values["isPart"] = part != nil
        values["isRemovable"] = own != nil && (part != nil || label?.isEmpty == false)
        values["isNew"] = own == nil
        values["className"] = form?.typed("name") ?? RuleWords.text(own?["name"])
        values["classCode"] = form?.typed("code") ?? RuleWords.text(own?["code"])
        values["nameError"] = faults.words(at: "\(pointer)/name")
        values["codeError"] = faults.words(at: "\(pointer)/code")
        values["parts"] = Self.kinds.map { parts($0, own, ground) }
        return values
    }

    /// The levels that count where this one says nothing, the narrowest first.
    private func widerLevels(_ ground: EditGround) -> RuleInheritance {
        let asset = part?.kind == "assets" ? part?.name : nil
        let place = asset.flatMap { ground.plant.assets[$0] }
        let type = part?.kind == "types" ? part?.name : place?.type
        let group = part?.kind == "groups" ? part?.name : place?.group
        return RuleInheritance(ground.rules, class: label ?? "", asset: asset, type: type, group: group)
    }

    private func inherited(_ field: Rule.Field, _ wider: RuleInheritance, _ words: RuleWords) -> String {
        let others = wider.words(on: field).filter { word in
            // For all classes only what is built in is wider; a class that is new has no level yet.
            word.level.pointer != pointer && (label != nil || word.level.kind == .builtIn)
                && (isKnown(wider) || [.defaults, .builtIn].contains(word.level.kind))
        }
        guard let first = others.first else { return words["inherits-nothing"] }
        return words.text(
            "inherits", ["value": words.value(field, first.value), "level": words.level(first.level)])
    }

    /// Whether the class of the levels is this one, and not what stands for unknown ones.
    private func isKnown(_ wider: RuleInheritance) -> Bool { wider.isKnown || label?.isEmpty == true }

    private func row(
        _ field: Rule.Field, _ own: JSON?, _ wider: RuleInheritance, _ form: PageForm?, _ faults: [Problem.Fault],
        _ ground: EditGround
    ) -> [String: Any] {
        let words = ground.words
        let said = own?[field.rawValue]
        var row: [String: Any] = ["field": field.rawValue, "label": words.name(field)]
        row["hint"] = words["hint-\(field.rawValue)"]
        row["inherited"] = inherited(field, wider, words)
        row["error"] = faults.words(at: "\(pointer)/\(field.rawValue)")
        row["isBad"] = faults.words(at: "\(pointer)/\(field.rawValue)") != nil
        let typed = form?.typed(field.rawValue) ?? RuleWords.text(said)
        if field == .frequency {
            row["frequency"] = frequency(said, form, words)
        } else if let choices = choices(field, typed, ground) {
            row["choice"] = ["choices": FormChoice.all(choices, chosen: typed)]
        } else {
            row["text"] = ["value": typed, "isNumber": Self.numbers.contains(field)]
        }
        return row
    }

    private static let numbers: Set<Rule.Field> = [.minConfidence, .minSeverity, .defaultSeverity]

    /// The words that an option may have; nil for a free text.
    private func choices(_ field: Rule.Field, _ typed: String, _ ground: EditGround) -> [FormChoice]? {
        var values: [String]
        switch field {
        case .whileOpen: values = Rule.WhileOpen.allCases.map(\.rawValue)
        case .whenWorse: values = Rule.WhenWorse.allCases.map(\.rawValue)
        case .kind: values = OrderKind.allCases.map(\.rawValue)
        case .afterCancel: values = Rule.AfterCancel.allCases.map(\.rawValue)
        case .whenInControl: values = Rule.WhenInControl.allCases.map(\.rawValue)
        case .whenOutOfControl: values = Rule.WhenOutOfControl.allCases.map(\.rawValue)
        case .action where !ground.rules.actions.isEmpty: values = ground.rules.actions
        default: return nil
        }
        if !typed.isEmpty, !values.contains(typed) { values.append(typed) }
        var choices = [FormChoice("", ground.words["as-inherited"])]
        for value in values { choices.append(FormChoice(value, ground.words.value(field, .string(value)))) }
        return choices
    }

    private static func mode(_ said: JSON?) -> String {
        guard let said else { return "" }
        guard said.string == nil else { return "off" }
        return said["parts"] == nil ? "time" : "parts"
    }

    private func frequency(_ said: JSON?, _ form: PageForm?, _ words: RuleWords) -> [String: Any] {
        let mode = form?.typed("frequency") ?? Self.mode(said)
        let modes = ["", "off", "time", "parts"].map { value in
            FormChoice(value, words[value.isEmpty ? "as-inherited" : "frequency-mode-\(value)"])
        }
        return [
            "modes": FormChoice.all(modes, chosen: mode),
            "count": form?.typed("frequency-count") ?? RuleWords.text(said?["count"]),
            "within": form?.typed("frequency-within") ?? RuleWords.text(said?["within"]),
            "parts": form?.typed("frequency-parts") ?? RuleWords.text(said?["parts"]),
        ]
    }

    /// What is different for parts of the plant: those that are said, and those that could be.
    private func parts(_ kind: String, _ own: JSON?, _ ground: EditGround) -> [String: Any] {
        let said = (own?[kind]?.object ?? [:]).keys.sorted().filter { kind != "assets" || ground.scope.sees(asset: $0) }
        let known: Set<String>
        switch kind {
        case "groups": known = Set(ground.plant.assets.values.compactMap(\.group))
        case "types": known = Set(ground.plant.assets.values.compactMap(\.type))
        default: known = Set(ground.plant.assets.keys.filter { ground.scope.sees(asset: $0) })
        }
        let others = known.subtracting(said).sorted()
        return [
            "kind": kind, "title": ground.words["parts-\(kind)"], "label": ground.words["part-\(kind)"],
            "said": said.map { name -> [String: Any] in
                [
                    "name": name,
                    "query": "?at=\(RulesOverview.escaped("\(pointer)/\(kind)/\(JSONPointer.escape(name))"))",
                ]
            },
            "isEmpty": said.isEmpty, "others": others, "hasOthers": !others.isEmpty,
        ]
    }

    // MARK: Reading

    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON {
        if form["action"] == "remove" {
            guard let document = ground.document.setting(nil, at: pointer) else { throw DraftProblem.noPlace(pointer) }
            return document
        }
        var own = ground.document.value(at: pointer)?.object ?? [:]
        for field in Rule.Field.allCases { own[field.rawValue] = value(field, own[field.rawValue], form) }
        if label != nil, part == nil {
            own["name"] = form.text("name", own["name"])
            own["code"] = form.text("code", own["code"])
        }
        guard let document = ground.document.setting(.object(own), at: pointer) else {
            throw DraftProblem.noPlace(pointer)
        }
        return document
    }

    private func value(_ field: Rule.Field, _ said: JSON?, _ form: PageForm) -> JSON? {
        if Self.numbers.contains(field) { return form.number(field.rawValue, said) }
        guard field == .frequency else { return form.text(field.rawValue, said) }
        var frequency: [String: JSON] = [:]
        frequency["count"] = form.number("frequency-count", said?["count"])
        switch form["frequency"] {
        case "off": return "off"
        case "time": frequency["within"] = form.text("frequency-within", said?["within"])
        case "parts": frequency["parts"] = form.number("frequency-parts", said?["parts"])
        default: return nil
        }
        return .object(frequency)
    }
}
