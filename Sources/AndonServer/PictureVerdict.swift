import AndonIntake
import AndonModel

/// What came of holding the tables against the pictures, in words and for programs.
public struct PictureVerdict: Sendable {
    private let findings: PictureAudit.Findings
    private let readsBytes: Bool

    init(_ findings: PictureAudit.Findings, readsBytes: Bool) {
        (self.findings, self.readsBytes) = (findings, readsBytes)
    }

    public var isWhole: Bool { findings.isWhole }

    public var json: JSON {
        [
            "kept": findings.kept.json, "waitingToMove": .integer(findings.waitingToMove),
            "bytesRead": .bool(readsBytes), "missing": Self.json(findings.missing, findings.missingCount),
            "altered": Self.json(findings.altered, findings.alteredCount),
            "orphans": findings.orphanCount.json, "foreign": .integer(findings.foreign),
        ]
    }

    private static func json(_ named: [String], _ count: Int) -> JSON {
        ["count": .integer(count), "sha256": .array(named.map { .string($0) })]
    }

    public var text: String {
        var lines = [
            "\(findings.kept.count) pictures are kept, \(findings.kept.bytes) bytes: "
                + (isWhole
                    ? "all are there, \(readsBytes ? "and are what their digests say" : "as long as they should be")"
                    : "NOT all are there")
        ]
        lines += Self.lines("missing", findings.missing, findings.missingCount)
        lines += Self.lines("altered", findings.altered, findings.alteredCount)
        if findings.waitingToMove > 0 { lines.append("\(findings.waitingToMove) wait in the data folder to be moved") }
        let orphans = findings.orphanCount
        if orphans.count > 0 {
            lines.append(
                "\(orphans.count) objects, \(orphans.bytes) bytes, belong to no kept picture; "
                    + "andon pictures --sweep --orphans removes them")
        }
        if findings.foreign > 0 { lines.append("\(findings.foreign) objects below the prefix are none of Andon's") }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ word: String, _ named: [String], _ count: Int) -> [String] {
        named.map { "  \(word): \($0)" } + (count > named.count ? ["  and \(count - named.count) more \(word)"] : [])
    }
}
