import Testing
import UACodec

@testable import UATransport

@Suite("Connections and their secure channel")
struct ConnectionTests {
    private func status(_ work: () throws -> Void) -> StatusCode? {
        do { try work() } catch let error as TransportError { return error.status } catch {}
        return nil
    }

    private func message(_ connection: inout SecureConnection, now: Int64 = 0) throws -> (UInt32, [UInt8])? {
        guard case .message(let id, let body) = try connection.next(now: now) else { return nil }
        return (id, body)
    }

    private static func body(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

    @Test("A channel is opened and renewed under the policy None, and messages pass both ways")
    func opening() throws {
        var pair = try Pair(tokens: false)
        let policy = "http://opcfoundation.org/UA/SecurityPolicy#None"
        for (token, channel) in [(13, 0), (14, 9)] as [(UInt32, UInt32)] {
            let request = try ServiceMessage.bytes(of: OpenSecureChannelRequest(requestedLifetime: 60_000))
            let header = AsymmetricHeader(channelId: channel, securityPolicyUri: policy)
            pair.server.receive(
                try pair.client.openChunk(request, requestId: token, header: header, security: NoSecurity()))
            guard case .opening(let opening) = try pair.server.next(now: 0) else {
                Issue.record("no opening")
                return
            }
            #expect(opening.header == header && !pair.server.wantsBytes)
            let (id, body) = try pair.server.accept(opening, security: NoSecurity())
            #expect(id == token && body == request && pair.server.wantsBytes)
            let agreed = ChannelToken(
                id: token, receiving: NoSecurity(), sending: NoSecurity(), createdAt: 0, lifetime: 60_000)
            pair.server.install(agreed, channelId: 9)
            let answer = AsymmetricHeader(channelId: 9, securityPolicyUri: policy)
            pair.client.receive(
                try pair.server.openChunk([1], requestId: id, header: answer, security: NoSecurity()))
            guard case .opening(let reply) = try pair.client.next(now: 0) else {
                Issue.record("no answer")
                return
            }
            #expect(reply.header.channelId == 9)
            _ = try pair.client.accept(reply, security: NoSecurity())
            pair.client.install(agreed, channelId: 9)
            for chunk in try pair.client.messageChunks([1, 2, 3], requestId: 20) { pair.server.receive(chunk) }
            #expect(try message(&pair.server)?.1 == [1, 2, 3])
            for chunk in try pair.server.messageChunks([4], requestId: 20) { pair.client.receive(chunk) }
            #expect(try message(&pair.client)?.1 == [4])
        }
        pair.server.receive(try pair.client.closeChunk([9], requestId: 21))
        guard case .closed = try pair.server.next(now: 0) else {
            Issue.record("not closed")
            return
        }
        #expect(!pair.server.wantsBytes)
    }

    @Test("What security is handed is what the published chunk has before it is signed and encrypted")
    func chunkVector() throws {
        var pair = try Pair(tokens: false)
        let security = ToySecurity(key: 1)
        pair.client.install(
            ChannelToken(id: 1, receiving: security, sending: security, createdAt: 0, lifetime: 1), channelId: 7)
        var chunk: [UInt8] = []
        for _ in 1...51 {
            chunk = try pair.client.messageChunks(
                hex("01009f0200") + [UInt8](repeating: 0xAA, count: 20), requestId: 2)[0]
        }
        #expect(hex(Array(chunk.prefix(4))) == "4d534746" && chunk.count % 16 == 0)
        let last = try #require(security.seen.last)
        #expect(hex(last.header) == "4d534746000000000700000001000000")
        #expect(hex(last.content) == "330000000200000001009f0200" + String(repeating: "aa", count: 20))
    }

    @Test("A message of any length arrives whole, in chunks that fit the other side's buffer")
    func lengths() throws {
        let limits = TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192, messageBytes: 100_000)
        var pair = try Pair(client: limits, server: limits)
        let capacity = ToySecurity(key: 1).bodyCapacity(chunkSize: 8192, headerLength: 16)
        for count in [0, 1, 15, 16, 17, capacity - 1, capacity, capacity + 1, 3 * capacity, 100_000] {
            let chunks = try pair.client.messageChunks(Self.body(count), requestId: UInt32(count))
            #expect(chunks.allSatisfy { $0.count <= 8192 } && chunks.count == max(1, (count + capacity - 1) / capacity))
            for chunk in chunks { pair.server.receive(chunk) }
            let (id, body) = try #require(try message(&pair.server))
            #expect(id == UInt32(count) && body == Self.body(count))
            #expect(pair.server.pendingBytes == 0)
        }
    }

    @Test("A message over the other side's limits is not begun, and the next one goes")
    func tooLong() throws {
        let client = TransportLimits(
            receiveBufferBytes: 8192, sendBufferBytes: 8192, messageBytes: 20_000, chunkCount: 9)
        let server = TransportLimits(
            receiveBufferBytes: 8192, sendBufferBytes: 8192, messageBytes: 90_000, chunkCount: 2)
        var pair = try Pair(client: client, server: server)
        #expect(status { _ = try pair.client.messageChunks(Self.body(17_000), requestId: 1) } == .badRequestTooLarge)
        #expect(status { _ = try pair.server.messageChunks(Self.body(20_001), requestId: 1) } == .badResponseTooLarge)
        for chunk in try pair.client.messageChunks(Self.body(9000), requestId: 2) { pair.server.receive(chunk) }
        #expect(try message(&pair.server)?.1 == Self.body(9000))
        pair.client.receive(try pair.server.abortChunk(ErrorMessage(.badResponseTooLarge, reason: nil), requestId: 2))
        guard case .aborted(2, let reason) = try pair.client.next(now: 0) else {
            Issue.record("not aborted")
            return
        }
        #expect(reason.status == .badResponseTooLarge)
        for chunk in try pair.server.messageChunks([5], requestId: 3) { pair.client.receive(chunk) }
        #expect(try message(&pair.client)?.1 == [5])
    }

    @Test("An abort in the middle drops the parts, and the connection goes on")
    func abort() throws {
        let limits = TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192)
        var pair = try Pair(client: limits, server: limits)
        let chunks = try pair.client.messageChunks(Self.body(30_000), requestId: 5)
        for chunk in chunks.dropLast() { pair.server.receive(chunk) }
        #expect(try pair.server.next(now: 0) == nil && pair.server.pendingBytes > 20_000)
        // The last chunk's number is taken again, as though it had not been made.
        var client = try Pair(client: limits, server: limits).client
        client.install(Pair.token(1, at: 0), channelId: 7)
        for _ in chunks.dropLast() { _ = try client.messageChunks([], requestId: 1) }
        pair.server.receive(try client.abortChunk(ErrorMessage(.badTimeout, reason: "gave up"), requestId: 5))
        guard case .aborted(5, ErrorMessage(.badTimeout, reason: "gave up")) = try pair.server.next(now: 0) else {
            Issue.record("not aborted")
            return
        }
        #expect(pair.server.pendingBytes == 0)
        for chunk in try client.messageChunks([1], requestId: 6) { pair.server.receive(chunk) }
        #expect(try message(&pair.server)?.1 == [1])
    }

    @Test("Chunks without an end are refused at the limit of bytes, and of chunks")
    func flood() throws {
        var pair = try Pair()
        pair.server.incoming = (messageBytes: 10_000, chunkCount: 4)
        var numbers = SequenceNumbers()
        let chunker = MessageChunker(
            limits: pair.client.agreed, header: SymmetricHeader(channelId: 7, tokenId: 1), security: ToySecurity(key: 1)
        )
        func intermediate(_ count: Int, _ id: UInt32 = 1) throws -> [UInt8] {
            try chunker.chunk(.message, .intermediate, Self.body(count)[...], requestId: id, numbers: &numbers)
        }
        var other = pair.server
        pair.server.receive(try intermediate(6000))
        #expect(try pair.server.next(now: 0) == nil)
        var mixed = pair.server
        pair.server.receive(try intermediate(6000))
        #expect(status { _ = try pair.server.next(now: 0) } == .badTcpMessageTooLarge)
        numbers = SequenceNumbers(after: 1)
        mixed.receive(try intermediate(1, 2))
        #expect(status { _ = try mixed.next(now: 0) } == .badTcpMessageTypeInvalid, "chunks of two messages")
        numbers = SequenceNumbers()
        for _ in 0..<5 { other.receive(try intermediate(0)) }
        #expect(status { _ = try other.next(now: 0) } == .badTcpMessageTooLarge, "chunks with nothing in them")
    }

    @Test("A chunk that is lost, repeated or changed ends the connection")
    func tampering() throws {
        let pair = try Pair()
        var client = pair.client
        let first = try client.messageChunks([1], requestId: 1)[0]
        let second = try client.messageChunks([2], requestId: 2)[0]
        let third = try client.messageChunks([3], requestId: 3)[0]
        for chunks in [[first, first], [first, third], [second, first]] {
            var server = pair.server
            for chunk in chunks { server.receive(chunk) }
            #expect(status { while try server.next(now: 0) != nil {} } == .badSequenceNumberInvalid)
        }
        for index in [4, 8, 12, 16, 20, 24, first.count - 1] {
            var server = pair.server
            var changed = first
            changed[index] ^= 0x10
            server.receive(changed + [UInt8](repeating: 0, count: 16))
            #expect(status { _ = try server.next(now: 0) } != nil, "byte \(index)")
        }
    }

    @Test(
        "Messages out of place are refused",
        arguments: ["hello twice", "open first", "message first", "no channel", "answer"])
    func order(_ what: String) throws {
        var server = SecureConnection(.server)
        let hello = try TransportLimits().hello(endpointUrl: "opc.tcp://h").frame().bytes
        switch what {
        case "hello twice": server.receive(hello + hello)
        case "open first": server.receive(hex("4f504e46 10000000 00000000 00000000"))
        case "message first": server.receive(hex("4d534746 10000000 00000000 00000000"))
        case "no channel": server.receive(hello + hex("4d534746 18000000 00000000 00000000 01000000 01000000"))
        default: server.receive(hex("41434b46 1c000000") + [UInt8](repeating: 0, count: 20))
        }
        let expected: StatusCode = what == "no channel" ? .badTcpSecureChannelUnknown : .badTcpMessageTypeInvalid
        #expect(status { while try server.next(now: 0) != nil {} } == expected)
    }

    @Test("A chunk of another channel is refused, though its token and its security are right")
    func otherChannel() throws {
        var pair = try Pair()
        pair.client.install(Pair.token(1, at: 0), channelId: 8)
        pair.server.receive(try pair.client.messageChunks([1], requestId: 1)[0])
        #expect(status { _ = try pair.server.next(now: 0) } == .badTcpSecureChannelUnknown)
    }

    @Test("A client is told why its connection ends")
    func failure() throws {
        var client = SecureConnection(.client)
        client.receive(try TransportError(.badTcpServerTooBusy, "secret detail").answer.frame().bytes)
        guard case .failed(let error) = try client.next(now: 0) else {
            Issue.record("no error")
            return
        }
        #expect(error == ErrorMessage(.badTcpServerTooBusy, reason: "BadTcpServerTooBusy"))
    }

    @Test("A server goes on with the old token until its client has used the new one, and both take the old till then")
    func renewal() throws {
        var pair = try Pair()
        func tokenOf(_ chunk: [UInt8]) -> UInt8 { chunk[12] }
        pair.server.install(Pair.token(2, at: 500), channelId: 7)
        let before = try pair.server.messageChunks([1], requestId: 1)[0]
        #expect(tokenOf(before) == 1)
        let underway = try pair.client.messageChunks([2], requestId: 2)[0]
        #expect(tokenOf(underway) == 1)
        pair.client.install(Pair.token(2, at: 500), channelId: 7)
        pair.client.receive(before)
        #expect(try message(&pair.client)?.1 == [1])
        pair.server.receive(underway)
        #expect(try message(&pair.server)?.1 == [2])
        let new = try pair.client.messageChunks([3], requestId: 3)[0]
        #expect(tokenOf(new) == 2)
        pair.server.receive(new)
        #expect(try message(&pair.server)?.1 == [3])
        #expect(tokenOf(try pair.server.messageChunks([4], requestId: 3)[0]) == 2)
        // The old token is gone now: who still has it is not the client.
        var stale = underway
        stale[16] ^= 1
        pair.server.receive(stale)
        #expect(status { _ = try pair.server.next(now: 600) } == .badSecureChannelTokenUnknown)
    }

    @Test("A token is taken for a quarter longer than its lifetime, and no longer")
    func expiry() throws {
        let pair = try Pair()
        var client = pair.client
        let chunk = try client.messageChunks([1], requestId: 1)[0]
        for (now, isTaken) in [(1250, true), (1251, false), (.max, false)] as [(Int64, Bool)] {
            var server = pair.server
            server.receive(chunk)
            #expect((status { _ = try server.next(now: now) } == nil) == isTaken, "\(now)")
        }
    }

    @Test("Renewals that are not used do not pile up, and the token in use stays")
    func manyRenewals() throws {
        var pair = try Pair()
        for id in UInt32(2)...9 { pair.server.install(Pair.token(id, at: 0), channelId: 7) }
        pair.server.receive(try pair.client.messageChunks([1], requestId: 1)[0])
        #expect(try message(&pair.server)?.1 == [1])
        pair.client.install(Pair.token(9, at: 0), channelId: 7)
        pair.server.receive(try pair.client.messageChunks([2], requestId: 2)[0])
        #expect(try message(&pair.server)?.1 == [2])
    }

    @Test("An opening is secured and opened elsewhere, by the key that it is for, and only where one waits")
    func elsewhere() throws {
        var pair = try Pair(tokens: false)
        let security = ToySecurity(key: 9)
        let header = AsymmetricHeader(
            channelId: 0, securityPolicyUri: "toy", senderCertificate: [1], receiverThumbprint: [])
        let outgoing = try pair.client.beginOpening(Self.body(500), requestId: 3, header: header)
        #expect(status { _ = try pair.server.accept(content: [UInt8](repeating: 0, count: 8)) } == .badTcpInternalError)
        pair.server.receive(try outgoing.chunk(security))
        guard case .opening(let opening) = try pair.server.next(now: 0) else {
            Issue.record("no opening")
            return
        }
        #expect(opening.header == header)
        #expect(status { _ = try opening.content(ToySecurity(key: 8)) } == .badSecurityChecksFailed)
        let (id, body) = try pair.server.accept(content: try opening.content(security))
        #expect(id == 3 && body == Self.body(500))
        let long = try pair.client.beginOpening(Self.body(65_536), requestId: 4, header: header)
        #expect(status { _ = try long.chunk(security) } == .badTcpMessageTooLarge)
    }

    @Test("An opening with a thumbprint, policy or certificate beyond all measure is refused")
    func hostileOpenings() throws {
        let headers = [
            AsymmetricHeader(channelId: 0, securityPolicyUri: String(repeating: "x", count: 256)),
            AsymmetricHeader(
                channelId: 0, securityPolicyUri: "", senderCertificate: ByteString([UInt8](repeating: 1, count: 16_385))
            ),
            AsymmetricHeader(channelId: 0, securityPolicyUri: "", receiverThumbprint: [1, 2]),
        ]
        for header in headers {
            var pair = try Pair(tokens: false)
            pair.server.receive(try pair.client.openChunk([1], requestId: 1, header: header, security: NoSecurity()))
            #expect(status { _ = try pair.server.next(now: 0) } == .badSecurityChecksFailed)
        }
        var pair = try Pair(tokens: false)
        let renewal = AsymmetricHeader(channelId: 8, securityPolicyUri: "x")
        pair.server.receive(try pair.client.openChunk([1], requestId: 1, header: renewal, security: NoSecurity()))
        #expect(status { _ = try pair.server.next(now: 0) } == .badTcpSecureChannelUnknown)
    }

    @Test("Bytes at random end in an error or in nothing, whatever they are")
    func garbage() throws {
        for seed in UInt64(1)...500 {
            var state = seed &* 0x9E37_79B9_7F4A_7C15
            func random() -> UInt8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            var pair = try Pair()
            var bytes = try pair.client.messageChunks(Self.body(100), requestId: 1)[0]
            bytes += try pair.client.openChunk(
                Self.body(30), requestId: 2, header: AsymmetricHeader(channelId: 7, securityPolicyUri: "p"),
                security: NoSecurity())
            for _ in 0...Int(random() % 4) { bytes[Int(random()) % bytes.count] = random() }
            pair.server.receive(bytes)
            _ = status { while try pair.server.next(now: 0) != nil {} }
            #expect(pair.server.pendingBytes <= bytes.count, "seed \(seed)")
        }
    }
}
