import Synchronization
import UACodec

@testable import UATransport

func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8.filter { $0 != 0x20 && $0 != 0x0A })
    return stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) ?? 0
    }
}

func hex(_ bytes: [UInt8]) -> String { "\(ByteString(bytes))" }

/// Security with the shape of a real one: blocks, padding and a code over all that stands before it, under a key that
/// the other side must have. It keeps what it was handed.
final class ToySecurity: MessageSecurity {
    struct Wrong: Error {}

    private let key: UInt8
    private let handed = Mutex<[(header: [UInt8], content: [UInt8])]>([])

    init(key: UInt8) { self.key = key }

    var seen: [(header: [UInt8], content: [UInt8])] { handed.withLock { $0 } }

    func secure(header: [UInt8], content: [UInt8]) -> [UInt8] {
        handed.withLock { $0.append((header, content)) }
        let fill = (16 - (content.count + 1 + 4) % 16) % 16
        let padded = content + [UInt8](repeating: UInt8(fill), count: fill + 1)
        var stamped = header
        stamped.replaceSubrange(4..<8, with: UInt32(header.count + padded.count + 4).littleEndianBytes)
        return stamped + (padded + code(stamped + padded)).map { $0 ^ key }
    }

    func open(_ chunk: [UInt8], headerLength: Int) throws -> [UInt8] {
        let plain = chunk.dropFirst(headerLength).map { $0 ^ key }
        guard plain.count % 16 == 0, plain.count >= 16 else { throw Wrong() }
        let padded = Array(plain.dropLast(4))
        guard code(Array(chunk.prefix(headerLength)) + padded) == Array(plain.suffix(4)) else { throw Wrong() }
        return Array(padded.dropLast(Int(padded.last ?? 0) + 1))
    }

    func bodyCapacity(chunkSize: Int, headerLength: Int) -> Int {
        max(0, (chunkSize - headerLength) / 16 * 16 - 5 - SequenceHeader.byteCount)
    }

    private func code(_ bytes: [UInt8]) -> [UInt8] {
        bytes.reduce(UInt32(key) &+ 7) { ($0 ^ UInt32($1)) &* 16_777_619 }.littleEndianBytes
    }
}

/// A client and a server with their channel open.
struct Pair {
    var client: SecureConnection
    var server: SecureConnection

    init(
        client clientLimits: TransportLimits = TransportLimits(),
        server serverLimits: TransportLimits = TransportLimits(),
        tokens: Bool = true
    ) throws {
        client = SecureConnection(.client, limits: clientLimits)
        server = SecureConnection(.server, limits: serverLimits)
        server.receive(try clientLimits.hello(endpointUrl: "opc.tcp://h:4840").frame().bytes)
        if case .hello(_, let answer) = try server.next(now: 0) { client.receive(answer.bytes) }
        _ = try client.next(now: 0)
        if tokens { install(id: 1, at: 0) }
    }

    static func token(_ id: UInt32, at: Int64, lifetime: Int64 = 1000) -> ChannelToken {
        let security = ToySecurity(key: UInt8(id & 255))
        return ChannelToken(id: id, receiving: security, sending: security, createdAt: at, lifetime: lifetime)
    }

    mutating func install(id: UInt32, at: Int64) {
        server.install(Self.token(id, at: at), channelId: 7)
        client.install(Self.token(id, at: at), channelId: 7)
    }
}
