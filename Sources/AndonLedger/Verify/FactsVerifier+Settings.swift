import AndonModel
import GRDB

/// Settings that people changed in the interface.
extension FactsVerifier {
    func followSetting(_ entry: FactEntry) throws {
        guard let settings else { return }
        let body = try entry.parsed().body
        let number = "\(body["change"]?.integer ?? -1)"
        try step(settings, entry, key: number) {
            let table = FactTable.setting.name
            try compareName(table, number, "changed_by", settings.value(0), body, "/by", entry.index)
            try compareName(table, number, "approved_by", settings.value(1), body, "/approvedBy", entry.index)
        }
    }

    /// A version of the rules, and the document that it was read from where its entry says that there is one.
    func followRules(_ entry: FactEntry) throws {
        try step(rules, entry, key: entry.subject)
        guard entry.digest(.document) != nil else { return }
        documented.insert(entry.subject)
        let table = FactTable.rulesDocument
        try compare(
            table, String(entry.subject.dropFirst("rules/".count)), "WHERE \(table.key) = ?", [entry.subject], entry,
            .document)
    }

    /// Documents of versions whose entries say nothing of one.
    func checkDocuments() throws {
        let table = FactTable.rulesDocument
        guard try reader.db.tableExists(table.name) else { return }
        for row in try reader.rows("SELECT \(table.row), \(table.key) FROM \(table.name) ORDER BY version") {
            guard !documented.contains(FactCursor.words(row[1])) else { continue }
            try fault(table.name, FactCursor.words(row[0]), nil, Self.stray)
        }
    }
}
