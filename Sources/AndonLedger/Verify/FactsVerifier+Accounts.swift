import AndonModel
import AndonSQL

/// Accounts: who may do what, and whose key signs. Each change of a row has its entry; wrong passwords are counted in
/// between.
extension FactsVerifier {
    func checkAccounts() throws {
        guard try reader.db.tableExists(FactTable.account.name) else { return }
        let accounts = try FactCursor(reader.db, .account)
        while !accounts.isAtEnd {
            try check(accounts)
            try accounts.advance()
        }
        try checkLinks()
    }

    /// Who comes in by OpenID Connect as whom: each row is what the entry of its first sign-in says.
    private func checkLinks() throws {
        guard try reader.db.tableExists(FactTable.accountLink.name) else { return }
        let links = try FactCursor(reader.db, .accountLink)
        while !links.isAtEnd {
            try checkLink(links)
            try links.advance()
        }
    }

    private func checkLink(_ link: FactCursor) throws {
        let (row, key) = try link.names()
        let sql =
            "SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind = 'account.linked' ORDER BY idx"
        let entries = try reader.db.rawRows(sql, [key], of: "the ledger")
        guard let raw = try entries.next(), let entry = FactEntry(raw) else {
            return try fault("account_link", row, nil, Self.stray)
        }
        try compareName(
            "account_link", row, "subject", link.value(0), entry.parsed().body, "/subject", entry.index)
        guard let digest = entry.digest(.link) else { return uncovered("account_link") }
        if link.rowDigest == digest {
            result.rows += 1
        } else {
            try fault("account_link", row, entry.index, Self.altered)
        }
    }

    private func check(_ account: FactCursor) throws {
        let (row, key) = try account.names()
        let sql = """
            SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind >= 'account.' AND kind < 'account/' ORDER BY idx DESC
            """
        var (isNewest, isNamed, isCreated) = (true, false, false)
        let entries = try reader.db.rawRows(sql, [key], of: "the ledger")
        while let raw = try entries.next() {
            guard let entry = FactEntry(raw) else { continue }
            if isNewest { try checkRow(account, row, entry) }
            isNewest = false
            let body = try entry.parsed().body
            if !isNamed, let member = Self.printedName(in: body) {
                try compareName("account", row, "printed_name", account.value(1), body, member, entry.index)
                isNamed = true
            }
            guard entry.kind == "account.created" else { continue }
            isCreated = true
            try compareName("account", row, "login", account.value(0), body, "/login", entry.index)
        }
        if !isCreated { try fault("account", row, nil, Self.stray) }
    }

    private func checkRow(_ account: FactCursor, _ row: String, _ entry: FactEntry) throws {
        guard let digest = entry.digest(.row) else { return uncovered("account") }
        if account.rowDigest == digest {
            result.rows += 1
        } else {
            try fault("account", row, entry.index, Self.altered)
        }
    }

    /// Where an entry says how the owner's name is printed from then on; nil where it says nothing of it.
    private static func printedName(in body: JSON) -> String? {
        guard let name = body["printedName"] else { return nil }
        return name["new"] == nil ? "/printedName" : "/printedName/new"
    }

    /// An account is never deleted, and neither is the link of one.
    func followAccount(_ entry: FactEntry, _ table: FactTable) throws {
        guard try reader.db.tableExists(table.name) else { return }
        let found = try reader.row("SELECT 1 FROM \(table.name) WHERE \(table.key) = ?", [entry.subject])
        if found == nil { try fault(table.name, entry.subject, entry.index, Self.missing) }
    }
}
