import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The keys of machines: a page, and the same for programs.
struct KeyRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.administer, "/accounts/keys", "/api/v1/keys"),
        Access.post(
            .administer, "/accounts/keys", "/accounts/keys/:number/revoke", "/api/v1/keys",
            "/api/v1/keys/:number/revoke"))

    private var keys: APIKeys { APIKeys(tools.store) }

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/keys") { _, _ in
            Answer.json(["keys": .array(try await keys.list().map(\.json))])
        }
        router.post("/api/v1/keys") { request, context in
            let (key, text) = try await make(RequestFields(request), context)
            return Answer.json(
                .object((key.json.object ?? [:]).merging(["secret": .string(text)]) { $1 }), status: .created)
        }
        router.post("/api/v1/keys/:number/revoke") { request, context in
            let number = try Self.number(context.parameters)
            return Answer.json(try await revoke(number, RequestFields(request), context).json)
        }
        router.get("/accounts/keys") { request, context in try await page(Shown(), request, context) }
        router.post("/accounts/keys") { request, context in try await makeByForm(request, context) }
        router.post("/accounts/keys/:number/revoke") { request, context in
            try await revokeByForm(Self.number(context.parameters), request, context)
        }
    }

    private static func number(_ parameters: Parameters) throws -> Int64 {
        let text = try parameters.require("number")
        guard let number = Int64(text), number > 0 else {
            throw Answer.notFound("key \"\(text.cut(to: 40))\"; a key is a number")
        }
        return number
    }

    // MARK: Steps

    /// - Returns: the key, and its text, which nobody sees again.
    private func make(_ fields: RequestFields, _ context: AppContext) async throws -> (APIKey, String) {
        let sites = Set(Self.words(fields["sites"]))
        // Who administers some sites gives no key for others.
        if let reach = context.caller.sites(for: .administer), sites.isEmpty || !sites.isSubset(of: reach) {
            throw context.caller.refusal(
                ofAllSites: .administer, "A key is for sites at which its maker administers.")
        }
        let made = try await keys.make(
            name: fields["name"] ?? "", permissions: try Self.permissions(fields), sites: sites,
            expiresAt: try Self.expiry(fields["expiresAt"]), by: context.doer(fields))
        return (made.key, made.text)
    }

    private func revoke(_ number: Int64, _ fields: RequestFields, _ context: AppContext) async throws -> APIKey {
        try await keys.revoke(number, reason: fields["reason"] ?? "", by: context.doer(fields))
    }

    /// A list of words in `permissions`, or of the page's form a tick each.
    private static func permissions(_ fields: RequestFields) throws -> Set<Permission> {
        let ticked = Permission.allCases.filter { fields.flag("may-\($0.rawValue)") }
        let named = try words(fields["permissions"]).map { word in
            guard let permission = Permission(rawValue: word) else {
                let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw fault("\"\(word.cut(to: 40))\" is no permission; permissions are \(all).")
            }
            return permission
        }
        return Set(ticked + named)
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
    }

    private static func expiry(_ text: String?) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(dayOrTime: text) else {
            throw fault(
                "expiresAt is a day like 2027-01-01 or a time like 2027-01-01T06:00:00Z; found \"\(text.cut(to: 40))\"."
            )
        }
        return time
    }

    private static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-key", title: "The key cannot be made like this", detail: detail)
    }

    // MARK: The page

    /// What a page shows beside the list.
    private struct Shown {
        var made: (key: APIKey, text: String)?
        var revoked: APIKey?
        var problem: Problem?
        /// The fields of a form that was refused.
        var typed: RequestFields?
        /// The key whose form was refused; nil for the form that makes one.
        var refusedKey: Int64?
    }

    private func makeByForm(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let made = try await make(fields, context)
            return try await page(Shown(made: (made.0, made.1)), request, context)
        } catch let problem as Problem {
            return try await page(Shown(problem: problem, typed: fields), request, context)
        }
    }

    private func revokeByForm(_ number: Int64, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            return try await page(Shown(revoked: revoke(number, fields, context)), request, context)
        } catch let problem as Problem where problem.status != 404 {
            return try await page(Shown(problem: problem, typed: fields, refusedKey: number), request, context)
        }
    }

    private func page(_ shown: Shown, _ request: Request, _ context: AppContext) async throws -> Response {
        let texts = tools.web.texts(context.language)
        let all = try await keys.list()
        let typed = shown.refusedKey == nil ? shown.typed : nil
        var values: [String: Any] = [:]
        values["keys"] = all.reversed().map { row($0, shown, context.language) }
        values["isEmpty"] = all.isEmpty
        values["isAnybody"] = context.caller.isAnybody
        values["permissions"] = Permission.allCases.map { permission -> [String: Any] in
            [
                "word": permission.rawValue, "words": texts["accounts", "permission-\(permission.rawValue)"],
                "isTicked": typed?.flag("may-\(permission.rawValue)") ?? false,
            ]
        }
        for name in ["name", "sites", "expiresAt", "by"] {
            values[name] = (typed?[name] ?? "").cut(to: 200)
        }
        values["isOpen"] = typed != nil || all.isEmpty
        values["made"] = shown.made.map { texts.text("accounts", "key-made", ["name": $0.key.name]) }
        values["text"] = shown.made?.text
        values["revoked"] = shown.revoked.map { texts.text("accounts", "key-revoked", ["name": $0.name]) }
        values["problem"] = shown.problem.map { "\($0.title). \($0.detail)" }
        return tools.web.page(
            "accounts-keys", values, title: texts["accounts", "keys"], section: "accounts",
            status: shown.problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    private func row(_ key: APIKey, _ shown: Shown, _ language: Language) -> [String: Any] {
        let (texts, formats) = (tools.web.texts(language), tools.web.formats(language))
        var row: [String: Any] = ["number": key.number, "keyName": key.name]
        row["may"] = key.permissions.sorted().map(\.rawValue).joined(separator: ", ")
        row["where"] = key.sites.isEmpty ? texts["accounts", "everywhere"] : key.sites.sorted().joined(separator: ", ")
        row["madeAt"] = formats.time(key.madeAt)
        row["expires"] = key.expiresAt.map { formats.time($0) }
        row["usedAt"] = key.usedAt.map { formats.time($0) }
        row["isGood"] = key.isGood(at: tools.store.time.now())
        row["isRevocable"] = key.revokedAt == nil
        row["revokedAt"] = key.revokedAt.map { formats.time($0) }
        row["isRefused"] = shown.refusedKey == key.number
        row["reason"] = shown.refusedKey == key.number ? (shown.typed?["reason"] ?? "") : ""
        return row
    }
}
