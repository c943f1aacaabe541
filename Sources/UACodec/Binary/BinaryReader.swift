/// Reads OPC UA Binary (Part 6, 5.2) from bytes that nobody vouches for.
///
/// Every length is checked against the bytes that are left, in 64 bits, and against ``CodecLimits`` before any room is
/// reserved. The reader is a value: a copy starts again from where the original stood.
public struct BinaryReader: Sendable {
    private let bytes: [UInt8]
    private var end: Int
    private var decodedBytes = 0
    private var depth = 0
    private var diagnosticDepth = 0
    private var dataValueDepth = 0
    /// Bytes from the start of the message.
    public private(set) var offset = 0
    public let limits: CodecLimits
    /// The structures that the bodies of ExtensionObjects are read as; other bodies are kept as bytes.
    public let types: TypeRegistry
    /// Whether fields that allow subtypes are read as though they did not; see ``DynamicStructure``.
    var readsSubtypesInline = false

    /// - Throws: Bad_EncodingLimitsExceeded where there are more bytes than a message may have.
    public init(
        _ bytes: [UInt8], limits: CodecLimits = .standard, types: TypeRegistry = .standard
    ) throws(CodecError) {
        self.bytes = bytes
        self.end = bytes.count
        self.limits = limits
        self.types = types
        guard bytes.count <= limits.messageBytes else {
            throw limit("message bytes", bytes.count, limits.messageBytes)
        }
    }

    /// Bytes that are left of the message, or of the body that is being read.
    public var left: Int { end - offset }

    public func malformed(_ rule: String) -> CodecError { CodecError(.malformed(rule), at: offset) }

    func limit(_ name: String, _ asked: Int, _ allowed: Int) -> CodecError {
        CodecError(.limit(name, asked: asked, allowed: allowed), at: offset)
    }

    // MARK: Values

    public mutating func read<Value: BinaryDecodable>(
        _ type: Value.Type = Value.self
    ) throws(CodecError) -> Value {
        try Value(from: &self)
    }

    /// - Throws: Bad_DecodingError unless all bytes have been read.
    public func finish() throws(CodecError) {
        guard left == 0 else { throw malformed("\(left) bytes follow the value") }
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(CodecError) -> Value {
        let size = MemoryLayout<Value>.size
        guard left >= size else { throw CodecError(.truncated(needed: size, left: left), at: offset) }
        let start = offset
        offset += size
        return Value(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Value.self) })
    }

    mutating func take(_ count: Int) throws(CodecError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= left else {
            throw CodecError(.truncated(needed: count, left: left), at: offset)
        }
        offset += count
        return bytes[offset - count..<offset]
    }

    /// The Int32 before strings and arrays; nil where it is negative, which means null.
    ///
    /// - Parameter smallest: the fewest bytes that one element takes on the wire.
    mutating func length(_ name: String, allowed: Int, smallest: Int) throws(CodecError) -> Int? {
        let count = Int(try integer(Int32.self))
        guard count >= 0 else { return nil }
        let (needed, overflow) = count.multipliedReportingOverflow(by: smallest)
        guard !overflow, needed <= left else {
            throw CodecError(.truncated(needed: overflow ? Int.max : needed, left: left), at: offset)
        }
        guard count <= allowed else { throw limit(name, count, allowed) }
        return count
    }

    /// Text in UTF-8 after its length; what is not UTF-8 is refused, not repaired, so that two readers of one message
    /// never see two texts.
    mutating func text() throws(CodecError) -> String? {
        guard let count = try length("string bytes", allowed: limits.stringBytes, smallest: 1) else { return nil }
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw malformed("a string is not UTF-8")
        }
        return text
    }

    mutating func byteString() throws(CodecError) -> ArraySlice<UInt8>? {
        guard let count = try length("byte string bytes", allowed: limits.byteStringBytes, smallest: 1) else {
            return nil
        }
        return try take(count)
    }

    /// Elements after their number; null and empty are both empty.
    mutating func array<Element: BinaryDecodable>(_ type: Element.Type = Element.self) throws(CodecError) -> [Element] {
        let found = try length("array length", allowed: limits.arrayLength, smallest: Element.smallestByteCount)
        guard let count = found else { return [] }
        return try elements(count)
    }

    /// That many elements, whose number has been checked.
    mutating func elements<Element: BinaryDecodable>(_ count: Int) throws(CodecError) -> [Element] {
        try charge(count, of: Element.self)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try Element(from: &self)) }
        return elements
    }

    // MARK: Budgets

    /// Takes the memory of that many values from the message's budget.
    mutating func charge<Value>(_ count: Int, of type: Value.Type) throws(CodecError) {
        try charge(bytes: count * MemoryLayout<Value>.stride)
    }

    mutating func charge(bytes count: Int) throws(CodecError) {
        decodedBytes += count
        guard decodedBytes <= limits.decodedBytes else {
            throw limit("decoded bytes", decodedBytes, limits.decodedBytes)
        }
    }

    /// Reads something one level deeper. There is one counter for all kinds, and it goes on inside the bodies of
    /// ExtensionObjects, so that no mixture of kinds gets deeper than one kind alone.
    public mutating func nested<Value>(
        _ read: (inout BinaryReader) throws(CodecError) -> Value
    ) throws(CodecError) -> Value {
        guard depth < limits.nesting else { throw limit("nesting", depth + 1, limits.nesting) }
        depth += 1
        defer { depth -= 1 }
        return try read(&self)
    }

    mutating func nestedDiagnostics<Value>(
        _ read: (inout BinaryReader) throws(CodecError) -> Value
    ) throws(CodecError) -> Value {
        guard diagnosticDepth < limits.diagnosticNesting else {
            throw limit("diagnostic nesting", diagnosticDepth + 1, limits.diagnosticNesting)
        }
        diagnosticDepth += 1
        defer { diagnosticDepth -= 1 }
        return try nested(read)
    }

    /// Reads the parts of a DataValue, inside which no DataValue may be (Part 6, 5.1.9).
    mutating func insideDataValue<Value>(
        _ read: (inout BinaryReader) throws(CodecError) -> Value
    ) throws(CodecError) -> Value {
        dataValueDepth += 1
        defer { dataValueDepth -= 1 }
        return try nested(read)
    }

    var isInsideDataValue: Bool { dataValueDepth > 0 }

    /// Reads a body of that many bytes, which must be read to its last byte.
    mutating func body<Value>(
        _ count: Int, _ read: (inout BinaryReader) throws(CodecError) -> Value
    ) throws(CodecError) -> Value {
        let outer = end
        end = offset + count
        defer { end = outer }
        let value = try read(&self)
        try finish()
        return value
    }

    /// Goes back to where another reader of these bytes stands. What was spent stays spent.
    mutating func rewind(to earlier: BinaryReader) {
        let spent = decodedBytes
        self = earlier
        decodedBytes = spent
    }
}
