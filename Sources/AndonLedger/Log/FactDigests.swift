import AndonModel
import AndonSQL

extension Transaction {
    /// The digests that an entry holds of the facts that it was written about, as they are stored at this moment: with
    /// them the tables can be held against the ledger (`Reader.verifyFacts`). Nothing for kinds without a row.
    func factDigests(_ kind: String, of subject: String, _ body: JSON) throws -> [FactTable.Member: String] {
        let found: [FactTable.Member: String?] =
            switch kind {
            case "inspection.accepted", "chart.signal", "chart.trend", "learn.proposed": try inspectionDigests(subject)
            case "detection.decided": [.row: try newest(.detection)]
            case "attempt.sent": try attemptDigests(body)
            case "attempt.answered":
                [.row: try db.digest(.answer, "WHERE id = ?", [body["attempt"]?.integer])]
            case "alarm.raised": [.row: try newest(.alarm)]
            case "hold.placed": [.row: try newest(.hold)]
            case "hold.released": [.row: try db.digest(.release, "WHERE 'hold ' || id = ?", [subject])]
            case "hold.extended":
                [.row: try db.digest(.reach, "WHERE 'hold ' || hold = ? ORDER BY asset", [subject])]
            case "chart.limits": [.row: try newest(.limits)]
            case "label.missed": [.row: try newest(.missed)]
            case "chart.cause": [.row: try newest(.cause)]
            case "chart.cause-withdrawn":
                [.row: try db.digest(.causeWithdrawal, "WHERE id = ?", [body["number"]?.integer])]
            case "order.photo": try pictureDigests(.photo, body["photo"], body)
            case "evidence.frame": try pictureDigests(.evidence, body["frame"], body)
            case "site.batch": [.row: try newest(.siteBatch)]
            case "settings.changed": [.row: try newest(.setting)]
            case "chart.restarted":
                [
                    .row: try db.digest(
                        .restart, "WHERE \(FactTable.restart.key) = ? AND point = ?",
                        [subject, body["point"]?.integer])
                ]
            case "repair.effect":
                [
                    .row: try db.digest(
                        .effectOfRepair,
                        "WHERE reference = ? AND \(FactTable.restart.key) = ? ORDER BY point DESC LIMIT 1",
                        [subject, body["chart"]?.string])
                ]
            case "rules.in-force":
                [
                    .row: try newest(.rules),
                    .document: try db.digest(
                        .rulesDocument, "WHERE \(FactTable.rulesDocument.key) = ?", [subject]),
                ]
            case "frames.accepted": try frameDigests(subject, counts: body["counts"]?.integer)
            case _ where FactTable.isAboutOrder(kind): try orderDigests(kind, subject)
            case _ where kind.hasPrefix("rules.draft-"):
                [.row: try db.digest(.draft, "WHERE \(FactTable.draft.key) = ?", [subject])]
            case _ where kind.hasPrefix("account.") && subject.hasPrefix("account/"):
                try accountDigests(kind, subject)
            default: [:]
            }
        return found.compactMapValues { $0 }
    }

    private func newest(_ table: FactTable) throws -> String? {
        try db.digest(table, "ORDER BY rowid DESC LIMIT 1")
    }

    private func inspectionDigests(_ id: String) throws -> [FactTable.Member: String?] {
        [
            .row: try db.digest(.inspection, "WHERE id = ?", [id]),
            .picture: try db.digest(
                .picture, "WHERE sha256 = (SELECT picture FROM inspection WHERE id = ?)", [id]),
        ]
    }

    private func pictureDigests(
        _ table: FactTable, _ id: JSON?, _ body: JSON
    ) throws -> [FactTable.Member: String?] {
        [
            .row: try db.digest(table, "WHERE id = ?", [id?.integer]),
            .picture: try db.digest(.picture, "WHERE sha256 = ?", [body["sha256"]?.string]),
        ]
    }

    /// What is to be done stands fixed when it first leaves.
    private func attemptDigests(_ body: JSON) throws -> [FactTable.Member: String?] {
        let id = body["attempt"]?.integer
        let isFirst = body["number"]?.integer == 1 && body["action"]?.string == Claim.Action.send.rawValue
        return [
            .row: try db.digest(.attempt, "WHERE id = ?", [id]),
            .effect: isFirst
                ? try db.digest(.effect, "WHERE id = (SELECT outbox_id FROM attempt WHERE id = ?)", [id]) : nil,
        ]
    }

    private func frameDigests(_ batch: String, counts: Int?) throws -> [FactTable.Member: String?] {
        [
            .row: try db.digest(.frames, "WHERE id = ?", [batch]),
            // The rows of a batch are the newest: there is no index to find them by.
            .counts: try db.digest(
                .count, "WHERE rowid > (SELECT MAX(rowid) FROM frame_count) - ? ORDER BY rowid", [counts]),
        ]
    }

    private func accountDigests(_ kind: String, _ subject: String) throws -> [FactTable.Member: String?] {
        guard try db.tableExists(FactTable.account.name) else { return [:] }
        var found: [FactTable.Member: String?] = [
            .row: try db.digest(.account, "WHERE \(FactTable.account.key) = ?", [subject])
        ]
        if kind == "account.linked" {
            found[.link] = try db.digest(.accountLink, "WHERE \(FactTable.accountLink.key) = ?", [subject])
        }
        return found
    }

    private func orderDigests(_ kind: String, _ reference: String) throws -> [FactTable.Member: String?] {
        var found: [FactTable.Member: String?] = [
            .row: try db.digest(.order, "WHERE reference = ?", [reference]),
            .changes: try db.digest(.change, "WHERE reference = ? ORDER BY number", [reference]),
        ]
        if FactTable.documentKinds.contains(kind) {
            let row = try reader.row("SELECT document FROM work_order WHERE reference = ?", [reference])
            found[.document] = row.map { Hex.sha256(Array(($0[0] as String).utf8)) }
        }
        return found
    }
}

extension FactTable {
    /// Entries behind which the document of an order is another one than before.
    static let documentKinds: Set<String> = ["order.raised", "order.rescheduled"]

    private static let orderKinds = LedgerEntry.orderStateKinds.union([
        "order.raised", "order.acknowledged", "order.raised-again", "order.rescheduled", "order.taken-back",
        "outbox.dead", "outbox.revived",
    ])

    static func tellsState(_ kind: String) -> Bool { LedgerEntry.orderStateKinds.contains(kind) }

    /// Whether an entry of this kind has an order as its subject, and may come behind a change of its row.
    static func isAboutOrder(_ kind: String) -> Bool { orderKinds.contains(kind) }

    /// The same for a statement.
    static let aboutOrder = "kind IN (\(orderKinds.sorted().map { "'\($0)'" }.joined(separator: ", ")))"
}
