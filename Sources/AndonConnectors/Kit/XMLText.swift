import AndonModel

/// An element of an XML document: its local name, its attributes with their prefixes, and the text directly in it.
struct XMLTag: Sendable {
    var name: String
    var attributes: [String: String] = [:]
    var text = ""
    var children: [XMLTag] = []

    subscript(name: String) -> XMLTag? { children.first { $0.name == name } }

    /// This node, or the first below it, of that name.
    func first(_ name: String) -> XMLTag? {
        if self.name == name { return self }
        for child in children { if let found = child.first(name) { return found } }
        return nil
    }

    /// Every text below that is not blank, in order.
    var allText: [String] { (text.isBlank ? [] : [text.trimmed]) + children.flatMap(\.allText) }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

/// Documents of XML 1.0 (W3C, fifth edition) as machines write them, read from outside.
///
/// Written here because the platform's parser ends the process at a processing instruction without data (`<?p?>`) and
/// at a name whose bytes are not UTF-8: whoever answers a request could stop the server. There are no document types:
/// entities are how small texts become large ones. Namespaces are passed over.
struct XMLText {
    struct Limits {
        var bytes = 16 << 20
        var depth = 24
        var nodes = 500_000
    }

    /// Nil when it is not well formed, declares a document type, is in an encoding other than UTF-8, US-ASCII or
    /// ISO-8859-1, or goes beyond the limits.
    static func parse(_ bytes: [UInt8], limits: Limits = Limits()) -> XMLTag? {
        guard bytes.count <= limits.bytes, let text = unicode(bytes) else { return nil }
        var reader = XMLText(bytes: text, limits: limits)
        return reader.document()
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var at = 0
    private var nodes = 0
    private var open: [XMLTag] = []
    private var root: XMLTag?

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The document as UTF-8, without a mark at its beginning.
    private static func unicode(_ bytes: [UInt8]) -> [UInt8]? {
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let head = String(decoding: body.prefix(100).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self).lowercased()
        let isDeclared = head.hasPrefix("<?xml") && head.contains("encoding")
        if isDeclared, head.contains("iso-8859-1") {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: body.map { UnicodeScalar($0) })
            return Array(String(text).utf8)
        }
        if isDeclared, !head.contains("utf-8"), !head.contains("us-ascii") { return nil }
        return String(validating: body, as: UTF8.self) == nil ? nil : body
    }

    // MARK: Documents

    private mutating func document() -> XMLTag? {
        while at < bytes.count {
            guard part() else { return nil }
        }
        return open.isEmpty ? root : nil
    }

    /// One piece of text, tag, comment, instruction or section; false when it is none.
    private mutating func part() -> Bool {
        if bytes[at] != UInt8(ascii: "<") { return text(until: UInt8(ascii: "<")).map { add($0) } ?? false }
        if starts("<!--") { return skip(past: "-->") }
        if starts("<?") { return skip(past: "?>") }
        if starts("<![CDATA[") { return !open.isEmpty && section().map { add($0) } ?? false }
        if starts("</") { return close() }
        guard root == nil, open.count < limits.depth, nodes < limits.nodes, let tag = startTag() else { return false }
        nodes += 1
        open.append(tag.node)
        if tag.isEmpty { end() }
        return true
    }

    /// Outside the root there are only blanks.
    private mutating func add(_ text: String) -> Bool {
        if open.isEmpty { return text.isBlank }
        open[open.count - 1].text += text
        return true
    }

    private mutating func close() -> Bool {
        at += 2
        guard let name = name(), name == open.last?.name else { return false }
        _ = blanks()
        guard take(UInt8(ascii: ">")) else { return false }
        end()
        return true
    }

    private mutating func end() {
        guard var node = open.popLast() else { return }
        node.name = node.name.split(separator: ":").last.map(String.init) ?? node.name
        if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
    }

    // MARK: Tags

    private mutating func startTag() -> (node: XMLTag, isEmpty: Bool)? {
        at += 1
        guard let name = name() else { return nil }
        var node = XMLTag(name: name)
        while true {
            let hadBlank = blanks()
            if take(UInt8(ascii: ">")) { return (node, false) }
            if take(UInt8(ascii: "/")) { return take(UInt8(ascii: ">")) ? (node, true) : nil }
            guard hadBlank, node.attributes.count < 200, let attribute = self.name() else { return nil }
            _ = blanks()
            guard take(UInt8(ascii: "=")) else { return nil }
            _ = blanks()
            guard let value = quoted(), node.attributes.updateValue(value, forKey: attribute) == nil else { return nil }
        }
    }

    /// A name with its prefix; what is beyond ASCII is let through.
    private mutating func name() -> String? {
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), 0x80...0xFF:
                at += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                guard at > start else { return nil }
                at += 1
            default: return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
            }
        }
        return nil
    }

    private mutating func quoted() -> String? {
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else { return nil }
        let quote = bytes[at]
        at += 1
        guard let value = text(until: quote), take(quote) else { return nil }
        return value
    }

    // MARK: Text

    /// Text with its references replaced, up to `end` or a `<`, or to the end of the document.
    private mutating func text(until end: UInt8) -> String? {
        var result: [UInt8] = []
        while at < bytes.count, bytes[at] != end, bytes[at] != UInt8(ascii: "<") {
            switch bytes[at] {
            case UInt8(ascii: "&"):
                guard let scalar = reference() else { return nil }
                result += Array(String(Character(scalar)).utf8)
            case UInt8(ascii: "\r"):
                result.append(UInt8(ascii: "\n"))
                at += at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "\n") ? 2 : 1
            case let byte where !Self.isCharacter(byte): return nil
            default:
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isCharacter(_ byte: UInt8) -> Bool { byte >= 0x20 || [0x09, 0x0A, 0x0D].contains(byte) }

    private static let named: [String: UnicodeScalar] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

    private mutating func reference() -> UnicodeScalar? {
        guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let body = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
        at = end + 1
        if let scalar = Self.named[body] { return scalar }
        guard body.hasPrefix("#") else { return nil }
        let isHex = body.hasPrefix("#x")
        let digits = body.dropFirst(isHex ? 2 : 1)
        guard digits.first?.isHexDigit == true, let number = UInt32(digits, radix: isHex ? 16 : 10),
            number >= 0x20 || [9, 10, 13].contains(number), number != 0xFFFE, number != 0xFFFF
        else { return nil }
        return UnicodeScalar(number)
    }

    private mutating func section() -> String? {
        at += 9
        let start = at
        guard skip(past: "]]>") else { return nil }
        let body = bytes[start..<(at - 3)]
        guard body.allSatisfy(Self.isCharacter) else { return nil }
        return String(decoding: body, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    // MARK: Signs

    private func starts(_ sign: StaticString) -> Bool {
        at + sign.utf8CodeUnitCount <= bytes.count
            && sign.withUTF8Buffer { bytes[at..<(at + $0.count)].elementsEqual($0) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// Moves behind the next `sign`; false when there is none.
    private mutating func skip(past sign: StaticString) -> Bool {
        while at < bytes.count {
            if starts(sign) {
                at += sign.utf8CodeUnitCount
                return true
            }
            at += 1
        }
        return false
    }

    /// Whether there was a blank.
    private mutating func blanks() -> Bool {
        let start = at
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        return at > start
    }
}
