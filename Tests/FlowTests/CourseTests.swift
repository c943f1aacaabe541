import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

/// The tables that answers over years are read from, against a count of everything by hand.
@Suite("The courses of orders")
struct CourseTests {
    private static let rules = """
        rules: { defaults: { minConfidence: 0.5, minSeverity: 0.3 } }

        """

    /// Reports, closures, false alarms and reopened orders on three assets, in an order that chance says.
    private static func live(_ bench: ChartBench, _ random: inout SeededRandom, steps: Int) async throws {
        for step in 0..<steps {
            bench.time.advance(by: .seconds(random.int(1...200_000)))
            let open = try await bench.orders.filter { $0.state.takesOccurrences && $0.delivery == .acknowledged }
            switch random.int(0...9) {
            case 0...5:
                let at = bench.time.now() - .seconds(random.int(0...3) == 0 ? random.int(0...90_000) : 0)
                let defect = Defect(
                    defectClass: ["edge_chip", "scratch"][random.int(0...1)], confidence: 0.9,
                    severity: .score(random.int(0...4) == 0 ? 0.1 : 0.8))
                _ = try await bench.accept.accept(
                    Inspection(
                        id: "r-\(step)", detectedAt: at, camera: "CAM-\(random.int(1...3))",
                        lot: "L-\(random.int(1...3))", defects: [defect]), picture: nil)
                try await bench.settle()
            default:
                guard let order = open.isEmpty ? nil : open[random.int(0...open.count - 1)] else { continue }
                let state: OrderState = [.closed, .closed, .done, .inProgress, .cancelled][random.int(0...4)]
                let closure = Closure(
                    technician: ["A. Nowak", "R. Wilson"][random.int(0...1)],
                    // Some technicians write down later when they had finished.
                    closedAt: bench.time.now() - .seconds(random.int(0...1) * random.int(0...40_000)),
                    labourHours: Double(random.int(1...8)) / 4,
                    parts: [.init(code: "P-\(random.int(1...2))", quantity: 1), .init(code: "P-3", quantity: 2)],
                    causeCode: ["WEAR", "SETUP"][random.int(0...1)],
                    remedyCode: ["CLEAN", "REPLACE"][random.int(0...1)],
                    verdict: [.confirmed, .confirmed, .falseAlarm][random.int(0...2)])
                bench.cmms.set(
                    RemoteOrder(
                        remoteID: "R-\(order.reference)", reference: order.reference, state: state,
                        vendorState: state.rawValue, assignee: "crew",
                        closure: state.isEnded ? closure : nil))
                await bench.poll()
            }
        }
    }

    private struct Seen {
        var asset: String
        var label: String
        var at: Int64
        var counts: Bool

        init(_ row: Row) {
            asset = row["asset"]
            label = row["class"]
            at = row["detected_at"]
            counts = row["outcome"] as String != "recorded"
        }
    }

    /// What the orders and detections say, without the tables that are asked.
    private struct Plain {
        var returnedAt: [Int64: Int64] = [:]
        var outcomes: [Int64: CourseOutcome] = [:]

        init(_ orders: [OrderRecord], _ detections: [Seen]) {
            for order in orders {
                let isOver = order.state == .done || order.state == .closed
                let outcome: CourseOutcome =
                    order.state.takesOccurrences
                    ? .open : !isOver ? .dropped : order.closure?.verdict == .falseAlarm ? .falseAlarm : .repaired
                outcomes[order.seq] = outcome
                guard outcome == .repaired, let ended = order.endedAt?.microseconds else { continue }
                returnedAt[order.seq] =
                    detections.filter {
                        $0.asset == order.asset && $0.label == order.defectClass && $0.counts && $0.at > ended
                    }.map(\.at).min()
            }
        }
    }

    @Test("What is kept up to date is what a look through everything finds", arguments: [UInt64(1), 2, 3])
    func upToDate(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try await ChartBench(rules: Self.rules)
        try await Self.live(bench, &random, steps: 120)
        let orders = try await bench.orders
        let (found, detections) = try await bench.store.read { reader in
            var found: [Int64: (outcome: CourseOutcome, returned: Int64)] = [:]
            let whole = try reader.courseShares(.all, telling: .action, sharedMin: .max)
            let rows = try reader.courses(whole[0], .all)
            while try rows.next() { found[rows.seq] = (rows.outcome, rows.returnedAt) }
            let detections = try reader.rows("SELECT asset, class, detected_at, outcome FROM detection").map(Seen.init)
            return (found, detections)
        }
        #expect(try await bench.store.read { try $0.courseDifferences() } == 0, "seed \(seed)")
        let plain = Plain(orders, detections)
        #expect(found.count == orders.count)
        for order in orders {
            #expect(found[order.seq]?.outcome == plain.outcomes[order.seq], "seed \(seed), order \(order.seq)")
            #expect(found[order.seq]?.returned == plain.returnedAt[order.seq] ?? 0, "seed \(seed), order \(order.seq)")
        }
        #expect(plain.returnedAt.count > 3, "seed \(seed): some came back")
        // The count of a month, also at its edges.
        let shifts: [Int64] = [0, 1, 3_599_999_999, 2_591_999_999_999, 2_592_000_000_000, 2_592_000_000_001]
        for detection in detections {
            for shift in shifts {
                let end = detection.at + shift
                let counted = try await bench.store.read {
                    try $0.recurrence(
                        asset: detection.asset, defectClass: detection.label, before: Timestamp(microseconds: end),
                        days: 30)
                }
                let from = end - 2_592_000_000_000
                let seen = detections.filter { other in
                    other.asset == detection.asset && other.label == detection.label && other.at > from
                        && other.at <= end
                }
                let raised = orders.filter { order in
                    order.asset == detection.asset && order.defectClass == detection.label
                        && order.raisedAt.microseconds > from
                }
                #expect(counted.detections == seen.count && counted.orders == raised.count, "seed \(seed)")
            }
        }
        try await bench.end()
    }

    @Test(
        "Two shares are all, none twice, and the index of repairs says what the orders say", arguments: [UInt64(4), 5])
    func shares(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try await ChartBench(rules: Self.rules)
        try await Self.live(bench, &random, steps: 160)
        try await bench.store.read { reader in
            func repairs(_ depth: CourseDepth, _ told: CourseColumn, sharedMin: Int64) throws -> [[Int64]] {
                var found: [[Int64]] = []
                let shares = try reader.courseShares(depth, telling: told, sharedMin: sharedMin)
                #expect(shares.count == (sharedMin == .max ? 1 : 2))
                for share in shares {
                    let rows = try reader.courses(share, depth, telling: told)
                    while try rows.next() {
                        guard depth == .repairs || rows.isRepair else { continue }
                        found.append([rows.stream, rows.endedAt, rows.returnedAt, told == .action ? rows.action : 0])
                    }
                }
                return found.sorted { $0.lexicographicallyPrecedes($1) }
            }
            let plain = try repairs(.all, .action, sharedMin: .max)
            #expect(!plain.isEmpty)
            #expect(try repairs(.repairs, .action, sharedMin: 1) == plain, "seed \(seed), the index in halves")
            #expect(try repairs(.repairs, .action, sharedMin: .max) == plain, "seed \(seed), the index")
            #expect(try repairs(.times, .action, sharedMin: 1) == plain, "seed \(seed), the table in halves")
            let told = try repairs(.repairs, .cause, sharedMin: 1)
            let without = plain.map { Array($0[..<3]) + [0] }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(told == without, "seed \(seed), told apart by cause")
        }
        try await bench.end()
    }
}
