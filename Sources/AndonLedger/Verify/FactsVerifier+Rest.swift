import AndonModel
import AndonSQL

/// Pictures and what their removal left; the reach of holds, repairs, registries and the counters of parts.
extension FactsVerifier {
    /// A picture that an entry says was removed is removed, or came again since.
    func followRemoval(_ entry: FactEntry) throws {
        let body = try entry.parsed().body
        let named = body["pictures"]?.array?.compactMap { $0["sha256"]?.string } ?? [body["sha256"]?.string ?? ""]
        for sha256 in named {
            guard let row = try reader.row("SELECT removal FROM picture WHERE sha256 = ?", [sha256]) else {
                try fault("picture", sha256, entry.index, Self.missing)
                continue
            }
            if let removal = Int64.fromDatabaseValue(row[0]), removal >= entry.index { continue }
            let later = try reader.row(
                "SELECT 1 FROM inspection WHERE picture = ? AND seq > ? LIMIT 1", [sha256, lastReport])
            let isBack = try later != nil || hasPhoto(sha256, after: lastPhoto) || hasFrame(sha256, after: lastFrame)
            if !isBack {
                try fault("picture", sha256, entry.index, "it was removed, and the row does not say so")
            }
        }
    }

    private func hasPhoto(_ sha256: String, after id: Int64) throws -> Bool {
        guard hasPhotos else { return false }
        return try reader.row("SELECT 1 FROM order_photo WHERE sha256 = ? AND id > ? LIMIT 1", [sha256, id]) != nil
    }

    private func hasFrame(_ sha256: String, after id: Int64) throws -> Bool {
        guard hasEvidence else { return false }
        return try reader.row("SELECT 1 FROM evidence_frame WHERE sha256 = ? AND id > ? LIMIT 1", [sha256, id]) != nil
    }

    func checkPictures() throws {
        let found = try reader.db.cursor(
            """
            SELECT p.sha256, p.removed_at, p.removed_for, p.removal,
                EXISTS (SELECT 1 FROM inspection i WHERE i.picture = p.sha256) FROM picture p ORDER BY p.removal
            """)
        var last: (index: Int64, entry: Removal)?
        while let row = try found.next() {
            let sha256 = FactCursor.words(row[0])
            let hasSource = try (row[4] as Bool) || hasPhoto(sha256, after: 0) || hasFrame(sha256, after: 0)
            if !hasSource { try fault("picture", sha256, nil, Self.stray) }
            let says = [row[1], row[2], row[3]] as [DatabaseValue]
            guard says.contains(where: { !$0.isNull }) else { continue }
            let removal = Int64.fromDatabaseValue(says[2]) ?? -1
            if last?.index != removal { last = try removalEntry(removal).map { (removal, $0) } }
            guard let entry = last?.entry, entry.pictures.contains(sha256),
                Int64.fromDatabaseValue(says[0]) == entry.at, String.fromDatabaseValue(says[1]) == entry.reason
            else {
                try fault("picture", sha256, removal, "what the row says of its removal is not what the entry says")
                continue
            }
        }
    }

    private struct Removal {
        var at: Int64
        var reason: String
        var pictures: Set<String>
    }

    private func removalEntry(_ index: Int64) throws -> Removal? {
        var found: Removal?
        try reader.db.eachRaw(
            "SELECT idx, kind, subject, entry FROM ledger WHERE idx = ?", [index]
        ) { raw in
            guard let entry = FactEntry(raw), ["picture.removed", "picture.not-kept"].contains(entry.kind) else {
                return
            }
            let (at, body) = try entry.parsed()
            let isNotKept = entry.kind == "picture.not-kept"
            found = Removal(
                at: at.microseconds,
                reason: isNotKept ? RemovalReason.notKept.rawValue : body["reason"]?.string ?? "",
                pictures: Set(
                    body["pictures"]?.array?.compactMap { $0["sha256"]?.string } ?? [body["sha256"]?.string ?? ""]))
        }
        return found
    }

    func checkTheRest() throws {
        try checkReaches()
        try checkRepairs()
        try checkRegistries()
        try checkParts()
    }

    private func checkReaches() throws {
        let condition = "WHERE hold = ? ORDER BY asset"
        for hold in held {
            let rows = try reader.rows("SELECT asset FROM hold_asset \(condition)", [Int64(hold.id)])
            if let extended = hold.extended {
                guard let digest = extended.digest else {
                    uncovered("hold_asset")
                    continue
                }
                if try reader.db.digest(.reach, condition, [Int64(hold.id)]) == digest {
                    result.rows += rows.count
                } else {
                    try fault(
                        "hold_asset", "of hold \(hold.id)", extended.entry, "the rows are not what the entry says")
                }
            } else if rows.map({ FactCursor.words($0[0]) }) != (hold.asset.map { [$0] } ?? []) {
                try fault("hold_asset", "of hold \(hold.id)", nil, "the rows are not what the hold covers")
            }
        }
        let strays = try reader.rows(
            "SELECT hold, asset FROM hold_asset WHERE hold NOT IN (SELECT id FROM hold) LIMIT 100")
        for row in strays {
            try fault("hold_asset", "\(FactCursor.words(row[0])) \(FactCursor.words(row[1]))", nil, Self.stray)
        }
    }

    private func checkRepairs() throws {
        let repairs = try FactCursor(reader.db, .restart)
        while !repairs.isAtEnd {
            let (row, key) = try repairs.names()
            var restart: Int64?
            try reader.db.eachRaw(
                "SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind = 'chart.restarted' ORDER BY idx",
                [key]
            ) { raw in
                guard let entry = FactEntry(raw),
                    let point = try entry.parsed().body["point"]?.integer, Int64(point) == repairs.integer(1)
                else { return }
                restart = entry.index
                guard let digest = entry.digest(.row) else { return uncovered("chart_repair") }
                if digest == repairs.rowDigest {
                    result.rows += 1
                    return
                }
                try fault("chart_repair", row, entry.index, Self.altered)
            }
            if restart == nil { try fault("chart_repair", row, nil, Self.stray) }
            try checkEffect(repairs, row, key, restart ?? 0)
            try repairs.advance()
        }
    }

    /// The newest entry about the effect of the repair, behind the one that the stream began anew with.
    private func checkEffect(_ repairs: FactCursor, _ row: String, _ key: String?, _ restart: Int64) throws {
        var isTold = false
        let stored = try reader.db.digest(
            .effectOfRepair, "WHERE \(FactTable.restart.key) = ? AND point = ?", [key, repairs.integer(1)])
        try reader.db.eachRaw(
            """
            SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND kind = 'repair.effect' AND idx > ?
            ORDER BY idx
            """, [repairs.text(2), restart]
        ) { raw in
            guard !isTold, let entry = FactEntry(raw), try entry.parsed().body["chart"]?.string == key else { return }
            isTold = true
            guard let digest = entry.digest(.row) else { return uncovered("chart_repair") }
            if digest != stored { try fault("chart_repair", row, entry.index, Self.altered) }
        }
        if !isTold, !repairs.value(3).isNull {
            try fault("chart_repair", row, nil, "the row has an effect, and no entry")
        }
    }

    private func checkRegistries() throws {
        for row in try reader.rows("SELECT connector, digest FROM registry ORDER BY connector") {
            let connector = FactCursor.words(row[0])
            guard let told = registries.removeValue(forKey: connector) else {
                try fault("registry", connector, nil, Self.stray)
                continue
            }
            if String.fromDatabaseValue(row[1]) != told.digest {
                try fault("registry", connector, told.entry, Self.altered)
            }
            var documents: [String] = []
            let assets = try reader.rows(
                """
                SELECT asset, document, CASE WHEN json_valid(document) THEN json_extract(document, '$.id') END
                FROM registry_asset WHERE connector = ? ORDER BY rowid
                """, [connector])
            for asset in assets {
                documents.append(FactCursor.words(asset[1]))
                if asset[0] as DatabaseValue != asset[2] {
                    try fault("registry_asset", "\(connector) \(FactCursor.words(asset[0]))", told.entry, Self.altered)
                }
            }
            if Hex.sha256(Array(documents.joined(separator: "\n").utf8)) == told.digest {
                result.rows += assets.count
            } else {
                try fault("registry_asset", "of \(connector)", told.entry, "the rows are not what the entry says")
            }
        }
        for (connector, told) in registries.sorted(by: { $0.key < $1.key }) {
            try fault("registry", connector, told.entry, Self.missing)
        }
        let strays = try reader.rows(
            "SELECT connector, asset FROM registry_asset WHERE connector NOT IN (SELECT connector FROM registry) LIMIT 100"
        )
        for row in strays {
            try fault(
                "registry_asset", "\(FactCursor.words(row[0])) \(FactCursor.words(row[1]))", nil, Self.stray)
        }
    }

    private func checkParts() throws {
        var left = parts
        for row in try reader.rows("SELECT asset, parts FROM part_counter ORDER BY asset") {
            let asset = FactCursor.words(row[0])
            let counted = left.removeValue(forKey: asset)
            guard let counted else {
                if (row[1] as DatabaseValue) != 0.databaseValue { try fault("part_counter", asset, nil, Self.stray) }
                continue
            }
            if Int64.fromDatabaseValue(row[1]) == counted {
                result.rows += 1
            } else {
                try fault("part_counter", asset, nil, "the reports of the asset make \(counted)")
            }
        }
        for (asset, counted) in left.sorted(by: { $0.key < $1.key }) where counted != 0 {
            try fault("part_counter", asset, nil, "the reports of the asset make \(counted), and there is no row")
        }
    }
}
