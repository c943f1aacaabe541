import AndonDraw
import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency

/// What the ledger can say of a time: its keys, the numbers of its entries without a gap, each day's sum, and who else signed.
struct LedgerStanding {
    let reader: Reader
    let query: PackageQuery
    let settings: SystemSettings
    let checkpoint: StoredCheckpoint

    private var size: Int64 { checkpoint.checkpoint.size }

    /// Time stamps that a package brings along at most, the newest.
    static let stampsMax = 100

    func part() throws -> SystemPart {
        let (range, days) = (try range(), try reader.days(from: query.from, to: query.to))
        let stamps = try stamps()
        let earlier = try earlier(stamps.map(\.size))
        let chain = try reader.keyChain()
        let json: JSON = [
            "schema": "andon.ledger-evidence/1", "origin": .string(checkpoint.checkpoint.origin),
            "keys": .array(
                chain.links.map {
                    [
                        "key": .string("\($0.key)"), "entry": .integer($0.index), "vouchedFor": .bool($0.isVouchedFor),
                    ]
                }),
            "checkpoint": [
                "size": .integer(size), "root": .string(Base64.text(checkpoint.checkpoint.root)),
                "cosignatures": .array(Self.cosignatures(of: checkpoint.note).map(\.json)),
            ],
            "witnesses": .array(settings.witnesses.map { .string($0) }), "range": range.json,
            "days": .array(days.map(\.json)), "earlier": .array(earlier.map(\.json)),
            "timestamps": .array(stamps.map(\.json)),
        ]
        return SystemPart(
            finding(range, days, stamps),
            files: [.init("system/ledger.json", json.canonicalBytes)] + stamps.flatMap(\.files),
            entries: chain.links.map(\.index), blocks: blocks(range, days))
    }

    private func finding(_ range: EntryRange, _ days: [DaySum], _ stamps: [Stamp]) -> SystemFinding {
        let wrong = days.filter { !$0.holds }.map(\.day)
        guard range.isGapFree, wrong.isEmpty else {
            let words = [
                range.isGapFree ? nil : "the numbers of the entries have a gap",
                wrong.isEmpty ? nil : "days that do not add up: \(wrong.joined(separator: ", "))",
            ].compactMap { $0 }
            return SystemFinding(.ledger, .finding, words.joined(separator: "; "))
        }
        let others = Self.cosignatures(of: checkpoint.note).count
        return SystemFinding(
            .ledger, .shown,
            "\(range.words) without a gap; every day adds up (\(days.count)); "
                + "signatures of witnesses: \(others); time stamps: \(stamps.count)")
    }

    // MARK: Entries

    struct EntryRange {
        /// nil where no entry falls into the time.
        var first: Int64?
        var last: Int64?
        var count: Int

        var isGapFree: Bool {
            guard let first, let last else { return count == 0 }
            return Int64(count) == last - first + 1
        }

        var words: String { first.map { "entries \($0) to \(last ?? $0)" } ?? "no entries" }

        var json: JSON {
            .object(present: [
                "firstEntry": first.map { .integer($0) }, "lastEntry": last.map { .integer($0) },
                "entries": .integer(count), "gapFree": .bool(isGapFree),
            ])
        }
    }

    /// Entries are in the order of their times, so the two ends are found by halving.
    private func range() throws -> EntryRange {
        let first = try index(from: query.from)
        let end = try index(from: query.to)
        guard first < end else { return EntryRange(first: nil, last: nil, count: 0) }
        return EntryRange(
            first: first, last: end - 1,
            count: try reader.count("SELECT COUNT(*) FROM ledger WHERE idx >= ? AND idx < ?", [first, end]))
    }

    /// The first entry at or after a time; the checkpoint's size where there is none.
    private func index(from time: Timestamp) throws -> Int64 {
        var (low, high) = (Int64(0), size)
        while low < high {
            let middle = (low + high) / 2
            let isBefore = try reader.ledgerEntries(from: middle, limit: 1).first.map { $0.at < time } ?? false
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: What others signed

    struct Cosignature {
        var name: String
        var keyID: String
        /// POSIX seconds, as the witness says.
        var seconds: UInt64

        var json: JSON {
            [
                "name": .string(name), "keyId": .string(keyID),
                "at": .time(Timestamp(microseconds: Int64(clamping: seconds) &* 1_000_000)),
            ]
        }
    }

    static func cosignatures(of note: SignedNote) -> [Cosignature] {
        note.signatures.compactMap { signature in
            signature.cosignedAt.map {
                Cosignature(name: signature.name, keyID: signature.keyIDText, seconds: $0)
            }
        }
    }

    /// A checkpoint that others signed or stamped before this one, and the proof that this one continues it.
    struct Earlier {
        var stored: StoredCheckpoint
        var proof: [[UInt8]]

        var json: JSON {
            [
                "size": .integer(stored.checkpoint.size), "note": .string(stored.note.description),
                "consistency": .array(proof.map { .string(Base64.text($0)) }),
            ]
        }
    }

    private func earlier(_ stamped: [Int64]) throws -> [Earlier] {
        let cosigned =
            try reader.row(
                "SELECT MAX(size) AS size FROM ledger_cosignature WHERE size <= ?", [size])?["size"] as Int64?
        return try Set(stamped + [cosigned].compactMap { $0 }).filter { $0 > 0 && $0 < size }.sorted().compactMap {
            old in
            guard let stored = try reader.checkpoint(size: old, withCosignatures: true) else { return nil }
            return Earlier(stored: stored, proof: try reader.consistencyProof(from: old, to: size))
        }
    }

    struct Stamp {
        var size: Int64
        var time: String
        var files: [SystemPart.File]

        var json: JSON {
            [
                "size": .integer(size), "time": .string(time), "files": .array(files.map { .string($0.name) }),
            ]
        }
    }

    /// With each the note that it is of, so that `openssl ts -verify` needs nothing else but the authority's certificate.
    private func stamps() throws -> [Stamp] {
        try reader.rows(
            "SELECT size FROM ledger_stamp WHERE size <= ? ORDER BY size DESC LIMIT ?", [size, Self.stampsMax]
        ).reversed().compactMap { row in
            let size: Int64 = row["size"]
            guard let stamp = try reader.stamp(size: size), let stored = try reader.checkpoint(size: size),
                let reply = try? TimestampReply(parsing: stamp.reply)
            else { return nil }
            return Stamp(
                size: size, time: reply.time,
                files: [
                    .init("timestamps/\(size).checkpoint", Array(stored.note.description.utf8)),
                    .init("timestamps/\(size).tsq", stamp.request), .init("timestamps/\(size).tsr", stamp.reply),
                ])
        }
    }

    private func blocks(_ range: EntryRange, _ days: [DaySum]) -> [Document.Block] {
        let received = days.reduce(0) { $0 + $1.received }
        let reports = days.reduce(0) { $0 + $1.reports }
        return [
            .heading(2, "Ledger and completeness"),
            .facts([
                .init("Entries in the range", "\(range.words), \(range.isGapFree ? "without a gap" : "WITH A GAP")"),
                .init(
                    "Received",
                    "\(reports) reports with \(received) detections on \(days.count) day\(days.count == 1 ? "" : "s")"),
                .init(
                    "Accounted for",
                    Outcome.allCases.map { outcome in
                        "\(days.reduce(0) { $0 + ($1.outcomes[outcome] ?? 0) }) \(outcome.rawValue)"
                    }.joined(separator: " + ")),
                .init(
                    "Days that do not add up",
                    days.allSatisfy(\.holds) ? "none" : days.filter { !$0.holds }.map(\.day).joined(separator: ", ")),
            ]),
        ]
    }
}

/// What came in on a day (UTC), and what became of it.
struct DaySum {
    /// `2026-11-24`
    var day: String
    var reports = 0
    /// Detections that the reports have.
    var received = 0
    var outcomes: [Outcome: Int] = [:]

    var holds: Bool { received == outcomes.values.reduce(0, +) }

    var json: JSON {
        var members: [String: JSON] = [
            "day": .string(day), "reports": .integer(reports), "received": .integer(received), "holds": .bool(holds),
        ]
        for outcome in Outcome.allCases { members[outcome.rawValue] = .integer(outcomes[outcome] ?? 0) }
        return .object(members)
    }
}

extension Reader {
    /// The days of a time on which something came in.
    fileprivate func days(from: Timestamp, to: Timestamp) throws -> [DaySum] {
        let bounds: StatementArguments = [from.microseconds, to.microseconds]
        var days: [Int64: DaySum] = [:]
        let reports = try rows(
            """
            SELECT received_at / 86400000000 AS day, COUNT(*) AS reports, SUM(defects) AS received FROM inspection
            WHERE received_at >= ? AND received_at < ? GROUP BY day
            """, bounds)
        for row in reports {
            days[row["day"], default: Self.sum(row["day"])].reports = row["reports"]
            days[row["day"], default: Self.sum(row["day"])].received = row["received"]
        }
        let outcomes = try rows(
            """
            SELECT received_at / 86400000000 AS day, outcome, COUNT(*) AS count FROM detection
            WHERE received_at >= ?1 AND received_at < ?2
                AND inspection_seq >= (SELECT MIN(seq) FROM inspection WHERE received_at >= ?1 AND received_at < ?2)
                AND inspection_seq <= (SELECT MAX(seq) FROM inspection WHERE received_at >= ?1 AND received_at < ?2)
            GROUP BY day, outcome
            """, bounds)
        for row in outcomes {
            guard let outcome = Outcome(rawValue: row["outcome"]) else { continue }
            days[row["day"], default: Self.sum(row["day"])].outcomes[outcome] = row["count"]
        }
        return days.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func sum(_ day: Int64) -> DaySum {
        DaySum(day: String("\(Timestamp(microseconds: day * 86_400_000_000))".prefix(10)))
    }
}
