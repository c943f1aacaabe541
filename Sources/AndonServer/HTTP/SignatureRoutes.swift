import AndonAudit
import AndonIdentity
import AndonLedger
import AndonModel
import HTTPTypes
import Hummingbird

/// Electronic signatures under orders' records and under versions of the rules.
struct SignatureRoutes: Sendable {
    let accounts: Accounts
    private let rules: RuleSigning
    private let page: RulesPage

    private var store: Store { accounts.store }

    init(accounts: Accounts) throws {
        self.accounts = accounts
        rules = RuleSigning(store: accounts.store, policy: accounts.policy)
        page = try RulesPage()
    }

    func add(to router: Router<some RequestContext>) {
        router.get("/api/v1/orders/:reference/signatures") { _, context in
            let reference = try RecordRoutes.reference(context.parameters)
            return Answer.json(try await list(reference.text))
        }
        router.post("/api/v1/orders/:reference/signatures") { request, context in
            let index = try await sign(RecordRoutes.reference(context.parameters), RequestFields(request))
            return Answer.json(["entry": .integer(index)], status: .created)
        }
        router.get("/rules") { _, _ in Answer.page(page.list(try await versions())) }
        router.get("/rules/:version") { _, context in try await html(Self.version(context.parameters)) }
        router.post("/rules/:version/sign") { request, context in
            try await form(Self.version(context.parameters), request)
        }
        router.get("/api/v1/rules") { _, _ in
            Answer.json(["versions": .array(try await versions().map(\.json))])
        }
        router.get("/api/v1/rules/:version") { _, context in
            Answer.json(try await view(Self.version(context.parameters)).json)
        }
        router.post("/api/v1/rules/:version/signatures") { request, context in
            let index = try await signRules(Self.version(context.parameters), RequestFields(request))
            return Answer.json(["entry": .integer(index)], status: .created)
        }
    }

    static func version(_ parameters: Parameters) throws -> Int {
        let text = try parameters.require("version")
        guard let version = Int(text), version > 0 else {
            throw Answer.notFound("version \"\(text.cut(to: 40))\" of the rules; a version is a number")
        }
        return version
    }

    private static func request(_ fields: RequestFields) throws -> SignatureRequest {
        try SignatureRequest(
            login: fields["login"], password: fields.secret("password"), meaning: fields["meaning"],
            reason: fields["reason"])
    }

    // MARK: Orders

    private func list(_ subject: String) async throws -> JSON {
        let found = try await store.read { try $0.signatures(of: subject) }
        return ["signatures": .array(found.map(\.json))]
    }

    /// Signs the record as it stands when the signature is written, not as it stood when the page was made.
    func sign(_ reference: Reference, _ fields: RequestFields) async throws -> Int64 {
        let request = try Self.request(fields)
        guard let order = try await store.read({ try $0.order(reference) }) else {
            throw Answer.notFound("order \(reference)")
        }
        let thing: SignedThing = order.state.isEnded ? .closure : .record
        let unlocked = try await accounts.signer(request, of: thing)
        return try await store.write { transaction in
            guard let record = try transaction.reader.recordIndexes(of: reference) else {
                throw Answer.notFound("order \(reference)")
            }
            guard record.state.isEnded == (thing == .closure) else {
                throw Problem(
                    status: 409, type: "record-changed", title: "The record has changed meanwhile",
                    detail: "The order is \(record.state.rawValue) now; look at its record again and sign then.")
            }
            return try transaction.sign(
                thing, of: reference.text, entries: record.entries, as: unlocked, request)
        }
    }

    // MARK: Rules

    private func versions() async throws -> [RulesView] {
        try await store.read { reader in
            try reader.rulesVersions(limit: 200).map { try RulesView($0.version, $0.inForceAt, reader) }
        }
    }

    private func view(_ version: Int) async throws -> RulesView {
        let found = try await store.read { reader in
            try reader.rulesVersions().first { $0.version == version }.map {
                try RulesView($0.version, $0.inForceAt, reader)
            }
        }
        guard let found else { throw Answer.notFound("version \(version) of the rules") }
        return found
    }

    private func html(_ version: Int, problem: Problem? = nil) async throws -> Response {
        Answer.page(
            page.detail(try await view(version), problem: problem?.detail),
            status: problem.map { .init(code: $0.status) } ?? .ok)
    }

    private func signRules(_ version: Int, _ fields: RequestFields) async throws -> Int64 {
        let request = try Self.request(fields)
        let unlocked = try await accounts.signer(request, of: .rules)
        return try await rules.sign(version, as: unlocked, request)
    }

    private func form(_ version: Int, _ request: Request) async throws -> Response {
        do {
            _ = try await signRules(version, RequestFields(request))
        } catch let problem as Problem where problem.status != 404 {
            return try await html(version, problem: problem)
        }
        return Response.redirect(to: "/rules/\(version)", type: .normal)
    }
}
