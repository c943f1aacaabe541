import UACodec
import UATransport

/// What reaches an OPC UA port before anybody has said who they are (Part 6, 6.7 and 7.1).
extension FuzzTarget {
    static let opcuaChunks = [opcuaServerBytes]

    private static let limits = TransportLimits(messageBytes: 20_000, chunkCount: 4)

    private static var openClient: SecureConnection {
        get throws {
            var client = SecureConnection(.client, limits: limits)
            client.receive(try limits.answer(limits.hello(endpointUrl: "opc.tcp://h:4840")).0.frame().bytes)
            _ = try client.next(now: 0)
            client.install(token, channelId: 7)
            return client
        }
    }

    private static let token = ChannelToken(
        id: 1, receiving: NoSecurity(), sending: NoSecurity(), createdAt: 0, lifetime: 1000)

    /// Words for all that a server with an open channel makes of bytes that arrive in pieces of that length.
    private static func events(_ input: [UInt8], pieces: Int) throws -> [String] {
        var server = SecureConnection(.server, limits: limits)
        var words: [String] = []
        for start in stride(from: 0, to: input.count, by: pieces) {
            server.receive(input[start..<min(input.count, start + pieces)])
            do {
                while let event = try server.next(now: 0) {
                    words.append("\(event)")
                    guard case .opening(let opening) = event else { continue }
                    words.append("\(try server.accept(opening, security: NoSecurity()))")
                    server.install(token, channelId: 7)
                }
            } catch {
                words.append("\(error)")
                return words
            }
            try promise(server.pendingBytes <= limits.messageBytes + limits.receiveBufferBytes, "too much is kept")
        }
        return words
    }

    private static let opcuaServerBytes = FuzzTarget(
        "opcua-server-bytes",
        seeds: {
            var client = try openClient
            let hello = try limits.hello(endpointUrl: "opc.tcp://h:4840").frame().bytes
            let header = AsymmetricHeader(
                channelId: 0, securityPolicyUri: "http://opcfoundation.org/UA/SecurityPolicy#None")
            let open = try client.openChunk([1, 2], requestId: 1, header: header, security: NoSecurity())
            let message = try client.messageChunks([UInt8](repeating: 7, count: 40), requestId: 2)[0]
            let abort = try client.abortChunk(ErrorMessage(.badTimeout, reason: "x"), requestId: 3)
            let close = try client.closeChunk([], requestId: 4)
            return [hello, hello + open, hello + open + message + abort + close]
        },
        check: { input in
            let whole = try events(input, pieces: max(1, input.count))
            for pieces in [1, 13] where input.count < 2000 {
                try promise(try events(input, pieces: pieces) == whole, "pieces of \(pieces) bytes make a difference")
            }
        })
}
