import AndonAudit
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// Electronic signatures under orders' records and under versions of the rules.
struct SignatureRoutes: Sendable {
    let tools: PageTools

    private var accounts: Accounts { tools.accounts }
    private var rules: RuleSigning { RuleSigning(store: accounts.store, policy: accounts.policy) }
    private var store: Store { accounts.store }

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/orders/:reference/signatures") { _, context in
            let reference = try RecordRoutes.reference(context.parameters)
            try await demand(reference, context)
            return Answer.json(try await list(reference.text))
        }
        router.post("/api/v1/orders/:reference/signatures") { request, context in
            let reference = try RecordRoutes.reference(context.parameters)
            try await demand(reference, context)
            let index = try await sign(reference, RequestFields(request))
            return Answer.json(["entry": .integer(index)], status: .created)
        }
        router.get("/api/v1/rules") { _, context in
            let versions = try await versions(tools.drafting.reach(context.caller))
            return Answer.json(["versions": .array(versions.map(\.json))])
        }
        router.get("/api/v1/rules/:version") { _, context in
            let reach = tools.drafting.reach(context.caller)
            return Answer.json(try await view(Self.version(context.parameters), reach).json)
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

    /// - Throws: ``Problem`` 404 for an order that is not there, or that who asks may not see.
    func demand(_ reference: Reference, _ context: AppContext) async throws {
        guard let order = try await store.read({ try $0.order(reference) }) else {
            throw Answer.notFound("order \(reference)")
        }
        try tools.scope(context.caller).demand(asset: order.asset, "order \(reference)")
    }

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

    /// The newest first.
    func versions(limit: Int = 200, _ reach: RulesReach) async throws -> [RulesView] {
        try await store.read { reader in
            try reader.rulesVersions(limit: limit).map {
                try RulesView($0.version, $0.inForceAt, reader).within(reach)
            }
        }
    }

    func view(_ version: Int, _ reach: RulesReach) async throws -> RulesView {
        let found = try await store.read { reader in
            try reader.rulesVersions().first { $0.version == version }.map {
                try RulesView($0.version, $0.inForceAt, reader)
            }
        }
        guard let found else { throw Answer.notFound("version \(version) of the rules") }
        return found.within(reach)
    }

    func signRules(_ version: Int, _ fields: RequestFields) async throws -> Int64 {
        let request = try Self.request(fields)
        let unlocked = try await accounts.signer(request, of: .rules)
        return try await rules.sign(version, as: unlocked, request)
    }
}
