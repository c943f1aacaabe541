import AndonModel
import AndonSQL

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

    /// What a site forwarded stands as it came.
    func followSiteBatch(_ entry: FactEntry) throws {
        guard let siteBatches else { return }
        try step(siteBatches, entry, key: "\(try entry.parsed().body["batch"]?.integer ?? -1)")
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

    // MARK: Drafts of rules

    /// A draft is never deleted.
    func followDraft(_ entry: FactEntry) throws {
        guard try reader.db.tableExists(FactTable.draft.name) else { return }
        let found = try reader.row("SELECT 1 FROM rule_draft WHERE \(FactTable.draft.key) = ?", [entry.subject])
        guard found == nil else { return }
        try fault(
            FactTable.draft.name, String(entry.subject.dropFirst("rules-draft/".count)), entry.index, Self.missing)
    }

    /// Each draft is what its newest entry says.
    func checkDrafts() throws {
        guard try reader.db.tableExists(FactTable.draft.name) else { return }
        let drafts = try FactCursor(reader.db, .draft)
        while !drafts.isAtEnd {
            try check(drafts)
            try drafts.advance()
        }
    }

    private func check(_ draft: FactCursor) throws {
        let (row, key) = try draft.names()
        let table = FactTable.draft.name
        var isRecorded = false
        try reader.db.eachRaw(
            """
            SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind >= 'rules.draft-' AND kind < 'rules.draft.'
            ORDER BY idx DESC LIMIT 1
            """, [key]
        ) { raw in
            guard let entry = FactEntry(raw) else { return }
            isRecorded = true
            if draft.rowDigest == entry.digest(.row) {
                result.rows += 1
            } else {
                try fault(table, row, entry.index, Self.altered)
            }
            let body = try entry.parsed().body
            for (place, name) in ["created", "changed", "submitted", "approved"].enumerated() {
                try compareName(
                    table, row, "\(name)_by", draft.value(Int32(place)), body, "/\(name)By", entry.index)
            }
        }
        if !isRecorded { try fault(table, row, nil, Self.stray) }
    }
}
