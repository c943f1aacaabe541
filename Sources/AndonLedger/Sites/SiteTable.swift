import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// A site as far as it is known here.
public struct SiteRecord: Sendable {
    public var name: String
    /// 1, and one more with each ledger that it began anew.
    public var history: Int64
    /// The site's ledger as far as it came.
    public var tree: MerkleFrontier
    public var firstAt: Timestamp
    public var contactAt: Timestamp
    /// The site's ledger as it said it last.
    public var toldSize: Int64
    public var toldAt: Timestamp
    public var oldestAt: Timestamp?
    public var standing: JSON
    /// Its newest signed checkpoint that what came was found to agree with.
    public var checkpointSize: Int64?
    public var checkpoint: String?
    /// Whether the checkpoint's signature was held against a key of the configuration.
    public var isSigned: Bool
    /// Why it is refused; nil where all is well.
    public var refusal: String?
    public var refusedAt: Timestamp?

    public var position: Int64 { tree.size }
    public var behind: Int64 { max(0, toldSize - position) }
    /// Age of the oldest entry that had not come, at the time when the site said so.
    public var behindFor: Duration { oldestAt.map { max(.zero, toldAt - $0) } ?? .zero }
    public var subject: String { Self.subject(name) }

    public static func subject(_ name: String) -> String { "site/\(name)" }
}

extension Reader {
    public func site(_ name: String) throws -> SiteRecord? {
        try row("SELECT * FROM site WHERE name = ?", [name]).map(Self.site)
    }

    /// Whether any site forwards to this server.
    public func hasSites() throws -> Bool { try row("SELECT name FROM site LIMIT 1") != nil }

    /// All sites, by name.
    public func sites() throws -> [SiteRecord] { try rows("SELECT * FROM site ORDER BY name").map(Self.site) }

    private static func site(_ row: Row) throws -> SiteRecord {
        let peaks = Array(row["peaks"] as Data)
        let hashes = stride(from: 0, to: peaks.count, by: 32).map { Array(peaks[$0..<min($0 + 32, peaks.count)]) }
        guard let tree = MerkleFrontier(size: row["position"], peaks: hashes) else {
            throw StoreError.inconsistent("the hashes of the site \(row["name"] as String) do not fit its position")
        }
        return SiteRecord(
            name: row["name"], history: row["history"], tree: tree, firstAt: Timestamp(row, "first_at"),
            contactAt: Timestamp(row, "contact_at"), toldSize: row["told_size"], toldAt: Timestamp(row, "told_at"),
            oldestAt: Timestamp(optional: row, "oldest_at"), standing: try JSON(parsing: row["standing"] as String),
            checkpointSize: row["checkpoint_size"], checkpoint: row["checkpoint"], isSigned: row["is_signed"],
            refusal: row["refusal"], refusedAt: Timestamp(optional: row, "refused_at"))
    }
}

extension Transaction {
    /// Keeps how a site stands.
    func keep(_ site: SiteRecord) throws {
        try run(
            """
            INSERT INTO site (name, history, position, peaks, first_at, contact_at, told_size, told_at, oldest_at, standing,
                checkpoint, checkpoint_size, is_signed, refused_at, refusal)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET history = excluded.history, position = excluded.position,
                peaks = excluded.peaks, contact_at = excluded.contact_at, told_size = excluded.told_size,
                told_at = excluded.told_at, oldest_at = excluded.oldest_at, standing = excluded.standing,
                checkpoint = excluded.checkpoint, checkpoint_size = excluded.checkpoint_size,
                is_signed = excluded.is_signed, refused_at = excluded.refused_at, refusal = excluded.refusal
            """,
            [
                site.name, site.history, site.tree.size, Data(site.tree.peaks.joined()), site.firstAt.microseconds,
                site.contactAt.microseconds, site.toldSize, site.toldAt.microseconds, site.oldestAt?.microseconds,
                site.standing.canonicalText, site.checkpoint, site.checkpointSize, site.isSigned,
                site.refusedAt?.microseconds, site.refusal,
            ])
    }

    /// Writes down that a site is refused, at most once while it lasts, and raises the alarm.
    public func refuse(site name: String, because reason: String) throws {
        guard var site = try reader.site(name) else { return }
        if site.refusal != reason {
            site.refusal = reason
            site.refusedAt = now
            try keep(site)
        }
        try alarm("site-forked", subject: site.subject, reason)
    }

    /// A person takes the ledger that a site goes on with in the place of the one that it forwarded before. What came of
    /// the old one stays.
    ///
    /// - Returns: the new history's number; nil for a site that was never heard of.
    public func beginHistory(ofSite name: String, by person: String, reason: String) throws -> Int64? {
        guard var site = try reader.site(name) else { return nil }
        let before = site
        site.history += 1
        site.tree = MerkleFrontier()
        (site.checkpoint, site.checkpointSize, site.isSigned) = (nil, nil, false)
        (site.refusal, site.refusedAt) = (nil, nil)
        try keep(site)
        try record(
            "site.history", of: site.subject,
            [
                "history": .integer(site.history), "before": .integer(before.position),
                "root": .string(Hex.text(before.tree.root)), "by": .string(person), "reason": .string(reason),
            ], names: ["/by"])
        try clearAlarm("site-forked", subject: site.subject)
        return site.history
    }
}
