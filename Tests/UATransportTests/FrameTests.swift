import Testing
import UACodec

@testable import UATransport

@Suite("Frames and the handshake")
struct FrameTests {
    private static let hello = hex(
        "48454c463000000000000000ffff0000ffff00000000000100000000100000006f70632e7463703a2f2f683a34383430")

    private func frames(_ bytes: [UInt8], limit: Int = 65_535) throws -> [Frame] {
        var reader = FrameReader(frameBytesMax: limit)
        reader.append(bytes)
        var frames: [Frame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    private func refuse(_ bytes: [UInt8], _ status: StatusCode, limit: Int = 65_535) {
        let error = #expect(throws: TransportError.self) { try frames(bytes, limit: limit) }
        #expect(error?.status == status)
    }

    @Test("Hello and Error, as another implementation writes them")
    func vectors() throws {
        let hello = Hello(
            receiveBufferSize: 65_535, sendBufferSize: 65_535, maxMessageSize: 16 << 20, maxChunkCount: 0,
            endpointUrl: "opc.tcp://h:4840")
        #expect(try hex(hello.frame().bytes) == hex(Self.hello))
        let frame = try #require(try frames(Self.hello).first)
        #expect(try frame.type == .hello && Hello(binary: frame.body) == hello)
        let error = ErrorMessage(.badTcpMessageTypeInvalid, reason: "bad type")
        #expect(try hex(error.frame().bytes) == "455252461800000000007e80080000006261642074797065")
    }

    @Test("Frames are found however the bytes arrive")
    func pieces() throws {
        let bytes = Self.hello + Self.hello + Self.hello
        for size in [1, 7, 8, 9, 47, 48, 49, 100] {
            var reader = FrameReader(frameBytesMax: 8192)
            var found = 0
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(bytes[start..<min(bytes.count, start + size)])
                while let frame = try reader.next() {
                    #expect(frame.bytes == Self.hello)
                    found += 1
                }
            }
            #expect(found == 3 && reader.bufferedBytes == 0)
        }
    }

    @Test("A header that cannot be right is refused before anything of its frame has come")
    func wrongHeaders() {
        for text in [
            "47455420 2f204854", "48454c43 30000000", "4d534758 20000000", "4f504e43 20000000", "00000000 00000000",
        ] {
            refuse(hex(text), .badTcpMessageTypeInvalid)
        }
        for size in ["00000000", "07000000"] { refuse(hex("4d534746" + size), .badTcpMessageTypeInvalid) }
        refuse(hex("4d534746 01200000"), .badTcpMessageTooLarge, limit: 8192)
        refuse(hex("4d534746 ffffffff"), .badTcpMessageTooLarge)
        refuse(hex("48454c46 00f00000"), .badTcpMessageTooLarge)
        refuse(hex("45525246 00f00000"), .badTcpMessageTooLarge)
    }

    @Test("The server's buffers are no larger than the client's, and each side's limits bind the other")
    func agreement() throws {
        let client = TransportLimits(
            receiveBufferBytes: 10_000, sendBufferBytes: 20_000, messageBytes: 50_000, chunkCount: 3)
        let server = TransportLimits(
            receiveBufferBytes: 15_000, sendBufferBytes: 30_000, messageBytes: 70_000, chunkCount: 9)
        let (answer, served) = try server.answer(client.hello(endpointUrl: "opc.tcp://h"))
        #expect(answer.receiveBufferSize == 15_000 && answer.sendBufferSize == 10_000)
        #expect(answer.maxMessageSize == 70_000 && answer.maxChunkCount == 9)
        let used = try client.agree(answer)
        #expect(served.receiveChunkBytes == used.sendChunkBytes && served.sendChunkBytes == used.receiveChunkBytes)
        #expect(served.sendMessageBytes == 50_000 && used.sendMessageBytes == 70_000 && used.sendChunkCount == 9)
        var unlimited = client.hello(endpointUrl: "")
        (unlimited.protocolVersion, unlimited.maxMessageSize, unlimited.maxChunkCount) = (5, 0, 0)
        (unlimited.receiveBufferSize, unlimited.sendBufferSize) = (.max, .max)
        let (other, wide) = try server.answer(unlimited)
        #expect(other.protocolVersion == 0 && other.sendBufferSize == 30_000 && wide.sendMessageBytes == Int.max)
    }

    @Test("Small buffers, long addresses and an answer beyond the offer are refused")
    func refusals() {
        let limits = TransportLimits()
        var small = limits.hello(endpointUrl: "")
        small.sendBufferSize = 8191
        let rejected = #expect(throws: TransportError.self) { try limits.answer(small) }
        #expect(rejected?.status == .badConnectionRejected)
        let long = limits.hello(endpointUrl: String(repeating: "x", count: 4097))
        let invalid = #expect(throws: TransportError.self) { try limits.answer(long) }
        #expect(invalid?.status == .badTcpEndpointUrlInvalid)
        for (receive, send) in [(65_537, 65_536), (65_536, 65_537), (8191, 65_536), (65_536, 0)] as [(UInt32, UInt32)] {
            let answer = Acknowledge(
                receiveBufferSize: receive, sendBufferSize: send, maxMessageSize: 0, maxChunkCount: 0)
            #expect(throws: TransportError.self) { try limits.agree(answer) }
        }
    }

    @Test("Sequence numbers go up by one over everything, and wrap where the standard says")
    func sequence() throws {
        var numbers = SequenceNumbers()
        #expect(numbers.next() == 1 && numbers.next() == 2)
        var late = SequenceNumbers(after: SequenceNumbers.last - 1)
        #expect(late.next() == 4_294_966_271 && late.next() == 1)
        for (previous, next, isRight) in [
            (5, 6, true), (5, 5, false), (5, 7, false), (5, 4, false), (4_294_966_270, 0, false),
            (4_294_966_271, 1023, true), (4_294_966_271, 1024, false), (4_294_966_272, 4_294_966_273, true),
            (.max, 0, true), (.max, 1024, false),
        ] as [(UInt32, UInt32, Bool)] {
            var check = SequenceNumbers(after: previous)
            #expect((try? check.accept(next)) != nil || !isRight, "\(next) after \(previous)")
            if !isRight {
                var again = SequenceNumbers(after: previous)
                let error = #expect(throws: TransportError.self) { try again.accept(next) }
                #expect(error?.status == .badSequenceNumberInvalid)
            }
        }
        var first = SequenceNumbers()
        try first.accept(51)
        try first.accept(52)
    }
}
