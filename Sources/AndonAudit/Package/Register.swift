import AndonLedger
import AndonModel

/// One line for each record of a package, and the clauses' sums.
struct Register: Sendable {
    private(set) var matrix: ClauseMatrix
    private(set) var lines: [Line] = []

    struct Line: Sendable {
        var reference: String
        var title: String
        var raisedAt: Timestamp
        var state: String
        var values: [EvidenceKind: String]
        var isComplete: Bool
        var missing: [EvidenceKind]
    }

    init(_ standard: Standard) { matrix = ClauseMatrix(standard) }

    /// Evidence that some clause of the standard asks for.
    var asked: [EvidenceKind] {
        EvidenceKind.allCases.filter { kind in matrix.standard.clauses.contains { $0.record.contains(kind) } }
    }

    mutating func add(_ record: TraceableRecord) {
        matrix.add(record)
        let values = record.evidence.compactMap { found in found.value.map { (found.kind, $0) } }
        lines.append(
            Line(
                reference: record.reference.text, title: record.title, raisedAt: record.order.raisedAt,
                state: record.order.state.rawValue, values: Dictionary(values, uniquingKeysWith: { $1 }),
                isComplete: record.isComplete, missing: record.missing(asked)))
    }

    /// RFC 4180: a head, CRLF, fields with a comma, a quote or a line break in quotes.
    var csv: String {
        let head = ["reference", "title", "raised_at", "state", "complete"] + EvidenceKind.allCases.map(\.word)
        let rows = lines.map { line in
            [line.reference, line.title, "\(line.raisedAt)", line.state, line.isComplete ? "yes" : "no"]
                + EvidenceKind.allCases.map { line.values[$0] ?? "" }
        }
        return Self.csv([head] + rows)
    }

    static func csv(_ rows: [[String]]) -> String {
        rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A field that a spreadsheet would take for a formula begins with an apostrophe.
    private static func field(_ text: String) -> String {
        let safe = text.first.map { "=+-@\t\r".contains($0) } == true ? "'" + text : text
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        guard safe.unicodeScalars.contains(where: { special.contains($0) }) else { return safe }
        return "\"\(safe.replacing("\"", with: "\"\""))\""
    }

    var json: JSON {
        [
            "schema": "andon.register/1",
            "records": .array(
                lines.map { line in
                    [
                        "reference": .string(line.reference), "title": .string(line.title),
                        "raisedAt": .time(line.raisedAt), "state": .string(line.state),
                        "complete": .bool(line.isComplete),
                        "missing": .array(line.missing.map { .string($0.word) }),
                        "evidence": .object(
                            Dictionary(
                                line.values.map { ($0.key.word, JSON.string($0.value)) }, uniquingKeysWith: { $1 })),
                    ]
                }),
        ]
    }

    /// What each column of the register is.
    static var dictionary: String {
        let fixed = [
            ["column", "evidence", "meaning"], ["reference", "", "Andon's reference of the order, ten characters"],
            ["title", "", "The order's title"], ["raised_at", "", "When the order was raised, UTC, ISO 8601"],
            ["state", "", "open, inProgress, done, closed, cancelled, merged or missing"],
            ["complete", "", "yes when detection, response, root cause and resolution are on record"],
        ]
        return csv(
            fixed
                + EvidenceKind.allCases.map {
                    [
                        $0.word, $0.rawValue,
                        $0.name + (EvidenceKind.recordable.contains($0) ? "; may be recorded by a person" : ""),
                    ]
                })
    }

    var clauses: JSON {
        .array(
            matrix.lines.map { line in
                .object(present: [
                    "clause": .string(line.clause.number), "formerly": line.clause.formerly.map { .string($0) },
                    "title": .string(line.clause.title), "asks": .string(line.clause.asks),
                    "evidence": .array(line.clause.record.map { .string($0.word) }),
                    "records": .integer(matrix.records), "complete": .integer(line.complete),
                    "missing": .object(
                        Dictionary(
                            line.missing.map { ($0.key.word, JSON.integer($0.value)) }, uniquingKeysWith: { $1 })),
                    "examples": .array(line.examples.map { .string($0.text) }),
                    "keptElsewhere": line.clause.plant.map { .string($0) },
                ])
            })
    }
}
