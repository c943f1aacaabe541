import AndonIdentity
import AndonLedger
import AndonModel

/// Finds the facts of a record, and where the ledger says so.
struct EvidenceFinder {
    let record: TraceableRecord
    let reader: Reader

    private var order: OrderRecord { record.order }
    private var document: WorkOrder { record.order.document }

    func all() throws -> [Evidence] {
        let recorded = try RecordedEvidence.all(in: record.trail, reader)
        return try EvidenceKind.allCases.map { kind in
            let found = try find(kind)
            // What a person recorded comes first; what the CMMS says of the same stays beside it.
            guard let own = recorded[kind] else { return found }
            return Evidence(
                kind, [own.value, found.value].compactMap { $0 }.joined(separator: "; "),
                entries: (own.entries + found.entries).uniqued().sorted())
        }
    }

    private func entries(_ kinds: String..., of subject: String? = nil) -> [Int64] {
        record.trail.filter { kinds.contains($0.kind) && (subject == nil || $0.subject == subject) }.map(\.index)
    }

    private func find(_ kind: EvidenceKind) throws -> Evidence {
        switch kind {
        case .detection, .detectedAt, .camera, .asset, .model, .classification, .original, .annotated, .boxes, .lot:
            return seen(kind)
        case .chart, .decision, .order, .transmission, .priority, .configuration: return try decided(kind)
        case .assignment, .cause, .correctiveAction, .parts, .labour, .closure, .effectiveness, .verdict:
            return worked(kind)
        case .disposition, .containment, .similar, .risk, .review: return Evidence(kind, nil)
        case .signature: return signature()
        case .trail:
            let last = record.trail.last.map { " to \($0.index)" } ?? ""
            let first = record.trail.first.map { ", \($0.index)\(last)" } ?? ""
            return Evidence(kind, record.trail.isEmpty ? nil : "\(record.trail.count) entries\(first)")
        case .proof:
            let size = try reader.ledgerHead().size
            return Evidence(kind, record.trail.isEmpty ? nil : "in the ledger's first \(size) entries")
        }
    }

    // MARK: What the camera saw

    private func seen(_ kind: EvidenceKind) -> Evidence {
        let report = entries("inspection.accepted", of: document.inspectionID)
        func fact(_ value: String?) -> Evidence { Evidence(kind, value, entries: report) }
        switch kind {
        case .detection:
            let more = order.occurrences > 1 ? ", and \(order.occurrences - 1) more that joined the order" : ""
            return fact(document.detectionID + more)
        case .detectedAt:
            let skew = (document.receivedAt - document.detectedAt).seconds
            return fact("\(document.detectedAt) (received \(Self.figure(skew)) s later)")
        case .camera:
            let zone = document.place.zone.map { ", zone \($0)" } ?? ""
            return fact(document.camera + zone + (document.place.cameraKnown ? "" : " (not in the plant file)"))
        case .asset: return fact(path)
        case .model: return fact(document.model.map { [$0.name, $0.version].compactMap { $0 }.joined(separator: " ") })
        case .classification:
            return fact(
                [
                    document.className, document.confidence.map { "confidence \(Self.figure($0))" },
                    document.severity.map { "severity \(Self.figure($0))" }, document.severityBand,
                ].compactMap { $0 }.joined(separator: ", "))
        case .original:
            return fact(document.picture.map { "SHA-256 \($0.sha256), \($0.bytes) bytes, \($0.mediaType.rawValue)" })
        case .annotated:
            let sent = record.transmission.compactMap { $0.answer?.remoteID }.first { $0.contains("-annotated-") }
            return Evidence(kind, sent.map { "attached as \($0)" }, entries: sent == nil ? [] : answered(sent))
        case .boxes: return fact(document.region.map { Self.words($0) })
        case .lot:
            let parts = [document.lot.map { "lot \($0)" }, document.unit.map { "unit \($0)" }].compactMap { $0 }
            return fact(parts.isEmpty ? nil : parts.joined(separator: ", "))
        default: return Evidence(kind, nil)
        }
    }

    private var path: String {
        let place = document.place
        let name = [place.asset, place.assetName].compactMap { $0 }.joined(separator: " ")
        return [place.site, place.line, place.station.map { "station \($0)" }, name, place.grid.map { "grid \($0)" }]
            .compactMap { $0 }.joined(separator: " / ")
    }

    private static func words(_ region: Region) -> String {
        let box = [region.box.x, region.box.y, region.box.width, region.box.height].map(figure).joined(separator: ", ")
        return "left, top, width, height: \(box)"
    }

    /// The entries of attempts whose answer names something there.
    private func answered(_ remote: String?) -> [Int64] {
        record.trail.filter { $0.kind == "attempt.answered" && $0.body["remoteId"]?.string == remote }.map(\.index)
    }

    // MARK: What was decided, and told to the CMMS

    private func decided(_ kind: EvidenceKind) throws -> Evidence {
        let decision = entries("detection.decided", of: document.detectionID)
        let raised = entries("order.raised")
        switch kind {
        case .chart: return Evidence(kind, document.spc, entries: document.spc == nil ? [] : decision)
        case .decision:
            return Evidence(
                kind, "\(document.reason) Rule \(document.rule), rules version \(document.rulesVersion).",
                entries: decision)
        case .order:
            let number = order.remoteNumber ?? order.remoteID
            let there = number.map { ", \($0) in \(order.connector)" } ?? ", not acknowledged by \(order.connector)"
            return Evidence(kind, "\(record.reference)\(there)", entries: raised + entries("order.acknowledged"))
        case .transmission: return transmission(raised)
        case .priority:
            let there = order.remotePriority.map { "; \($0) there" } ?? ""
            return Evidence(
                kind, "\(document.priority), criticality \(document.criticality)\(there)", entries: raised)
        case .configuration:
            let rules = try reader.ledgerEntries(of: "rules/\(document.rulesVersion)")
            return Evidence(
                kind, rules.first.map { "rules version \(document.rulesVersion), in force since \($0.at)" },
                entries: rules.map(\.index))
        default: return Evidence(kind, nil)
        }
    }

    private func transmission(_ raised: [Int64]) -> Evidence {
        guard let acknowledged = order.acknowledgedAt else { return Evidence(.transmission, nil, entries: raised) }
        let seconds = Self.figure((acknowledged - document.receivedAt).seconds)
        let count = record.transmission.count { $0.effect == .create }
        let creates = record.trail.filter {
            $0.kind == "attempt.sent" && $0.body["effect"]?.string == Effect.Kind.create.rawValue
        }
        return Evidence(
            .transmission,
            "raised \(order.raisedAt), acknowledged \(acknowledged), \(seconds) s after the report, "
                + "\(count) attempt\(count == 1 ? "" : "s")",
            entries: (raised + creates.map(\.index) + entries("order.acknowledged")).sorted())
    }

    // MARK: What people did

    private func worked(_ kind: EvidenceKind) -> Evidence {
        let closing = record.trail.filter { LedgerEntry.orderStateKinds.contains($0.kind) && $0.body["closure"] != nil }
            .map(\.index)
        let closure = order.closure
        func fact(_ value: String?) -> Evidence { Evidence(kind, value, entries: value == nil ? [] : closing) }
        switch kind {
        case .assignment: return assignment()
        case .cause: return fact(closure?.causeCode)
        case .correctiveAction:
            let parts = [closure?.remedyCode, closure?.notes].compactMap { $0 }
            guard !parts.isEmpty else { return fact(nil) }
            return Evidence(
                kind, parts.joined(separator: ": ") + photos, entries: (closing + entries("order.photo")).sorted())
        case .parts:
            let parts = (closure?.parts ?? []).map { part in
                "\(Self.figure(part.quantity)) x \(part.code)" + (part.name.map { " \($0)" } ?? "")
            }
            return fact(parts.isEmpty ? nil : parts.joined(separator: ", "))
        case .labour: return fact(closure?.labourHours.map { "\(Self.figure($0)) h" })
        case .closure: return closed()
        case .effectiveness: return recurrence()
        case .verdict: return fact(closure?.verdict?.rawValue)
        default: return Evidence(kind, nil)
        }
    }

    /// What was photographed, by the digests.
    private var photos: String {
        record.photos.map { "; photo \($0.at), SHA-256 \($0.picture.sha256)" }.joined()
    }

    /// Who, since when, each change, and who made it where that was said: a CMMS names the one who has it now.
    private func assignment() -> Evidence {
        var (words, indexes): ([String], [Int64]) = ([], [])
        var last: String?
        for entry in record.trail
        where LedgerEntry.orderStateKinds.contains(entry.kind) || entry.kind.hasPrefix("desk.") {
            guard let who = entry.body["assignee"]?.string, who != last else { continue }
            let by = entry.kind.hasPrefix("desk.") ? entry.body["by"]?.string.map { ", by \($0)" } ?? "" : ""
            words.append("\(who) (\(entry.at)\(by))")
            indexes.append(entry.index)
            last = who
        }
        return Evidence(
            .assignment, words.isEmpty ? order.assignee : words.joined(separator: ", then "), entries: indexes)
    }

    private func closed() -> Evidence {
        guard let ended = order.endedAt else { return Evidence(.closure, nil) }
        let last = record.trail.last {
            LedgerEntry.orderStateKinds.contains($0.kind) && $0.body["to"]?.string == order.state.rawValue
        }
        let by = order.closure?.technician.map { ", by \($0)" } ?? ""
        return Evidence(.closure, "\(order.state.rawValue) \(ended)\(by)", entries: last.map { [$0.index] } ?? [])
    }

    private func recurrence() -> Evidence {
        guard order.endedAt != nil else { return Evidence(.effectiveness, nil) }
        let before = document.recurrence
        let later = record.recurrences
        let after =
            later.isEmpty
            ? "none since it ended"
            : "\(later.count) order\(later.count == 1 ? "" : "s") since it ended, the first \(later[0].reference) on \(later[0].raisedAt)"
        return Evidence(
            .effectiveness,
            "before it: \(before.detections) detections and \(before.orders) orders in 30 days; \(after)")
    }

    /// Printed name, meaning and time (21 CFR 11.50), and what came after it.
    private func signature() -> Evidence {
        let words = record.signatures.map { signature in
            let later = record.trail.count {
                $0.index > signature.index && $0.kind != SignatureCheck.entryKind && !$0.subject.hasPrefix("account/")
            }
            return signature.words + (later > 0 ? "; \(later) entries were added to the record since" : "")
        }
        return Evidence(
            .signature, words.isEmpty ? nil : words.joined(separator: "; "), entries: record.signatures.map(\.index))
    }

    static func figure(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
    }
}
