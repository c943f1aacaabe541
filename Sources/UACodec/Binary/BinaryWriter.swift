/// Writes OPC UA Binary (Part 6, 5.2).
///
/// A value that has no encoding does not stop the writing; ``finish()`` throws the first such fault.
public struct BinaryWriter: Sendable {
    private var bytes: [UInt8] = []
    private var depth = 0
    private var failure: CodecError?
    public let limits: CodecLimits

    public init(limits: CodecLimits = .standard) {
        self.limits = limits
    }

    /// The bytes of one value.
    public static func bytes(
        of value: some BinaryEncodable, limits: CodecLimits = .standard
    ) throws(CodecError) -> [UInt8] {
        var writer = BinaryWriter(limits: limits)
        writer.write(value)
        return try writer.finish()
    }

    /// - Throws: Bad_EncodingError for a value without an encoding, Bad_EncodingLimitsExceeded over a limit.
    public consuming func finish() throws(CodecError) -> [UInt8] {
        if let failure { throw failure }
        return bytes
    }

    public var count: Int { bytes.count }

    public mutating func write(_ value: some BinaryEncodable) { value.encode(to: &self) }

    /// Notes that a value cannot be written.
    public mutating func fail(_ kind: CodecError.Kind) {
        failure = failure ?? CodecError(kind, at: bytes.count)
    }

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { append($0) }
    }

    /// The length of a string, byte string or array; −1 is null.
    mutating func length(_ count: Int?) {
        guard let count else { return integer(Int32(-1)) }
        guard let short = Int32(exactly: count) else { return fail(.unwritable("a length of \(count)")) }
        integer(short)
    }

    mutating func append(_ more: some Collection<UInt8>) {
        guard more.count <= limits.messageBytes - bytes.count else {
            return fail(.limit("message bytes", asked: bytes.count + more.count, allowed: limits.messageBytes))
        }
        bytes.append(contentsOf: more)
    }

    mutating func array(_ array: [some BinaryEncodable]) {
        length(array.count)
        elements(array)
    }

    /// The values one after the other, without their number.
    mutating func elements<Element: BinaryEncodable>(_ elements: [Element]) {
        #if _endian(little)
            if Element.self is any SameInMemory.Type { return elements.withUnsafeBytes { append($0) } }
        #endif
        for element in elements {
            guard failure == nil else { return }
            element.encode(to: &self)
        }
    }

    /// Writes something one level deeper; what a reader with these limits would refuse is not written.
    public mutating func nested(_ write: (inout BinaryWriter) -> Void) {
        guard depth < limits.nesting else {
            return fail(.limit("nesting", asked: depth + 1, allowed: limits.nesting))
        }
        depth += 1
        write(&self)
        depth -= 1
    }

    /// Writes a body with its length, in bytes, before it.
    mutating func body(_ write: (inout BinaryWriter) -> Void) {
        let start = bytes.count
        integer(Int32(0))
        write(&self)
        guard failure == nil else { return }
        guard let count = Int32(exactly: bytes.count - start - 4) else {
            return fail(.unwritable("a body of \(bytes.count - start - 4) bytes"))
        }
        withUnsafeBytes(of: count.littleEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
}
