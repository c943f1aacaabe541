import AndonModel

/// What many runs came to.
public struct Tally: Sendable {
    public private(set) var runs = 0
    public private(set) var steps = 0
    public private(set) var simulated: Duration = .zero
    public private(set) var rows: [String: Run.Row] = [:]
    public private(set) var landmarks: [Run.Landmark: Int] = [:]
    /// Seeds whose runs were broken, with what broke.
    public private(set) var broken: [(seed: UInt64, broken: Run.Broken)] = []

    public init() {}

    public mutating func add(_ run: Run) {
        runs += 1
        steps += run.steps
        simulated += run.simulated
        for (name, row) in run.rows { rows[name, default: Run.Row()].add(row) }
        for landmark in run.landmarks { landmarks[landmark, default: 0] += 1 }
        if let found = run.broken { broken.append((run.plan.seed, found)) }
    }

    public mutating func add(_ other: Tally) {
        runs += other.runs
        steps += other.steps
        simulated += other.simulated
        for (name, row) in other.rows { rows[name, default: Run.Row()].add(row) }
        for (landmark, times) in other.landmarks { landmarks[landmark, default: 0] += times }
        broken += other.broken
        broken.sort { $0.seed < $1.seed }
    }

    public var missed: [Run.Landmark] { Run.Landmark.allCases.filter { landmarks[$0] == nil } }

    /// The table, in Markdown.
    ///
    /// - Parameter took: real time.
    public func text(took: Duration) -> String {
        func padded(_ cells: [String], _ widths: [Int]) -> String {
            let texts = zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            return "| \(texts.joined(separator: " | ")) |"
        }
        let head = [
            "what was done", "times", "lost", "twice", "found by checksum", "served again after, mean", "at most",
        ]
        let cells = rows.sorted { $0.key < $1.key }.map { name, row in
            let mean =
                row.served > 0 ? Duration.microseconds(row.servedAfter.microseconds / Int64(row.served)).short : "-"
            return [
                name, "\(row.times)", "\(row.lost)", "\(row.twice)", row.torn > 0 ? "\(row.torn) writes" : "-", mean,
                row.served > 0 ? row.servedAfterMax.short : "-",
            ]
        }
        let widths = head.indices.map { column in ([head] + cells).map { $0[column].count }.max() ?? 0 }
        var lines = [padded(head, widths), padded(widths.map { String(repeating: "-", count: $0) }, widths)]
        lines += cells.map { padded($0, widths) }
        lines += ["", pace(took), "", "Reached, in so many of the runs:"]
        lines += Run.Landmark.allCases.map { "  \(landmarks[$0] ?? 0)  \($0.rawValue)" }
        for (seed, found) in broken.prefix(20) { lines.append("BROKEN: seed \(seed): \(found)") }
        if broken.isEmpty { lines.append("No invariant was broken.") }
        return lines.joined(separator: "\n")
    }

    private func pace(_ took: Duration) -> String {
        let seconds = max(Double(took.microseconds) / 1_000_000, 0.001)
        let days = Double(simulated.microseconds) / 86_400_000_000
        func tenths(_ value: Double) -> String {
            let whole = Int(value * 10 + 0.5)
            return "\(whole / 10).\(whole % 10)"
        }
        func thousandths(_ value: Double) -> String {
            let whole = Int(value * 1000 + 0.5)
            return "\(whole / 1000)." + String("00\(whole % 1000)".suffix(3))
        }
        return "\(runs) seeds, \(steps) steps and \(tenths(days)) simulated days in \(tenths(seconds)) s: "
            + "\(tenths(Double(runs) / seconds)) seeds and \(thousandths(days / seconds)) simulated days a second."
    }
}
