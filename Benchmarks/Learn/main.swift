// Closed orders by class, asset and action, with how often the class was back on the asset within 30 days of the closure:
// the question that peers.py asks DuckDB and pandas, of the same rows.
//
//   learn-benchmark fill FOLDER CSV     a store of the orders in a file `class,asset,action,detected_at,closed_at` (ms)
//   learn-benchmark all FOLDER ROUNDS   seconds of each question as its page asks it, MiB at most
//   learn-benchmark ask FOLDER ROUNDS   prints seconds of each round, MiB at most, closures, recurrences, groups
import AndonLearn
import AndonLedger
import AndonModel
import AndonSQL
import Foundation

let month: Int64 = 30 * 86_400_000_000

/// The numbers of one line.
func numbers(_ line: Substring.UTF8View.SubSequence) -> [Int64] {
    var found: [Int64] = []
    var value: Int64 = 0
    for byte in line {
        if byte == 44 {
            found.append(value)
            value = 0
        } else {
            value = value * 10 + Int64(byte) - 48
        }
    }
    return found + [value]
}

func fill(_ folder: String, _ path: String) throws {
    let store = try Store(folder: folder, time: SystemTime())
    try store.close()
    let queue = try SQLiteEngine(path: folder + "/andon.sqlite", isReadOnly: false)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try queue.writeNow { db in
        let insert = """
            INSERT INTO course (seq, stream, action, outcome, ended_at, returned_at, detected_at, raised_at, priority)
            VALUES (?, ?, ?, 1, ?, NULL, ?, ?, 2)
            """
        var seq: Int64 = 0
        var streams: Set<Int64> = []
        for line in text.utf8.split(separator: 10) {
            let row = numbers(line)
            let stream = row[0] * 2000 + row[1] + 1
            seq += 1
            streams.insert(stream)
            try db.run(insert, [seq, stream, row[2] + 1, row[4] * 1000, row[3] * 1000, row[3] * 1000])
        }
        // The peers ask for the next order's detection, and for none after it.
        try db.run(
            """
            UPDATE course SET returned_at = next.at FROM (
                SELECT seq, LEAD(detected_at) OVER (PARTITION BY stream ORDER BY detected_at) AS at FROM course) AS next
            WHERE course.seq = next.seq AND next.at >= course.ended_at
            """)
        for action in try db.values("SELECT DISTINCT action FROM course") as [Int64] {
            try db.run(
                "INSERT INTO course_name (id, kind, text) VALUES (?, 'action', ?)",
                [action, "action-\(action)"])
        }
        for stream in streams {
            try db.run(
                "INSERT INTO course_stream (id, asset, class) VALUES (?, ?, ?)",
                [stream, "A-\((stream - 1) % 2000)", "class-\((stream - 1) / 2000)"])
        }
    }
}

func ask(_ folder: String, rounds: Int) async throws {
    let store = try Store.reading(folder: folder, time: SystemTime())
    var seconds: [Double] = []
    var count = RecurrenceCount(horizon: month)
    for _ in 0..<rounds {
        let started = ContinuousClock.now
        count = try await CourseScan(store).fold(RecurrenceCount(horizon: month)).result
        seconds.append((ContinuousClock.now - started) / .seconds(1))
    }
    var (repairs, returned) = (0, 0)
    for (_, cell) in count.cells.all {
        repairs += Int(cell.repairs)
        returned += Int(cell.returned)
    }
    print(
        seconds.map { String(format: "%.2f", $0) }.joined(separator: " "), try peak(), repairs, returned,
        count.cells.count)
}

/// The most that was in memory, of this process alone: what getrusage says is the parent's where that had more.
func peak() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
    return (line?.split(whereSeparator: \.isWhitespace).dropLast().last.flatMap { Int($0) } ?? 0) / 1024
}

func all(_ folder: String, rounds: Int) async throws {
    let store = try Store.reading(folder: folder, time: SystemTime())
    for question in Question.all {
        var seconds: [Double] = []
        for _ in 0..<rounds {
            let started = ContinuousClock.now
            _ = try await question.ask(Inquiry(), store)
            seconds.append((ContinuousClock.now - started) / .seconds(1))
        }
        print(
            question.name, seconds.map { String(format: "%.2f", $0) }.joined(separator: " "), try peak(), "MiB so far")
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    print("usage: learn-benchmark fill FOLDER CSV | ask FOLDER ROUNDS")
    exit(64)
}
if arguments[1] == "fill" {
    try fill(arguments[2], arguments[3])
} else if arguments[1] == "all" {
    try await all(arguments[2], rounds: Int(arguments[3]) ?? 1)
} else {
    try await ask(arguments[2], rounds: Int(arguments[3]) ?? 3)
}
