import AndonModel
import AndonSQL

/// The conservation law in figures: everything received is accounted for.
public struct Reconciliation: Sendable {
    public var inspections: Int
    public var detections: Int
    public var recorded: Int
    public var grouped: Int
    public var raised: Int
    public var acknowledged: Int
    public var waiting: Int
    public var dead: Int
    /// Things still to be done in a CMMS, pictures and notes among them.
    public var queued: Int
    /// What does not add up, in words; empty when all holds.
    public var faults: [String]

    public var holds: Bool { faults.isEmpty }

    /// What is counted at each look at `/metrics` is counted from an index, and not from the reports themselves.
    static let schema = """
        CREATE INDEX detection_outcome ON detection (outcome);
        CREATE INDEX inspection_defects ON inspection (defects);
        """

    public var json: JSON {
        [
            "inspections": .integer(inspections), "detections": .integer(detections), "recorded": .integer(recorded),
            "grouped": .integer(grouped), "raised": .integer(raised), "acknowledged": .integer(acknowledged),
            "waiting": .integer(waiting), "dead": .integer(dead), "queued": .integer(queued),
            "holds": .bool(holds),
            "faults": .array(faults.map { .string($0) }),
        ]
    }

    /// The sum as it is printed.
    public var text: String {
        var lines = [
            "inspections  \(inspections)",
            "detections   \(detections) = \(recorded) recorded only + \(grouped) grouped + \(raised) raised",
            "orders       \(raised) = \(acknowledged) acknowledged + \(waiting) waiting + \(dead) dead",
            "on the way   \(queued) orders, pictures and notes",
        ]
        lines += faults.isEmpty ? ["It adds up."] : faults.map { "DOES NOT ADD UP: \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension Reader {
    /// Whether an alarm stands.
    public func isUp(_ alarm: String, subject: String) throws -> Bool {
        try count("SELECT COUNT(*) FROM alarm WHERE kind = ? AND subject = ? AND cleared_at IS NULL", [alarm, subject])
            > 0
    }

    /// Counts everything anew, from several sides, within one snapshot; holds each order against its detections and its rows
    /// in the outbox, and the sums that are carried on against what was counted.
    public func reconcile() throws -> Reconciliation {
        func counts(_ table: String, by column: String) throws -> [String: Int] {
            let rows = try rows("SELECT \(column) AS name, COUNT(*) AS times FROM \(table) GROUP BY \(column)", [])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], $0["times"]) })
        }
        let outcomes = try counts("detection", by: "outcome")
        let deliveries = try counts("work_order", by: "delivery")
        func outcome(_ name: Outcome) -> Int { outcomes[name.rawValue] ?? 0 }
        func delivery(_ name: Delivery) -> Int { deliveries[name.rawValue] ?? 0 }
        var sum = Reconciliation(
            inspections: try count("SELECT COUNT(*) FROM inspection"),
            detections: try count("SELECT COUNT(*) FROM detection"), recorded: outcome(.recorded),
            grouped: outcome(.grouped), raised: outcome(.raised), acknowledged: delivery(.acknowledged),
            waiting: delivery(.waiting), dead: delivery(.dead), queued: try countOfQueued(), faults: [])
        let sides = Sides(
            defects: try count("SELECT COALESCE(SUM(defects), 0) FROM inspection"),
            orders: try count("SELECT COUNT(*) FROM work_order"),
            accepted: try count("SELECT COUNT(*) FROM ledger WHERE kind IN (\(RunningSums.accepting))"))
        sum.faults = try faults(in: sum, sides) + orphans() + driftOfSums(sum, sides)
        return sum
    }

    /// The same sums as they are carried on (``RunningSums``), held against each other; the orders themselves are not looked
    /// at. It takes the same time whatever the store holds.
    public func runningReconciliation() throws -> (sum: Reconciliation, sums: RunningSums) {
        let sums = try runningSums()
        func delivery(_ name: Delivery) throws -> Int {
            try count("SELECT COUNT(*) FROM work_order WHERE delivery = ?", [name.rawValue])
        }
        let (waiting, dead) = (try delivery(.waiting), try delivery(.dead))
        var sum = Reconciliation(
            inspections: sums.inspections, detections: sums.detections, recorded: sums.recorded, grouped: sums.grouped,
            raised: sums.raised, acknowledged: sums.orders - waiting - dead, waiting: waiting, dead: dead,
            queued: try countOfQueued(), faults: [])
        sum.faults = faults(
            in: sum, Sides(defects: sums.defects, orders: sums.orders, accepted: sums.accepted))
        return (sum, sums)
    }

    private func countOfQueued() throws -> Int {
        try count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')")
    }

    /// What the sums are held against.
    private struct Sides {
        var defects: Int
        var orders: Int
        var accepted: Int
    }

    private func faults(in sum: Reconciliation, _ sides: Sides) -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ text: @autoclosure () -> String) {
            if !holds { faults.append(text()) }
        }
        check(
            sides.defects == sum.detections,
            "\(sides.defects) defects were reported, \(sum.detections) were decided on")
        check(
            sum.detections == sum.recorded + sum.grouped + sum.raised,
            "\(sum.detections) detections, but \(sum.recorded + sum.grouped + sum.raised) outcomes")
        let orders = sides.orders
        check(orders == sum.raised, "\(sum.raised) detections raised an order, \(orders) orders are there")
        check(
            orders == sum.acknowledged + sum.waiting + sum.dead,
            "\(orders) orders, but \(sum.acknowledged + sum.waiting + sum.dead) are acknowledged, waiting or dead")
        check(
            sides.accepted == sum.inspections,
            "\(sum.inspections) inspections, but the ledger has \(sides.accepted)")
        return faults
    }

    /// A store that no server of this version has opened has no sums that are carried on.
    private func driftOfSums(_ sum: Reconciliation, _ sides: Sides) throws -> [String] {
        guard try db.tableExists("running_sum") else { return [] }
        let sums = try runningSums()
        let pictures = try pictureTotals()
        let pairs = [
            ("inspections", sums.inspections, sum.inspections), ("defects", sums.defects, sides.defects),
            ("detections", sums.detections, sum.detections), ("recorded", sums.recorded, sum.recorded),
            ("grouped", sums.grouped, sum.grouped), ("raised", sums.raised, sum.raised),
            ("orders", sums.orders, sides.orders), ("reports in the ledger", sums.accepted, sides.accepted),
            ("pictures", sums.pictures, pictures.kept), ("bytes of pictures", sums.pictureBytes, pictures.bytes),
            ("removed pictures", sums.picturesRemoved, pictures.removed),
        ]
        return pairs.compactMap { words, carried, counted in
            carried == counted ? nil : "\(carried) \(words) by the sum that is carried on, \(counted) counted anew"
        }
    }

    private func orphans() throws -> [String] {
        let questions = [
            (
                "detections belong to an order that is not there",
                "SELECT COUNT(*) FROM detection d WHERE outcome <> 'recorded' AND NOT EXISTS "
                    + "(SELECT 1 FROM work_order w WHERE w.reference = d.reference)"
            ),
            (
                "orders do not count the occurrences that were grouped into them",
                "SELECT COUNT(*) FROM work_order w WHERE occurrences <> "
                    + "(SELECT COUNT(*) FROM detection d WHERE d.reference = w.reference)"
            ),
            (
                "orders wait without a row in the outbox",
                "SELECT COUNT(*) FROM work_order w WHERE delivery = 'waiting' AND NOT EXISTS (SELECT 1 FROM outbox o "
                    + "WHERE o.reference = w.reference AND o.effect = 'create' AND o.state NOT IN ('done', 'dead'))"
            ),
            (
                "orders are acknowledged without the CMMS's name for them",
                "SELECT COUNT(*) FROM work_order WHERE delivery = 'acknowledged' AND remote_id IS NULL"
            ),
            (
                "orders are dead without a dead letter",
                "SELECT COUNT(*) FROM work_order w WHERE delivery = 'dead' AND NOT EXISTS "
                    + "(SELECT 1 FROM outbox o WHERE o.reference = w.reference AND o.state = 'dead')"
            ),
            (
                "queues in the outbox have nobody whose turn it is",
                "SELECT COUNT(*) FROM (SELECT connector, ordering_key FROM outbox WHERE state NOT IN ('done', 'dead') "
                    + "GROUP BY connector, ordering_key HAVING SUM(is_head) <> 1) AS stuck"
            ),
        ]
        return try questions.compactMap { words, sql in
            let found = try count(sql)
            return found == 0 ? nil : "\(found) \(words)"
        }
    }
}
