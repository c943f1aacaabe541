/// Settings that do not come from a file: people changed them in the interface, and they are kept as JSON.
extension Settings {
    /// A document in the place of a part of the file. It has no lines, so each value's path is its JSON Pointer in the
    /// document; members stand in the order of their names, as a JSON object has none.
    ///
    /// A text may stand for a number, as in the file: `"0.50"` keeps its digits where a code is meant.
    ///
    /// - Parameter file: what faults call the document.
    public init(document: JSON, file: String, pointer: String = "") {
        let value: Value =
            switch document {
            case .null: .null
            case .bool(let flag): .scalar(flag ? "true" : "false", quoted: false)
            case .number(let number): .scalar(JSON.ecmaScriptText(of: number), quoted: false)
            case .string(let text): .scalar(text, quoted: false)
            case .array(let elements):
                .list(
                    elements.enumerated().map { index, element in
                        Settings(document: element, file: file, pointer: "\(pointer)/\(index)")
                    })
            case .object(let members):
                .map(
                    members.keys.sorted().map { name in
                        Entry(
                            key: name, keyLine: 0, keyColumn: 0,
                            value: Settings(
                                document: members[name] ?? .null, file: file,
                                pointer: "\(pointer)/\(JSONPointer.escape(name))"))
                    })
            }
        self.init(value, line: 0, column: 0, path: pointer, file: file)
    }

    /// The values as JSON, from which `init(document:)` makes settings that read the same. What is written like JSON writes
    /// a number is one; `0.50` and `0012` stay texts, because a code may be meant.
    public var document: JSON {
        switch value {
        case .null: .null
        case .list(let elements): .array(elements.map(\.document))
        case .map(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.document) }, uniquingKeysWith: { $1 }))
        case .scalar("true", quoted: false): .bool(true)
        case .scalar("false", quoted: false): .bool(false)
        case .scalar(let text, quoted: let isQuoted):
            isQuoted ? .string(text) : Self.number(text).map(JSON.number) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
            let number = Double(text), number.isFinite, JSON.ecmaScriptText(of: number) == text
        else { return nil }
        return number
    }
}
