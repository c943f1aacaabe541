import AndonModel
import AndonTesting
import Testing

@testable import AndonIdentity

@Suite("From claims to a person")
struct ClaimRolesTests {
    private var settings: OpenIDSettings {
        var settings = OpenIDSettings(issuer: "https://login.plant.example", clientID: "andon")
        settings.roles = [
            "plant-quality": [Grant(.qualityEngineer)], "line-2": [Grant(.planner, at: "BEDFORD"), Grant(.technician)],
            "auditors": [Grant(.auditor)], "both": [Grant(.auditor), Grant(.planner, at: "LINZ")],
        ]
        return settings
    }

    private func grants(_ claims: JSON, claim: String = "roles") -> [String] {
        var settings = settings
        settings.rolesClaim = claim
        return ClaimRoles(settings).person(claims, subject: "s1").grants.map(\.description)
    }

    @Test("Each value of the roles' claim gives what the configuration says, and what it does not name gives nothing")
    func roles() {
        #expect(grants(["roles": ["plant-quality", "offline_access"]]) == ["quality-engineer"])
        #expect(grants(["roles": "auditors"]) == ["auditor"])
        #expect(grants(["roles": ["line-2", "both"]]) == ["technician", "planner@BEDFORD", "planner@LINZ", "auditor"])
        for nothing: JSON in [[:], ["roles": []], ["roles": .null], ["roles": ["Auditors", 1, [:]]], ["roles": 1]] {
            #expect(grants(nothing).isEmpty, "\(nothing)")
        }
    }

    @Test("The claim may lie deeper, by a JSON pointer, or have an address for a name")
    func pointers() {
        let deep: JSON = ["realm_access": ["roles": ["auditors"]], "https://plant.example/roles": ["plant-quality"]]
        #expect(grants(deep, claim: "/realm_access/roles") == ["auditor"])
        #expect(grants(deep, claim: "https://plant.example/roles") == ["quality-engineer"])
        #expect(grants(deep, claim: "/realm_access/groups").isEmpty && grants(deep, claim: "realm_access").isEmpty)
    }

    @Test("The order in which the provider lists roles changes nothing")
    func order() {
        for seed in UInt64(1)...200 {
            var random = SeededRandom(seed: seed)
            var names = settings.roles.keys.sorted().filter { _ in random.chance(70) }
            let first = grants(["roles": .array(names.map { .string($0) })])
            names.shuffle(using: &random)
            names += names.prefix(2)
            #expect(grants(["roles": .array(names.map { .string($0) })]) == first, "seed \(seed)")
        }
    }

    @Test("Login and printed name come from the configured claims, cleaned; a login that is none is missing")
    func names() {
        let roles = ClaimRoles(settings)
        func person(_ claims: JSON) -> ClaimedPerson { roles.person(claims, subject: "s1") }
        let right = person(["preferred_username": " k.sommer ", "name": " K.\n Sommer "])
        #expect(right.login == "k.sommer" && right.printedName == "K. Sommer" && right.subject == "s1")
        #expect(right.issuer == "https://login.plant.example")
        #expect(person(["preferred_username": "k.sommer"]).printedName == "k.sommer")
        #expect(person(["preferred_username": "k+1@plant.example"]).login == "k+1@plant.example")
        for wrong: JSON in ["", "k", "käthe", "PLANT\\k", "k sommer", "<b>k</b>", 7, .null] {
            #expect(person(["preferred_username": wrong]).login == nil, "\(wrong)")
        }
        #expect(person(["preferred_username": .string(String(repeating: "k", count: 101))]).login == nil)
        var other = settings
        (other.loginClaim, other.nameClaim) = ("email", "/profile/display")
        let claims: JSON = ["email": "k@plant.example", "profile": ["display": "Käthe"], "name": "no"]
        let found = ClaimRoles(other).person(claims, subject: "s1")
        #expect(found.login == "k@plant.example" && found.printedName == "Käthe")
    }

    @Test("What a token leaves out is asked for")
    func missing() {
        let roles = ClaimRoles(settings)
        let all: [String: JSON] = ["preferred_username": "k", "name": "K", "roles": []]
        #expect(!roles.lacks(.object(all)))
        for name in all.keys { #expect(roles.lacks(.object(all.filter { $0.key != name })), "\(name)") }
    }
}

@Suite("Sign-ins under way")
struct PendingSignInTests {
    private let now = Timestamp(microseconds: 1_760_000_000_000_000)

    private func attempt(_ next: String = "/rules") -> PendingSignIns.Attempt {
        PendingSignIns.Attempt(
            AuthorisationRequest(SystemRandom()), next: next, endsAt: now + PendingSignIns.age)
    }

    @Test("An answer is taken once, in time, with the cookie of the browser that began")
    func once() throws {
        let pending = PendingSignIns(SystemRandom())
        let attempt = self.attempt()
        let cookie = try #require(pending.seal(attempt))
        let state = attempt.request.state
        #expect(!cookie.contains(state) && cookie.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        #expect(pending.open(cookie, state: "other", at: now) == nil)
        #expect(pending.open(cookie, state: nil, at: now) == nil)
        #expect(pending.open(nil, state: state, at: now) == nil)
        #expect(pending.open(cookie, state: state, at: now + .seconds(600)) == nil)
        #expect(pending.open(cookie, state: state, at: now + .seconds(599)) == attempt)
        #expect(pending.open(cookie, state: state, at: now + .seconds(599)) == nil)
        let other = try #require(pending.seal(self.attempt()))
        #expect(pending.open(other, state: state, at: now) == nil)
        #expect(PendingSignIns(SystemRandom()).open(cookie, state: state, at: now) == nil)
    }

    @Test("A cookie that is altered anywhere is none, and nothing too long is made or read")
    func altered() throws {
        let pending = PendingSignIns(SystemRandom())
        let attempt = self.attempt(String(repeating: "/", count: PendingSignIns.nextBytesMax))
        let cookie = try #require(pending.seal(attempt))
        #expect(cookie.utf8.count <= PendingSignIns.bytesMax)
        #expect(pending.seal(self.attempt(String(repeating: "/", count: PendingSignIns.nextBytesMax + 1))) == nil)
        var random = SeededRandom(seed: 3)
        for _ in 1...300 {
            var letters = Array(cookie.utf8)
            let place = random.int(0...letters.count - 1)
            letters[place] = letters[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: letters, as: UTF8.self)
            #expect(pending.open(text, state: attempt.request.state, at: now) == nil, "place \(place)")
        }
        #expect(pending.open(cookie, state: attempt.request.state, at: now) == attempt)
    }

    @Test("Answers are forgotten when they are too old to come again, so that there is room for others")
    func room() throws {
        let pending = PendingSignIns(SystemRandom())
        func isTaken(_ attempt: PendingSignIns.Attempt, at time: Timestamp) -> Bool {
            pending.open(pending.seal(attempt), state: attempt.request.state, at: time) == attempt
        }
        for _ in 0..<PendingSignIns.usedMax { #expect(isTaken(attempt(), at: now)) }
        #expect(!isTaken(attempt(), at: now))
        let later = now + .seconds(601)
        let next = PendingSignIns.Attempt(
            AuthorisationRequest(SystemRandom()), next: "/", endsAt: later + .seconds(600))
        #expect(isTaken(next, at: later))
    }
}
