import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIdentity

/// A data folder with accounts whose passwords cost little to check.
final class IdentityFixture: Sendable {
    static let password = "correct horse battery"
    static let cheap = SealedKey.Cost(rounds: 16, blockSize: 1, parallelism: 1)

    let folder: TemporaryFolder
    let time = TestTime(Timestamp(microseconds: 1_760_000_000_000_000))
    let store: Store
    let accounts: Accounts

    init(_ policy: AccountPolicy = AccountPolicy(), seed: UInt64 = 1) throws {
        folder = try TemporaryFolder("andon-identity")
        store = try Store(
            folder: try TestDatabase.folder(folder.path + "/data"), time: time, random: SeededSource(seed: seed),
            steps: IdentitySchema.steps)
        accounts = Accounts(store: store, policy: policy, origin: "andon.example/plant-a", cost: Self.cheap)
    }

    static func credentials(_ login: String, _ password: String = IdentityFixture.password) -> Credentials {
        Credentials(login: login, password: password)
    }

    /// The first administrator, `admin`.
    func setUp() async throws -> Account {
        let code = try SetUpCode(folder: store.folder).make(random: SystemRandom())
        return try await accounts.setUp(
            code: code, login: "root.admin", printedName: "A. Maier", password: Self.password, accepts: true)
    }

    func authorisation(approver: String? = nil, reason: String = "needed for line 2") -> Authorisation {
        Authorisation(
            administrator: Self.credentials("root.admin"), approver: approver.map { Self.credentials($0) },
            reason: reason)
    }

    /// A further person with a password.
    func person(
        _ login: String, _ name: String, _ roles: [Role] = [.qualityEngineer], approver: String? = nil
    ) async throws -> Account {
        let (_, code) = try await accounts.create(
            .init(login: login, printedName: name, grants: roles.map { Grant($0) }, identity: "staff card seen"),
            authorisation(approver: approver))
        return try await accounts.enrol(login: login, code: code, password: Self.password, accepts: true)
    }

    func kinds(_ subject: String) async throws -> [String] {
        try await store.read { try $0.ledgerEntries(of: subject).map(\.kind) }
    }

    func entries(_ subject: String) async throws -> [LedgerEntry] {
        try await store.read { try $0.ledgerEntries(of: subject) }
    }
}

/// The problem that `body` throws, or a failed expectation.
func refusal(
    _ status: Int, _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let problem as Problem {
        #expect(problem.status == status, "\(problem.detail)", sourceLocation: sourceLocation)
        #expect(problem.detail.contains(part), "\(problem.detail)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}
