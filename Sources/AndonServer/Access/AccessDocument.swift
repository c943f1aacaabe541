import AndonIdentity
import Foundation
import HTTPTypes

/// docs/access.md: the table of permissions as text, from the same rows that the server asks.
public enum AccessDocument {
    public static var markdown: String {
        [head, roles, routes].joined(separator: "\n\n") + "\n"
    }

    /// A line for each route, for a terminal.
    public static var text: String {
        let rows = sorted.map { row in
            let need =
                switch row.need {
                case .nothing: "none"
                case .permission(let permission): permission.rawValue
                }
            return need.padding(toLength: 12, withPad: " ", startingAt: 0) + "\(row.method.rawValue) \(row.path)"
        }
        return rows.joined(separator: "\n") + "\n"
    }

    private static var sorted: [Access] {
        AccessTable.rows.sorted { ($0.path, $0.method.rawValue) < ($1.path, $1.method.rawValue) }
    }

    private static let head = """
        # Who may do what

        <!-- Written by `andon access --markdown`; change the tables in Sources, not this file. -->

        An account has one or more roles, each everywhere or at one site (`planner@BEDFORD`); a machine's key has permissions of
        its own. Each route asks for one permission, or for none; a route that is in no table is served to nobody. A refusal is
        an entry of the ledger (`access.refused`), at most one a minute for who is refused and what.
        With `server.access: open` nobody is asked.
        """

    private static var roles: String {
        var lines = ["## Roles", ""]
        lines.append("| permission | " + Role.allCases.map(\.rawValue).joined(separator: " | ") + " |")
        lines.append("| --- |" + String(repeating: " :-: |", count: Role.allCases.count))
        for permission in Permission.allCases {
            let marks = Role.allCases.map { $0.permissions.contains(permission) ? "yes" : "" }
            lines.append("| `\(permission.rawValue)`: \(words(permission)) | " + marks.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private static var routes: String {
        var lines = ["## Routes", "", "| route | permission |", "| --- | --- |"]
        for row in sorted {
            let place = row.isWhole ? ", at all sites" : ""
            lines.append("| `\(row.method.rawValue) \(row.path)` | \(name(row.need))\(place) |")
        }
        lines.append("")
        lines.append("`GET /ledger/tile/**` needs none where `ledger.openTiles` is true.")
        return lines.joined(separator: "\n")
    }

    private static func name(_ need: Access.Need) -> String {
        switch need {
        case .nothing: "none"
        case .permission(let permission): "`\(permission.rawValue)`"
        }
    }

    private static func words(_ permission: Permission) -> String {
        switch permission {
        case .read: "see what was detected, raised and done"
        case .report: "send detections and frame counts"
        case .work: "a technician's steps: start, note, close, report what a camera missed"
        case .plan: "a planner's steps: assign, cancel, send dead letters again, propose"
        case .tune: "what decides about orders: rules, limits of charts, zones"
        case .audit: "look at the evidence: search, proofs, verification, exports"
        case .retain: "place and release legal holds, add evidence, record validations"
        case .administer: "accounts, keys, certificates, names to erase"
        case .forward: "forward a site's records: the site's own server, and no person"
        }
    }
}
