// A million detections through other rules, beside what reading the same rows costs in the same run.
import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel
import AndonSQL
import AndonServer
import Foundation

let detections = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 1_000_000
let rounds = 3
let assets = 200
let classes = ["scratch", "dent", "blister", "porosity", "edge_chip", "coating_run", "solder_bridge", "burr"]
let start = Timestamp("2026-10-01T00:00:00Z") ?? Timestamp(microseconds: 0)
/// Thirty days of an even stream.
let step = 30 * 86_400_000_000 / Int64(detections)

let configuration = try Configuration.load(
    yaml: """
        plant:
          name: Benchmark
          assets: [\((0..<assets).map { "{ id: M-\($0), type: t\($0 % 7), criticality: \(["A", "B", "C"][$0 % 3]) }" }
              .joined(separator: ", "))]
        rules:
          defaults:
            minConfidence: 0.6
            minSeverity: 0.3
            frequency: { count: 3, within: 6h }
            coolDown: 4h
            reopenWithin: 1d
          classes:
            scratch: { minSeverity: 0.5, types: { t1: { minConfidence: 0.7 } }, assets: { M-3: { whenWorse: raise } } }
            dent: { frequency: { count: 2, parts: 5000 } }
            blister: { frequency: off, whileOpen: record }
        """)

struct Dice {
    var state: UInt64 = 20_261_125

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }

    mutating func share() -> Double { Double(next() % 1000) / 1000 }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

struct Counter: RandomSource {
    var value: UInt64
    func next() -> UInt64 { value }
}

/// An open order of the made-up past: it takes detections until it ends.
struct OpenOrder {
    var reference: String
    var left: Int
}

/// Writes a plausible past straight into the tables: half of the detections below a threshold, an order for the first
/// of the others, and its end some twenty detections later, one in five without a fault found.
func makePast(_ path: String) throws {
    let queue = try SQLiteEngine(path: path, isReadOnly: false)
    var dice = Dice()
    var open: [Int: OpenOrder] = [:]
    var orders: UInt64 = 0
    for first in stride(from: 0, to: detections, by: 50_000) {
        try queue.writeNow { db in
            let inspection = """
                INSERT INTO inspection (seq, id, digest, received_at, detected_at, camera, asset, defects, inspected,
                    skewed, body) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, 0, ?)
                """
            let detection = """
                INSERT INTO detection (inspection_seq, ordinal, asset, class, confidence, severity, detected_at,
                    received_at, parts_at, outcome, reference, kind, priority, unmapped, rule, rules_version, reason,
                    stated_severity) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'corrective', 3, 0, ?, 1, ?, ?)
                """
            let order = """
                INSERT INTO work_order (reference, seq, connector, asset, class, kind, priority, delivery, state,
                    raised_at, detected_at, inspection_id, occurrences, noted, last_seen_at, newest_priority,
                    document) VALUES (?, ?, 'desk', ?, ?, 'corrective', 3, 'acknowledged', 'open', ?, ?, ?, 1, 1, ?,
                    3, '{}')
                """
            for index in first..<min(first + 50_000, detections) {
                let (asset, kind) = (dice.below(assets), dice.below(classes.count))
                let stream = asset * classes.count + kind
                let (name, label) = ("M-\(asset)", classes[kind])
                let received = start.microseconds + Int64(index) * step
                let made = received - Int64(dice.below(2_000_000))
                let (confidence, severity) = (dice.share(), dice.share())
                let id = "line-\(asset)/\(index)"
                let body = """
                    {"attributes":{"belt":"B\(asset)","temperature":\(dice.below(90))},"camera":"CAM-\(asset)",\
                    "defects":[{"box":{"height":12,"width":64,"x":\(dice.below(900)),"y":40},"class":"\(label)",\
                    "confidence":\(confidence),"severity":\(severity)}],"detectedAt":"\(Timestamp(microseconds: made))",\
                    "id":"\(id)","inspected":1,"kind":"detection","schema":"andon.inspection/1"}
                    """
                try db.run(
                    inspection,
                    [
                        index + 1, id, String(repeating: "0", count: 64), received, made, "CAM-\(asset)", name, body,
                    ])
                var outcome = "recorded"
                var reference: String?
                if confidence >= 0.5 {
                    outcome = open[stream] == nil ? "raised" : "grouped"
                    if open[stream] == nil {
                        orders += 1
                        let reference = Reference(from: Counter(value: orders)).text
                        open[stream] = OpenOrder(reference: reference, left: 10 + dice.below(20))
                        try db.run(order, [reference, Int64(orders), name, label, received, made, id, made])
                    }
                    reference = open[stream]?.reference
                }
                try db.run(
                    detection,
                    [
                        index + 1, name, label, confidence, severity, made, received, Int64(index), outcome, reference,
                        "defaults.minConfidence",
                        "Raised: confidence \(confidence) >= 0.50 and severity \(severity) >= 0.30 for \(label) on \(name).",
                        severity,
                    ])
                guard outcome == "grouped", let current = open[stream] else { continue }
                open[stream]?.left -= 1
                guard current.left <= 1 else { continue }
                open[stream] = nil
                let verdict = dice.below(5) == 0 ? "falseAlarm" : "confirmed"
                try db.run(
                    "UPDATE work_order SET state = 'closed', ended_at = ?, closure = ? WHERE reference = ?",
                    [received, "{\"parts\":[],\"verdict\":\"\(verdict)\"}", current.reference])
            }
        }
    }
    try queue.close()
}

/// Seconds on the wall, and of the processor: the first say little on a machine that others use too.
struct Span {
    var wall: Double
    var processor: Double
}

func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

func seconds<Value>(_ body: () throws -> Value) rethrows -> (Span, Value) {
    let began = (ContinuousClock().now, processorSeconds())
    let value = try body()
    return (Span(wall: (ContinuousClock().now - began.0).seconds, processor: processorSeconds() - began.1), value)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func line(_ name: String, _ times: [Span], of count: Int = detections) {
    let middle = median(times.map(\.wall))
    let rate = Int(Double(count) / middle)
    let all = times.map { String(format: "%.2f", $0.wall) }.joined(separator: ", ")
    let processor = String(format: "%.2f", median(times.map(\.processor)))
    print(
        "\(name): \(String(format: "%.2f", middle)) s (\(all)), \(processor) s of the processor,"
            + " \(rate) detections a second")
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-backtest-\(UUID().uuidString)").path
defer { try? FileManager.default.removeItem(atPath: folder) }
try Store(folder: folder, time: SystemTime()).close()
print(
    "making \(detections) detections: \(String(format: "%.1f", try seconds { try makePast(folder + "/andon.sqlite") }.0.wall)) s"
)
let end = start + .microseconds(step * Int64(detections))

var (scans, reads, backtests, halves): ([Span], [Span], [Span], [Span]) = ([], [], [], [])
var last: BacktestReport?
for _ in 0..<rounds {
    let store = try Store.reading(folder: folder, time: SystemTime())
    scans.append(
        try seconds {
            try store.readNow {
                try $0.rows(
                    """
                    SELECT COUNT(*), SUM(confidence), SUM(stated_severity), SUM(parts_at), SUM(detected_at / 1000000),
                        SUM(length(asset)), SUM(length(class)), SUM(length(outcome)), SUM(length(reference))
                    FROM detection
                    """)
            }
        }.0)
    reads.append(
        try seconds {
            try store.readNow { reader in
                var reports = try reader.pastReports(1..<Int64(detections) + 1, .none)
                while try reports.next() != nil {}
            }
        }.0)
    let (time, report) = try seconds {
        try Backtest.run(rules: configuration.rules, plant: configuration.plant, from: start, to: end, in: store)
    }
    backtests.append(time)
    last = report
    halves.append(
        try seconds {
            try Backtest.run(
                rules: configuration.rules, plant: configuration.plant,
                from: start + .microseconds(step * Int64(detections / 2)), to: end, in: store)
        }.0)
    try store.close()
}
line("limit: SQLite adds up the same columns", scans)
line("limit: the same rows read, nothing decided", reads)
line("backtest", backtests)
line("backtest of the second half", halves, of: detections / 2)
if let last { print("orders: \(last.real.total) really, \(last.tally.raised.total) by the candidate") }
