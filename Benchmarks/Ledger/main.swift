// A million entries verified, beside plain SHA-256 over the same bytes and reading the same rows in the same run; and
// proofs of single entries. `ledger-benchmark [ENTRIES]`
import AndonLedger
import AndonModel
import AndonTransparency
import Crypto
import Foundation
import GRDB

let count = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 1_000_000
let rounds = 5
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-ledger-\(UUID().uuidString)").path
defer { try? FileManager.default.removeItem(atPath: folder) }

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start).seconds
}

/// The middle one of an odd number of rounds.
func median(_ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for _ in 0..<rounds { times.append(try seconds(body)) }
    return times.sorted()[rounds / 2]
}

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

/// All entries one after the other, and where each begins.
var bytes: [UInt8] = []
var starts: [Int] = []
try store.readNow { reader in
    var from: Int64 = 0
    while from < size {
        for row in try reader.rows("SELECT entry FROM ledger WHERE idx >= ? ORDER BY idx LIMIT 10000", [from]) {
            starts.append(bytes.count)
            bytes += Array((row["entry"] as String).utf8)
        }
        from += 10_000
    }
}
starts.append(bytes.count)

let plain = median {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    withExtendedLifetime(hash.finalize()) {}
}
let each = median {
    bytes.withUnsafeBytes { all in
        for place in 0..<starts.count - 1 {
            var hash = SHA256()
            withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: all[starts[place]..<starts[place + 1]]))
            withExtendedLifetime(hash.finalize()) {}
        }
    }
}
let queue = try DatabaseQueue(path: folder + "/andon.sqlite")
let reading = try median {
    try queue.read { db in
        let sum = try Int.fetchOne(db, sql: "SELECT SUM(length(entry) + length(leaf) + length(nodes)) FROM ledger")
        precondition(sum ?? 0 > bytes.count)
    }
}
let verifying = try median {
    let result = try store.readNow { try $0.verifyLedger() }
    precondition(result.isWhole && result.entries == size)
}
let megabytes = Double(bytes.count) / 1e6
func line(_ what: String, _ time: Double) {
    let padded = what.padding(toLength: 58, withPad: " ", startingAt: 0)
    print("\(padded) \(String(format: "%7.3f s  %8.0f MB/s", time, megabytes / time))")
}
print("\(Int(megabytes)) MB of entries, the middle of \(rounds) rounds")
line("SHA-256 over all bytes at once", plain)
line("SHA-256 of each entry (the leaves alone)", each)
line("SQLite reads the same rows", reading)
line("andon ledger verify", verifying)

var random = SystemRandomNumberGenerator()
var times: [Double] = []
for _ in 0..<1000 {
    let index = Int64.random(in: 0..<size, using: &random)
    times.append(try seconds { _ = try store.readNow { try $0.logProof(of: index) } })
}
times.sort()
print(String(format: "a proof file: %.2f ms (median), %.2f ms (99th percentile)", times[500] * 1000, times[990] * 1000))
times = []
for _ in 0..<1000 {
    let old = Int64.random(in: 1..<size, using: &random)
    times.append(try seconds { _ = try store.readNow { try $0.consistencyProof(from: old, to: size) } })
}
times.sort()
print(
    String(
        format: "a consistency proof: %.2f ms (median), %.2f ms (99th percentile)", times[500] * 1000, times[990] * 1000
    ))
try queue.close()
try store.close()
