import AndonAudit
import AndonConfiguration
import AndonDispatch
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonTransparency
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// Compliance packages, streamed as they are made: nothing of one is kept here.
struct ExportRoutes: Sendable {
    let ledger: LedgerKeeping
    let pictures: PictureStore
    let files: OrderFiles
    let plant: @Sendable () -> Plant
    let accounts: Accounts
    /// Whether the server asks for an API key: what the page makes is then signed for by a person.
    let asksForKey: Bool
    private let page: MustacheTemplate

    init(
        ledger: LedgerKeeping, pictures: PictureStore, files: OrderFiles, plant: @escaping @Sendable () -> Plant,
        accounts: Accounts, asksForKey: Bool
    ) throws {
        (self.ledger, self.pictures, self.files) = (ledger, pictures, files)
        (self.plant, self.accounts, self.asksForKey) = (plant, accounts, asksForKey)
        page = try MustacheTemplate(string: Self.source)
    }

    private var store: Store { ledger.signer.store }

    func add(to router: Router<some RequestContext>) {
        router.get("/export") { _, _ in Answer.page(page.render([String: Any]())) }
        router.get("/api/v1/export") { request, _ in
            let query = request.uri.queryParameters
            return try await export { query[Substring($0)].map(String.init) }
        }
        router.post("/export") { request, _ in try await form(RequestFields(request)) }
        router.post("/api/v1/export") { request, _ in try await signed(RequestFields(request)) }
    }

    /// The page's own form. Where programs need a key, a person's signature stands in for it.
    private func form(_ fields: RequestFields) async throws -> Response {
        do {
            guard fields["login"] != nil || fields.secret("password") != nil || asksForKey else {
                return try await export { fields[$0] }
            }
            return try await signed(fields)
        } catch let problem as Problem {
            return Answer.page(
                page.render(["problem": "\(problem.title). \(problem.detail)"]), status: .init(code: problem.status))
        }
    }

    /// How many records come, for a progress bar.
    static let records = HTTPField.Name("Andon-Records")

    private func signed(_ fields: RequestFields) async throws -> Response {
        let request = try SignatureRequest(
            login: fields["login"], password: fields.secret("password"), meaning: fields["meaning"],
            reason: fields["reason"])
        let unlocked = try await accounts.signer(request, of: .export)
        return try await export({ fields[$0] }, as: (unlocked, request))
    }

    private func export(
        _ value: (String) -> String?, as signer: (unlocked: Unlocked, request: SignatureRequest)? = nil
    ) async throws -> Response {
        let standard = try Standard(named: value("standard") ?? "")
        let wanted = try PackageQuery(
            from: try Self.time("from", value("from")), to: try Self.time("to", value("to")),
            asset: Self.text(value("asset")), lot: Self.text(value("lot")), defectClass: Self.text(value("class")),
            gap: try Self.gap(value("gap")))
        let found = try await store.read { try $0.references(of: wanted) }
        let signature = try await sign(standard, wanted, found.count, as: signer)
        let exporter = try await exporter(
            standard, wanted, isAnnotated: value("annotated") != "false", signature: signature)
        var headers: HTTPFields = [
            .contentType: "application/zip", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentDisposition: "attachment; filename=\"andon-\(standard.id).zip\"",
        ]
        if let name = Self.records { headers[name] = "\(found.count)" }
        let body = ResponseBody { writer in
            let writing = BodyWriter(writer)
            try await exporter.write(found, to: { try await writing.write($0) })
            // The archive is not whole for the receiver before the ledger says that it was made.
            try await store.write { transaction in
                _ = try transaction.record(
                    "export.made", of: "export",
                    Self.words(
                        standard, wanted, found.count,
                        [
                            "entries": .integer(exporter.checkpoint.checkpoint.size),
                            "signature": signature.map { .string($0.subject) },
                        ]))
            }
            try await writing.finish()
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func words(
        _ standard: Standard, _ query: PackageQuery, _ records: Int, _ more: [String: JSON?] = [:]
    ) -> JSON {
        .object(
            present: [
                "standard": .string(standard.id), "from": .time(query.from), "to": .time(query.to),
                "records": .integer(records), "asset": query.asset.map { .string($0) },
                "lot": query.lot.map { .string($0) }, "class": query.defectClass.map { .string($0) },
            ].merging(more) { $1 })
    }

    /// An entry with what was asked for, signed: it is in the checkpoint that the package is proved by.
    private func sign(
        _ standard: Standard, _ query: PackageQuery, _ records: Int,
        as signer: (unlocked: Unlocked, request: SignatureRequest)?
    ) async throws -> ExportSignature? {
        guard let signer else { return nil }
        let subject = "export/\(Hex.text(store.random.bytes(6)))"
        try await store.write { transaction in
            let index = try transaction.record("export.asked", of: subject, Self.words(standard, query, records))
            try transaction.sign(.export, of: subject, entries: [index], as: signer.unlocked, signer.request)
        }
        return ExportSignature(subject: subject) { try signer.unlocked.sign(note: $0) }
    }

    private func exporter(
        _ standard: Standard, _ query: PackageQuery, isAnnotated: Bool, signature: ExportSignature?
    ) async throws -> Exporter {
        let signer = ledger.signer
        let checkpoint = try await ledger.witnessed()
        let keys = try await signer.chain().links.map(\.key)
        let system = SystemSettings(
            folder: store.folder, version: Software.version, now: store.time.now(),
            cameras: plant().cameras.keys.sorted(),
            witnesses: ledger.settings.witnesses.map { "\($0.key)" })
        var exporter = Exporter(
            standard: standard, query: query, store: store, checkpoint: checkpoint, keys: keys, system: system,
            sign: { try await signer.sign($0) },
            original: { [pictures] in
                FileManager.default.contents(atPath: pictures.path(of: $0)).map { Array($0) }
            },
            annotated: { [files] order in
                guard isAnnotated else { return nil }
                return (try? await files.evidence.annotated(order)).flatMap { $0 }?.content.bytes
            })
        exporter.signature = signature
        return exporter
    }

    /// In minutes.
    private static func gap(_ value: String?) throws -> Duration {
        guard let value, !value.isEmpty else { return PackageQuery.gapDefault }
        guard let minutes = Int(value), (1...100_000).contains(minutes) else {
            throw Answer.invalidQuery("gap is a whole number of minutes from 1 to 100000.")
        }
        return .seconds(minutes * 60)
    }

    private static func text(_ value: String?) -> String? {
        value.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func time(_ name: String, _ value: String?) throws -> Timestamp {
        let text = value ?? ""
        guard let time = Timestamp(dayOrTime: text) else {
            throw Answer.invalidQuery(
                "\"\(name)\" is a day like 2026-01-01 or a time like 2026-01-01T06:00:00Z; found \"\(text.cut(to: 40))\"."
            )
        }
        return time
    }

    private static let source = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Compliance package</title>
        <link rel="stylesheet" href="/desk/style.css"></head><body><main><h1>Compliance package</h1>
        <p>One archive with the records in the standard's form, the clauses with their gaps, the pictures, and all that an
        auditor needs to check it without a network.</p>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        <form method="post" action="/export"><label>Standard <select name="standard">
        <option value="iso-9001">ISO 9001</option><option value="iso-13485">ISO 13485</option>
        <option value="as9100">AS9100</option><option value="iatf-16949">IATF 16949 (8D)</option>
        <option value="fda-qmsr">FDA QMSR, 21 CFR 820</option></select></label>
        <label>Orders raised from <input type="date" name="from" required></label>
        <label>before <input type="date" name="to" required></label>
        <label>Asset <input name="asset"></label><label>Lot <input name="lot"></label>
        <label>Class <input name="class"></label>
        <label>A camera is silent after minutes <input name="gap" type="number" min="1" value="60"></label>
        <fieldset><legend>Your signature under it; without one leave it empty</legend><label>What you say by signing <select name="meaning">
        <option>approval</option><option>review</option><option>responsibility</option><option>authorship</option>
        </select></label><label>Login name <input name="login" autocomplete="username"></label>
        <label>Password <input type="password" name="password" autocomplete="off"></label></fieldset>
        <button class="main">Make the package</button></form>
        <p><a href="/accounts">Accounts</a></p>
        <p><a href="/desk">All orders</a></p></main></body></html>
        """
}

/// A response's writer that is handed on.
final class BodyWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) async throws { try await writer.write(ByteBuffer(bytes: bytes)) }

    func finish() async throws { try await writer.finish(nil) }
}
