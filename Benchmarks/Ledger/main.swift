// A million entries verified, beside plain SHA-256 over the same bytes and reading the same rows in the same run; proofs
// of single entries; and the facts of a third as many reports. `ledger-benchmark [ENTRIES]`
import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

let count = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 1_000_000
let rounds = 5
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-ledger-\(UUID().uuidString)").path
defer { try? FileManager.default.removeItem(atPath: folder) }

/// What a decision on a detection writes.
func body(_ number: Int) -> JSON {
    [
        "outcome": "raised", "order": .string("AB\(number)"), "priority": 2, "rule": "class scratch, asset PRESS-07",
        "reason":
            "confidence 0.93 is at least 0.8, severity 0.71 at least 0.5, and no order is open for scratch on PRESS-07",
        "rulesVersion": 3,
    ]
}

let store = try Store(folder: folder, time: SystemTime())
let signer = try await LedgerSigner.open(store, .init(fallbackOrigin: "andon.example/benchmark"))
let batch = 5000
let began = ContinuousClock.now
for start in stride(from: 0, to: count, by: batch) {
    try await store.write { transaction in
        for number in start..<min(start + batch, count) {
            try transaction.record("detection.decided", of: "report-\(number)#0", body(number))
        }
    }
    if start % 100_000 == 0 { try await signer.checkpoint() }
    if start % 50_000 == 0 { await store.checkpoint() }
}
try await signer.checkpoint()
let appending = (ContinuousClock.now - began).seconds
let size = try store.readNow { try $0.ledgerSize() }
print("\(size) entries, appended at \(Int(Double(size) / appending)) a second in batches of \(batch)")

let entries = try Entries(store, size: size)
let queue = try SQLiteEngine(path: folder + "/andon.sqlite", isReadOnly: false)
func readAll() throws {
    try queue.readNow { db in
        let sum: Int? = try db.value(
            "SELECT SUM(length(CAST(entry AS BLOB)) + length(leaf) + length(nodes)) FROM ledger")
        precondition(sum ?? 0 > entries.bytes.count)
    }
}
func verify(_ workers: Int) throws {
    var request = VerificationRequest()
    request.workers = workers
    let result = try store.readNow { try $0.verifyLedger(request) }
    precondition(result.isWhole && result.entries == size)
}
let cores = ProcessInfo.processInfo.activeProcessorCount
let took = try Took.medians(
    rounds, [entries.hashAll, entries.hashEach, readAll, { try verify(1) }, { try verify(cores) }])
let megabytes = Double(entries.bytes.count) / 1e6
func line(_ what: String, _ took: Took) {
    let padded = what.padding(toLength: 46, withPad: " ", startingAt: 0)
    let times = String(format: "%7.3f s %7.3f s of processor", took.seconds, took.processor)
    print("\(padded) \(times) \(String(format: "%6.0f MB/s", megabytes / took.seconds))")
}
print("\(Int(megabytes)) MB of entries, the middle of \(rounds) rounds, \(cores) cores")
let names = [
    "SHA-256 over all bytes at once, one core", "SHA-256 of each entry (the leaves alone)",
    "SQLite reads the same rows, one core", "andon ledger verify, one core", "andon ledger verify, all cores",
]
for (name, took) in zip(names, took) { line(name, took) }

var random = SystemRandomNumberGenerator()
var times: [Double] = []
for _ in 0..<1000 {
    let index = Int64.random(in: 0..<size, using: &random)
    times.append(try Took { _ = try store.readNow { try $0.logProof(of: index) } }.seconds)
}
times.sort()
print(String(format: "a proof file: %.2f ms (median), %.2f ms (99th percentile)", times[500] * 1000, times[990] * 1000))
times = []
for _ in 0..<1000 {
    let old = Int64.random(in: 1..<size, using: &random)
    times.append(try Took { _ = try store.readNow { try $0.consistencyProof(from: old, to: size) } }.seconds)
}
times.sort()
print(
    String(
        format: "a consistency proof: %.2f ms (median), %.2f ms (99th percentile)", times[500] * 1000, times[990] * 1000
    ))
try queue.close()
try store.close()

let reports = count / 3
let other = try Store(folder: folder + "/facts", time: SystemTime())
let filling = ContinuousClock.now
try await Facts(store: other).fill(reports)
let filled = (ContinuousClock.now - filling).seconds
let stored = try other.readNow { try $0.ledgerSize() }
print(
    "\(reports) reports, \(stored) entries, kept at \(Int(Double(reports) / filled)) reports a second in batches of 1000"
)
let facts = try Took.medians(
    rounds,
    [
        {
            let result = try other.readNow { try $0.verifyLedger() }
            precondition(result.isWhole)
        },
        {
            let result = try other.readNow { try $0.verifyFacts() }
            precondition(result.isWhole && result.uncovered.isEmpty && result.rows >= 2 * reports, "\(result)")
        },
    ])
for (name, took) in zip(["their entries", "the facts beside them"], facts) {
    print(
        name.padding(toLength: 46, withPad: " ", startingAt: 0),
        String(format: "%7.3f s %7.3f s of processor", took.seconds, took.processor))
}
try other.close()
