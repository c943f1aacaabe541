import Synchronization
import Testing
import UACodec
import UATransport

@testable import UAClient

@Suite("A client that lost its connection")
struct ReconnectTests {
    @Test("Takes up its old session, with the same token")
    func resumes() async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.cut()
        #expect(await bench.passBackoff())
        #expect(bench.server.asked(CreateSessionRequest.self).count == 1)
        #expect(
            bench.server.asked(ActivateSessionRequest.self).map(\.requestHeader.authenticationToken)
                == [NodeId(1, namespace: 9), NodeId(1, namespace: 9)])
        await bench.client.close()
    }

    @Test("Makes a new session where the old one is gone, and reads the namespaces again")
    func renews() async throws {
        let bench = Bench()
        try await bench.client.connect()
        let name = ExpandedNodeId(.string("x"), in: "urn:fake")
        #expect(try await bench.client.nodeId(name).namespace == 1)
        bench.server.state.withLock {
            $0.sessions = []
            $0.namespaces = ["http://opcfoundation.org/UA/", "urn:new", "urn:fake"]
        }
        bench.server.cut()
        #expect(await bench.passBackoff())
        #expect(bench.server.asked(CreateSessionRequest.self).count == 2)
        #expect(try await bench.client.nodeId(name).namespace == 2)
        await bench.client.close()
    }

    @Test("Keeps its old session where the connection ends again before the server has answered")
    func endsAgain() async throws {
        let bench = Bench()
        try await bench.client.connect()
        let failures = Mutex(1)
        bench.server.script(ActivateSessionRequest.self) { _ throws(TransportError) in
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            guard !fails else { throw FakeLink.gone }
            return ActivateSessionResponse()
        }
        bench.server.cut()
        #expect(await bench.passBackoff())
        #expect(bench.server.asked(ActivateSessionRequest.self).count == 3)
        #expect(bench.server.asked(CreateSessionRequest.self).count == 1)
        await bench.client.close()
    }

    @Test("Waits longer after each attempt that fails, and never longer than the longest wait")
    func backoff() async throws {
        let bench = Bench(random: 0.5) { $0.keepAliveInterval = .seconds(7) }
        try await bench.client.connect()
        bench.server.state.withLock { $0.isDown = true }
        bench.server.cut()
        _ = await until {
            bench.time.advance(by: .seconds(1))
            return bench.time.waits.filter { $0 != .seconds(7) }.count >= 9
        }
        let waits = bench.time.waits.filter { $0 != .seconds(7) }.prefix(9)
        #expect(Array(waits) == [1.5, 2.5, 4.5, 8.5, 16.5, 30.5, 30.5, 30.5, 30.5].map { Duration.seconds($0) })
        bench.server.state.withLock { $0.isDown = false }
        #expect(await bench.passBackoff())
        await bench.client.close()
    }

    @Test("A wait lies between the shortest and a ceiling that doubles", arguments: 1...40)
    func bounds(_ attempt: Int) {
        let backoff = Backoff()
        #expect(backoff.delay(attempt: attempt, random: 0) == .seconds(1))
        let most = backoff.delay(attempt: attempt, random: 0.999_999)
        #expect(most > .seconds(1) && most < .seconds(60))
    }

    @Test("A write that was under way may have happened, and is not made again")
    func writeInFlight() async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.script(WriteRequest.self) { _ throws(TransportError) in
            bench.server.cut()
            throw FakeLink.gone
        }
        let error = await #expect(throws: ClientError.self) {
            try await bench.client.write(Variant(Int32(1)), to: NodeId(5, namespace: 1))
        }
        #expect(error?.mayHaveHappened == true)
        #expect(await bench.passBackoff())
        #expect(bench.server.asked(WriteRequest.self).count == 1)
        await bench.client.close()
    }

    @Test("A call without a connection was surely not made")
    func withoutConnection() async throws {
        let bench = Bench()
        let error = await #expect(throws: ClientError.self) {
            try await bench.client.write(Variant(Int32(1)), to: NodeId(5, namespace: 1))
        }
        #expect(error?.mayHaveHappened == false)
        #expect(bench.server.asked(WriteRequest.self).isEmpty)
    }

    @Test("A fault of the server is an answer: nothing happened, and the connection stays")
    func fault() async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.script(WriteRequest.self) { _ throws(TransportError) in
            throw FakeServer.refusal(.badTooManyOperations)
        }
        let error = await #expect(throws: ClientError.self) {
            try await bench.client.write(Variant(Int32(1)), to: NodeId(5, namespace: 1))
        }
        #expect(error?.mayHaveHappened == false && error?.status == .badTooManyOperations)
        #expect(await bench.client.isConnected)
        await bench.client.close()
    }

    @Test("A list of writes that breaks off says how many were answered")
    func partly() async throws {
        let bench = Bench { $0.limits.operations = 2 }
        try await bench.client.connect()
        bench.server.script(WriteRequest.self) { request throws(TransportError) in
            guard bench.server.asked(WriteRequest.self).count < 2 else {
                throw FakeServer.refusal(.badUserAccessDenied)
            }
            return WriteResponse(results: request.nodesToWrite.map { _ in .good })
        }
        let items = (0..<5).map { WriteItem(NodeId($0, namespace: 1), DataValue(Variant(Int32(0)))) }
        let error = await #expect(throws: ClientError.self) { _ = try await bench.client.write(items) }
        guard case .partly(2, of: 5, .refused(.badUserAccessDenied, _))? = error else {
            return fail("\(String(describing: error))")
        }
        #expect(error?.mayHaveHappened == true)
        await bench.client.close()
    }

    @Test("A session that the server forgot is made anew")
    func forgotten() async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.state.withLock { $0.sessions = [] }
        await #expect(throws: ClientError.self) { _ = try await bench.client.readValue(NodeId(2258)) }
        #expect(await bench.passBackoff())
        #expect(bench.server.asked(CreateSessionRequest.self).count == 2)
        await bench.client.close()
    }

    @Test("A silent server is asked for its state, and left where it does not answer")
    func keepAlive() async throws {
        let bench = Bench { $0.keepAliveInterval = .seconds(5) }
        try await bench.client.connect()
        let before = bench.server.asked(ReadRequest.self).count
        #expect(await until { !bench.time.waits.isEmpty })
        bench.server.script(ReadRequest.self) { _ throws(TransportError) in
            throw TransportError(.badTimeout, "no answer", reach: .sent)
        }
        bench.time.advance(by: .seconds(5))
        #expect(await until { await bench.client.isConnected == false })
        #expect(bench.server.asked(ReadRequest.self).count == before + 1)
        await bench.client.close()
    }

    @Test("A client that is started waits for a server that is not there yet")
    func started() async throws {
        let bench = Bench()
        bench.server.state.withLock { $0.isDown = true }
        try await bench.client.start()
        #expect(await until { bench.time.waits.count == 1 })
        bench.server.state.withLock { $0.isDown = false }
        #expect(await bench.passBackoff())
        await bench.client.close()
        var continuities: [ConnectionEvent.Continuity] = []
        for await case .connected(let continuity) in bench.client.events { continuities.append(continuity) }
        #expect(continuities == [.first])
    }

    @Test("A client that is closed stays closed, and says so")
    func closed() async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.cut()
        _ = await until { await bench.client.isConnected == false }
        await bench.client.close()
        bench.time.advance(by: .seconds(100))
        await #expect(throws: ClientError.self) { try await bench.client.connect() }
        #expect(bench.server.asked(ActivateSessionRequest.self).count == 1)
        var events: [String] = []
        for await event in bench.client.events { events.append("\(event)") }
        #expect(events.first == "connected" || events.first?.contains("plant") == true)
        #expect(events.last == "closed")
    }
}
