import AndonDraw
import AndonIdentity
import AndonLedger
import AndonModel
import AndonSQL

/// Who may do what: the accounts with their roles, and the ledger's entries about them.
struct AccountRights {
    struct Line {
        var account: Account
        var entries: [LedgerEntry]

        var madeAt: Timestamp? { entries.first { $0.kind == "account.created" }?.at }
        var locks: Int { entries.count { $0.kind == "account.locked" } }
        var refusals: Int
    }

    let lines: [Line]

    init(_ reader: Reader) throws {
        lines = try reader.accounts().map { account in
            // Wrong passwords may be many: they are counted.
            Line(
                account: account, entries: try reader.ledgerEntries(of: account.subject, kinds: AccountTrail.kinds),
                refusals: try reader.count(
                    "SELECT COUNT(*) FROM ledger WHERE subject = ? AND kind = 'account.refused'", [account.subject]))
        }
    }

    var part: SystemPart {
        SystemPart(
            finding, files: [.init("system/accounts.csv", Array(Register.csv([head] + rows).utf8))],
            entries: lines.flatMap { $0.entries.map(\.index) }, blocks: blocks)
    }

    private var finding: SystemFinding {
        let active = lines.filter { $0.account.state == .active }
        guard !active.isEmpty else { return SystemFinding(.accounts, .missing, "nobody has an account to sign with") }
        let locks = lines.reduce(0) { $0 + $1.locks }
        return SystemFinding(
            .accounts, .shown,
            "\(active.count) active account\(active.count == 1 ? "" : "s"), \(lines.count - active.count) others, \(locks) locks"
        )
    }

    private let head = [
        "account", "login", "printed_name", "roles", "state", "made_at", "wrong_attempts", "locks", "entries",
    ]

    private var rows: [[String]] {
        lines.map { line in
            let account = line.account
            return [
                "\(account.number)", account.login, account.printedName,
                account.grants.map(\.description).joined(separator: " "), account.state.rawValue,
                line.madeAt.map { "\($0)" } ?? "", "\(line.refusals)", "\(line.locks)",
                line.entries.map { "\($0.index)" }.joined(separator: " "),
            ]
        }
    }

    private var blocks: [Document.Block] {
        guard !lines.isEmpty else { return [] }
        return [
            .heading(2, "Accounts"),
            .table(
                [
                    .init("No.", weight: 0.5), .init("Login"), .init("Name", weight: 1.4), .init("Roles", weight: 2),
                    .init("State", weight: 0.8), .init("Since", weight: 1.6), .init("Entries", weight: 1.4),
                ], rows: rows.map { Array($0[0...5]) + [$0[8]] }),
        ]
    }
}
