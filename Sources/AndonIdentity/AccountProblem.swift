import AndonModel

/// Refusals in words: what was wrong, and what to do.
enum AccountProblem {
    static func wrong(_ policy: AccountPolicy) -> Problem {
        Problem(
            status: 401, type: "wrong-credentials", title: "The login name or the password is wrong",
            detail: "Try again. After \(policy.attemptsMax) wrong passwords in a row the account is locked for "
                + "\(policy.lockFor.inMinutes) minutes. A person who forgot the password asks an administrator for a reset."
        )
    }

    static func locked(until time: Timestamp) -> Problem {
        Problem(
            status: 403, type: "account-locked", title: "The account is locked",
            detail: "Too many wrong passwords: nothing is taken from it before \(time). An administrator can unlock it "
                + "(andon account unlock). If those attempts were not yours, tell an administrator.")
    }

    static var passwordDue: Problem {
        Problem(
            status: 403, type: "password-due", title: "The password is too old",
            detail: "Set a new one first: on the page /accounts/mine, or with andon account password.")
    }

    static func notAllowed(_ detail: String) -> Problem {
        Problem(status: 403, type: "not-allowed", title: "Your roles do not allow this", detail: detail)
    }

    static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-account", title: "The account cannot be kept like this", detail: detail)
    }

    static func conflict(_ detail: String) -> Problem {
        Problem(status: 409, type: "account-state", title: "The accounts' state does not allow this", detail: detail)
    }

    static func none(_ number: Int64) -> Problem {
        Problem(status: 404, type: "not-found", title: "Not found", detail: "There is no account \(number).")
    }

    static var busy: Problem {
        Problem(
            status: 503, type: "busy", title: "Too many passwords are being checked",
            detail: "Send it again in a few seconds.")
    }
}

extension Duration {
    var inMinutes: Int { Int(microseconds / 60_000_000) }
}
