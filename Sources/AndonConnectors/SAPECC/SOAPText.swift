import AndonModel

/// The parts of a SOAP message as functions name them.
extension XMLTag {
    /// The text of a child; nil when it is missing or blank.
    func value(_ name: String) -> String? {
        guard let text = self[name]?.text.trimmed, !text.isEmpty else { return nil }
        return text
    }

    /// The rows of a table parameter.
    func rows(_ name: String) -> [XMLTag] { self[name]?.children.filter { $0.name == "item" } ?? [] }
}

/// A parameter of a function: a value, a structure, or a table of rows.
enum SOAPValue: Sendable {
    case text(String)
    case structure([(String, String)])
    case table([[(String, String)]])
}

/// SOAP 1.1 messages (W3C note of 8 May 2000) as SAP's RFC node takes and gives them.
enum SOAPText {
    static let functions = "urn:sap-com:document:sap:rfc:functions"

    static func envelope(_ function: String, _ parameters: [(String, SOAPValue)]) -> [UInt8] {
        let inner = parameters.map { name, value in element(name, value) }.joined()
        let function = name(of: function)
        return Array(
            ("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                + "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>"
                + "<urn:\(function) xmlns:urn=\"\(functions)\">\(inner)</urn:\(function)>"
                + "</soap:Body></soap:Envelope>").utf8)
    }

    /// A function of a namespace, `/BODS/RFC_READ_TABLE`, as the name of an element: `_-BODS_-RFC_READ_TABLE`.
    static func name(of function: String) -> String { function.replacing("/", with: "_-") }

    private static func element(_ name: String, _ value: SOAPValue) -> String {
        switch value {
        case .text(let text): element(name, escaped(text))
        case .structure(let members): element(name, fields(members))
        case .table(let rows): element(name, rows.map { element("item", fields($0)) }.joined())
        }
    }

    private static func fields(_ members: [(String, String)]) -> String {
        members.map { element($0.0, escaped($0.1)) }.joined()
    }

    private static func element(_ name: String, _ inner: String) -> String {
        inner.isEmpty ? "<\(name)/>" : "<\(name)>\(inner)</\(name)>"
    }

    /// Text that stays text: marks are escaped, and what XML 1.0 (section 2.2) has no character for is left out.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{FFFE}", "\u{FFFF}": break
            case let scalar where scalar.value < 0x20: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
