import AndonSQL
import AndonTesting
import Foundation
import Testing

@Suite("A PostgreSQL that leaves during a commit")
struct CommitInDoubtTests {
    private let database: RealPostgres
    private let relay: CuttableRelay
    /// By the relay, and straight.
    private let far: PostgresEngine
    private let near: PostgresEngine

    init() async throws {
        database = try RealPostgres()
        relay = try await CuttableRelay(to: database.port)
        (far, near) = (Self.engine(database.address(port: relay.port)), Self.engine(database.address))
        for engine in [far, near] {
            try engine.migrate([DatabaseStep(name: "1", sql: "CREATE TABLE note (writer TEXT NOT NULL)")])
        }
    }

    private static func engine(_ address: String) -> PostgresEngine {
        PostgresEngine(address: address, schema: "plant", isServer: true)
    }

    private static func note(_ writer: String, _ db: Database) throws {
        _ = try db.run("INSERT INTO note (writer) VALUES (?)", [writer])
    }

    private func notes() throws -> [String] {
        try near.readNow { try $0.values("SELECT writer FROM note ORDER BY writer") }
    }

    private func end() async throws {
        for engine in [far, near] { try engine.close() }
        await relay.close()
    }

    /// A commit that is on its way when the line stands still: the database never hears of it.
    private func writeFrozen() async -> Task<Void, any Error> {
        let (frozen, says) = AsyncStream.makeStream(of: Void.self)
        let writing = Task { [far, relay] in
            try await onOwnThread {
                defer { says.finish() }
                try far.writeNow { db in
                    try Self.note("far", db)
                    try relay.freezeNow()
                    says.yield()
                }
            }
        }
        for await _ in frozen { break }
        return writing
    }

    @Test("A commit that a crash took is not taken for the one that got its number afterwards")
    func numbers() async throws {
        let writing = await writeFrozen()
        try database.restart()
        for _ in 0..<3 { try near.writeNow { try Self.note("near", $0) } }
        relay.cut()
        await #expect(throws: DatabaseError.self) { try await writing.value }
        #expect(try notes() == ["near", "near", "near"])
        try far.writeNow { try Self.note("far", $0) }
        #expect(try notes() == ["far", "near", "near", "near"])
        try await end()
    }

    @Test("One whose answer was lost is known to have happened, however long that takes, and is there once")
    func happened() async throws {
        try database.holdCommits(into: "plant.note")
        let (doubts, says) = AsyncStream.makeStream(of: DatabaseError.self)
        let writing = Task { [far] in
            try await withCheckedThrowingContinuation { continuation in
                far.asyncWrite { writer in
                    continuation.resume(
                        with: Result {
                            try writer.inTransaction({ try Self.note("far", $0) }, inDoubt: { says.yield($0) })
                        })
                }
            }
        }
        #expect(try await eventually { try database.isCommitting() })
        relay.part()
        for await doubt in doubts {
            #expect(doubt.kind == .unreachable)
            break
        }
        relay.rejoin()
        try database.letCommit()
        try await writing.value
        #expect(try notes() == ["far"])
        try await end()
    }

    @Test("What a writer keeps of its commits stays small, however many there are")
    func few() async throws {
        for _ in 0..<2100 { try near.writeNow { try Self.note("near", $0) } }
        let kept: Int? = try near.readNow { try $0.value("SELECT COUNT(*) FROM andon_writer") }
        #expect(try #require(kept) < 2000)
        try await end()
    }

    @Test("Who ends does not wait for a database that does not come back, and hears that it is not known")
    func ended() async throws {
        let writing = await writeFrozen()
        relay.part()
        try far.close()
        let error = await #expect(throws: DatabaseError.self) { try await writing.value }
        #expect(error?.message.contains("did not say whether it did") == true, "\(error?.message ?? "")")
        #expect(error?.kind == .other)
        try await end()
    }
}
