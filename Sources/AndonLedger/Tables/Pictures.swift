import AndonModel
import AndonSQL
import AndonTransparency

/// A picture whose bytes are kept, with everything that speaks for keeping them, as the tables say it at this moment.
/// There is no counter that could drift: inspections, the frames around them, orders, their photos, the outbox and the holds are asked.
public struct KeptPicture: Sendable {
    public var picture: Picture
    public var receivedAt: Timestamp
    /// When the newest of its reports without a defect came.
    public var goodAt: Timestamp?
    /// When the newest of its reports came whose defects made no order.
    public var recordedAt: Timestamp?
    /// Whether an order has it, and when the last of them ended; nil while one has not.
    public var hasOrder: Bool
    public var ordersEndedAt: Timestamp?
    /// Whether the CMMS still has to get it.
    public var isAwaited: Bool
    public var isHeld: Bool
    /// Whether the server above still has to get it: it waits whatever its age, but not where the disk is short.
    public var isForwarding: Bool
    /// Whether it is a camera's newest picture without a defect.
    public var isNewestGood: Bool
    var place: Int64

    /// The class of its longest right; nil when no report has it.
    public var kind: PictureClass? {
        hasOrder ? .order : recordedAt != nil ? .recorded : goodAt != nil ? .good : nil
    }

    /// Whether it may go at any time at all: not held, not awaited, of no order that has not ended.
    private var isBound: Bool { isHeld || isAwaited || isNewestGood || (hasOrder && ordersEndedAt == nil) }

    /// From when on it may be removed; nil when something stands against it that has no date.
    public func until(_ retention: Retention) -> Timestamp? {
        guard !isBound, !isForwarding else { return nil }
        let rights = [
            ordersEndedAt.map { $0 + retention.orders }, recordedAt.map { $0 + retention.recorded },
            goodAt.map { $0 + retention.good },
        ].compactMap { $0 }
        return rights.max() ?? receivedAt
    }

    /// Whether it may go when the disk is short: no order has or had it, and nothing else binds it.
    public var isSheddable: Bool { !hasOrder && !isBound }
}

/// Which kept pictures a walk should look at. It only spares work: what is wanted is asked of each again.
public enum PictureChoice: Sendable {
    case all
    /// That no order has.
    case withoutOrder
    /// That no order has which has not ended, or ended after this time.
    case withoutOrderEnded(after: Timestamp)

    var condition: String {
        switch self {
        case .all: ""
        case .withoutOrder:
            """
             AND NOT EXISTS (SELECT 1 FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
                WHERE i.picture = p.sha256 AND d.reference IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM order_photo f WHERE f.sha256 = p.sha256)
                AND NOT EXISTS (SELECT 1 FROM evidence_frame e JOIN detection d ON d.inspection_seq = e.inspection_seq
                WHERE e.sha256 = p.sha256 AND d.reference IS NOT NULL)
            """
        case .withoutOrderEnded(let time):
            """
             AND NOT EXISTS (SELECT 1 FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
                JOIN work_order w ON w.reference = d.reference
                WHERE i.picture = p.sha256 AND (w.ended_at IS NULL OR w.ended_at > \(time.microseconds)))
                AND NOT EXISTS (SELECT 1 FROM order_photo f JOIN work_order w ON w.reference = f.reference
                WHERE f.sha256 = p.sha256 AND (w.ended_at IS NULL OR w.ended_at > \(time.microseconds)))
                AND NOT EXISTS (SELECT 1 FROM evidence_frame e JOIN detection d ON d.inspection_seq = e.inspection_seq
                JOIN work_order w ON w.reference = d.reference
                WHERE e.sha256 = p.sha256 AND (w.ended_at IS NULL OR w.ended_at > \(time.microseconds)))
            """
        }
    }
}

/// Where a walk over the kept pictures stands: oldest reception first.
public struct PictureCursor: Sendable {
    var receivedAt: Int64
    var bytes: Int64
    var place: Int64

    public static let start = PictureCursor(receivedAt: .min, bytes: .min, place: .min)

    public init(behind picture: KeptPicture) {
        self.init(
            receivedAt: picture.receivedAt.microseconds, bytes: Int64(picture.picture.bytes), place: picture.place)
    }

    private init(receivedAt: Int64, bytes: Int64, place: Int64) {
        self.receivedAt = receivedAt
        self.bytes = bytes
        self.place = place
    }
}

/// What became of a picture whose bytes are not here.
public struct PictureRemoval: Sendable {
    public var at: Timestamp
    public var reason: RemovalReason
    /// Index of the ledger's entry that says it.
    public var entry: Int64
}

/// A removed picture whose file may still lie on the disk.
public struct PendingRemoval: Sendable {
    public var picture: Picture
    public var entry: Int64
}

enum Pictures {
    /// `removed_at` says when the bytes went and `removal` which entry of the ledger says so; `is_unlinked` that the file
    /// is gone and its folder synced.
    static let schema = """
        ALTER TABLE picture ADD COLUMN removed_at INTEGER;
        ALTER TABLE picture ADD COLUMN removed_for TEXT;
        ALTER TABLE picture ADD COLUMN removal INTEGER;
        ALTER TABLE picture ADD COLUMN is_unlinked INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX picture_kept ON picture (received_at, bytes) WHERE removed_at IS NULL;
        CREATE INDEX picture_leaving ON picture (removal) WHERE removed_at IS NOT NULL AND is_unlinked = 0;
        CREATE INDEX inspection_picture ON inspection (picture) WHERE picture IS NOT NULL;
        CREATE INDEX inspection_good ON inspection (camera, seq) WHERE defects = 0 AND picture IS NOT NULL;
        CREATE INDEX outbox_picture ON outbox (CAST(json_extract(payload, '$.sha256') AS TEXT))
            WHERE effect = 'attach' AND state <> 'done';
        CREATE TABLE hold (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, from_at INTEGER, to_at INTEGER,
            placed_at INTEGER NOT NULL, placed_by TEXT NOT NULL, reason TEXT NOT NULL, released_at INTEGER,
            released_by TEXT, release_reason TEXT);
        CREATE INDEX hold_up ON hold (id) WHERE released_at IS NULL;
        """

    /// Everything that speaks for a picture, in one statement. A report is found by its picture: without the plus signs SQLite
    /// would go through all reports without a defect, which have an index to be counted by, for each picture. An order that has
    /// not ended, or that the CMMS does not have, ends at the end of time; one that the CMMS says was closed before the report
    /// came, when the report came.
    private static let standing = """
        SELECT p.rowid AS place, p.*,
            (SELECT MAX(i.received_at) FROM inspection i WHERE i.picture = p.sha256 AND +i.defects = 0) AS good_at,
            (SELECT MAX(came) FROM (SELECT MAX(i.received_at) AS came FROM inspection i
                    WHERE i.picture = p.sha256 AND +i.defects > 0 AND NOT EXISTS
                        (SELECT 1 FROM detection d WHERE d.inspection_seq = i.seq AND d.reference IS NOT NULL)
                UNION ALL \(EvidenceFrames.recorded))) AS recorded_at,
            (SELECT MAX(ended) FROM (
                SELECT CASE WHEN w.ended_at IS NULL OR w.delivery <> 'acknowledged' THEN 9223372036854775807
                        WHEN w.ended_at < i.received_at THEN i.received_at ELSE w.ended_at END AS ended
                    FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
                    JOIN work_order w ON w.reference = d.reference WHERE i.picture = p.sha256
                UNION ALL \(OrderPhotos.ends) UNION ALL \(EvidenceFrames.ends))) AS ended_at,
            (EXISTS (SELECT 1 FROM outbox o WHERE o.effect = 'attach' AND o.state <> 'done'
                    AND CAST(json_extract(o.payload, '$.sha256') AS TEXT) = p.sha256)
                OR EXISTS (SELECT 1 FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
                    JOIN outbox o ON o.reference = d.reference
                    WHERE i.picture = p.sha256 AND d.reference IS NOT NULL AND o.state <> 'done')) AS is_awaited,
            EXISTS (SELECT 1 FROM upstream u JOIN inspection i ON i.picture = p.sha256
                WHERE u.keeps = 1 AND +i.defects > 0 AND i.seq > u.pictures_seq) AS is_forwarding,
            (EXISTS (SELECT 1 FROM hold h JOIN inspection i ON i.picture = p.sha256
                WHERE h.released_at IS NULL AND \(Holds.covers)) OR EXISTS (\(OrderPhotos.held))
                OR EXISTS (\(EvidenceFrames.held))) AS is_held,
            EXISTS (SELECT 1 FROM inspection i WHERE i.picture = p.sha256 AND +i.defects = 0 AND NOT EXISTS
                (SELECT 1 FROM inspection n INDEXED BY inspection_good JOIN picture k ON k.sha256 = n.picture
                    WHERE n.camera = i.camera AND n.seq > i.seq AND n.defects = 0 AND n.picture IS NOT NULL AND k.removed_at IS NULL))
                AS is_newest_good
        FROM picture p WHERE p.removed_at IS NULL
        """

    static let one = standing + " AND p.sha256 = ?"
    static func page(_ choice: PictureChoice) -> String {
        standing + " AND p.received_at <= ? AND (p.received_at, p.bytes, p.rowid) > (?, ?, ?)" + choice.condition
            + " ORDER BY p.received_at, p.bytes, p.rowid LIMIT ?"
    }

    static func kept(_ row: Row) throws -> KeptPicture {
        let ended = row["ended_at"] as Int64?
        return KeptPicture(
            picture: try picture(row), receivedAt: Timestamp(row, "received_at"),
            goodAt: Timestamp(optional: row, "good_at"), recordedAt: Timestamp(optional: row, "recorded_at"),
            hasOrder: ended != nil, ordersEndedAt: ended == .max ? nil : ended.map { Timestamp(microseconds: $0) },
            isAwaited: row["is_awaited"], isHeld: row["is_held"], isForwarding: row["is_forwarding"],
            isNewestGood: row["is_newest_good"],
            place: row["place"])
    }

    static func picture(_ row: Row) throws -> Picture {
        guard let mediaType = Picture.MediaType(rawValue: row["media_type"]) else {
            throw StoreError.inconsistent("the picture \(row["sha256"] as String) has an unknown type")
        }
        return Picture(
            sha256: row["sha256"], bytes: row["bytes"], mediaType: mediaType, width: row["width"],
            height: row["height"],
            damage: row["damage"])
    }
}

extension Reader {
    /// Whether the bytes are, or should be, on the disk.
    public func isPictureKept(_ sha256: String) throws -> Bool {
        try count("SELECT COUNT(*) FROM picture WHERE sha256 = ? AND removed_at IS NULL", [sha256]) > 0
    }

    /// Every picture whose bytes are kept, in the order of their digests.
    public func eachKeptPicture(_ body: (Picture) throws -> Void) throws {
        let found = try db.cursor("SELECT * FROM picture WHERE removed_at IS NULL ORDER BY sha256")
        while let row = try found.next() { try body(try Pictures.picture(row)) }
    }

    /// A kept picture with what speaks for it; nil when it is not kept.
    public func keptPicture(_ sha256: String) throws -> KeptPicture? {
        try row(Pictures.one, [sha256]).map(Pictures.kept)
    }

    /// Kept pictures that were first received until `time`, oldest first.
    public func keptPictures(
        _ choice: PictureChoice = .all, receivedUntil time: Timestamp = Timestamp(microseconds: .max),
        after cursor: PictureCursor, limit: Int
    ) throws -> [KeptPicture] {
        try rows(
            Pictures.page(choice), [time.microseconds, cursor.receivedAt, cursor.bytes, cursor.place, limit]
        ).map(Pictures.kept)
    }

    /// Nil while the bytes are here, and for a picture that never came.
    public func removal(ofPicture sha256: String) throws -> PictureRemoval? {
        guard
            let row = try row(
                "SELECT removed_at, removed_for, removal FROM picture WHERE sha256 = ? AND removed_at IS NOT NULL",
                [sha256])
        else { return nil }
        guard let reason = RemovalReason(rawValue: row["removed_for"]) else {
            throw StoreError.inconsistent("the picture \(sha256) was removed for no known reason")
        }
        return PictureRemoval(at: Timestamp(row, "removed_at"), reason: reason, entry: row["removal"])
    }

    /// Removed pictures whose files may still be there.
    public func pendingRemovals(limit: Int) throws -> [PendingRemoval] {
        try rows(
            "SELECT * FROM picture WHERE removed_at IS NOT NULL AND is_unlinked = 0 ORDER BY removal LIMIT ?", [limit]
        ).map { PendingRemoval(picture: try Pictures.picture($0), entry: $0["removal"]) }
    }

    /// How many pictures are kept, and their bytes; how many are not any more.
    public func pictureTotals() throws -> (kept: Int, bytes: Int, removed: Int) {
        let kept = try row(
            "SELECT COUNT(*) AS count, COALESCE(SUM(bytes), 0) AS bytes FROM picture WHERE removed_at IS NULL")
        let all = try count("SELECT COUNT(*) FROM picture")
        return (kept?["count"] ?? 0, kept?["bytes"] ?? 0, all - (kept?["count"] ?? 0))
    }

    /// The newest kept picture without a defect of a camera, among the reports before this one.
    public func newestGoodPicture(
        camera: String, before inspectionID: String
    ) throws -> (picture: Picture, detectedAt: Timestamp)? {
        try row(
            """
            SELECT p.*, i.detected_at AS detected_at FROM inspection i INDEXED BY inspection_good
                JOIN picture p ON p.sha256 = i.picture
            WHERE i.camera = ? AND i.seq < (SELECT seq FROM inspection WHERE id = ?) AND i.defects = 0
                AND i.picture IS NOT NULL AND p.removed_at IS NULL
            ORDER BY i.seq DESC LIMIT 1
            """, [camera, inspectionID]
        ).map { (try Pictures.picture($0), Timestamp($0, "detected_at")) }
    }
}

extension Transaction {
    /// Keeps a picture's description. The same bytes again make a removed one a kept one.
    func insert(_ picture: Picture) throws {
        try post(
            """
            INSERT INTO picture (sha256, bytes, media_type, width, height, damage, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE
            SET removed_at = NULL, removed_for = NULL, removal = NULL, is_unlinked = 0
            WHERE picture.removed_at IS NOT NULL
            """,
            [
                picture.sha256, picture.bytes, picture.mediaType.rawValue, picture.width, picture.height,
                picture.damage, now.microseconds,
            ])
    }

    /// Pictures that one entry of the ledger may name.
    public static var removalBatchMax: Int { 100 }

    /// Writes down that the bytes of these pictures go, each only if, at this moment, nothing speaks against it; one
    /// entry of the ledger names them all. The files are unlinked afterwards, by whoever has committed this.
    ///
    /// - Parameter reason: `.retention` asks for the end of the longest right, `.space` for no order at all.
    /// - Returns: those that go.
    public func removePictures(
        _ digests: [String], for reason: RemovalReason, _ retention: Retention
    ) throws -> [PendingRemoval] {
        var leaving: [KeptPicture] = []
        var index: Int64 = tree.size
        for sha256 in digests.prefix(Self.removalBatchMax) {
            guard let kept = try reader.keptPicture(sha256) else { continue }
            let mayGo = reason == .space ? kept.isSheddable : kept.until(retention).map { $0 <= now } == true
            guard mayGo else { continue }
            // At once, so that the next one is asked without it: of two good pictures the newer must stay.
            try mark(kept.picture, for: reason, entry: index)
            leaving.append(kept)
        }
        guard !leaving.isEmpty else { return [] }
        index = try record(
            "picture.removed", of: "pictures",
            [
                "reason": .string(reason.rawValue), "bytes": .integer(leaving.reduce(0) { $0 + $1.picture.bytes }),
                "retentionDays": [
                    "orders": .integer(retention.orders.days), "recorded": .integer(retention.recorded.days),
                    "good": .integer(retention.good.days),
                ],
                "pictures": .array(leaving.map { Self.entry($0, retention) }),
            ])
        return leaving.map { PendingRemoval(picture: $0.picture, entry: index) }
    }

    private static func entry(_ kept: KeptPicture, _ retention: Retention) -> JSON {
        .object(present: [
            "sha256": .string(kept.picture.sha256), "bytes": .integer(kept.picture.bytes),
            "class": kept.kind.map { .string($0.rawValue) }, "until": kept.until(retention).map { .time($0) },
        ])
    }

    private func mark(_ picture: Picture, for reason: RemovalReason, entry: Int64) throws {
        try run(
            """
            UPDATE picture SET removed_at = ?, removed_for = ?, removal = ?, is_unlinked = 0
            WHERE sha256 = ? AND removed_at IS NULL
            """, [now.microseconds, reason.rawValue, entry, picture.sha256])
    }

    /// The picture of this report is not kept, for want of space; its description is.
    ///
    /// - Returns: false when an order has it: then it must be kept.
    public func doNotKeep(_ picture: Picture, of inspection: String) throws -> Bool {
        guard let kept = try reader.keptPicture(picture.sha256), !kept.hasOrder else { return false }
        let entry = try record(
            "picture.not-kept", of: inspection,
            [
                "sha256": .string(picture.sha256), "bytes": .integer(picture.bytes),
                "reason": .string(RemovalReason.notKept.words),
            ])
        try mark(picture, for: .notKept, entry: entry)
        return true
    }

    /// The files of these removals are gone for good. One whose bytes came again in the meantime is left alone.
    public func unlinked(_ removals: [PendingRemoval]) throws {
        for removal in removals {
            try run(
                "UPDATE picture SET is_unlinked = 1 WHERE sha256 = ? AND removal = ? AND removed_at IS NOT NULL",
                [removal.picture.sha256, removal.entry])
        }
    }
}

extension Duration {
    var days: Int { Int(components.seconds / 86_400) }
}
