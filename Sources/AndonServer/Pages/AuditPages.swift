import AndonAudit
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The evidence for people: entries of the ledger, their proofs, checkpoints, a verification, validation packs.
struct AuditPages: Sendable {
    let tools: PageTools
    let ledger: LedgerKeeping
    let verification: VerificationRun

    init(tools: PageTools, ledger: LedgerKeeping) {
        (self.tools, self.ledger) = (tools, ledger)
        verification = VerificationRun(tools.store, logger: ledger.logger)
    }

    /// The ledger is of all sites: who may look at some alone looks at the record on their orders' own pages.
    static let access = Access.whole(
        Access.all(
            Access.get(
                .audit, "/audit", "/audit/entries/:index", "/audit/checkpoint", "/audit/verify", "/audit/validation",
                "/audit/signatures"),
            Access.byPage(Access.get(.audit, "/api/v1/ledger/verification")),
            Access.post(.audit, "/audit/verify")))

    func add(to router: Router<AppContext>) {
        router.get("/audit") { request, context in try await search(request, context) }
        router.get("/audit/entries/:index") { request, context in
            try await entry(context.parameters.require("index"), request, context)
        }
        router.get("/audit/checkpoint") { request, context in try await checkpoint(request, context) }
        router.get("/audit/verify") { request, context in verify(request, context) }
        router.post("/audit/verify") { request, context in
            let fields = try await RequestFields(request)
            _ = verification.start(by: context.doer(fields))
            return Response.redirect(to: "/audit/verify", type: .normal)
        }
        router.get("/api/v1/ledger/verification") { _, _ in Answer.json(verification.json) }
        router.get("/audit/signatures") { request, context in try await signatures(request, context) }
        router.get("/audit/validation") { request, context in try await validation(request, context) }
    }

    // MARK: Search

    /// Characters of a body that a list shows; the entry's own page has all.
    private static let bodyMax = 1500
    private static let names = ["subject", "kind", "person", "from", "until"]

    private func search(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        var typed: [String: String] = [:]
        for name in Self.names { typed[name] = query[Substring(name)].map { String($0).trimmed.cut(to: 200) } ?? "" }
        var (search, problem) = (LedgerSearch(), Problem?.none)
        do {
            search = try Self.search(typed, before: query["before"].map(String.init))
        } catch let refused as Problem {
            problem = refused
        }
        let (page, kinds) = try await tools.store.read { [search, problem] reader in
            let page = try problem == nil ? reader.ledgerEntries(search) : LedgerPage()
            return (page, try reader.ledgerKinds())
        }
        var values: [String: Any] = [:]
        for (name, text) in typed { values[name] = text }
        values["kinds"] = Self.offered(kinds)
        values["entries"] = page.entries.map { row($0, context.language, bodyMax: Self.bodyMax) }
        values["isEmpty"] = page.entries.isEmpty && problem == nil
        values["next"] = page.next.map { Self.address(typed, before: $0) }
        values["isLater"] = search.before != nil
        values["first"] = Self.address(typed, before: nil)
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        values["shortcuts"] = Self.shortcuts.map { kind -> [String: Any] in
            ["address": Self.address(["kind": kind], before: nil), "words": shortcut(kind, context.language)]
        }
        return tools.web.page(
            "audit", values, title: tools.web.texts(context.language)["audit", "title"], section: "audit",
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    private static let shortcuts = [
        SignatureCheck.entryKind, "access.refused", "configuration.read", "export.made", "alarm.", "account.",
        "session.",
    ]

    private func shortcut(_ kind: String, _ language: Language) -> String {
        let key = kind.hasSuffix(".") ? String(kind.dropLast()) : kind
        return tools.web.texts(language)["audit", "look-\(key.replacing(".", with: "-"))"]
    }

    /// Each kind, and each beginning of several, for the form to complete.
    private static func offered(_ kinds: [String]) -> [String] {
        let groups = Dictionary(grouping: kinds) { $0.split(separator: ".").first.map(String.init) ?? $0 }
        let beginnings = groups.filter { $0.value.count > 1 }.keys.map { "\($0)." }
        return (kinds + beginnings).sorted()
    }

    private static func search(_ typed: [String: String], before: String?) throws -> LedgerSearch {
        func text(_ name: String) -> String? { typed[name].flatMap { $0.isEmpty ? nil : $0 } }
        var search = LedgerSearch()
        (search.subject, search.kind, search.person) = (text("subject"), text("kind"), text("person"))
        search.from = try time("from", text("from"))
        search.until = try time("until", text("until"))
        if let from = search.from, let until = search.until, until <= from {
            throw Answer.invalidQuery("\"until\" should be after \"from\": entries of before that time are shown.")
        }
        if let before {
            guard let index = Int64(before), index >= 0 else {
                throw Answer.invalidQuery("before is the index of an entry; found \"\(before.cut(to: 40))\".")
            }
            search.before = index
        }
        return search
    }

    private static func time(_ name: String, _ text: String?) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(dayOrTime: text) else {
            throw Answer.invalidQuery(
                "\"\(name)\" is a day like 2026-11-01 or a time like 2026-11-01T06:00:00Z; found \"\(text.cut(to: 40))\"."
            )
        }
        return time
    }

    private static func address(_ typed: [String: String], before: Int64?) -> String {
        var parts = names.compactMap { name -> String? in
            guard let text = typed[name], !text.isEmpty else { return nil }
            return "\(name)=\(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        if let before { parts.append("before=\(before)") }
        return parts.isEmpty ? "/audit" : "/audit?\(parts.joined(separator: "&"))"
    }

    // MARK: Entries

    private func row(_ entry: LedgerEntry, _ language: Language, bodyMax: Int) -> [String: Any] {
        let formats = tools.web.formats(language)
        let text = RequestPreview.indented(entry.body)
        var row: [String: Any] = ["index": entry.index, "kind": entry.kind, "subject": entry.subject]
        row["at"] = formats.second(entry.at)
        row["machine"] = Formats.machine(entry.at)
        row["body"] = text.cut(to: bodyMax)
        row["isCut"] = text.count > bodyMax
        row["address"] = Self.page(of: entry.subject)
        return row
    }

    /// Where a subject is shown: its own page, or what else the ledger says of it.
    static func page(of subject: String) -> String {
        if Reference(subject) != nil { return "/orders/\(subject)" }
        let parts = subject.split(separator: "/", maxSplits: 1).map(String.init)
        let rest = (parts.count > 1 ? parts[1] : "").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        switch parts.first {
        case "rules" where Int(rest) != nil: return "/rules/\(rest)"
        case "key": return "/accounts/keys"
        case "connector": return "/connectors/\(rest)"
        default: return address(["subject": subject], before: nil)
        }
    }

    private func entry(_ text: String, _ request: Request, _ context: AppContext) async throws -> Response {
        guard let index = Int64(text), index >= 0 else { throw Answer.notFound("entry \"\(text.cut(to: 40))\"") }
        let found = try await tools.store.read { reader in
            try reader.ledgerEntry(index).map { ($0, try reader.checkpoint(covering: index)?.checkpoint.size) }
        }
        guard let (entry, covered) = found else { throw Answer.notFound("entry \(index)") }
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        var values = row(entry, context.language, bodyMax: 200_000)
        values["others"] = Self.address(["subject": entry.subject], before: nil)
        values["covered"] = covered.map { texts.text("audit", "covered", ["size": formats.number(Int($0))]) }
        values["before"] = index > 0 ? index - 1 : nil
        values["after"] = index + 1
        return tools.web.page(
            "audit-entry", values, title: texts.text("audit", "entry", ["index": "\(index)"]), section: "audit",
            request,
            context)
    }
}
