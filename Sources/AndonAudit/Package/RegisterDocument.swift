import AndonDraw
import AndonLedger
import AndonModel
import AndonTransparency

/// The package's front: what is in it, the clauses with their gaps, the system itself, the register.
struct RegisterDocument {
    let register: Register
    let query: PackageQuery
    let checkpoint: StoredCheckpoint
    /// Of the system, in the order of its parts.
    let system: [SystemPart]
    /// Where the package is about a lot.
    let recall: Recall?
    /// Where the register has more lines than fit here.
    let volumes: [RegisterVolumes.Volume]
    /// Who signed the package, in words.
    let signed: [String]

    private var matrix: ClauseMatrix { register.matrix }

    var document: Document {
        let size = checkpoint.checkpoint.size
        return Document(
            title: "\(matrix.standard.name): compliance package",
            subtitle: [matrix.standard.edition] + query.words,
            footer: "Andon. Proved by the ledger's first \(size) entries, signed as \(checkpoint.checkpoint.origin)",
            created: "\(query.to)", hasContents: true,
            blocks: [.heading(1, "Summary"), summary, .facts(facts), .paragraph(matrix.standard.note)]
                + [.heading(1, "Clauses"), clauses] + gaps + systemBlocks + recallBlocks + [.heading(1, "Register")]
                + table)
    }

    private var systemBlocks: [Document.Block] {
        let rows = system.map { [$0.finding.evidence.phrase, $0.finding.status.rawValue, $0.finding.words] }
        return [
            .heading(1, "The system"),
            .table(
                [.init("Evidence", weight: 1.2), .init("Status", weight: 0.7), .init("What it says", weight: 4)],
                rows: rows),
        ] + system.flatMap(\.blocks)
    }

    private var table: [Document.Block] {
        guard !volumes.isEmpty else { return [RegisterVolumes.table(register.lines)] }
        return [
            .table(
                [.init("File", weight: 1.5), .init("From"), .init("To"), .init("Records")],
                rows: volumes.map { [$0.name, $0.first, $0.last, "\($0.count)"] })
        ]
    }

    private var summary: Document.Block {
        let open = matrix.records - matrix.whole
        guard matrix.records > 0 else { return .notice("Empty", "No order falls under what was asked for.") }
        return open == 0
            ? .notice("Complete", "All \(matrix.records) records have detection, response, root cause and resolution.")
            : .notice(
                "Gaps",
                "\(open) of \(matrix.records) records lack detection, response, root cause or resolution. What is "
                    + "missing stands under Clauses; nothing was filled in.")
    }

    private var facts: [Document.Fact] {
        let root = checkpoint.checkpoint
        return [
            .init("Records", "\(matrix.records), \(matrix.whole) of them complete"),
            .init(
                "First and last",
                register.first.map { "\($0) to \(register.last ?? $0)" }),
            .init("Signed", signed.isEmpty ? "by nobody" : signed.joined(separator: "; ")),
            .init("Ledger", "\(root.origin), \(root.size) entries, root \(Hex.text(root.root))"),
        ]
    }

    private var clauses: Document.Block {
        let rows = matrix.lines.map { line -> [String] in
            let clause = line.clause
            let findings = matrix.findings(clause)
            let asked = (clause.record.map(\.phrase) + clause.system.map(\.phrase)).joined(separator: ", ")
            let shown = clause.record.isEmpty ? "of the whole system" : "\(line.complete) of \(matrix.records)"
            let open = findings.filter { $0.status != .shown }.map {
                "\($0.status.rawValue): \($0.evidence.phrase), \($0.words)"
            }
            let notes = [clause.plant, line.gaps.isEmpty ? nil : "missing: \(line.gaps)"].compactMap { $0 } + open
            return [
                clause.fullNumber, "\(clause.title). \(clause.asks)", asked, shown, notes.joined(separator: "; "),
            ]
        }
        return .table(
            [
                .init("Clause", weight: 1.1), .init("What it asks", weight: 3), .init("Evidence", weight: 2),
                .init("Records", weight: 0.8), .init("Gaps", weight: 2.2),
            ], rows: rows)
    }

    private var gaps: [Document.Block] {
        let lines = matrix.lines.filter { !$0.examples.isEmpty }
        guard !lines.isEmpty else { return [] }
        let rows = lines.map { line in
            let more = matrix.records - line.complete - line.examples.count
            let names = line.examples.map(\.text).joined(separator: ", ")
            return [line.clause.fullNumber, names + (more > 0 ? " and \(more) more" : "")]
        }
        return [
            .heading(2, "Records with gaps"),
            .table([.init("Clause", weight: 1), .init("Records", weight: 5)], rows: rows),
        ]
    }

    private var recallBlocks: [Document.Block] {
        guard let recall else { return [] }
        let runs = recall.runs.map { run in
            [
                run.asset, "\(run.first) to \(run.last)", "\(run.reports), \(run.defects) defects",
                run.lastGood ?? "none before",
                run.firstBad ?? "none", run.partsBetween.map { "\($0)" } ?? "",
            ]
        }
        let neighbours = recall.neighbours.map { other in
            [other.lot, other.asset, "\(other.first) to \(other.last)", "\(other.reports), \(other.defects) defects"]
        }
        return [
            .heading(1, "Recall help for lot \(recall.lot)"),
            .table(
                [
                    .init("Asset"), .init("Ran", weight: 2.4), .init("Reports", weight: 1.2),
                    .init("Last good", weight: 1.3),
                    .init("First bad", weight: 1.3), .init("Parts between", weight: 0.8),
                ], rows: runs),
            .heading(2, "Lots on the same assets within 24 hours"),
            .table(
                [.init("Lot", weight: 1.2), .init("Asset"), .init("Ran", weight: 3), .init("Reports", weight: 1.5)],
                rows: neighbours),
        ]
    }
}
