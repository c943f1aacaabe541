// How long a look at the plant takes: 1,000 machines, 1,000,000 detections, 20,000 orders (500 open), 2,000 streams.
//
//     swift run -c release floor-benchmark

import AndonFloor
import AndonLedger
import AndonModel
import AndonSQL
import Foundation

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-floor-benchmark-\(UUID())").path
defer { try? FileManager.default.removeItem(atPath: folder) }
let time = SystemTime()
let store = try Store(folder: folder, time: time)
let now = time.now().microseconds

func numbers(_ count: Int) -> String {
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))"
}

/// Spread over 40 days, so that windows of a day and of 30 days lose some all the time.
func fill() async throws {
    let step = 40 * 86_400 * 1_000_000 / 1_000_000
    try await store.write { transaction in
        try transaction.run(
            """
            INSERT INTO inspection (id, digest, received_at, detected_at, camera, asset, defects, inspected, skewed, body)
            \(numbers(1_000_000)) SELECT 'R-' || i, 'd', ?1 - (1000000 - i) * ?2, ?1 - (1000000 - i) * ?2,
                'CAM-' || (i % 1000), 'ASSET-' || (i % 1000), 1, 1, 0, '{"zone":"Z1"}' FROM n
            """, [now, step])
        try transaction.run(
            """
            INSERT INTO detection (inspection_seq, ordinal, asset, class, confidence, severity, detected_at, received_at,
                parts_at, outcome, reference, kind, priority, unmapped, rule, rules_version, reason)
            SELECT seq, 0, asset, CASE seq % 3 WHEN 0 THEN 'scratch' WHEN 1 THEN 'dent' ELSE 'chip' END, 0.9, 0.8,
                detected_at, received_at, 0, CASE seq % 50 WHEN 0 THEN 'raised' ELSE 'recorded' END, NULL, 'corrective', 2,
                0, 'r', 1, 'because the severity is over its threshold' FROM inspection
            """)
        let document = String(repeating: "x", count: 2500)
        try transaction.run(
            """
            INSERT INTO work_order (reference, seq, connector, asset, class, kind, priority, delivery, state, raised_at,
                detected_at, inspection_id, occurrences, noted, last_seen_at, newest_priority, document)
            \(numbers(20_000)) SELECT printf('A%09d', i), i, 'desk', 'ASSET-' || (i % 1000), 'scratch', 'corrective',
                1 + i % 4, 'acknowledged', CASE WHEN i % 40 = 0 THEN 'open' ELSE 'closed' END, ?1, ?1, 'R-' || i, 1, 1, ?1, 2,
                ?2 FROM n
            """, [now, document])
        let state = String(repeating: "s", count: 3000)
        try transaction.run(
            """
            INSERT INTO chart_stream (chart, stratum, definition, points, state, filling, asset, begun_at)
            \(numbers(2000)) SELECT CASE i % 2 WHEN 0 THEN 'a' ELSE 'b' END, 'asset=ASSET-' || (i / 2), 'd', 50, ?, '{}',
                'ASSET-' || (i / 2), 0 FROM n
            """, [state])
        try transaction.run(
            """
            INSERT INTO chart_point (chart, stratum, number, at, value, size, plotted, centre, lower, upper, sigmas,
                signals, made_of, standing, late)
            \(numbers(50)) SELECT chart, stratum, i, ?, i, 1, i, 25, 0, 50, 0.5, '', '', 'in-control', 0
            FROM chart_stream, n
            """, [now])
    }
}

func report(_ number: Int) async throws {
    try await store.write { transaction in
        try transaction.run(
            """
            INSERT INTO inspection (id, digest, received_at, detected_at, camera, asset, defects, inspected, skewed, body)
            VALUES (?, 'd', ?, ?, 'CAM-1', ?, 1, 1, 0, '{"zone":"Z1"}')
            """,
            ["N-\(number)", transaction.now.microseconds, transaction.now.microseconds, "ASSET-\(number % 1000)"])
        try transaction.run(
            """
            INSERT INTO detection (inspection_seq, ordinal, asset, class, confidence, severity, detected_at, received_at,
                parts_at, outcome, reference, kind, priority, unmapped, rule, rules_version, reason)
            SELECT seq, 0, asset, 'scratch', 0.9, 0.8, detected_at, received_at, 0, 'recorded', NULL, 'corrective', 2, 0,
                'r', 1, 'x' FROM inspection WHERE id = ?
            """, ["N-\(number)"])
        try transaction.record("detection.decided", of: "N-\(number)#0", ["outcome": "recorded"])
    }
}

func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = time.uptime()
    try await body()
    return (time.uptime() - start).milliseconds
}

func words(_ name: String, _ times: [Double]) {
    let sorted = times.sorted()
    print(
        "\(name): median \(String(format: "%.2f", sorted[sorted.count / 2])) ms, slowest of \(sorted.count) "
            + "\(String(format: "%.2f", sorted[sorted.count - 1])) ms")
}

try await fill()
let plant = Plant(
    name: "P",
    assets: Dictionary(uniqueKeysWithValues: (0..<1000).map { ("ASSET-\($0)", Asset(id: "ASSET-\($0)")) }))
let view = FloorView(
    plant: plant, charts: ["a", "b"].map { ShownChart(name: $0, plotted: { $0.value }) },
    connectors: [ShownConnector(name: "desk", system: "Desk")])
let watch = FloorWatch(store: store, view: { view }, certificateDays: { 400 })
var nodes = 0
let first = try await milliseconds { nodes = try await watch.look().nodes.count }
print("first look: \(Int(first)) ms, \(nodes) nodes")
var idle: [Double] = []
for _ in 0..<100 { idle.append(try await milliseconds { _ = try await watch.look() }) }
words("nothing new", idle)
for rate in [1, 10, 100, 1000] {
    var busy: [Double] = []
    for turn in 0..<20 {
        for number in 0..<rate { try await report(rate * 100_000 + turn * rate + number) }
        busy.append(try await milliseconds { _ = try await watch.look() })
    }
    words("\(rate) new detections", busy)
}
