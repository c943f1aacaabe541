import AndonAudit
import AndonConfiguration
import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import AndonTransparency
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Compliance packages, streamed as they are made: nothing of one is kept here.
struct ExportRoutes: Sendable {
    let ledger: LedgerKeeping
    let pictures: PictureStore
    let files: OrderFiles
    let plant: @Sendable () -> Plant

    private var store: Store { ledger.signer.store }

    func add(to router: Router<some RequestContext>) {
        router.get("/export") { _, _ in Answer.text(Self.page, type: "text/html; charset=utf-8") }
        router.get("/api/v1/export") { request, _ in try await export(request) }
    }

    /// How many records come, for a progress bar.
    static let records = HTTPField.Name("Andon-Records")

    private func export(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        let standard = try Standard(named: query["standard"].map(String.init) ?? "")
        let wanted = try PackageQuery(
            from: try Self.time("from", query["from"]), to: try Self.time("to", query["to"]),
            asset: Self.text(query["asset"]), lot: Self.text(query["lot"]), defectClass: Self.text(query["class"]),
            gap: try Self.gap(query["gap"]))
        let isAnnotated = query["annotated"] != "false"
        let found = try await store.read { try $0.references(of: wanted) }
        let exporter = try await exporter(standard, wanted, isAnnotated: isAnnotated)
        var headers: HTTPFields = [
            .contentType: "application/zip", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentDisposition: "attachment; filename=\"andon-\(standard.id).zip\"",
        ]
        if let name = Self.records { headers[name] = "\(found.count)" }
        let body = ResponseBody { writer in
            let writing = BodyWriter(writer)
            try await exporter.write(found, to: { try await writing.write($0) })
            // The archive is not whole for the receiver before the ledger says that it was made.
            try await record(standard, wanted, found.count, exporter.checkpoint.checkpoint.size)
            try await writing.finish()
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func record(_ standard: Standard, _ query: PackageQuery, _ records: Int, _ entries: Int64) async throws {
        _ = try await store.write { transaction in
            try transaction.record(
                "export.made", of: "export",
                .object(present: [
                    "standard": .string(standard.id), "from": .time(query.from), "to": .time(query.to),
                    "records": .integer(records), "asset": query.asset.map { .string($0) },
                    "lot": query.lot.map { .string($0) }, "class": query.defectClass.map { .string($0) },
                    "entries": .integer(entries),
                ]))
        }
    }

    private func exporter(_ standard: Standard, _ query: PackageQuery, isAnnotated: Bool) async throws -> Exporter {
        let signer = ledger.signer
        let checkpoint = try await ledger.witnessed()
        let keys = try await signer.chain().links.map(\.key)
        let system = SystemSettings(
            folder: store.folder, version: Software.version, now: store.time.now(),
            cameras: plant().cameras.keys.sorted(),
            witnesses: ledger.settings.witnesses.map { "\($0.key)" })
        return Exporter(
            standard: standard, query: query, store: store, checkpoint: checkpoint, keys: keys, system: system,
            sign: { try await signer.sign($0).description },
            original: { [pictures] in
                FileManager.default.contents(atPath: pictures.path(of: $0)).map { Array($0) }
            },
            annotated: { [files] order in
                guard isAnnotated else { return nil }
                return (try? await files.evidence.annotated(order)).flatMap { $0 }?.content.bytes
            })
    }

    /// In minutes.
    private static func gap(_ value: Substring?) throws -> Duration {
        guard let value, !value.isEmpty else { return PackageQuery.gapDefault }
        guard let minutes = Int(value), (1...100_000).contains(minutes) else {
            throw Problem(
                status: 400, type: "invalid-query", title: "The query has a fault",
                detail: "gap is a whole number of minutes from 1 to 100000.")
        }
        return .seconds(minutes * 60)
    }

    private static func text(_ value: Substring?) -> String? {
        value.map(String.init).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func time(_ name: String, _ value: Substring?) throws -> Timestamp {
        let text = value.map(String.init) ?? ""
        guard let time = Timestamp(dayOrTime: text) else {
            throw Problem(
                status: 400, type: "invalid-query", title: "The query has a fault",
                detail:
                    "\"\(name)\" is a day like 2026-01-01 or a time like 2026-01-01T06:00:00Z; found \"\(text.cut(to: 40))\"."
            )
        }
        return time
    }

    private static let page = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Compliance package</title>
        <link rel="stylesheet" href="/desk/style.css"></head><body><main><h1>Compliance package</h1>
        <p>One archive with the records in the standard's form, the clauses with their gaps, the pictures, and all that an
        auditor needs to check it without a network.</p>
        <form method="get" action="/api/v1/export"><label>Standard <select name="standard">
        <option value="iso-9001">ISO 9001</option><option value="iso-13485">ISO 13485</option>
        <option value="as9100">AS9100</option><option value="iatf-16949">IATF 16949 (8D)</option>
        <option value="fda-qmsr">FDA QMSR, 21 CFR 820</option></select></label>
        <label>Orders raised from <input type="date" name="from" required></label>
        <label>before <input type="date" name="to" required></label>
        <label>Asset <input name="asset"></label><label>Lot <input name="lot"></label>
        <label>Class <input name="class"></label>
        <label>A camera is silent after minutes <input name="gap" type="number" min="1" value="60"></label><button class="main">Make the package</button></form>
        <p><a href="/desk">All orders</a></p></main></body></html>
        """
}

/// A response's writer that is handed on.
private final class BodyWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) async throws { try await writer.write(ByteBuffer(bytes: bytes)) }

    func finish() async throws { try await writer.finish(nil) }
}
