import AndonLedger
import AndonModel

/// One line for each record of a package, and the clauses' sums. The lines wait on the disk; those that ``RegisterVolumes``
/// has not printed yet are in memory.
struct Register {
    private(set) var matrix: ClauseMatrix
    /// Of the volume that is being filled.
    private(set) var lines: [Line] = []
    private(set) var first: String?
    private(set) var last: String?
    private let csv: SpillFile
    private let json: SpillFile

    struct Line: Sendable {
        var reference: String
        var title: String
        var raisedAt: Timestamp
        var state: String
        var values: [EvidenceKind: String]
        var isComplete: Bool
        var missing: [EvidenceKind]
    }

    init(_ standard: Standard, system: [SystemFinding]) throws {
        matrix = ClauseMatrix(standard)
        matrix.system = system
        (csv, json) = (try SpillFile(), try SpillFile())
        let head = ["reference", "title", "raised_at", "state", "complete"] + EvidenceKind.allCases.map(\.word)
        try csv.append(Self.csv([head]).utf8)
        try json.append("{\"records\":[".utf8)
    }

    /// Evidence that some clause of the standard asks for.
    private var asked: [EvidenceKind] {
        EvidenceKind.allCases.filter { kind in matrix.standard.clauses.contains { $0.record.contains(kind) } }
    }

    mutating func add(_ record: TraceableRecord) throws {
        let values = record.evidence.compactMap { found in found.value.map { (found.kind, $0) } }
        let line = Line(
            reference: record.reference.text, title: record.title, raisedAt: record.order.raisedAt,
            state: record.order.state.rawValue, values: Dictionary(values, uniquingKeysWith: { $1 }),
            isComplete: record.isComplete, missing: record.missing(asked))
        try csv.append(Self.csv([Self.row(line)]).utf8)
        if matrix.records > 0 { try json.append(",".utf8) }
        try json.append(Self.json(line).canonicalBytes)
        matrix.add(record)
        lines.append(line)
        first = first ?? line.reference
        last = line.reference
    }

    /// The lines so far, which are forgotten here.
    mutating func takeLines() -> [Line] {
        defer { lines = [] }
        return lines
    }

    /// `register.csv` and `register.json`. Nothing may be added afterwards.
    func write(to package: inout PackageWriter) async throws {
        try json.append("],\"schema\":\"andon.register/1\"}".utf8)
        try await package.add("register.csv", csv)
        try await package.add("register.json", json)
    }

    private static func row(_ line: Line) -> [String] {
        [line.reference, line.title, "\(line.raisedAt)", line.state, line.isComplete ? "yes" : "no"]
            + EvidenceKind.allCases.map { line.values[$0] ?? "" }
    }

    /// RFC 4180: a head, CRLF, fields with a comma, a quote or a line break in quotes.
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

    private static func json(_ line: Line) -> JSON {
        [
            "reference": .string(line.reference), "title": .string(line.title), "raisedAt": .time(line.raisedAt),
            "state": .string(line.state), "complete": .bool(line.isComplete),
            "missing": .array(line.missing.map { .string($0.word) }),
            "evidence": .object(
                Dictionary(line.values.map { ($0.key.word, JSON.string($0.value)) }, uniquingKeysWith: { $1 })),
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
                    "system": .array(matrix.findings(line.clause).map(\.json)),
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
