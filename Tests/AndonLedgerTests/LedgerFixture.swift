import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Testing

/// A data folder with a signed ledger.
final class LedgerFixture: Sendable {
    let folder: TemporaryFolder
    let random: SeededSource
    let time = TestTime(Timestamp(microseconds: 1_760_000_000_000_000))

    static let person = "R. Wilson"

    init(seed: UInt64 = 1) throws {
        folder = try TemporaryFolder("andon-ledger")
        random = SeededSource(seed: seed)
    }

    var data: String { folder.path + "/data" }
    var copy: String { folder.path + "/outside.checkpoint" }

    func store() throws -> Store { try Store(folder: try TestDatabase.folder(data), time: time, random: random) }

    func signer(
        _ store: Store, copied: Bool = false, accepting acceptance: LedgerSigner.Acceptance? = nil
    ) async throws -> LedgerSigner {
        try await LedgerSigner.open(
            store, .init(origin: "andon.example/plant-a", copy: copied ? copy : nil), accepting: acceptance)
    }

    /// Entries of three kinds, every fifth with a person's name.
    func add(_ count: Int, to store: Store) async throws {
        try await store.write { transaction in
            for number in 0..<count {
                let by = number % 5 == 0 ? Self.person : "none"
                try transaction.record(
                    "test.\(number % 3)", of: "subject-\(number % 7)",
                    ["n": .integer(number), "by": .string(by), "text": "\"quoted\" S"],
                    names: number % 5 == 0 ? ["/by"] : [])
            }
        }
    }

    /// A ledger of `count` entries beside its key, with a checkpoint in the middle and one at the end.
    func filled(_ count: Int) async throws -> VerifierKey {
        let store = try store()
        let signer = try await signer(store)
        try await add(count / 2, to: store)
        try await signer.checkpoint()
        try await add(count - count / 2 - 1, to: store)
        try await signer.checkpoint()
        let key = try #require(try await signer.chain().links.first?.key)
        try store.close()
        return key
    }

    func verify(
        _ request: VerificationRequest = VerificationRequest()
    ) throws -> Verification {
        let store = try Store.reading(folder: data, time: time)
        defer { try? store.close() }
        return try store.readNow { try $0.verifyLedger(request) }
    }

    /// Alters the database behind the store's back.
    func alter(_ sql: String, _ arguments: StatementArguments = []) throws {
        let stored = try StoredDatabase(folder: data)
        try stored.alter(sql, arguments)
        try stored.close()
    }
}
