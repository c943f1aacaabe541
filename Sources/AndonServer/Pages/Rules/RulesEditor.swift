import AndonDecide
import AndonLedger
import AndonModel

/// What a form of a draft stands on: the draft's document, the rules that it makes, and the plant.
struct EditGround: Sendable {
    var document: JSON
    /// Of the document; of the rules in force while the document has faults.
    var rules: Rules
    var plant: Plant
    var scope: SiteScope
    var words: RuleWords
}

/// A form that changes one part of a draft. It is shown with what the document says, or, when it was refused, with what was
/// typed and what was wrong with it.
protocol RulesEditor: Sendable {
    /// The name of the page, of its template and of the last part of its path.
    static var name: String { get }

    /// What stands behind the path to come back to the same form.
    var query: String { get }

    func title(_ ground: EditGround) -> String

    /// - Throws: ``Problem`` 404 for a place that is of an asset out of reach.
    func demand(_ scope: SiteScope) throws

    /// - Parameters:
    ///   - form: what was typed in a form that was refused; nil to show the document.
    ///   - faults: what was wrong, by places in the document.
    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any]

    /// The document with what was typed in it.
    ///
    /// - Throws: ``Problem`` for what is no document at all; faults within one are found by whoever keeps it.
    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON
}

extension RulesEditor {
    var query: String { "" }

    func demand(_ scope: SiteScope) throws {}
}

/// A choice of a form.
struct FormChoice {
    var value: String
    var words: String

    init(_ value: String, _ words: String? = nil) {
        self.value = value
        self.words = words ?? value
    }

    static func all(_ choices: [FormChoice], chosen: String) -> [[String: Any]] {
        choices.map { choice -> [String: Any] in
            ["value": choice.value, "words": choice.words, "isChosen": choice.value == chosen]
        }
    }
}

/// The parts of a draft that have a form, as links.
struct DraftPlaces {
    let draft: RuleDraft
    let words: RuleWords
    let names: ClassNames
    /// Whether who looks may change the document as a whole.
    let isWhole: Bool

    private static let classesMax = 500

    private var address: String { "/rules/drafts/\(draft.number)" }

    var values: [String: Any] {
        var values: [String: Any] = ["address": address]
        let labels = (draft.document["classes"]?.object ?? [:]).keys.sorted().prefix(Self.classesMax)
        values["classes"] = labels.map { label -> [String: Any] in
            let pointer = "/classes/\(JSONPointer.escape(label))"
            return ["name": names.words(label), "address": rule(pointer), "isChanged": isChanged(pointer)]
        }
        var others: [[String: Any]] = []
        for (key, pointer) in [("defaults", "/defaults"), ("unmapped", "/unmapped")] {
            others.append(["name": words[key], "address": rule(pointer), "isChanged": isChanged(pointer)])
        }
        let pages: [(String, [String])] = [
            (MatrixEditor.name, ["/bands", "/priority", "/unstatedBand", "/unknownCriticality"]),
            (RoutingEditor.name, ["/onCall"]), (TrendEditor.name, ["/charts"]), (DocumentEditor.name, []),
        ]
        for (name, pointers) in pages where isWhole || name != DocumentEditor.name {
            let isChanged = pointers.contains { self.isChanged($0) }
            others.append(["name": words["edit-\(name)"], "address": "\(address)/\(name)", "isChanged": isChanged])
        }
        values["others"] = others
        return values
    }

    private func rule(_ pointer: String) -> String { Self.rule(pointer, of: draft) }

    /// The form of a place with thresholds.
    static func rule(_ pointer: String, of draft: RuleDraft) -> String {
        "/rules/drafts/\(draft.number)/\(RuleEditor.name)?at=\(RulesOverview.escaped(pointer))"
    }

    private func isChanged(_ pointer: String) -> Bool {
        draft.document.value(at: pointer) != draft.baseDocument.value(at: pointer)
    }
}
