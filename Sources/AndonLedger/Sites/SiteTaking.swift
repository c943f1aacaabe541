import AndonModel
import AndonSQL
import AndonTransparency

/// Why a batch is not taken.
public enum SiteRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// It does not begin where the last one ended.
    case otherPosition(Int64)
    /// The site's ledger is not the one that it forwarded before.
    case forked(String)
    /// Its checkpoint says something else than its entries, or has no signature of the site's key.
    case untrue(String)

    public var description: String {
        switch self {
        case .otherPosition(let position): "the next entry that is wanted has the number \(position)"
        case .forked(let reason), .untrue(let reason): reason
        }
    }
}

extension Transaction {
    /// Takes a batch of a site, once: one that was taken before changes nothing.
    ///
    /// - Parameters:
    ///   - text: the document as it came.
    ///   - keys: of the site's ledger; empty where none is configured.
    ///   - machine: who brought it.
    /// - Throws: ``SiteRefusal``, with nothing taken.
    /// - Returns: the site behind it.
    @discardableResult
    public func take(
        _ batch: SiteBatch, text: String, keys: [VerifierKey], from machine: String
    ) throws -> SiteRecord {
        var site = try reader.site(batch.site) ?? fresh(batch)
        guard batch.ledger.size >= site.position else {
            throw SiteRefusal.forked(
                "the site's ledger has \(batch.ledger.size) entries, and \(site.position) came of it before: its data "
                    + "folder was put back to an earlier state")
        }
        // The answer to it was lost.
        if batch.next <= site.position, batch.first < site.position { return site }
        guard batch.first == site.position else { throw SiteRefusal.otherPosition(site.position) }
        guard batch.base == site.tree.root else {
            throw SiteRefusal.forked(
                "the first \(site.position) entries of the site's ledger are other ones than those that came before")
        }
        try follow(batch, keys, &site)
        site.contactAt = now
        (site.toldSize, site.toldAt, site.oldestAt) = (batch.ledger.size, batch.ledger.at, batch.ledger.oldestAt)
        site.standing = batch.standing.json
        (site.refusal, site.refusedAt) = (nil, nil)
        try keep(site)
        try clearAlarm("site-forked", subject: site.subject)
        try clearAlarm("site-silent", subject: site.subject)
        for sha256 in batch.gone { try gone(sha256, site: site.name) }
        guard batch.next > batch.first else { return site }
        try keep(batch, of: site, text: text, from: machine)
        return site
    }

    private func fresh(_ batch: SiteBatch) -> SiteRecord {
        SiteRecord(
            name: batch.site, history: 1, tree: MerkleFrontier(), firstAt: now, contactAt: now,
            toldSize: batch.ledger.size, toldAt: batch.ledger.at, standing: batch.standing.json, isSigned: false)
    }

    /// Lets the tree grow by the batch's entries, and holds the checkpoint against it where it has that size.
    private func follow(_ batch: SiteBatch, _ keys: [VerifierKey], _ site: inout SiteRecord) throws {
        var checkpoint: Checkpoint?
        if let text = batch.checkpoint {
            do throws(TransparencyError) {
                let note = try SignedNote(parsing: text)
                checkpoint = try keys.isEmpty ? Checkpoint(parsing: note.text) : note.checkpoint(by: keys).checkpoint
            } catch {
                throw SiteRefusal.untrue("its checkpoint cannot be taken: \(error)")
            }
        }
        var isChecked = checkpoint == nil
        for leaf in batch.leaves {
            site.tree.append(leaf)
            guard let signed = checkpoint, signed.size == site.tree.size else { continue }
            guard signed.root == site.tree.root else {
                throw SiteRefusal.untrue(
                    "its checkpoint of \(signed.size) entries is not one of the entries that it sends")
            }
            isChecked = true
            (site.checkpoint, site.checkpointSize, site.isSigned) = (batch.checkpoint, signed.size, !keys.isEmpty)
        }
        guard isChecked else { throw SiteRefusal.untrue("its checkpoint is of no entry within the batch") }
    }

    private func keep(_ batch: SiteBatch, of site: SiteRecord, text: String, from machine: String) throws {
        let number = try runInsert(
            """
            INSERT INTO site_batch (site, history, first, next, received_at, document) VALUES (?, ?, ?, ?, ?, ?)
            """, [site.name, site.history, batch.first, batch.next, now.microseconds, text])
        try record(
            "site.batch", of: site.subject,
            [
                "batch": .integer(number), "history": .integer(site.history), "first": .integer(batch.first),
                "next": .integer(batch.next), "items": .integer(batch.items.count),
                "sha256": .string(Hex.sha256(Array(text.utf8))), "root": .string(Hex.text(site.tree.root)),
                "from": .string(machine),
            ])
        for item in batch.items {
            let place = SitePlace(site: site.name, history: site.history, number: item.number, batch: number)
            switch item.fact {
            case .report(let report): try keep(report, place)
            case .order(let order): try keep(order, place)
            case .frames(let frames):
                try run(
                    """
                    INSERT INTO site_frames (site, id, history, inspected) VALUES (?, ?, ?, ?)
                    ON CONFLICT (site, id) DO UPDATE SET history = excluded.history, inspected = excluded.inspected
                    """, [place.site, frames.id, place.history, frames.inspected])
            }
        }
    }

    /// Where an item stands.
    private struct SitePlace {
        var site: String
        var history: Int64
        var number: Int64
        var batch: Int64
    }

    private func keep(_ report: SiteItem.Report, _ place: SitePlace) throws {
        try run(
            """
            INSERT INTO site_report (site, id, history, number, batch, detected_at, asset, camera, lot, picture, defects,
                inspected) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (site, id) DO UPDATE SET history = excluded.history, number = excluded.number,
                batch = excluded.batch, detected_at = excluded.detected_at, asset = excluded.asset,
                camera = excluded.camera, lot = excluded.lot, picture = excluded.picture, defects = excluded.defects,
                inspected = excluded.inspected
            """,
            [
                place.site, report.id, place.history, place.number, place.batch, report.detectedAt.microseconds,
                report.asset, report.camera, report.lot, report.picture?.sha256, report.defects.count,
                report.inspected,
            ])
        for (ordinal, defect) in report.defects.enumerated() {
            try run(
                """
                INSERT INTO site_detection (site, report, ordinal, history, class, outcome, reference, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (site, report, ordinal) DO UPDATE SET history = excluded.history, class = excluded.class,
                    outcome = excluded.outcome, reference = excluded.reference, reason = excluded.reason
                """,
                [
                    place.site, report.id, ordinal, place.history, defect.defectClass, defect.outcome.rawValue,
                    defect.reference, defect.reason,
                ])
        }
        guard let picture = report.picture else { return }
        try want(picture, place)
    }

    private func keep(_ order: SiteItem.Order, _ place: SitePlace) throws {
        try run(
            """
            INSERT INTO site_order (site, reference, history, number, asset, class, kind, priority, delivery, state,
                raised_at, report, connector, remote_number, ended_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (site, reference) DO UPDATE SET history = excluded.history, number = excluded.number,
                priority = excluded.priority, delivery = excluded.delivery, state = excluded.state,
                connector = excluded.connector, remote_number = excluded.remote_number, ended_at = excluded.ended_at,
                document = excluded.document
            """,
            [
                place.site, order.reference, place.history, place.number, order.asset, order.defectClass,
                order.kind.rawValue, order.priority, order.delivery.rawValue, order.state.rawValue,
                order.raisedAt.microseconds, order.report, order.connector, order.remoteNumber,
                order.endedAt?.microseconds, order.further.canonicalText,
            ])
    }

    // MARK: Pictures

    /// A picture is asked for once, and not at all where another site brought the same bytes.
    private func want(_ picture: SiteItem.Report.Picture, _ place: SitePlace) throws {
        let other = try reader.count(
            "SELECT COUNT(*) FROM site_picture WHERE sha256 = ? AND state = 'kept'", [picture.sha256])
        try run(
            """
            INSERT INTO site_picture (site, sha256, history, number, bytes, media_type, state, came_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, sha256) DO UPDATE SET history = excluded.history,
                number = excluded.number,
                state = CASE WHEN site_picture.state = 'kept' THEN 'kept' ELSE excluded.state END,
                came_at = CASE WHEN site_picture.state = 'kept' THEN site_picture.came_at
                    ELSE excluded.came_at END
            """,
            [
                place.site, picture.sha256, place.history, place.number, picture.bytes, picture.mediaType.rawValue,
                other > 0 ? "kept" : "wanted", other > 0 ? now.microseconds : nil,
            ])
    }

    private func gone(_ sha256: String, site: String) throws {
        try run(
            "UPDATE site_picture SET state = 'gone' WHERE site = ? AND sha256 = ? AND state = 'wanted'", [site, sha256])
    }

    /// The bytes are here and durable: for every site that has the picture.
    public func came(picture sha256: String) throws {
        try run(
            "UPDATE site_picture SET state = 'kept', came_at = ? WHERE sha256 = ? AND state <> 'kept'",
            [now.microseconds, sha256])
    }

    /// Pictures of sites that came before `time` are not kept any more; one entry of the ledger says how many.
    ///
    /// - Returns: those whose files go.
    public func removeSitePictures(before time: Timestamp, limit: Int) throws -> [SitePicture] {
        let found = try reader.rows(
            """
            SELECT DISTINCT sha256, media_type, bytes FROM site_picture WHERE state = 'kept' AND came_at < ? LIMIT ?
            """, [time.microseconds, limit]
        ).compactMap(SitePicture.init)
        guard !found.isEmpty else { return [] }
        for picture in found {
            try run("UPDATE site_picture SET state = 'removed' WHERE sha256 = ?", [picture.sha256])
        }
        try record(
            "site.pictures-removed", of: "sites",
            [
                "before": .time(time), "pictures": .array(found.map { .string($0.sha256) }),
            ])
        return found
    }
}

/// A picture of a site.
public struct SitePicture: Sendable, Equatable {
    public var sha256: String
    public var bytes: Int64
    public var mediaType: Picture.MediaType
}

extension SitePicture {
    init?(_ row: Row) {
        guard let type = Picture.MediaType(rawValue: row["media_type"]) else { return nil }
        self.init(sha256: row["sha256"], bytes: row["bytes"], mediaType: type)
    }
}

extension Reader {
    /// Pictures that a site is asked for, the oldest first.
    public func wantedPictures(ofSite site: String, limit: Int) throws -> [SitePicture] {
        try rows(
            "SELECT * FROM site_picture WHERE site = ? AND state = 'wanted' ORDER BY number LIMIT ?", [site, limit]
        ).compactMap(SitePicture.init)
    }

    /// Entries of the site up to which no picture is lacking.
    public func picturesComplete(ofSite site: SiteRecord) throws -> Int64 {
        try row("SELECT MIN(number) AS first FROM site_picture WHERE site = ? AND state = 'wanted'", [site.name])?[
            "first"] ?? site.position
    }

    /// A picture of a site with where it stands: `wanted`, `kept`, `gone` or `removed`.
    public func sitePicture(_ sha256: String, site: String) throws -> (picture: SitePicture, state: String)? {
        guard
            let row = try row("SELECT * FROM site_picture WHERE site = ? AND sha256 = ?", [site, sha256]),
            let picture = SitePicture(row)
        else { return nil }
        return (picture, row["state"])
    }
}
