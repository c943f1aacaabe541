import AndonAudit
import AndonConfiguration
import AndonDispatch
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonTransparency
import AndonWeb
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
    let accounts: Accounts
    /// Whether the server asks for an API key: what the page makes is then signed for by a person.
    let asksForKey: Bool
    let web: Web

    static let access = Access.whole(
        Access.all(Access.get(.audit, "/export", "/api/v1/export"), Access.post(.audit, "/export", "/api/v1/export")))

    private var store: Store { ledger.signer.store }

    func add(to router: Router<AppContext>) {
        router.get("/export") { request, context in try await choose(request, context) }
        router.get("/api/v1/export") { request, _ in
            let query = request.uri.queryParameters
            return try await export { query[Substring($0)].map(String.init) }
        }
        router.post("/export") { request, context in try await form(request, context) }
        router.post("/api/v1/export") { request, _ in try await signed(RequestFields(request)) }
    }

    // MARK: The page

    private static let standards = ["iso-9001", "iso-13485", "as9100", "iatf-16949", "fda-qmsr"]
    private static let names = ["standard", "from", "to", "asset", "lot", "class", "gap", "login", "reason"]

    /// What is to be exported is chosen first, and counted; then it is made.
    private func choose(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        func value(_ name: String) -> String? { query[Substring(name)].map(String.init) }
        guard value("from") != nil || value("to") != nil else { return page({ _ in nil }, request, context) }
        do {
            _ = try Standard(named: value("standard") ?? "")
            let wanted = try Self.query(value)
            let count = try await store.read { try $0.references(of: wanted).count }
            return page(value, count: count, request, context)
        } catch let problem as Problem {
            return page(value, problem: problem, request, context)
        }
    }

    /// Where programs need a key and nobody is signed in, a person's signature stands in for it.
    private func form(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let needsSignature = asksForKey && context.caller.isAnybody
            guard fields["login"] != nil || fields.secret("password") != nil || needsSignature else {
                return try await export { fields[$0] }
            }
            return try await signed(fields)
        } catch let problem as Problem {
            return page({ fields[$0] }, problem: problem, request, context)
        }
    }

    /// - Parameters:
    ///   - value: what was typed; passwords are never asked for.
    ///   - count: records that the package would have; nil where that was not asked yet.
    private func page(
        _ value: (String) -> String?, count: Int? = nil, problem: Problem? = nil, _ request: Request,
        _ context: AppContext
    ) -> Response {
        let (texts, formats) = (web.texts(context.language), web.formats(context.language))
        var values: [String: Any] = [:]
        for name in Self.names { values[name] = (value(name) ?? (name == "gap" ? "60" : "")).cut(to: 200) }
        let chosen = value("standard") ?? ""
        values["standards"] = Self.standards.map { standard -> [String: Any] in
            ["id": standard, "words": texts["audit", "standard-\(standard)"], "isChosen": standard == chosen]
        }
        values["meanings"] = SignatureMeaning.allCases.map { meaning -> [String: Any] in
            [
                "word": meaning.rawValue, "words": texts["audit", "meaning-\(meaning.rawValue)"],
                "isChosen": value("meaning") == meaning.rawValue,
            ]
        }
        values["count"] = count.map { texts.count("audit", "records", $0, formats.number($0)) }
        values["isReady"] = count != nil || problem != nil
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        return web.page(
            "export", values, title: texts["audit", "export"], section: "audit",
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    // MARK: The package

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
        let wanted = try Self.query(value)
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

    private static func query(_ value: (String) -> String?) throws -> PackageQuery {
        try PackageQuery(
            from: try time("from", value("from")), to: try time("to", value("to")),
            asset: text(value("asset")), lot: text(value("lot")), defectClass: text(value("class")),
            gap: try gap(value("gap")))
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
            original: { [pictures] in try await pictures.bytes(of: $0) },
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
}

/// A response's writer that is handed on.
final class BodyWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) async throws { try await writer.write(ByteBuffer(bytes: bytes)) }

    func finish() async throws { try await writer.finish(nil) }
}
