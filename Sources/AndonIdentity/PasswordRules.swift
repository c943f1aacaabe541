import AndonModel

/// What is refused as a password: short ones, those made of the person's own names, and those that everybody tries.
enum PasswordRules {
    static let lengthMax = 256
    private static let distinctMin = 5
    /// What guesses begin with; a password has to have more than these.
    private static let common = [
        "password", "passwort", "qwertyuiop", "qwertz", "qwerty", "asdfgh", "letmein", "welcome", "willkommen", "admin",
        "andon", "secret", "changeme", "iloveyou", "1234567890", "123456", "0987654321", "abcdef", "summer", "winter",
        "sommer", "2024", "2025", "2026", "2027",
    ]
    private static let remainderMin = 6

    /// - Throws: ``Problem`` that says what a better one has.
    static func check(_ password: String, login: String, printedName: String, _ policy: AccountPolicy) throws {
        guard password.count >= policy.passwordLengthMin else {
            throw AccountProblem.fault(
                "A password has at least \(policy.passwordLengthMin) characters; some words that do not belong together "
                    + "are easy to remember.")
        }
        guard password.count <= lengthMax else {
            throw AccountProblem.fault("A password has at most \(lengthMax) characters.")
        }
        let lower = password.lowercased()
        let own = [login.lowercased()] + printedName.lowercased().split(separator: " ").map(String.init)
        if let name = own.first(where: { $0.count >= 4 && lower.contains($0) }) {
            throw AccountProblem.fault("The password holds your own name (\(name)); that is tried first.")
        }
        var rest = lower
        for word in common { rest = rest.replacing(word, with: "") }
        guard rest.count >= remainderMin, Set(lower).count >= distinctMin else {
            throw AccountProblem.fault(
                "The password is one of those that everybody tries; take words that do not belong together.")
        }
    }
}
