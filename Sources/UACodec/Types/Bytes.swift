/// Bytes that mean nothing to the encoding (Part 6, 5.2.2.7). A null ByteString is nil.
public struct ByteString: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    public init(arrayLiteral elements: UInt8...) { bytes = elements }

    /// All bytes at once: one after the other they take many times longer.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Two hexadecimal digits a byte.
    public var description: String { bytes.map { Hex.text($0, digits: 2) }.joined() }
}

extension ByteString: Nullable {
    public static func decode(from reader: inout BinaryReader) throws(CodecError) -> ByteString? {
        guard let bytes = try reader.byteString() else { return nil }
        return ByteString(bytes)
    }

    public func encodeContent(to writer: inout BinaryWriter) {
        writer.length(bytes.count)
        writer.append(bytes)
    }
}

/// A fragment of XML as text (Part 6, 5.2.2.8). It is carried, never parsed.
public struct XmlElement: Hashable, Sendable {
    public var text: String

    public init(_ text: String) { self.text = text }
}

extension XmlElement: Nullable {
    public static func decode(from reader: inout BinaryReader) throws(CodecError) -> XmlElement? {
        guard let text = try reader.text() else { return nil }
        return XmlElement(text)
    }

    public func encodeContent(to writer: inout BinaryWriter) { text.encodeContent(to: &writer) }
}

/// Hexadecimal without Foundation.
enum Hex {
    static func text(_ value: some BinaryInteger, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
