import NIOCore

/// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), as far as the messages here need it.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(ByteBuffer)
        case fixed32(UInt32)
    }

    struct Malformed: Error {}

    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    /// - Returns: nil at the end of the message.
    mutating func next() throws(Malformed) -> (field: UInt64, value: Value)? {
        guard buffer.readableBytes > 0 else { return nil }
        let tag = try varint()
        let value: Value? =
            switch tag & 7 {
            case 0: .varint(try varint())
            case 1: buffer.readInteger(endianness: .little).map { .fixed64($0) }
            case 2: Int(exactly: try varint()).flatMap { buffer.readSlice(length: $0) }.map { .bytes($0) }
            case 5: buffer.readInteger(endianness: .little).map { .fixed32($0) }
            default: nil
            }
        guard let value, tag >> 3 > 0 else { throw Malformed() }
        return (tag >> 3, value)
    }

    mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte: UInt8 = buffer.readInteger() else { throw Malformed() }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Malformed()
    }

    /// All numbers of a field of varints, which may come packed or one by one.
    static func varints(_ value: Value, most: Int) throws(Malformed) -> [UInt64] {
        switch value {
        case .varint(let single): return [single]
        case .bytes(let packed):
            var (reader, numbers) = (ProtobufReader(packed), [UInt64]())
            while reader.buffer.readableBytes > 0 {
                guard numbers.count < most else { throw Malformed() }
                numbers.append(try reader.varint())
            }
            return numbers
        default: throw Malformed()
        }
    }
}

extension ProtobufReader.Value {
    func text() throws(ProtobufReader.Malformed) -> String {
        String(decoding: try message().readableBytesView, as: UTF8.self)
    }

    func message() throws(ProtobufReader.Malformed) -> ByteBuffer {
        guard case .bytes(let bytes) = self else { throw ProtobufReader.Malformed() }
        return bytes
    }
}

extension ByteBuffer {
    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }

    /// The head of a field of text, bytes or a message, which follow at once.
    mutating func writeField(_ field: UInt64, bytes: Int) {
        writeVarint(field << 3 | 2)
        writeVarint(UInt64(bytes))
    }

    mutating func writeField(_ field: UInt64, _ text: String) {
        guard !text.isEmpty else { return }
        writeField(field, bytes: text.utf8.count)
        writeString(text)
    }

    mutating func writeField(_ field: UInt64, _ message: ByteBuffer) {
        writeField(field, bytes: message.readableBytes)
        writeImmutableBuffer(message)
    }
}
