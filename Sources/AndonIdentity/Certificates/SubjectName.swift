/// The subject of a certificate, as RFC 4514 writes it: `CN=press-vision,O=Plant`.
public struct SubjectName: Sendable, Hashable, CustomStringConvertible {
    public struct Attribute: Sendable, Hashable {
        /// In capitals: `CN`, `O`, or a dotted object identifier.
        public var type: String
        /// Without its escapes.
        public var value: String
    }

    public let attributes: [Attribute]

    private static let bytesMax = 2000

    /// Nil for what is no name: without an attribute, or longer than 2000 bytes.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else { return nil }
        var reader = Reader(rest: Array(text.utf8)[...])
        var attributes: [Attribute] = []
        repeat {
            guard let type = reader.type(), let value = reader.value() else { return nil }
            attributes.append(Attribute(type: Self.names[type.lowercased()] ?? type.uppercased(), value: value))
        } while reader.hasMore
        self.attributes = attributes
    }

    /// Whether both have the same attributes in the same order. Some tools write a name from its end: that is the same name.
    public func names(_ other: SubjectName) -> Bool {
        attributes == other.attributes || attributes == other.attributes.reversed()
    }

    public var commonName: String? { attributes.first { $0.type == "CN" }?.value }

    public var description: String { attributes.map { "\($0.type)=\($0.value)" }.joined(separator: ",") }

    /// Types by the names that people give them, in small letters.
    private static let names: [String: String] = [
        "commonname": "CN", "organization": "O", "organizationname": "O", "organizationalunit": "OU",
        "organizationalunitname": "OU", "country": "C", "countryname": "C", "locality": "L", "localityname": "L",
        "s": "ST", "state": "ST", "stateorprovincename": "ST", "domaincomponent": "DC", "email": "E",
        "emailaddress": "E", "1.2.840.113549.1.9.1": "E", "uid": "0.9.2342.19200300.100.1.1",
        "serialnumber": "2.5.4.5",
    ]
}

/// Goes over the text once. Escapes are a backslash with the character, or with two hexadecimal digits.
private struct Reader {
    var rest: ArraySlice<UInt8>
    /// Whether a further attribute follows.
    private(set) var hasMore = false

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func type() -> String? {
        guard let sign = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let text = String(decoding: rest[..<sign], as: UTF8.self).filter { $0 != " " }
        rest = rest[(sign + 1)...]
        let isType = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        return text.isEmpty || !isType ? nil : text
    }

    mutating func value() -> String? {
        var kept: [UInt8] = []
        // Spaces around a value count only when they are escaped.
        var solid = 0
        hasMore = false
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") {
                hasMore = true
                break
            }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = escaped() else { return nil }
                kept.append(escaped)
                solid = kept.count
            } else if byte != UInt8(ascii: " ") || !kept.isEmpty {
                kept.append(byte)
                if byte != UInt8(ascii: " ") { solid = kept.count }
            }
        }
        guard solid > 0 else { return nil }
        return String(decoding: kept.prefix(solid), as: UTF8.self)
    }

    private mutating func escaped() -> UInt8? {
        guard let first = rest.first else { return nil }
        if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2,
            first != UInt8(ascii: "+"), first != UInt8(ascii: "-")
        {
            rest = rest.dropFirst(2)
            return value
        }
        return rest.popFirst()
    }
}
