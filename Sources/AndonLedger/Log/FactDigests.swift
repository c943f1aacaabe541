import AndonModel
import AndonSQL

extension Transaction {
    /// What the digests are of that an entry holds of the facts that it was written about: with them the tables can be held
    /// against the ledger (`Reader.verifyFacts`). Nothing for kinds without a row.
    func factQuestions(
        _ kind: String, of subject: String, _ body: JSON
    ) throws -> [FactTable.Member: DigestQuestion] {
        switch kind {
        case "inspection.accepted", "chart.signal", "chart.trend", "learn.proposed": inspectionDigests(subject)
        case "detection.decided": detectionDigests(subject)
        case "attempt.sent": attemptDigests(body)
        case "attempt.answered":
            [.row: DigestQuestion(.answer, "WHERE id = ?", [body["attempt"]?.integer])]
        case "alarm.raised": [.row: newest(.alarm)]
        case "hold.placed": [.row: newest(.hold)]
        case "hold.released": [.row: DigestQuestion(.release, "WHERE 'hold ' || id = ?", [subject])]
        case "hold.extended":
            [.row: DigestQuestion(.reach, "WHERE 'hold ' || hold = ? ORDER BY asset", [subject])]
        case "chart.limits": [.row: newest(.limits)]
        case "label.missed": [.row: newest(.missed)]
        case "chart.cause": [.row: newest(.cause)]
        case "chart.cause-withdrawn":
            [.row: DigestQuestion(.causeWithdrawal, "WHERE id = ?", [body["number"]?.integer])]
        case "order.photo": pictureDigests(.photo, body["photo"], body)
        case "evidence.frame": pictureDigests(.evidence, body["frame"], body)
        case "site.batch": [.row: newest(.siteBatch)]
        case "settings.changed": [.row: newest(.setting)]
        case "chart.restarted":
            [
                .row: DigestQuestion(
                    .restart, "WHERE \(FactTable.restart.key) = ? AND point = ?",
                    [subject, body["point"]?.integer])
            ]
        case "repair.effect":
            [
                .row: DigestQuestion(
                    .effectOfRepair,
                    "WHERE reference = ? AND \(FactTable.restart.key) = ? ORDER BY point DESC LIMIT 1",
                    [subject, body["chart"]?.string])
            ]
        case "rules.in-force":
            [
                .row: newest(.rules),
                .document: DigestQuestion(
                    .rulesDocument, "WHERE \(FactTable.rulesDocument.key) = ?", [subject]),
            ]
        case "frames.accepted": frameDigests(subject, counts: body["counts"]?.integer)
        case _ where FactTable.isAboutOrder(kind): orderDigests(kind, subject)
        case _ where kind.hasPrefix("rules.draft-"):
            [.row: DigestQuestion(.draft, "WHERE \(FactTable.draft.key) = ?", [subject])]
        case _ where kind.hasPrefix("account.") && subject.hasPrefix("account/"):
            try accountDigests(kind, subject)
        default: [:]
        }
    }

    private func newest(_ table: FactTable) -> DigestQuestion {
        DigestQuestion(table, "ORDER BY rowid DESC LIMIT 1")
    }

    private func inspectionDigests(_ id: String) -> [FactTable.Member: DigestQuestion] {
        [
            .row: DigestQuestion(.inspection, "WHERE id = ?", [id]),
            .picture: DigestQuestion(
                .picture, "WHERE sha256 = (SELECT picture FROM inspection WHERE id = ?)", [id]),
        ]
    }

    private func detectionDigests(_ name: String) -> [FactTable.Member: DigestQuestion] {
        let mark = name.lastIndex(of: "#") ?? name.endIndex
        return [
            .row: DigestQuestion(
                .detection, "WHERE inspection_seq = (SELECT seq FROM inspection WHERE id = ?) AND ordinal = ?",
                [String(name[..<mark]), Int(name[mark...].dropFirst())])
        ]
    }

    private func pictureDigests(
        _ table: FactTable, _ id: JSON?, _ body: JSON
    ) -> [FactTable.Member: DigestQuestion] {
        [
            .row: DigestQuestion(table, "WHERE id = ?", [id?.integer]),
            .picture: DigestQuestion(.picture, "WHERE sha256 = ?", [body["sha256"]?.string]),
        ]
    }

    /// What is to be done stands fixed when it first leaves.
    private func attemptDigests(_ body: JSON) -> [FactTable.Member: DigestQuestion] {
        let id = body["attempt"]?.integer
        let isFirst = body["number"]?.integer == 1 && body["action"]?.string == Claim.Action.send.rawValue
        var asked: [FactTable.Member: DigestQuestion] = [.row: DigestQuestion(.attempt, "WHERE id = ?", [id])]
        if isFirst {
            asked[.effect] = DigestQuestion(
                .effect, "WHERE id = (SELECT outbox_id FROM attempt WHERE id = ?)", [id])
        }
        return asked
    }

    private func frameDigests(_ batch: String, counts: Int?) -> [FactTable.Member: DigestQuestion] {
        [
            .row: DigestQuestion(.frames, "WHERE id = ?", [batch]),
            // The rows of a batch are the newest: there is no index to find them by.
            .counts: DigestQuestion(
                .count, "WHERE rowid > (SELECT MAX(rowid) FROM frame_count) - ? ORDER BY rowid", [counts]),
        ]
    }

    private func accountDigests(_ kind: String, _ subject: String) throws -> [FactTable.Member: DigestQuestion] {
        guard try db.tableExists(FactTable.account.name) else { return [:] }
        var asked: [FactTable.Member: DigestQuestion] = [
            .row: DigestQuestion(.account, "WHERE \(FactTable.account.key) = ?", [subject])
        ]
        if kind == "account.linked" {
            asked[.link] = DigestQuestion(.accountLink, "WHERE \(FactTable.accountLink.key) = ?", [subject])
        }
        return asked
    }

    private func orderDigests(_ kind: String, _ reference: String) -> [FactTable.Member: DigestQuestion] {
        var asked: [FactTable.Member: DigestQuestion] = [
            .row: DigestQuestion(.order, "WHERE reference = ?", [reference]),
            .changes: DigestQuestion(.change, "WHERE reference = ? ORDER BY number", [reference]),
        ]
        if FactTable.documentKinds.contains(kind) {
            asked[.document] = DigestQuestion(
                text: "SELECT document FROM work_order WHERE reference = ?", [reference])
        }
        return asked
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
