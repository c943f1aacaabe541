import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Testing

@testable import AndonIdentity

@Suite("Sessions of people")
struct SessionTests {
    private static func policy() -> AccountPolicy {
        var policy = AccountPolicy()
        policy.idleTimeout = .seconds(600)
        policy.sessionAgeMax = .seconds(3600)
        return policy
    }

    @Test("A session ends when nobody used it for the idle time, and each use begins that time anew")
    func idle() async throws {
        let fixture = try IdentityFixture(Self.policy())
        _ = try await fixture.setUp()
        let sessions = Sessions(fixture.accounts)
        let (token, session) = try await sessions.begin(IdentityFixture.credentials("root.admin"))
        #expect(session.means == .password && session.account.number == 1)
        for _ in 1...4 {
            fixture.time.advance(by: .seconds(599))
            #expect(try await sessions.resume(token)?.account.login == "root.admin")
        }
        fixture.time.advance(by: .seconds(600))
        #expect(try await sessions.resume(token) == nil)
        #expect(try await sessions.resume("another") == nil)
    }

    @Test("What an open page asks for by itself is no use: it is answered, and the idle time goes on")
    func looking() async throws {
        let fixture = try IdentityFixture(Self.policy())
        _ = try await fixture.setUp()
        let sessions = Sessions(fixture.accounts)
        let token = try await sessions.begin(IdentityFixture.credentials("root.admin")).token
        for _ in 1...5 {
            fixture.time.advance(by: .seconds(100))
            #expect(try await sessions.resume(token, isUse: false) != nil)
        }
        fixture.time.advance(by: .seconds(99))
        #expect(try await sessions.resume(token, isUse: false) != nil)
        fixture.time.advance(by: .seconds(1))
        #expect(try await sessions.resume(token, isUse: false) == nil)
        #expect(try await sessions.resume(token) == nil)
    }

    @Test("A session ends at its age however much it is used, and is no open one any more")
    func age() async throws {
        let fixture = try IdentityFixture(Self.policy())
        _ = try await fixture.setUp()
        let sessions = Sessions(fixture.accounts)
        let (token, session) = try await sessions.begin(IdentityFixture.credentials("root.admin"))
        #expect(session.endsAt - session.begunAt == .seconds(3600))
        for _ in 1...7 {
            fixture.time.advance(by: .seconds(500))
            #expect(try await sessions.resume(token) != nil)
        }
        #expect(try await sessions.openCounts() == [1: 1])
        fixture.time.advance(by: .seconds(100))
        #expect(try await sessions.resume(token) == nil)
        #expect(try await sessions.openCounts().isEmpty)
        #expect(try await sessions.open(of: 1, token: token).isEmpty)
    }

    @Test("A person sees where they are signed in, and ends all others; the ledger says how many")
    func others() async throws {
        let fixture = try IdentityFixture(Self.policy())
        _ = try await fixture.setUp()
        let sessions = Sessions(fixture.accounts)
        var tokens: [String] = []
        for _ in 1...3 {
            tokens.append(try await sessions.begin(IdentityFixture.credentials("root.admin")).token)
            fixture.time.advance(by: .seconds(1))
        }
        let open = try await sessions.open(of: 1, token: tokens[1])
        #expect(open.map(\.isThis) == [false, true, false])
        let account = try #require(try await sessions.resume(tokens[1])?.account)
        #expect(try await sessions.endOthers(of: account, but: tokens[1]) == 2)
        #expect(try await sessions.endOthers(of: account, but: tokens[1]) == 0)
        #expect(try await sessions.resume(tokens[0]) == nil)
        #expect(try await sessions.resume(tokens[1]) != nil)
        let ended = try await fixture.entries("account/1").filter { $0.kind == "session.ended" }
        #expect(ended.count == 1 && ended.first?.body["sessions"] == 2)
    }

    @Test("Other roles and a retirement end the sessions, and the store has no token as a browser sends it")
    func ends() async throws {
        let fixture = try IdentityFixture(Self.policy())
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer")
        let sessions = Sessions(fixture.accounts)
        func begin() async throws -> String {
            try await sessions.begin(IdentityFixture.credentials("k.sommer")).token
        }
        let first = try await begin()
        _ = try await fixture.accounts.change(
            2, printedName: nil, grants: [Grant(.viewer)], fixture.authorisation())
        #expect(try await sessions.resume(first) == nil)
        let second = try await begin()
        _ = try await fixture.accounts.retire(2, fixture.authorisation())
        #expect(try await sessions.resume(second) == nil)
        let kept = try await fixture.store.read {
            try $0.rows("SELECT token FROM session").map { $0["token"] as String }
        }
        #expect(!kept.contains(second) && !kept.contains(first))
    }
}

@Suite("Keys of machines")
struct APIKeyTests {
    @Test("A key is found by its text until it expires or is revoked, and the store has its digest alone")
    func life() async throws {
        let fixture = try IdentityFixture()
        let keys = APIKeys(fixture.store)
        let end = fixture.time.now() + .seconds(3600)
        let (brief, text) = try await keys.make(
            name: "MES", permissions: [.read], sites: ["BEDFORD"], expiresAt: end, by: "A. Maier")
        #expect(brief.caller.may(.read, at: "BEDFORD") && !brief.caller.may(.read, at: "ELSEWHERE"))
        #expect(try await keys.find(text)?.number == brief.number)
        #expect(try await keys.find(String(text.dropLast())) == nil)
        #expect(try await keys.find("andon_") == nil)
        fixture.time.advance(by: .seconds(3600))
        #expect(try await keys.find(text) == nil, "expired")

        let (camera, other) = try await keys.make(name: "CAM-01", permissions: [.report], by: "A. Maier")
        #expect(try await keys.find(other)?.usedAt == nil, "never before")
        #expect(try await keys.list().last?.usedAt == fixture.time.now())
        await refusal(422, "Say why") { _ = try await keys.revoke(camera.number, reason: " ", by: "A. Maier") }
        _ = try await keys.revoke(camera.number, reason: "camera replaced", by: "A. Maier")
        #expect(try await keys.find(other) == nil, "revoked")
        await refusal(409, "revoked already") {
            _ = try await keys.revoke(camera.number, reason: "once more", by: "A. Maier")
        }
        let kinds = try await fixture.kinds("key/\(camera.number)")
        #expect(kinds == ["key.made", "key.revoked"])
        let made = try await fixture.entries("key/\(brief.number)").first?.body
        #expect(made?["by"] == "A. Maier" && made?["permissions"] == ["read"])
        let digests = try await fixture.store.read {
            try $0.rows("SELECT digest FROM api_key").map { $0["digest"] as String }
        }
        #expect(digests.count == 2 && !digests.contains { text.contains($0) || other.contains($0) })
    }
}
