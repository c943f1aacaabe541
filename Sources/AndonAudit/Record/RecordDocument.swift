import AndonDraw
import AndonIdentity
import AndonLedger
import AndonModel

/// A record as a document to print and archive.
public struct RecordDocument: Sendable {
    let record: TraceableRecord
    let standard: Standard?
    /// JPEG or PNG, with words for it.
    let pictures: [(bytes: [UInt8], description: String)]

    /// - Parameter standard: whose form it takes; nil for the chain in the order of time.
    public init(
        _ record: TraceableRecord, standard: Standard? = nil, pictures: [(bytes: [UInt8], description: String)] = []
    ) {
        self.record = record
        self.standard = standard
        self.pictures = pictures
    }

    public var document: Document {
        var document = Document(
            title: "\(standard?.form.title ?? "Traceable record") \(record.reference)",
            subtitle: [record.title] + (standard.map { ["\($0.name), \($0.edition)"] } ?? []),
            footer: "Andon, order \(record.reference). Numbers in the right column are entries of the ledger.",
            created: "\(record.trail.last?.at ?? record.order.raisedAt)")
        document.blocks = [notice]
        for section in RecordSection.all(of: standard?.form) { document.blocks += blocks(section) }
        for picture in pictures {
            document.blocks.append(
                .picture(picture.bytes, description: picture.description, caption: picture.description, height: 320))
        }
        document.blocks += transmission + trail
        if let standard { document.blocks += clauses(of: standard) }
        return document
    }

    private var notice: Document.Block {
        let missing = record.missing(TraceableRecord.essentials)
        guard !missing.isEmpty else {
            return .notice("Complete", "Detection, response, root cause and resolution are on record.")
        }
        let names = missing.map { $0.phrase }.joined(separator: ", ")
        return .notice("Not complete", "Not recorded: \(names). The record is shown as far as it goes.")
    }

    private func blocks(_ section: RecordSection) -> [Document.Block] {
        var blocks: [Document.Block] = [.heading(1, section.title)]
        let facts = section.kinds.map { kind in
            let found = record.evidence(kind)
            return Document.Fact(kind.name, found.value, source: Self.source(found))
        }
        let open = section.kinds.filter { record.evidence($0).isMissing }
        if !section.asks.isEmpty, !open.isEmpty {
            let names = open.map { $0.phrase }.joined(separator: ", ")
            blocks.append(.paragraph("OPEN: \(names). \(section.asks)"))
        }
        return blocks + [.facts(facts)]
    }

    static func source(_ evidence: Evidence) -> String {
        let shown = evidence.entries.prefix(6).map { "\($0)" }.joined(separator: ", ")
        guard !shown.isEmpty else { return evidence.isMissing ? "" : "worked out" }
        return evidence.entries.count > 6 ? "\(shown) and \(evidence.entries.count - 6) more" : shown
    }

    private var transmission: [Document.Block] {
        let rows = record.transmission.map { attempt in
            [
                attempt.effect.rawValue, "\(attempt.number)", "\(attempt.startedAt)",
                attempt.answer.map { "\($0.outcome)" + ($0.status.map { " (\($0))" } ?? "") } ?? "no answer",
                attempt.answer?.remoteID ?? attempt.answer?.detail ?? "",
            ]
        }
        return [
            .heading(1, "Transmission log"),
            .table(
                [
                    .init("Effect", weight: 1.2), .init("No.", weight: 0.5), .init("Sent", weight: 2),
                    .init("Outcome", weight: 1.3), .init("Answer", weight: 3),
                ], rows: rows),
        ]
    }

    private var trail: [Document.Block] {
        let rows = record.trail.map { entry in
            ["\(entry.index)", "\(entry.at)", entry.kind, entry.subject, Self.words(entry.body)]
        }
        return [
            .heading(1, "Audit trail"),
            .table(
                [
                    .init("Entry", weight: 0.6), .init("Time", weight: 1.9), .init("What", weight: 1.5),
                    .init("Of", weight: 1.3), .init("Said", weight: 4),
                ], rows: rows),
        ]
    }

    /// A body's facts on one line; long ones are cut, since the entry itself is in the ledger.
    public static func words(_ body: JSON) -> String {
        guard case .object(let members) = body else { return "" }
        let facts = members.sorted { $0.key < $1.key }.map { name, value -> String in
            switch value {
            case .string(let text): "\(name): \(text)"
            default: "\(name): \(String(decoding: value.canonicalBytes, as: UTF8.self))"
            }
        }
        return facts.joined(separator: "; ").cut(to: 600)
    }

    private func clauses(of standard: Standard) -> [Document.Block] {
        let rows = standard.clauses.filter { !$0.record.isEmpty }.map { clause in
            let missing = record.missing(clause.record)
            return [
                clause.fullNumber, clause.title,
                missing.isEmpty ? "shown" : "missing: " + missing.map { $0.phrase }.joined(separator: ", "),
            ]
        }
        return [
            .heading(1, "Clauses"),
            .table(
                [.init("Clause", weight: 1.3), .init("Title", weight: 2.5), .init("This record", weight: 3)], rows: rows
            ),
        ]
    }
}

extension TraceableRecord {
    /// For programs; every member of ``EvidenceKind`` is there, the missing ones as null.
    public var json: JSON {
        .object([
            "schema": "andon.record/1", "reference": .string(reference.text), "title": .string(title),
            "complete": .bool(isComplete),
            "missing": .array(EvidenceKind.allCases.filter { evidence($0).isMissing }.map { .string($0.word) }),
            "evidence": .object(
                Dictionary(
                    uniqueKeysWithValues: evidence.map { found in
                        (
                            found.kind.word,
                            [
                                "id": .string(found.kind.rawValue), "name": .string(found.kind.name),
                                "value": found.value.map { .string($0) } ?? .null,
                                "entries": .array(found.entries.map { .integer($0) }),
                            ] as JSON
                        )
                    })),
            "photos": .array(
                photos.map { ["sha256": .string($0.picture.sha256), "at": .time($0.at)] as JSON }),
            "signatures": .array(signatures.map(\.json)),
            "recurrences": .array(
                recurrences.map { ["reference": .string($0.reference.text), "raisedAt": .time($0.raisedAt)] }),
            "trail": .array(trail.map(\.json)),
        ])
    }
}
