import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import AndonWire
import Foundation
import HTTPTypes
import Hummingbird
import UASecurity

/// Whom Andon trusts over OPC UA: a page with forms, and the same for programs. Everything that a certificate says comes
/// from a stranger; the page's template escapes it.
struct TrustRoutes: Sendable {
    let application: OPCUAApplication
    let accounts: Accounts
    let web: Web

    static let access = Access.all(
        Access.get(.administer, "/opcua", "/api/v1/opcua/trust"),
        Access.post(.administer, "/opcua/:action", "/api/v1/opcua/trust", "/api/v1/opcua/reject"))

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/opcua/trust") { _, _ in Answer.json(try await state()) }
        for action in Action.allCases {
            router.post("/api/v1/opcua/\(action.rawValue)") { request, context in
                let thumbprint = try await act(action, RequestFields(request), context.caller)
                return Answer.json(["thumbprint": .string(thumbprint), "state": .string(action.state.rawValue)])
            }
        }
        router.get("/opcua") { request, context in try await page(nil, request, context) }
        router.post("/opcua/:action") { request, context in
            guard let action = Action(rawValue: try context.parameters.require("action")) else {
                throw Answer.notFound("such page")
            }
            return try await form(action, request, context)
        }
    }

    enum Action: String, CaseIterable {
        case trust, reject

        var state: TrustList.State { self == .trust ? .trusted : .rejected }
    }

    private func state() async throws -> JSON {
        let certificate = try await ApplicationCertificate(application)
        let own = certificate.instance.certificate
        let now = accounts.store.time.now()
        return [
            "own": .object(present: [
                "applicationUri": own.applicationURI.map { .string($0) }, "subject": .string(own.subject),
                "thumbprint": .string(own.thumbprintText), "notAfter": .time(Timestamp(own.notAfter)),
                "daysLeft": .integer(certificate.days(at: now)),
                "path": .string(
                    certificate.folder.appendingPathComponent(ApplicationInstance.certificatePath).path),
            ]),
            "certificates": .array(await certificate.trust.list().map(Self.entry)),
        ]
    }

    private static func entry(_ entry: TrustList.Entry) -> JSON {
        let certificate = entry.certificate
        return .object(present: [
            "state": .string(entry.state.rawValue), "thumbprint": .string(certificate.thumbprintText),
            "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
            "applicationUri": certificate.applicationURI.map { .string($0.cut(to: 200)) },
            "hostNames": .array(certificate.hostNames.prefix(8).map { .string($0.cut(to: 200)) }),
            "notBefore": .time(Timestamp(certificate.notBefore)), "notAfter": .time(Timestamp(certificate.notAfter)),
            "since": .time(Timestamp(entry.modified)),
        ])
    }

    // MARK: Changes

    /// - Returns: the thumbprint of the certificate that is trusted, or is so no longer.
    private func act(_ action: Action, _ fields: RequestFields, _ caller: Caller) async throws -> String {
        guard let asked = fields["thumbprint"] else {
            throw Self.fault("Give the thumbprint of the certificate: 40 hexadecimal digits.")
        }
        guard let reason = fields["reason"] else { throw Self.fault("Say why, in reason.") }
        let certificate = try await ApplicationCertificate(application)
        let by = try await person(fields, caller, for: "\(action.rawValue) of an OPC UA certificate")
        let from: TrustList.State = action == .trust ? .rejected : .trusted
        let wanted = asked.lowercased().filter { $0 != ":" && $0 != " " }
        let found = await certificate.trust.list().first {
            $0.state == from && $0.certificate.thumbprintText == wanted
        }
        do throws(TrustList.Failure) {
            switch action {
            case .trust: try await certificate.trust.trust(thumbprint: asked)
            case .reject: try await certificate.trust.reject(thumbprint: asked)
            }
        } catch { throw Self.problem(error) }
        _ = try await accounts.store.write { transaction in
            try transaction.record(
                "opcua.\(action.state.rawValue)", of: "opcua/\(wanted)",
                .object(present: [
                    "by": .string(by), "reason": .string(reason.cut(to: 1000)),
                    "subject": found.map { .string($0.certificate.subject) },
                    "applicationUri": found?.certificate.applicationURI.map { .string($0.cut(to: 200)) },
                    "notAfter": found.map { .time(Timestamp($0.certificate.notAfter)) },
                ]), names: ["/by"])
        }
        return wanted
    }

    /// An administrator, with the password; who is signed in need not type the login name. Where nobody has an account
    /// the API key is what guards, and a name is enough.
    private func person(_ fields: RequestFields, _ caller: Caller, for purpose: String) async throws -> String {
        if let login = fields["byLogin"] ?? caller.account?.login, let password = fields.secret("byPassword") {
            let account = try await accounts.administrator(
                Credentials(login: login, password: password), for: purpose)
            guard caller.account.map({ $0.number == account.number }) ?? true else { throw Self.somebodyElse }
            return caller.person(typed: account.printedName) ?? account.printedName
        }
        guard try await accounts.store.read({ try $0.accounts().isEmpty }) else {
            throw Problem(
                status: 401, type: "credentials-needed", title: "An administrator does this",
                detail: "Give byLogin and byPassword of an account with the role administrator.")
        }
        guard let by = caller.person(typed: fields["by"]) else { throw Self.fault("Say who does it, in by.") }
        return by
    }

    private static let somebodyElse = Problem(
        status: 403, type: "not-allowed", title: "Only who is signed in does this",
        detail: "The password is another person's than the one who is signed in. Sign in as the one who decides.")

    private static func problem(_ failure: TrustList.Failure) -> Problem {
        switch failure {
        case .thumbprint: fault("\(failure).")
        case .notFound:
            Problem(
                status: 404, type: "not-found", title: "Not found",
                detail: "\(failure): look at the list (andon opcua list). A client that was refused is there after it "
                    + "has tried to connect.")
        case .file:
            Problem(
                status: 500, type: "trust-list", title: "The trust list cannot be changed", detail: "\(failure).")
        }
    }

    private static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-trust", title: "The certificate cannot be named like this", detail: detail)
    }

    // MARK: The page

    private func form(_ action: Action, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let thumbprint = try await act(action, fields, context.caller)
            let words = web.texts(context.language).text(
                "accounts", "opcua-\(action.state.rawValue)", ["thumbprint": thumbprint])
            return try await page(.done(words), request, context)
        } catch let problem as Problem {
            var typed: [String: String] = [:]
            for name in ["thumbprint", "reason", "byLogin", "by"] { typed[name] = (fields[name] ?? "").cut(to: 1000) }
            return try await page(.refused(problem, typed: typed), request, context)
        }
    }

    private func page(
        _ message: TrustPage.Message?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        var status = HTTPResponse.Status.ok
        if case .refused(let problem, _)? = message { status = .init(code: problem.status) }
        return web.page(
            "opcua", TrustPage.values(try await state(), message, context.caller), title: "OPC UA", section: "accounts",
            status: status, request, context)
    }
}

extension Timestamp {
    init(_ date: Date) {
        // Dates of certificates reach to the year 9999; a damaged one goes no further than our clock can count.
        let seconds = min(max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799)
        self.init(microseconds: Int64(seconds * 1e6))
    }
}
