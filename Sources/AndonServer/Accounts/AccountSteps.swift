import AndonIdentity
import AndonModel

/// The steps of accounts, as the pages' forms and programs ask for them.
struct AccountSteps: Sendable {
    let accounts: Accounts

    /// The owner's own steps, which need no session: each carries a code, or login name and password.
    static let own = ["set-up", "enrol", "password"]

    /// - Parameters:
    ///   - action: the last word of the address.
    ///   - number: of the account that it is about; nil for the steps that need none.
    /// - Returns: the account, and a code where one was made.
    /// - Throws: ``Problem``: a refusal in words, 404 for no such step.
    func act(
        _ action: String, _ fields: RequestFields, _ number: Int64?
    ) async throws -> (Account, String?) {
        switch (action, number) {
        case ("set-up", nil):
            let made = try await accounts.setUp(
                code: fields["code"] ?? "", login: fields["login"] ?? "", printedName: fields["printedName"] ?? "",
                password: fields.secret("password") ?? "", accepts: fields.flag("accepts"))
            return (made, nil)
        case ("enrol", nil):
            let made = try await accounts.enrol(
                login: fields["login"] ?? "", code: fields["code"] ?? "", password: fields.secret("password") ?? "",
                accepts: fields.flag("accepts"))
            return (made, nil)
        case ("password", nil):
            let changed = try await accounts.changePassword(
                credentials("", fields) ?? Credentials(login: "", password: ""),
                to: fields.secret("newPassword") ?? "")
            return (changed, nil)
        case ("create", nil): return try await create(fields)
        case ("reset", let number?): return try await accounts.reset(number, authorisation(fields))
        case ("retire", let number?): return (try await accounts.retire(number, authorisation(fields)), nil)
        case ("unlock", let number?): return (try await accounts.unlockAccount(number, authorisation(fields)), nil)
        case ("change", let number?):
            let grants = try fields["roles"].map(Self.grants)
            let changed = try await accounts.change(
                number, printedName: fields["printedName"], grants: grants, authorisation(fields))
            return (changed, nil)
        default: throw Answer.notFound("action \"\(action.cut(to: 40))\" of an account")
        }
    }

    private func create(_ fields: RequestFields) async throws -> (Account, String?) {
        let applicant = Accounts.Applicant(
            login: fields["login"] ?? "", printedName: fields["printedName"] ?? "",
            grants: try Self.grants(fields["roles"] ?? ""), identity: fields["identity"] ?? "")
        return try await accounts.create(applicant, authorisation(fields))
    }

    /// Words with spaces or commas between them.
    private static func grants(_ text: String) throws -> [Grant] {
        try text.split(whereSeparator: { $0 == " " || $0 == "," }).map { word in
            guard let grant = Grant(String(word)) else {
                let all = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw fault(
                    "\"\(word.prefix(40))\" is no role; roles are \(all), or one of them at a site, like planner@BEDFORD."
                )
            }
            return grant
        }
    }

    private static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-account", title: "The account cannot be kept like this", detail: detail)
    }

    private func credentials(_ prefix: String, _ fields: RequestFields) -> Credentials? {
        let names = prefix.isEmpty ? ("login", "password") : ("\(prefix)Login", "\(prefix)Password")
        guard let login = fields[names.0], let password = fields.secret(names.1) else { return nil }
        return Credentials(login: login, password: password)
    }

    private func authorisation(_ fields: RequestFields) throws -> Authorisation {
        guard let administrator = credentials("by", fields) else {
            throw Self.fault(
                "An administrator types byLogin and byPassword, a second person approverLogin and approverPassword.")
        }
        return Authorisation(
            administrator: administrator, approver: credentials("approver", fields), reason: fields["reason"] ?? "")
    }
}
