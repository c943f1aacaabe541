import AndonIdentity
import AndonModel

/// What is said to somebody who is known and may not do something: what is missing, and who gives it. A person has roles, a
/// machine has what its key was made with or what the configuration says of its certificate.
extension Caller {
    /// - Parameter site: where the permission is missing; nil for anywhere.
    /// - Returns: 403 `not-allowed`.
    public func refusal(of permission: Permission, at site: String? = nil) -> Problem {
        let place = site.map { " at the site \($0)" } ?? ""
        guard let machine else {
            let roles = Role.allCases.filter { $0.permissions.contains(permission) }.map(\.rawValue)
            return Self.notAllowed(
                "Your roles do not allow this",
                "This needs the permission \(permission.rawValue)\(place), which the roles "
                    + "\(roles.joined(separator: ", ")) have. An administrator gives roles on the page of the accounts."
            )
        }
        return Self.notAllowed(
            machine.title, "\(machine.name) lacks the permission \(permission.rawValue)\(place). \(machine.way)")
    }

    /// For what is of all sites together, where the permission holds at some of them.
    ///
    /// - Parameter what: a sentence with its full stop.
    /// - Returns: 403 `not-allowed`.
    public func refusal(
        ofAllSites permission: Permission, _ what: String = "This is of all sites together."
    ) -> Problem {
        guard let machine else {
            return Self.notAllowed(
                "Your roles do not allow this",
                "\(what) Your permission \(permission.rawValue) holds at some of them. Ask somebody whose role names no "
                    + "site.")
        }
        return Self.notAllowed(
            machine.title,
            "\(what) \(machine.name) lacks the permission \(permission.rawValue) at all sites: it has it at some. "
                + machine.way)
    }

    private static func notAllowed(_ title: String, _ detail: String) -> Problem {
        Problem(status: 403, type: "not-allowed", title: title, detail: detail)
    }

    private var machine: MachineWords? {
        guard case .machine = kind else { return nil }
        return hasCertificate ? .certificate(name) : .key(name)
    }
}

/// How a machine is spoken to.
private struct MachineWords {
    var title: String
    var name: String
    /// How it gets what it lacks.
    var way: String

    static func key(_ name: String) -> MachineWords {
        MachineWords(
            title: "The key does not allow this", name: "The key \"\(name)\"",
            way:
                "A key keeps the permissions and sites that it was made with: an administrator makes another on the page "
                + "/accounts/keys, or with andon key make, and revokes this one.")
    }

    static func certificate(_ name: String) -> MachineWords {
        MachineWords(
            title: "The certificate does not allow this", name: "The machine \"\(name)\"",
            way: "What its certificate stands for is in accounts.certificates of the configuration.")
    }
}
