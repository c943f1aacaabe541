import AndonModel

/// What classes are called, by the first of some documents of rules that names them; and where one of them has its page.
struct ClassNames {
    private let documents: [JSON]
    /// Classes that have a page: those of the rules in force.
    private let known: Set<String>
    /// Where a class that has none is edited.
    private let editor: ((String) -> String)?

    /// - Parameters:
    ///   - documents: rules as they are written, the newest first.
    ///   - inForce: the document in force.
    ///   - editor: the address of a pointer's form, where the reader may change it.
    init(_ documents: [JSON], inForce: JSON?, editor: ((String) -> String)? = nil) {
        self.documents = documents
        known = Set((inForce?["classes"]?.object ?? [:]).keys)
        self.editor = editor
    }

    /// The class's id where nothing names it.
    func name(_ label: String) -> String {
        documents.lazy.compactMap { $0["classes"]?[label]?["name"]?.string }.first ?? label
    }

    /// Its name with its id, where they differ: `Kratzer (scratch)`.
    func words(_ label: String) -> String {
        let name = name(label)
        return name == label ? label : "\(name) (\(label))"
    }

    /// For a row about a place in the rules: which class it is of, if it is of one.
    func values(at pointer: String) -> [String: Any] {
        let tokens = JSONPointer.tokens(pointer) ?? []
        guard tokens.count >= 2, tokens[0] == "classes" else { return ["isOfClass": false] }
        let label = tokens[1]
        var values: [String: Any] = ["isOfClass": true, "classWords": words(label)]
        let address =
            known.contains(label)
            ? "/rules/class?name=\(RulesOverview.escaped(label))"
            : editor?("/classes/\(JSONPointer.escape(label))")
        values["hasClassAddress"] = address != nil
        values["classAddress"] = address ?? ""
        return values
    }
}
