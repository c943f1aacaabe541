import AndonLedger
import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonIdentity

@Suite("Electronic signatures")
struct SigningTests {
    private static let subject = "AB12CD34EF"

    private func request(
        _ login: String, _ meaning: SignatureMeaning = .approval, password: String = IdentityFixture.password
    ) throws -> SignatureRequest {
        try SignatureRequest(login: login, password: password, meaning: meaning.rawValue, reason: "seen\nby me")
    }

    /// Three entries about an order and a person who may sign them.
    private func filled() async throws -> (IdentityFixture, [Int64]) {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer")
        let entries = try await fixture.store.write { transaction in
            try (0..<3).map { try transaction.record("test.\($0)", of: Self.subject, ["value": .integer($0)]) }
        }
        return (fixture, entries)
    }

    private func sign(
        _ fixture: IdentityFixture, _ entries: [Int64], _ request: SignatureRequest, _ thing: SignedThing = .closure
    ) async throws -> Int64 {
        let unlocked = try await fixture.accounts.signer(request, of: thing)
        return try await fixture.store.write {
            try $0.sign(thing, of: Self.subject, entries: entries, as: unlocked, request)
        }
    }

    @Test("Name, time, meaning and reason stand under the record, and the signature holds")
    func signs() async throws {
        let (fixture, entries) = try await filled()
        let index = try await sign(fixture, entries, request("K.Sommer"))
        let found = try await fixture.store.read { try $0.signatures(of: Self.subject) }
        let signature = try #require(found.first)
        #expect(found.count == 1 && signature.index == index && signature.fault == nil)
        #expect(signature.words.hasPrefix("K. Sommer, approval of the closure (seen by me), 2025-"))
        #expect(signature.statement.entries == entries && signature.statement.account == 2)
        let proof = try await fixture.store.read { try $0.ledgerBytes(of: index) }
        let stored = String(decoding: try #require(proof), as: UTF8.self)
        #expect(!stored.contains("K. Sommer"), "the name lies beside the entry, and can be erased")
        _ = try await fixture.store.write {
            try $0.erase(name: "K. Sommer", by: "A. Maier", reason: "asked", further: IdentitySchema.nameColumns)
        }
        let later = try await fixture.store.read { try $0.signatures(of: Self.subject) }
        #expect(later.first?.fault == nil && later.first?.words.hasPrefix("name withheld, account 2") == true)
    }

    @Test("Both components are asked for, meaning too, and a wrong one signs nothing")
    func components() async throws {
        let (fixture, entries) = try await filled()
        #expect(throws: Problem.self) {
            try SignatureRequest(login: "k.sommer", password: nil, meaning: "approval", reason: nil)
        }
        #expect(throws: Problem.self) {
            try SignatureRequest(login: "k.sommer", password: "x", meaning: "agreed", reason: nil)
        }
        let wrong = try request("k.sommer", password: "not this one at all")
        await refusal(401, "Try again") { _ = try await sign(fixture, entries, wrong) }
        #expect(try await fixture.store.read { try $0.signatures(of: Self.subject).isEmpty })
        let refused = try await fixture.entries("account/2").last
        #expect(refused?.body["for"] == "approval of closure")
    }

    @Test("Who has no role for it is refused, and that is written down")
    func roles() async throws {
        let (fixture, entries) = try await filled()
        _ = try await fixture.person("t.horn", "T. Horn", [.technician], approver: "k.sommer")
        let approval = try request("t.horn")
        await refusal(403, "needs the role planner or quality-engineer; t.horn is technician") {
            _ = try await sign(fixture, entries, approval)
        }
        #expect(try await fixture.kinds("account/3").last == "account.refused")
        _ = try await sign(fixture, entries, request("t.horn", .authorship))
    }

    @Test("The same twice is refused until the record goes on; authors do not approve their own work")
    func repetition() async throws {
        let (fixture, entries) = try await filled()
        let (authorship, approval) = (try request("k.sommer", .authorship), try request("k.sommer"))
        let first = try await sign(fixture, entries, authorship)
        await refusal(409, "has not changed since") { _ = try await sign(fixture, entries + [first], authorship) }
        await refusal(409, "somebody else reviews and approves") {
            _ = try await sign(fixture, entries + [first], approval)
        }
        let more = try await fixture.store.write { try $0.record("test.more", of: Self.subject, [:]) }
        _ = try await sign(fixture, entries + [first, more], authorship)
    }

    @Test("A signature whose password was changed or account retired in between is not written")
    func meanwhile() async throws {
        let (fixture, entries) = try await filled()
        let wish = try request("k.sommer")
        let unlocked = try await fixture.accounts.signer(wish, of: .closure)
        _ = try await fixture.accounts.retire(2, fixture.authorisation(reason: "left the plant"))
        await refusal(409, "changed meanwhile") {
            _ = try await fixture.store.write {
                try $0.sign(.closure, of: Self.subject, entries: entries, as: unlocked, wish)
            }
        }
        #expect(try await fixture.store.read { try $0.signatures(of: Self.subject).isEmpty })
    }

    @Test("Moved to another record, another time, another person or another meaning, a signature does not hold")
    func moved() async throws {
        let (fixture, entries) = try await filled()
        let index = try await sign(fixture, entries, request("k.sommer"))
        let bytes = try await fixture.store.read { try $0.ledgerBytes(of: index) }
        let good = try JSON(parsing: try #require(bytes))
        let (key, leaves) = try await fixture.store.read { reader in
            (try reader.accountKey(2, before: index), try entries.map { ($0, try reader.leaf(of: $0)) })
        }
        let own = try #require(key)
        let other = try #require(try await fixture.store.read { try $0.accountKey(1, before: index) })
        let known = Dictionary(leaves.compactMap { place, leaf in leaf.map { (place, $0) } }) { $1 }
        func fault(_ entry: JSON, _ key: VerifierKey? = nil, _ leaves: [Int64: [UInt8]]? = nil) -> String? {
            SignatureCheck.fault(of: entry, key: { _, _ in key ?? own }, leaf: { (leaves ?? known)[$0] })
        }
        #expect(fault(good) == nil)
        func changed(_ change: (inout [String: JSON], inout [String: JSON]) -> Void) throws -> JSON {
            var entry = try #require(good.object)
            var body = try #require(entry["body"]?.object)
            change(&entry, &body)
            entry["body"] = .object(body)
            return .object(entry)
        }
        #expect(fault(try changed { entry, _ in entry["subject"] = "ZZ12CD34EF" }) != nil)
        #expect(fault(try changed { entry, _ in entry["at"] = "2025-01-01T00:00:00.000000Z" }) != nil)
        #expect(fault(try changed { _, body in body["account"] = 1 }) != nil)
        #expect(fault(try changed { _, body in body["meaning"] = "review" }) != nil)
        #expect(fault(try changed { _, body in body["reason"] = "seen by nobody" }) != nil)
        #expect(
            fault(try changed { _, body in body["recordSha256"] = .string(String(repeating: "0", count: 64)) }) != nil)
        #expect(fault(good, other)?.contains("not by the key of account 2") == true)
        var missing = known
        missing[entries[1]] = nil
        #expect(fault(good, nil, missing)?.contains("is missing") == true)
        var altered = known
        altered[entries[1]]?[3] ^= 1
        #expect(fault(good, nil, altered) == "what it signs is not what is there")
    }

    @Test("Any changed character of the note is noticed", arguments: 0..<200)
    func altered(_ number: Int) async throws {
        var random = SeededRandom(seed: UInt64(number))
        let key = try SigningKey(name: "log/account/2", algorithm: .ed25519, seed: Array(1...32))
        let leaf = [UInt8](repeating: 5, count: 32)
        let statement = SignatureStatement(
            subject: Self.subject, thing: .closure, meaning: .approval, reason: "ok", account: 2,
            at: Timestamp(microseconds: 1_760_000_000_000_000), entries: [4],
            digest: SignatureStatement.digest([(4, leaf)]))
        let note = try SignedNote(text: statement.text, signatures: [key.sign(statement.text)]).description
        func entry(_ note: String) -> JSON {
            [
                "at": .time(statement.at), "index": 9, "kind": "record.signed", "subject": .string(Self.subject),
                "body": [
                    "account": 2, "what": "closure", "meaning": "approval", "reason": "ok",
                    "recordSha256": .string(Hex.text(statement.digest)), "note": .string(note),
                ],
            ]
        }
        func fault(_ note: String) -> String? {
            SignatureCheck.fault(of: entry(note), key: { _, _ in key.verifier }, leaf: { $0 == 4 ? leaf : nil })
        }
        #expect(fault(note) == nil)
        var bytes = Array(note.utf8)
        bytes[random.int(0...bytes.count - 1)] ^= UInt8(1 << random.int(0...6))
        #expect(fault(String(decoding: bytes, as: UTF8.self)) != nil, "seed \(number)")
    }

    @Test("Lists of entries have one form, and only that is read", arguments: 0..<50)
    func lists(_ number: Int) {
        var random = SeededRandom(seed: UInt64(number))
        let indexes = Set((0..<random.int(1...40)).map { _ in Int64(random.int(0...60)) }).sorted()
        let text = IndexList.text(indexes)
        #expect(IndexList.indexes(text) == indexes, "seed \(number): \(text)")
        for bad in [
            "\(text),", ",\(text)", "+\(text)", "1-1", "2,1", "3-1", "1,2", "01", "", "1-", "-1", "1-99999999999",
        ] {
            #expect(IndexList.indexes(bad) == nil, "\(bad)")
        }
    }
}
