/// A name with the namespace that gives it meaning (Part 6, 5.2.2.13).
public struct QualifiedName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var namespace: UInt16
    public var name: String?

    public init(_ name: String?, namespace: UInt16 = 0) {
        self.namespace = namespace
        self.name = name
    }

    /// A name in namespace 0.
    public init(stringLiteral name: String) { self.init(name) }

    public static let null = QualifiedName(nil)

    /// `2:Temperature`, without the prefix in namespace 0.
    public var description: String { (namespace == 0 ? "" : "\(namespace):") + (name ?? "") }
}

extension QualifiedName: BinaryCodable {
    public static var smallestByteCount: Int { 6 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        namespace = try reader.integer()
        name = try reader.text()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.integer(namespace)
        writer.write(name)
    }
}

/// Text for people and the language that it is in (Part 6, 5.2.2.14).
public struct LocalizedText: Hashable, Sendable, CustomStringConvertible {
    /// RFC 3066, such as `de` or `en-US`.
    public var locale: String?
    public var text: String?

    public init(_ text: String?, locale: String? = nil) {
        self.text = text
        self.locale = locale
    }

    public static let null = LocalizedText(nil)

    public var description: String { text ?? "" }
}

extension LocalizedText: BinaryCodable {
    public static var smallestByteCount: Int { 1 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        let mask = try reader.integer(UInt8.self)
        locale = mask & 1 != 0 ? try reader.text() : nil
        text = mask & 2 != 0 ? try reader.text() : nil
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.integer(UInt8((locale == nil ? 0 : 1) | (text == nil ? 0 : 2)))
        locale?.encodeContent(to: &writer)
        text?.encodeContent(to: &writer)
    }
}
