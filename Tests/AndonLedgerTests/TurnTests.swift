import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("Whose turn it is in the outbox")
struct TurnTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)")
        .path

    private func withStore(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await store.write(body)
        try store.close()
    }

    /// A reference from a number.
    private static func reference(_ number: Int) throws -> Reference {
        let digits = String(number)
        return try #require(Reference(String(repeating: "A", count: 10 - digits.count) + digits))
    }

    private static func add(
        _ effect: Effect.Kind, _ order: Int, key: String? = nil, after delay: Duration = .zero,
        _ transaction: Transaction
    ) throws {
        try transaction.enqueue(
            effect, of: reference(order), connector: "c", orderingKey: key ?? "order:\(order)", payload: ["count": 2],
            after: delay)
    }

    @Test("A new order leaves before the files of a hundred earlier ones, and changes before them too")
    func burst() async throws {
        try await withStore { transaction in
            for order in 0..<100 { try Self.add(.attach, order, transaction) }
            try Self.add(.append, 200, transaction)
            try Self.add(.create, 201, transaction)
            let claims = try transaction.claim(connector: "c", limit: 3)
            #expect(claims.map(\.row.effect) == [.create, .append, .attach])
        }
    }

    @Test(
        "A new order of the same asset goes before a file that waits, not before one that has left or may have arrived")
    func sameAsset() async throws {
        try await withStore { transaction in
            for state in ["waiting", "left", "unknown", "again"] {
                let (file, order) = (state.count * 10, state.count * 10 + 1)
                try Self.add(.attach, file, key: state, transaction)
                if state != "waiting" {
                    let claim = try #require(try transaction.claim(connector: "c", limit: 1).first)
                    let later = transaction.now + .seconds(60)
                    if state == "unknown" { try transaction.putBack(claim, unknown: true, due: later, error: "") }
                    if state == "again" { try transaction.putBack(claim, unknown: false, due: later, error: "") }
                }
                try Self.add(.create, order, key: state, transaction)
                let claims = try transaction.claim(connector: "c", limit: 5)
                #expect(
                    claims.map(\.row.effect) == (["waiting", "again"].contains(state) ? [.create] : []), "\(state)")
                for claim in claims { try transaction.finish(claim.row) }
                if state == "waiting" {
                    let next = try transaction.claim(connector: "c", limit: 5)
                    #expect(next.map(\.row.effect) == [.attach], "then the file has the turn")
                    for claim in next { try transaction.finish(claim.row) }
                }
            }
            #expect(try Self.keysWithoutOneHead(transaction.reader) == 0)
        }
    }

    @Test("However many orders come, one attempt in eight is a file's, and one a change's")
    func share() async throws {
        try await withStore { transaction in
            for number in 0..<400 {
                try Self.add(.create, number, transaction)
                if number < 30 { try Self.add(.attach, 1000 + number, transaction) }
                if number < 30 { try Self.add(.append, 2000 + number, transaction) }
            }
            var turns = Turns()
            var effects: [Effect.Kind] = []
            // Three at a time: the share does not depend on how many places are free at once.
            while effects.count < 240 {
                effects += try transaction.claim(connector: "c", limit: 3, turns: &turns).map(\.row.effect)
            }
            for start in 0..<(effects.count - 8) {
                let window = effects[start..<start + 8]
                #expect(window.filter { $0 == .attach }.count == 1 && window.filter { $0 == .append }.count == 1)
            }
        }
    }

    @Test("Orders of the same asset that never end pass a file seven times, then it goes")
    func passed() async throws {
        try await withStore { transaction in
            try Self.add(.attach, 0, key: "asset:P", transaction)
            var effects: [Effect.Kind] = []
            for order in 1...20 {
                try Self.add(.create, order, key: "asset:P", transaction)
                let claim = try #require(try transaction.claim(connector: "c", limit: 1).first)
                effects.append(claim.row.effect)
                try transaction.finish(claim.row)
            }
            #expect(effects.firstIndex(of: .attach) == Transaction.passesMax)
        }
    }

    @Test("No more files leave than there are places for them, and what presses takes the others")
    func places() async throws {
        try await withStore { transaction in
            for order in 0..<10 { try Self.add(.attach, order, transaction) }
            var turns = Turns()
            #expect(try transaction.claim(connector: "c", limit: 4, filesMax: 3, turns: &turns).count == 3)
            #expect(try transaction.claim(connector: "c", limit: 1, filesMax: 0, turns: &turns).isEmpty)
            #expect(try transaction.reader.nextDue(connector: "c", [.creation, .change]) == nil)
            #expect(try transaction.reader.nextDue(connector: "c") != nil)
            try Self.add(.create, 50, transaction)
            #expect(
                try transaction.claim(connector: "c", limit: 1, filesMax: 0, turns: &turns).map(\.row.effect)
                    == [.create])
        }
    }

    @Test("Random mixes: each key one at a time, each order's creation first, no file left behind", arguments: 0..<12)
    func random(_ round: Int) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("TurnTests.random round \(round) seed \(seed)")
        try await withStore { transaction in
            var random = SeededRandom(seed: seed)
            var mix = Mix(byAsset: round % 2 == 0)
            for _ in 0..<500 {
                if Int.random(in: 0..<10, using: &random) < 4 { try mix.add(transaction, &random) }
                if Int.random(in: 0..<10, using: &random) < 6 { try mix.claim(transaction, &random) }
                if Int.random(in: 0..<10, using: &random) < 6 { try mix.end(transaction, &random) }
                #expect(try Self.keysWithoutOneHead(transaction.reader) == 0, "seed \(seed)")
            }
            for _ in 0..<20_000 where mix.isOpen {
                try mix.claim(transaction, &random)
                try mix.end(transaction, &random)
            }
            #expect(!mix.isOpen, "seed \(seed): everything ends")
            #expect(mix.faults == [], "seed \(seed)")
            #expect(mix.longestWait <= 7, "seed \(seed): \(mix.longestWait) attempts before a ready file")
        }
    }

    private static func keysWithoutOneHead(_ reader: Reader) throws -> Int {
        try reader.count(
            """
            SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state NOT IN ('done', 'dead')
                GROUP BY connector, ordering_key HAVING SUM(is_head) <> 1)
            """)
    }

    @Test(
        "All turns are found in an index, with a hundred thousand rows waiting",
        .disabled(if: TestDatabase.isPostgres, "SQLite's plans are looked at"))
    func plans() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let count = 100_000
        for start in stride(from: 0, to: count, by: 5000) {
            try await store.write { transaction in
                for number in start..<start + 5000 {
                    // Half of them of one asset: the longest queue of a key.
                    try Self.add(.attach, number, key: number % 2 == 0 ? "asset:P" : nil, transaction)
                }
            }
        }
        try await store.write { transaction in
            let arguments: [(String, StatementArguments)] = [
                (TurnSQL.ready, ["c", 0, 5]), (TurnSQL.nextDue, ["c", 2]), (TurnSQL.candidates, ["c", "k", 0]),
                (TurnSQL.standing, ["c", "k"]),
            ]
            for (sql, values) in arguments {
                let plan = try transaction.db.rows("EXPLAIN QUERY PLAN \(sql)", values)
                    .map { $0["detail"] as String }
                print(plan.joined(separator: "; "))
                #expect(!plan.contains { $0.hasPrefix("SCAN outbox") || $0.contains("TEMP B-TREE") }, "\(sql)\n\(plan)")
                #expect(plan.contains { $0.contains("USING") && $0.contains("INDEX outbox_") }, "\(sql)\n\(plan)")
            }
        }
        try await store.write { transaction in
            let clock = ContinuousClock()
            let added = try clock.measure {
                for order in 0..<100 {
                    try Self.add(.create, count + order, key: order % 2 == 0 ? "asset:P" : nil, transaction)
                }
            }
            var claims: [Claim] = []
            let claimed = try clock.measure {
                for _ in 0..<100 { claims += try transaction.claim(connector: "c", limit: 1) }
            }
            let ended = try clock.measure { for claim in claims { try transaction.finish(claim.row) } }
            let asked = try clock.measure { for _ in 0..<100 { _ = try transaction.reader.nextDue(connector: "c") } }
            print("with \(count) waiting, a hundred: added \(added), claimed \(claimed), ended \(ended), due \(asked)")
            #expect(claims.filter { $0.row.effect == .create }.count == 51, "one of the asset, all others")
        }
        try store.close()
    }
}

/// What the dispatcher does to the outbox, at random, and what must hold meanwhile.
private struct Mix {
    let byAsset: Bool
    var faults: [String] = []
    /// Attempts that left while a file was ready to, at most.
    var longestWait = 0
    private var wait = 0
    private var turns = Turns()
    private var underWay: [Claim] = []
    private var created: Set<Reference> = []
    private var orders = 0
    private(set) var open = 0

    init(byAsset: Bool) { self.byAsset = byAsset }

    var isOpen: Bool { open > 0 }

    mutating func add(_ transaction: Transaction, _ random: inout SeededRandom) throws {
        let isNew = orders == 0 || Int.random(in: 0..<3, using: &random) == 0
        let order = isNew ? orders : Int.random(in: 0..<orders, using: &random)
        orders += isNew ? 1 : 0
        let effects: [Effect.Kind] = isNew ? [.create] : [.attach, .attach, .append, .reschedule, .withdraw]
        let digits = String(order)
        guard let effect = effects.randomElement(using: &random),
            let reference = Reference(String(repeating: "A", count: 10 - digits.count) + digits)
        else { return }
        try transaction.enqueue(
            effect, of: reference, connector: "c", orderingKey: byAsset ? "asset:\(order % 3)" : "order:\(order)",
            payload: ["count": 2])
        open += 1
    }

    mutating func claim(_ transaction: Transaction, _ random: inout SeededRandom) throws {
        let limit = Int.random(in: 1...3, using: &random)
        for _ in 0..<limit {
            let isFileReady =
                try transaction.reader.row(
                    TurnSQL.ready, ["c", Urgency.file.rawValue, transaction.now.microseconds]) != nil
            guard let claim = try transaction.claim(connector: "c", limit: 1, turns: &turns).first else { return }
            wait = isFileReady && claim.row.effect != .attach ? wait + 1 : 0
            longestWait = max(longestWait, wait)
            if underWay.contains(where: { $0.row.orderingKey == claim.row.orderingKey }) {
                faults.append("two of \(claim.row.orderingKey) at once")
            }
            if claim.row.effect != .create, !created.contains(claim.row.reference) {
                faults.append("\(claim.row.effect) of \(claim.row.reference) before its creation")
            }
            underWay.append(claim)
        }
    }

    mutating func end(_ transaction: Transaction, _ random: inout SeededRandom) throws {
        guard !underWay.isEmpty else { return }
        let claim = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: try transaction.putBack(claim, unknown: true, due: transaction.now, error: "no answer")
        case 1: try transaction.putBack(claim, unknown: false, due: transaction.now, error: "busy")
        default:
            try transaction.finish(claim.row)
            if claim.row.effect == .create { created.insert(claim.row.reference) }
            open -= 1
        }
    }
}
