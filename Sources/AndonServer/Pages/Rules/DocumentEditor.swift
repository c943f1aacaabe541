import AndonModel

/// The form of the whole section `rules` as JSON: for all that has no form of its own.
struct DocumentEditor: RulesEditor {
    static let name = "document"

    func title(_ ground: EditGround) -> String { ground.words["edit-document"] }

    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any] {
        ["text": form?.typed("document") ?? Self.indented(ground.document)]
    }

    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON {
        do {
            return try JSON(
                parsing: form.typed("document"), limits: JSONLimits(bytesMax: RuleDrafting.documentBytesMax))
        } catch {
            throw Problem(
                status: 422, type: "invalid-json", title: "This is not JSON", detail: "\(error).",
                errors: [.init(pointer: error.pointer, detail: error.reason)])
        }
    }

    /// As people read it: two blanks for each level, members by their names.
    static func indented(_ value: JSON, _ level: Int = 0) -> String {
        let (inner, outer) = (
            String(repeating: "  ", count: level + 1), String(repeating: "  ", count: level)
        )
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.keys.sorted().map { name in
                let text = indented(members[name] ?? .null, level + 1)
                return "\(inner)\(JSON.string(name).canonicalText): \(text)"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        case .array(let elements) where elements.contains(where: { $0.object != nil || $0.array != nil }):
            let lines = elements.map { inner + indented($0, level + 1) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        default: return value.canonicalText
        }
    }
}
