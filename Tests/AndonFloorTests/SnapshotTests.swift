import AndonFloor
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Testing

@Suite("What is shown of the plant")
struct SnapshotTests {
    /// The same figures by plain questions, each over all rows.
    private static func naive(_ reader: Reader, asset: String, now: Timestamp) throws -> AssetState {
        var state = AssetState()
        let day = (now - .seconds(86_400)).microseconds
        let month = (now - .seconds(30 * 86_400)).microseconds
        state.defectsOfDay = try reader.count(
            "SELECT COUNT(*) FROM detection WHERE asset = ? AND detected_at > ?", [asset, day])
        let newest = try reader.row(
            "SELECT * FROM detection WHERE asset = ? ORDER BY inspection_seq DESC, ordinal DESC LIMIT 1", [asset])
        if let newest {
            state.recurrenceOfMonth = try reader.count(
                "SELECT COUNT(*) FROM detection WHERE asset = ? AND class = ? AND detected_at > ?",
                [asset, newest["class"] as String, month])
        }
        let open = try reader.orders(OrderSearch(limit: 10_000)).filter {
            $0.asset == asset && $0.state.takesOccurrences
        }
        state.openOrders = open.count
        return state
    }

    private static func compare(_ reading: FloorReading, _ floor: Floor) async throws {
        let snapshot = reading.snapshot
        let whole = try await floor.read().snapshot
        #expect(snapshot == whole)
        let now = floor.time.now()
        try await floor.store.read { reader in
            for (asset, state) in snapshot.assets {
                let naive = try Self.naive(reader, asset: asset, now: now)
                #expect(state.defectsOfDay == naive.defectsOfDay, "\(asset)")
                #expect(state.recurrenceOfMonth == naive.recurrenceOfMonth, "\(asset)")
                #expect(state.openOrders == naive.openOrders, "\(asset)")
                let last = try reader.row(
                    """
                    SELECT i.id || '#' || d.ordinal FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
                    WHERE d.asset = ? ORDER BY d.inspection_seq DESC, d.ordinal DESC LIMIT 1
                    """, [asset])
                #expect(state.last?.id == last.map { $0[0] as String })
                let worst = try reader.row(
                    "SELECT MIN(priority) FROM work_order WHERE asset = ? AND state IN ('open', 'inProgress')", [asset])
                #expect(state.worstPriority == worst?[0])
            }
            let sum = try reader.reconcile()
            #expect(sum.holds, "\(sum.text)")
            let totals = snapshot.totals
            #expect(totals.inspections == sum.inspections && totals.detections == sum.detections)
            #expect(totals.recorded == sum.recorded && totals.grouped == sum.grouped && totals.raised == sum.raised)
            #expect(totals.acknowledged == sum.acknowledged && totals.waiting == sum.waiting && totals.dead == sum.dead)
            #expect(totals.queued == sum.queued)
            #expect(try totals.alarms == reader.alarms().count)
            for (key, stream) in snapshot.streams {
                let points = try reader.chartPoints(key.chart, key.stratum, last: 1)
                #expect(stream.number == points.last?.number && stream.isOut == !(points.last?.signals.isEmpty ?? true))
            }
        }
    }

    @Test("Followed step by step it is what a whole read and plain questions say", arguments: [1, 7, 42] as [UInt64])
    func property(seed: UInt64) async throws {
        let floor = try Floor()
        var random = SeededRandom(seed: seed)
        var reading = try await floor.read()
        let cameras = ["CAM-1", "CAM-2", "CAM-3", "CAM-4", "CAM-9"]
        var seenDetections = 0
        for step in 0..<120 {
            for event in 0..<Int(random.next() % 4) {
                let camera = cameras[Int(random.next() % 5)]
                let classes = (0..<Int(random.next() % 4)).map { _ in
                    ["scratch", "dent", "chip"][Int(random.next() % 3)]
                }
                try await floor.report(
                    "\(seed)-\(step)-\(event)", camera: camera, classes, severity: Double(random.next() % 10) / 10,
                    age: .seconds(Int(random.next() % 40) * 3600 - 1800))
                seenDetections += classes.count
            }
            let orders = try await floor.store.read { try $0.orders(OrderSearch(limit: 1000)) }
            if let order = orders.randomElement(using: &random) {
                switch random.next() % 6 {
                case 0: try await floor.acknowledge(order.reference, number: "WO-\(step)")
                case 1: try await floor.become(.inProgress, order.reference)
                case 2: try await floor.become(.closed, order.reference)
                case 3: try await floor.become(.open, order.reference)
                case 4: try await floor.store.write { try $0.alarm("poll-failed", subject: "desk", "no way") }
                default: try await floor.store.write { try $0.clearAlarm("poll-failed", subject: "desk") }
                }
            }
            floor.time.advance(by: .seconds(Int(random.next() % 20_000)))
            reading = try await floor.advance(reading).0
            if step % 10 == 9 { try await Self.compare(reading, floor) }
        }
        // The windows empty by time alone.
        floor.time.advance(by: .seconds(31 * 86_400))
        reading = try await floor.advance(reading).0
        try await Self.compare(reading, floor)
        #expect(reading.snapshot.assets.values.allSatisfy { $0.defectsOfDay == 0 && $0.recurrenceOfMonth == 0 })
        #expect(reading.snapshot.totals.detections >= seenDetections, "seed \(seed)")
        #expect(!reading.snapshot.streams.isEmpty && reading.snapshot.totals.grouped > 0, "seed \(seed)")
        try floor.end()
    }

    @Test("A look names what changed, and nothing else")
    func changes() async throws {
        let floor = try Floor()
        let first = try await floor.read()
        let (same, none) = try await floor.advance(first)
        #expect(none == FloorChanges())
        try await floor.report("a", ["dent"])
        let (next, changes) = try await floor.advance(same)
        #expect(changes.assets == ["PRESS-07"] && changes.detections.map(\.id) == ["a#0"])
        #expect(changes.steps.map(\.kind) == ["order.raised"] && changes.hasOrders && changes.hasTotals)
        let reference = try #require(changes.steps.first?.order.reference)
        #expect(next.snapshot.orders.map(\.reference) == [reference])
        try await floor.acknowledge(reference, number: "4711")
        let (after, acknowledged) = try await floor.advance(next)
        #expect(acknowledged.steps.map(\.kind) == ["order.acknowledged"])
        #expect(after.snapshot.orders.first?.name == "4711" && after.snapshot.totals.acknowledged == 1)
        try floor.end()
    }

    @Test("What waits with an error is retried at first and down after a minute, and says since when it waits")
    func connector() async throws {
        let floor = try Floor()
        try await floor.report("a", ["dent"])
        var reading = try await floor.read()
        #expect(reading.snapshot.connectors["desk"]?.standing == .working)
        try await floor.store.write { transaction in
            try transaction.run("UPDATE outbox SET last_error = 'no answer'")
            try transaction.record("attempt.answered", of: "X", [:])
        }
        floor.time.advance(by: .seconds(30))
        reading = try await floor.advance(reading).0
        #expect(reading.snapshot.connectors["desk"]?.standing == .retrying)
        floor.time.advance(by: .seconds(31))
        reading = try await floor.advance(reading).0
        let state = try #require(reading.snapshot.connectors["desk"])
        #expect(state.standing == .down && state.waiting == 1 && state.lastError == "no answer")
        #expect(state.oldestSeconds(at: floor.time.now()) == 61)
        try floor.end()
    }
}
