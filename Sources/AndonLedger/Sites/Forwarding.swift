import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// Why a site's ledger does not continue what was forwarded before.
public struct ForkedHistory: Error, Sendable, CustomStringConvertible {
    public var description: String
}

/// Makes batches of what the store holds.
public struct BatchMaker: Sendable {
    private let site: String
    private let pictures: ForwardedPictures
    /// Bytes of items after which a batch is long enough.
    private let bytesAim: Int
    private let entriesMax: Int

    public init(
        site: String, pictures: ForwardedPictures, bytesAim: Int = 256 << 10, entriesMax: Int = SiteBatch.entriesMax
    ) {
        self.site = site
        self.pictures = pictures
        self.bytesAim = bytesAim
        self.entriesMax = entriesMax
    }

    private static let reports = Set(FactTable.inspection.kinds)
    private static let notesMax = 2000

    /// The batch that begins at `position`; without items where there is nothing new.
    ///
    /// - Parameters:
    ///   - root: of the tree that the receiver has at `position`; nil where it is known to be ours.
    ///   - gone: asked-for pictures that are not kept here.
    /// - Throws: ``ForkedHistory`` where the ledger is not the one that was forwarded before.
    public func batch(
        from position: Int64, root: [UInt8]?, gone: [String], at now: Timestamp, _ reader: Reader
    ) throws -> SiteBatch {
        let size = try reader.ledgerSize()
        guard position <= size else {
            throw ForkedHistory(
                description: "the ledger has \(size) entries, and \(position) were forwarded: the data folder was put "
                    + "back to an earlier state")
        }
        let base = try reader.ledgerRoot(size: position)
        if let root, root != base {
            throw ForkedHistory(
                description: "the first \(position) entries of the ledger are other ones than were forwarded")
        }
        var batch = SiteBatch(
            site: site, first: position, next: position, base: base, leaves: [],
            ledger: .init(size: size, at: now),
            standing: try Self.standing(reader), gone: gone)
        try fill(&batch, reader)
        batch.ledger.oldestAt = try reader.entryTime(batch.next)
        batch.checkpoint = try Self.checkpoint(in: batch, reader)
        return batch
    }

    private func fill(_ batch: inout SiteBatch, _ reader: Reader) throws {
        let rows = try reader.rows(
            "SELECT idx, kind, subject, entry, leaf FROM ledger WHERE idx >= ? ORDER BY idx LIMIT ?",
            [batch.first, entriesMax])
        var bytes = 0
        var items: [SiteItem?] = []
        /// Places of the orders among the items: of several entries about one order the last is enough.
        var orders: [String: Int] = [:]
        for row in rows {
            batch.leaves.append(Array(row["leaf"] as Data))
            batch.next += 1
            guard let item = try item(row, reader) else { continue }
            if case .order(let order) = item.fact {
                if let place = orders[order.reference] { items[place] = nil }
                orders[order.reference] = items.count
            }
            items.append(item)
            bytes += item.document.canonicalBytes.count
            if bytes >= bytesAim { break }
        }
        batch.items = items.compactMap(\.self)
    }

    private func item(_ row: Row, _ reader: Reader) throws -> SiteItem? {
        let (kind, subject): (String, String) = (row["kind"], row["subject"])
        let fact: SiteItem.Fact?
        if Self.reports.contains(kind) {
            fact = try report(subject, reader).map { .report($0) }
        } else if kind == "frames.accepted" {
            fact = .frames(try Self.frames(subject, reader))
        } else if FactTable.isAboutOrder(kind) {
            fact = try Reference(subject).flatMap { try reader.order($0) }.map { .order(try Self.order($0)) }
        } else {
            fact = nil
        }
        guard let fact else { return nil }
        return SiteItem(number: row["idx"], at: try Reader.plainEntry(row).at, fact: fact)
    }

    private func report(_ id: String, _ reader: Reader) throws -> SiteItem.Report? {
        guard let record = try reader.inspection(id) else { return nil }
        let detections = try reader.detections(of: record)
        let isSent =
            switch pictures {
            case .all: !detections.isEmpty
            case .orders: detections.contains { $0.reference != nil }
            case .none: false
            }
        let picture = try isSent && record.pictureRemovedAt == nil ? record.picture.flatMap(reader.picture) : nil
        var report = SiteItem.Report(
            id: record.id, detectedAt: record.detectedAt, camera: record.camera, asset: record.asset, lot: record.lot,
            inspected: Int64(try reader.count("SELECT inspected FROM inspection WHERE seq = ?", [record.seq])),
            picture: picture.map { .init(sha256: $0.sha256, bytes: Int64($0.bytes), mediaType: $0.mediaType) },
            defects: detections.map {
                .init(
                    defectClass: $0.defectClass, outcome: $0.outcome, reference: $0.reference?.text,
                    reason: $0.reason.cut(to: 900))
            })
        guard !detections.isEmpty else { return report }
        let bytes = record.body.canonicalBytes
        if bytes.count <= SiteBatch.bodyBytesMax {
            report.body = record.body
        } else {
            report.bodyDigest = Hex.sha256(bytes)
        }
        return report
    }

    private static func frames(_ batch: String, _ reader: Reader) throws -> SiteItem.Frames {
        let rows = try reader.rows(
            "SELECT asset, inspected FROM frame_count WHERE batch = ?", [batch])
        var assets: [String: Int64] = [:]
        for row in rows { assets[row["asset"], default: 0] += row["inspected"] as Int64 }
        return SiteItem.Frames(id: batch, inspected: assets.values.reduce(0, +), assets: assets)
    }

    private static func order(_ order: OrderRecord) throws -> SiteItem.Order {
        var closure = order.closure
        // Persons are named at their own site alone, where their names can be erased.
        closure?.technician = nil
        let notes = closure?.notes?.cut(to: notesMax)
        closure?.notes = notes
        return SiteItem.Order(
            reference: order.reference.text, asset: order.asset, defectClass: order.defectClass, kind: order.kind,
            priority: Int64(order.priority), delivery: order.delivery, state: order.state, raisedAt: order.raisedAt,
            report: order.inspectionID, connector: order.connector, remoteNumber: order.remoteNumber?.cut(to: 200),
            endedAt: order.endedAt,
            further: .object(present: [
                "acknowledgedAt": order.acknowledgedAt.map { .time($0) },
                "completedAt": order.completedAt.map { .time($0) }, "remoteId": order.remoteID.map { .string($0) },
                "remoteLink": order.remoteLink.map { .string($0) },
                "vendorState": order.vendorState.map { .string($0) }, "occurrences": .integer(order.occurrences),
                "assetName": order.document.place.assetName.map { .string($0) },
                "line": order.document.place.line.map { .string($0) },
                "className": .string(order.document.className), "severityBand": .string(order.document.severityBand),
                "scheduledAt": order.document.scheduledAt.map { .time($0) },
                "closure": try closure.map { try JSON(of: $0) },
            ]))
    }

    private static func standing(_ reader: Reader) throws -> SiteBatch.Standing {
        func orders(_ delivery: Delivery) throws -> Int {
            try reader.count("SELECT COUNT(*) FROM work_order WHERE delivery = ?", [delivery.rawValue])
        }
        return .init(
            waiting: try orders(.waiting), dead: try orders(.dead),
            alarms: try reader.countOfAlarms())
    }

    private static func checkpoint(in batch: SiteBatch, _ reader: Reader) throws -> String? {
        let row = try reader.row(
            "SELECT note FROM ledger_checkpoint WHERE size > ? AND size <= ? ORDER BY size DESC LIMIT 1",
            [batch.first, batch.next])
        return row?["note"]
    }
}

extension Reader {
    /// When an entry was written; nil for one that is not there.
    func entryTime(_ index: Int64) throws -> Timestamp? {
        try row("SELECT idx, kind, subject, entry FROM ledger WHERE idx = ?", [index]).map {
            try Self.plainEntry($0).at
        }
    }
}

// MARK: How far it is acknowledged

/// What a site's own server knows of how far it is forwarded.
public struct ForwardPosition: Sendable, Equatable {
    /// Entries that the upstream has.
    public var acknowledged: Int64
    /// Entries up to which it lacks no picture.
    public var picturesTo: Int64
    public var contactAt: Timestamp?
    /// Entries of the ledger, and the time of the oldest one that is not acknowledged.
    public var size: Int64
    public var oldestAt: Timestamp?

    public var behind: Int64 { max(0, size - acknowledged) }
}

extension Reader {
    /// Whether pictures that the upstream lacks wait for it.
    public func keepsForUpstream() throws -> Bool {
        try count("SELECT COUNT(*) FROM upstream WHERE keeps = 1") > 0
    }

    public func forwardPosition() throws -> ForwardPosition {
        let row = try row("SELECT acknowledged, pictures_to, contact_at FROM upstream WHERE one = 1")
        let acknowledged: Int64 = row?["acknowledged"] ?? 0
        return ForwardPosition(
            acknowledged: acknowledged, picturesTo: row?["pictures_to"] ?? 0,
            contactAt: row.flatMap { Timestamp(optional: $0, "contact_at") }, size: try ledgerSize(),
            oldestAt: try entryTime(acknowledged))
    }
}

extension Transaction {
    /// Notes what the upstream has.
    public func forwarded(to acknowledged: Int64, picturesTo: Int64) throws {
        let kinds = FactTable.inspection.kinds.map { "'\($0)'" }.joined(separator: ", ")
        let last: String? = try reader.row(
            "SELECT subject FROM ledger WHERE idx < ? AND kind IN (\(kinds)) ORDER BY idx DESC LIMIT 1", [picturesTo])?[
                "subject"]
        let seq: Int64 = try last.flatMap { try reader.inspection($0)?.seq } ?? 0
        try run(
            """
            INSERT INTO upstream (one, keeps, acknowledged, pictures_to, pictures_seq, contact_at) VALUES (1, 0, ?, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE SET acknowledged = excluded.acknowledged, pictures_to = excluded.pictures_to,
                pictures_seq = excluded.pictures_seq, contact_at = excluded.contact_at
            """, [acknowledged, picturesTo, seq, now.microseconds])
    }

    /// Whether the pictures that the upstream lacks wait for it, whatever their age.
    public func keepForUpstream(_ keeps: Bool) throws {
        try run(
            """
            INSERT INTO upstream (one, keeps, acknowledged, pictures_to, pictures_seq) VALUES (1, ?, 0, 0, 0)
            ON CONFLICT (one) DO UPDATE SET keeps = excluded.keeps
            """, [keeps])
    }
}
