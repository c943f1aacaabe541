import Testing
import UACodec
import UATransport

@testable import UAServer

@Suite("Sessions")
struct SessionTests {
    private func create(_ bench: Bench, _ connection: FakeConnection, timeout: Double = 60_000) async throws
        -> TestSession
    {
        let request = CreateSessionRequest(
            clientDescription: .init(applicationUri: "urn:test:client"), requestedSessionTimeout: timeout)
        return TestSession(bench, connection, try await bench.ask(request, connection))
    }

    @Test("Endpoints carry the host that was asked for, and nothing else of it")
    func discovery() async throws {
        let bench = Bench()
        let connection = bench.connect()
        for (asked, host) in [
            ("opc.tcp://press7:9/other", "press7"), ("opc.tcp://[fe80::1]:4840", "[fe80::1]"),
            ("http://evil/", "0.0.0.0"), ("opc.tcp://a b/", "0.0.0.0"), ("opc.tcp://", "0.0.0.0"), ("", "0.0.0.0"),
            ("opc.tcp://" + String(repeating: "a", count: 5000), "0.0.0.0"),
        ] {
            let found = try await bench.ask(GetEndpointsRequest(endpointUrl: asked), connection)
            #expect(found.endpoints.map(\.endpointUrl) == ["opc.tcp://\(host):4840/ua"])
            let servers = try await bench.ask(FindServersRequest(endpointUrl: asked), connection)
            #expect(servers.servers.first?.discoveryUrls == ["opc.tcp://\(host):4840/ua"])
        }
        let tokens = try await bench.ask(GetEndpointsRequest(), connection).endpoints[0].userIdentityTokens
        // Without a certificate nothing can be encrypted.
        #expect(tokens.map(\.policyId) == ["anonymous", "username_plain"])
        let other = try await bench.ask(GetEndpointsRequest(profileUris: ["http://other"]), connection)
        #expect(other.endpoints.isEmpty)
    }

    @Test("A session answers nothing before it is active, and nothing over another channel")
    func binding() async throws {
        let bench = Bench()
        let connection = bench.connect()
        let session = try await create(bench, connection)
        #expect(try await session.refusal(CreateSubscriptionRequest()) == .badSessionNotActivated)
        #expect(try await bench.refusal(CreateSubscriptionRequest(), connection) == .badSessionIdInvalid)
        _ = try await bench.ask(session.activation(), connection, token: session.token)
        #expect(connection.isTrusted)
        _ = try await session.subscribe()
        let other = bench.connect()
        for token in [session.token, session.id, NodeId(1), NodeId("guess", namespace: 0)] {
            #expect(
                try await bench.refusal(CreateSubscriptionRequest(), other, token: token) == .badSessionIdInvalid)
            #expect(try await bench.refusal(CloseSessionRequest(), other, token: token) == .badSessionIdInvalid)
        }
        #expect(session.token.identifier != session.id.identifier)
    }

    @Test("A first activation that fails ends the session, at the same time whatever was wrong")
    func firstFailure() async throws {
        let bench = Bench()
        let requests: [(TestSession) -> ActivateSessionRequest] = [
            { $0.activation(user: "ann", password: "wrong") }, { $0.activation(user: "nobody", password: "ydobon ") },
            { _ in
                ActivateSessionRequest(
                    userIdentityToken: ExtensionObject(
                        UserNameIdentityToken(
                            policyId: "other", userName: "ann", password: ByteString(Array("nna".utf8)))))
            },
            { _ in
                ActivateSessionRequest(
                    userIdentityToken: ExtensionObject(typeId: NodeId(5, namespace: 5), body: .binary([1])))
            },
            { _ in ActivateSessionRequest(userIdentityToken: ExtensionObject(X509IdentityToken(policyId: "x"))) },
            { _ in ActivateSessionRequest(userIdentityToken: ExtensionObject(IssuedIdentityToken(policyId: "x"))) },
        ]
        var statuses: [StatusCode] = []
        for request in requests {
            let connection = bench.connect(ChannelPeer(address: "10.1.1.\(statuses.count)"))
            let session = try await create(bench, connection)
            _ = connection.take()
            try bench.send(request(session), connection, token: session.token)
            await bench.worker.drain()
            bench.pass(999)
            #expect(connection.take().isEmpty)
            bench.pass(1)
            statuses.append(
                try #require((connection.take().first?.response as? ServiceFault)?.responseHeader.serviceResult))
            #expect(!connection.isTrusted)
            #expect(try await session.refusal(CreateSubscriptionRequest()) == .badSessionIdInvalid)
        }
        #expect(
            statuses == [
                .badUserAccessDenied, .badUserAccessDenied, .badIdentityTokenInvalid, .badIdentityTokenInvalid,
                .badIdentityTokenRejected, .badIdentityTokenRejected,
            ])
        #expect(bench.core.sessions.isEmpty)
    }

    @Test("A session that is active survives a failed change of its user")
    func laterFailure() async throws {
        let bench = Bench()
        let session = try await bench.session(user: "ann")
        let status = try await session.refusal(session.activation(user: "bob", password: "no"))
        #expect(status == .badUserAccessDenied)
        _ = try await session.subscribe()
        #expect(bench.core.sessions.values.first?.user?.name == "ann")
    }

    @Test("After some wrong passwords a user is refused unseen from that address, and only for a while")
    func lockOut() async throws {
        let bench = Bench()
        func attempt(_ password: String, _ address: String = "10.0.0.1") async throws -> any ServiceResponse {
            let connection = bench.connect(ChannelPeer(address: address))
            let session = try await create(bench, connection)
            return try await bench.answer(
                session.activation(user: "ann", password: password), connection, token: session.token)
        }
        for _ in 0..<5 { #expect(try await attempt("wrong") is ServiceFault) }
        #expect(try await attempt("nna") is ServiceFault)
        #expect(try await attempt("nna", "10.0.0.2") is ActivateSessionResponse)
        bench.pass(20_000)
        #expect(try await attempt("nna") is ActivateSessionResponse)
    }

    @Test("What is remembered of failed log-ins is bounded, and doubles up to an end")
    func guardBounds() {
        var limits = LogInGuard.Limits()
        limits.entries = 50
        var guarding = LogInGuard(limits)
        for index in 0..<10_000 { guarding.failed(address: "a\(index)", user: "u\(index)", now: Int64(index)) }
        #expect(guarding.count <= 50)
        for _ in 0..<1000 { guarding.failed(address: "x", user: "y", now: 20_000) }
        #expect(guarding.isLocked(address: "x", user: "y", now: 20_000 + limits.lockTimeMax - 1))
        #expect(!guarding.isLocked(address: "x", user: "y", now: 20_000 + limits.lockTimeMax))
    }

    @Test("A session moves to another channel of the same client and user, and its old channel is out")
    func moved() async throws {
        let bench = Bench()
        let session = try await bench.session(user: "ann")
        _ = try await session.subscribe()
        try session.publish()
        let other = bench.connect()
        #expect(
            try await bench.refusal(session.activation(user: "bob"), other, token: session.token)
                == .badIdentityChangeNotSupported)
        _ = session.connection.take()
        try session.publish()
        _ = session.connection.take()
        try session.publish()
        _ = try await bench.ask(session.activation(user: "ann"), other, token: session.token)
        #expect(session.faults() == [.badSecureChannelClosed])
        #expect(try await session.refusal(CreateSubscriptionRequest()) == .badSessionIdInvalid)
        session.connection = other
        _ = try await session.subscribe()
    }

    @Test("A session outlives its connection until its time is over, and its subscriptions outlive it")
    func lost() async throws {
        let bench = Bench()
        let session = try await bench.session(user: "ann", timeout: 20_000)
        _ = try await session.subscribe(interval: 1000, lifetime: 3000, keepAlive: 1000)
        bench.core.closed(session.connection)
        bench.pass(19_999)
        #expect(bench.core.sessions.count == 1)
        bench.pass(1)
        #expect(bench.core.sessions.isEmpty && bench.core.subscriptions.count == 1)
    }

    @Test("A session that is never activated goes, with its connection or its time")
    func strangers() async throws {
        let bench = Bench()
        let connection = bench.connect()
        _ = try await create(bench, connection)
        _ = try await create(bench, bench.connect())
        bench.core.closed(connection)
        #expect(bench.core.sessions.count == 1)
        bench.pass(30_000)
        #expect(bench.core.sessions.isEmpty)
    }

    @Test("Timeouts are revised into their bounds, whatever the number")
    func timeouts() async throws {
        let bench = Bench()
        for (asked, given) in [
            (0.0, 3_600_000.0), (1, 10_000), (60_000.5, 60_001), (.infinity, 3_600_000), (.nan, 3_600_000),
            (-5, 3_600_000),
        ] {
            let made = try await bench.ask(CreateSessionRequest(requestedSessionTimeout: asked), bench.connect())
            #expect(made.revisedSessionTimeout == given)
        }
    }

    @Test("What a call did at once is done, where there is no room for the rest of it")
    func mixedCall() async throws {
        let bench = Bench(change: { $0.sessions.workPerSession = 1 })
        let (quick, slow) = (NodeId("quick", namespace: 1), NodeId("slow", namespace: 1))
        try bench.space.addMethod(quick, "quick", under: NodeId(85), .immediate { _ in MethodOutcome() })
        try bench.space.addMethod(slow, "slow", under: NodeId(85), .elsewhere { _ in MethodOutcome() })
        let session = try await bench.session(user: "ann")
        func call(_ methods: NodeId...) -> CallRequest {
            CallRequest(methodsToCall: methods.map { CallMethodRequest(objectId: NodeId(85), methodId: $0) })
        }
        try bench.send(call(slow), session.connection, token: session.token)
        try bench.send(call(quick, slow), session.connection, token: session.token)
        let answer = try #require(session.connection.take().last?.response as? CallResponse)
        #expect(answer.results.map(\.statusCode) == [.good, .badServerTooBusy])
    }

    @Test("A session whose client is gone makes way for one whose client is there")
    func abandoned() async throws {
        let bench = Bench(change: {
            $0.sessions.inAll = 4
            $0.sessions.perUser = 2
        })
        for _ in 0..<30 {
            let session = try await bench.session(user: "ann")
            bench.core.closed(session.connection)
        }
        #expect(bench.core.sessions.count == 2)
        var there: [TestSession] = []
        for user in ["bob", "cid", "dora", "eve"] { there.append(try await bench.session(user: user)) }
        #expect(bench.core.sessions.count == there.count)
        #expect(try await bench.refusal(CreateSessionRequest(), bench.connect()) == .badTooManySessions)
    }

    @Test("Sessions are bounded in all and by user; those never activated make room, of who has most of them")
    func caps() async throws {
        let bench = Bench(change: {
            $0.sessions.inAll = 6
            $0.sessions.perUser = 3
        })
        let quiet = bench.connect(ChannelPeer(address: "10.0.0.2"))
        let waiting = try await create(bench, quiet)
        for _ in 0..<3 { _ = try await bench.session(user: "ann") }
        let fourth = try await create(bench, bench.connect())
        #expect(
            try await bench.refusal(fourth.activation(user: "ann"), fourth.connection, token: fourth.token)
                == .badTooManySessions)
        let flood = bench.connect(ChannelPeer(address: "10.0.0.66"))
        for _ in 0..<20 { _ = try await create(bench, flood) }
        #expect(bench.core.sessions.count == 6)
        _ = try await bench.ask(waiting.activation(), quiet, token: waiting.token)
        for _ in 0..<2 { _ = try await bench.session(bench.connect(ChannelPeer(address: "10.0.0.3"))) }
        #expect(try await bench.refusal(CreateSessionRequest(), bench.connect()) == .badTooManySessions)
    }

    @Test("Cancel answers what waits under that handle")
    func cancel() async throws {
        let bench = Bench()
        let session = try await bench.session()
        _ = try await session.subscribe()
        for handle: UInt32 in [70, 71, 70] {
            try bench.send(PublishRequest(), session.connection, token: session.token, handle: handle)
        }
        #expect(try await session.ask(CancelRequest(requestHandle: 70)).cancelCount == 2)
        #expect(session.faults() == [.badRequestCancelledByClient, .badRequestCancelledByClient])
        #expect(try await session.ask(CancelRequest(requestHandle: 70)).cancelCount == 0)
    }

    @Test("Work that takes too long is answered, and its result is dropped")
    func slowWork() async throws {
        let bench = Bench()
        let connection = bench.connect()
        let session = try await create(bench, connection)
        _ = connection.take()
        try bench.send(session.activation(), connection, token: session.token, timeoutHint: 5000)
        bench.pass(5000)
        #expect((connection.take().first?.response as? ServiceFault)?.responseHeader.serviceResult == .badTimeout)
        await bench.worker.drain()
        #expect(connection.take().isEmpty && bench.core.sessions.isEmpty && !connection.isTrusted)
    }

    @Test("What runs for a session that closes is dropped")
    func closedMeanwhile() async throws {
        let bench = Bench()
        let session = try await bench.session(user: "ann")
        try bench.send(session.activation(user: "bob"), session.connection, token: session.token)
        try bench.send(CloseSessionRequest(), session.connection, token: session.token)
        await bench.worker.drain()
        bench.pass(1000)
        let answers = session.connection.take().map(\.response)
        #expect(answers.contains { ($0 as? ServiceFault)?.responseHeader.serviceResult == .badSessionClosed })
        #expect(!answers.contains { $0 is ActivateSessionResponse } && bench.core.sessions.isEmpty)
    }

    @Test("Work is bounded in number")
    func busy() async throws {
        let bench = Bench(change: { $0.sessions.workInAll = 4 })
        var sessions: [TestSession] = []
        for _ in 0..<5 { sessions.append(try await create(bench, bench.connect())) }
        for session in sessions {
            _ = session.connection.take()
            try bench.send(session.activation(), session.connection, token: session.token)
        }
        #expect(bench.worker.count == 4)
        #expect(sessions[4].faults() == [.badServerTooBusy])
        await bench.worker.drain()
        _ = try await bench.ask(sessions[4].activation(), sessions[4].connection, token: sessions[4].token)
    }
}
