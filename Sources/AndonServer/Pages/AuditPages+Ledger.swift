import AndonAudit
import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency
import AndonWeb
import HTTPTypes
import Hummingbird

/// What holds the ledger from outside: checkpoints, witnesses, stamps; its verification; validation packs.
extension AuditPages {
    // MARK: The checkpoint

    func checkpoint(_ request: Request, _ context: AppContext) async throws -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let (newest, stamp, head) = try await tools.store.read { reader in
            (
                try reader.newestCheckpoint(withCosignatures: true), try reader.newestStamp(), try reader.ledgerHead()
            )
        }
        let chain = try await ledger.signer.chain()
        var values: [String: Any] = [:]
        values["entries"] = formats.number(Int(head.size))
        values["root"] = head.root
        if let newest {
            values["note"] = newest.note.description
            values["origin"] = newest.checkpoint.origin
            values["size"] = formats.number(Int(newest.checkpoint.size))
            values["uncovered"] = formats.number(Int(head.size - newest.checkpoint.size))
            values["signatures"] = newest.note.signatures.map { signature -> [String: Any] in
                var row: [String: Any] = ["name": signature.name, "keyID": signature.keyIDText]
                row["isLog"] = chain.links.contains { signature.isBy($0.key) }
                row["at"] = signature.cosignedAt.map { formats.second(Timestamp(seconds: $0)) }
                return row
            }
        }
        values["isNone"] = newest == nil
        values["witnesses"] = ledger.settings.witnesses.map { witness -> [String: Any] in
            let isHere = newest?.note.signatures.contains { $0.isBy(witness.key) } ?? false
            return ["key": "\(witness.key)", "isHere": isHere]
        }
        values["hasWitnesses"] = !ledger.settings.witnesses.isEmpty
        values["keys"] = chain.links.map { link -> [String: Any] in
            ["key": "\(link.key)", "from": formats.number(Int(link.index)), "isVouchedFor": link.isVouchedFor]
        }
        values["stamp"] = stamp.map { stamp in
            let time = (try? TimestampReply(parsing: stamp.reply))?.time ?? texts["audit", "stamp-unread"]
            return texts.text("audit", "stamp-of", ["size": formats.number(Int(stamp.size)), "time": time])
        }
        values["copy"] = ledger.settings.checkpointCopy
        return tools.web.page(
            "audit-checkpoint", values, title: texts["audit", "checkpoint"], section: "audit", request, context)
    }

    // MARK: Verification

    func verify(_ request: Request, _ context: AppContext) -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        var values: [String: Any] = ["isAnybody": context.caller.isAnybody]
        switch verification.standing {
        case .never: values["isNever"] = true
        case .running(let running):
            var row: [String: Any] = ["by": running.by, "at": formats.second(running.startedAt)]
            row["done"] = running.done
            // Without a number a bar shows that something is going on.
            row["of"] = running.of > 0 ? running.of : nil
            row["words"] = texts.text(
                "audit", running.isOfFacts ? "progress-facts" : "progress-entries",
                ["done": formats.number(Int(running.done)), "of": formats.number(Int(running.of))])
            values["running"] = row
        case .ended(let outcome): values["outcome"] = Self.row(outcome, formats)
        }
        return tools.web.page(
            "audit-verify", values, title: texts["audit", "verify"], section: "audit", scripts: ["audit.js"], request,
            context)
    }

    private static func row(_ outcome: VerificationRun.Outcome, _ formats: Formats) -> [String: Any] {
        var row: [String: Any] = ["by": outcome.by, "isWhole": outcome.faults.isEmpty]
        row["at"] = formats.second(outcome.startedAt)
        row["took"] = formats.duration(Double((outcome.endedAt - outcome.startedAt).microseconds) / 1e6)
        row["entries"] = formats.number(Int(outcome.entries))
        row["rows"] = formats.number(outcome.rows)
        row["root"] = outcome.root
        row["checkpoints"] = formats.number(outcome.checkpoints)
        row["cosignatures"] = formats.number(outcome.cosignatures)
        row["withheld"] = formats.number(outcome.withheld)
        row["faults"] = outcome.faults
        return row
    }

    // MARK: Signatures

    private static let signaturesMax = 50

    /// Who signed what, the newest first. Whether each holds is said where it stands: under its order or its rules.
    func signatures(_ request: Request, _ context: AppContext) async throws -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        var search = LedgerSearch()
        (search.kind, search.limit) = (SignatureCheck.entryKind, Self.signaturesMax)
        search.before = request.uri.queryParameters["before"].flatMap { Int64($0) }
        let page = try await tools.store.read { [search] reader in try reader.ledgerEntries(search) }
        var values: [String: Any] = ["isNone": page.entries.isEmpty]
        values["next"] = page.next.map { "/audit/signatures?before=\($0)" }
        values["signatures"] = page.entries.map { entry -> [String: Any] in
            var row: [String: Any] = ["index": entry.index, "subject": entry.subject]
            row["at"] = formats.second(entry.at)
            row["address"] = Self.page(of: entry.subject)
            row["by"] = entry.body["printedName"]?.string ?? texts["audit", "withheld-name"]
            row["account"] = entry.body["account"]?.integer
            row["meaning"] = entry.body["meaning"]?.string.map { texts["audit", "meaning-\($0)"] }
            row["what"] = entry.body["what"]?.string
            row["reason"] = entry.body["reason"]?.string
            return row
        }
        return tools.web.page(
            "audit-signatures", values, title: texts["audit", "signatures-title"], section: "audit", request, context)
    }

    // MARK: Validation packs

    func validation(_ request: Request, _ context: AppContext) async throws -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        var search = LedgerSearch()
        search.subject = ValidationPack.subject
        search.limit = 100
        let (page, inForce) = try await tools.store.read { [search] reader in
            (try reader.ledgerEntries(search), try reader.newestValidation(of: Software.version)?.index)
        }
        var values: [String: Any] = ["software": Software.version, "isNone": page.entries.isEmpty]
        values["isMissing"] = inForce == nil
        values["packs"] = page.entries.map { entry -> [String: Any] in
            var row: [String: Any] = ["index": entry.index, "isInForce": entry.index == inForce]
            row["at"] = formats.time(entry.at)
            row["version"] = entry.body["version"]?.string
            row["sha256"] = entry.body["sha256"]?.string
            row["by"] = entry.body["by"]?.string
            row["reason"] = entry.body["reason"]?.string
            row["counts"] = (entry.body["counts"]?.object ?? [:]).sorted { $0.key < $1.key }.map {
                "\($0.key) \($0.value.canonicalText)"
            }.joined(separator: ", ")
            return row
        }
        return tools.web.page(
            "audit-validation", values, title: texts["audit", "validation"], section: "audit", request, context)
    }
}

extension Timestamp {
    /// POSIX seconds, as a witness states them; one that lies beyond our clock is its end.
    fileprivate init(seconds: UInt64) {
        self.init(microseconds: Int64(min(seconds, 253_402_300_799)) * 1_000_000)
    }
}
