import AndonModel

/// What the first administrator is made of, before there is a store to keep the account in.
public struct FirstAccount: Sendable {
    public enum Part: Sendable {
        case login
        case printedName
        case password
    }

    public var login: String
    public var printedName: String

    public init(login: String, printedName: String) { (self.login, self.printedName) = (login, printedName) }

    /// What the account could not be made with, each in words; empty when it can be.
    ///
    /// - Parameter password: nil leaves it out.
    public func faults(password: String?, _ policy: AccountPolicy = AccountPolicy()) -> [(part: Part, detail: String)] {
        func fault(_ part: Part, _ check: () throws -> Void) -> (part: Part, detail: String)? {
            do {
                try check()
                return nil
            } catch let problem as Problem {
                return (part, problem.detail)
            } catch {
                return (part, "\(error)")
            }
        }
        let login = fault(.login) { try applicant(self.login, "Any Name").check() }
        let name = fault(.printedName) { try applicant("any", printedName).check() }
        let secret = password.flatMap { password in
            fault(.password) {
                try PasswordRules.check(password, login: self.login, printedName: printedName, policy)
            }
        }
        return [login, name, secret].compactMap { $0 }
    }

    private func applicant(_ login: String, _ printedName: String) -> Accounts.Applicant {
        Accounts.Applicant(
            login: login.trimmed, printedName: printedName.trimmed, grants: [Grant(.administrator)],
            identity: "holds the code of the data folder")
    }
}
