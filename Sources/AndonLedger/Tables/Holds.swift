import AndonModel
import GRDB

/// What a legal hold covers: every picture of an order, an asset, a lot, or a camera in a period.
public enum HoldScope: Sendable, Equatable {
    case order(Reference)
    case asset(String)
    case lot(String)
    /// Reports that were made or came in `from...to`; without an end, until the hold is released.
    case camera(String, from: Timestamp, to: Timestamp?)

    public var kind: String {
        switch self {
        case .order: "order"
        case .asset: "asset"
        case .lot: "lot"
        case .camera: "camera"
        }
    }

    public var subject: String {
        switch self {
        case .order(let reference): reference.text
        case .asset(let name), .lot(let name), .camera(let name, _, _): name
        }
    }

    var period: (from: Timestamp?, to: Timestamp?) {
        guard case .camera(_, let from, let to) = self else { return (nil, nil) }
        return (from, to)
    }
}

/// A legal hold: nothing that it covers is removed, whatever the retention and the disk say.
public struct Hold: Sendable {
    public var id: Int64
    public var scope: HoldScope
    public var placedAt: Timestamp
    public var placedBy: String
    public var reason: String
    /// Nil while it is in force.
    public var release: Release?

    public struct Release: Sendable {
        public var at: Timestamp
        public var by: String
        public var reason: String
    }
}

enum Holds {
    /// Whether the hold `h` covers the inspection `i`.
    static let covers = """
        CASE h.kind
            WHEN 'asset' THEN i.asset = h.subject OR EXISTS
                (SELECT 1 FROM detection d WHERE d.inspection_seq = i.seq AND d.asset = h.subject)
            WHEN 'lot' THEN i.lot = h.subject
            WHEN 'order' THEN EXISTS
                (SELECT 1 FROM detection d WHERE d.inspection_seq = i.seq AND d.reference = h.subject)
            WHEN 'camera' THEN i.camera = h.subject AND (i.detected_at BETWEEN h.from_at AND h.to_at
                OR i.received_at BETWEEN h.from_at AND h.to_at)
        END
        """

    static func hold(_ row: Row) throws -> Hold {
        let subject: String = row["subject"]
        let scope: HoldScope? =
            switch row["kind"] as String {
            case "order": Reference(subject).map { .order($0) }
            case "asset": .asset(subject)
            case "lot": .lot(subject)
            case "camera":
                .camera(
                    subject, from: Timestamp(row, "from_at"),
                    to: row["to_at"] as Int64 == .max ? nil : Timestamp(row, "to_at"))
            default: nil
            }
        guard let scope else { throw StoreError.inconsistent("the hold \(row["id"] as Int64) covers nothing known") }
        let release = Timestamp(optional: row, "released_at").map {
            Hold.Release(at: $0, by: row["released_by"], reason: row["release_reason"])
        }
        return Hold(
            id: row["id"], scope: scope, placedAt: Timestamp(row, "placed_at"), placedBy: row["placed_by"],
            reason: row["reason"], release: release)
    }
}

extension Transaction {
    public func place(_ scope: HoldScope, by person: String, reason: String) throws -> Hold {
        let period = scope.period
        try run(
            """
            INSERT INTO hold (kind, subject, from_at, to_at, placed_at, placed_by, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                scope.kind, scope.subject, period.from?.microseconds,
                period.from == nil ? nil : period.to?.microseconds ?? .max, now.microseconds, person, reason,
            ])
        let hold = Hold(
            id: db.lastInsertedRowID, scope: scope, placedAt: now, placedBy: person, reason: reason, release: nil)
        try record("hold.placed", of: "hold \(hold.id)", hold.json)
        return hold
    }

    /// - Returns: nil when there is no such hold; one that was released before stays as it is.
    public func releaseHold(_ id: Int64, by person: String, reason: String) throws -> Hold? {
        let released = try run(
            """
            UPDATE hold SET released_at = ?, released_by = ?, release_reason = ? WHERE id = ? AND released_at IS NULL
            """, [now.microseconds, person, reason, id])
        if released > 0 {
            try record("hold.released", of: "hold \(id)", ["by": .string(person), "reason": .string(reason)])
        }
        return try reader.hold(id)
    }
}

extension Reader {
    public func hold(_ id: Int64) throws -> Hold? {
        try row("SELECT * FROM hold WHERE id = ?", [id]).map(Holds.hold)
    }

    /// Newest first; those in force alone unless `withReleased`.
    public func holds(withReleased: Bool = false) throws -> [Hold] {
        try rows("SELECT * FROM hold WHERE ? OR released_at IS NULL ORDER BY id DESC", [withReleased]).map(Holds.hold)
    }

    /// Kept pictures that a hold covers, and their bytes.
    public func pictures(heldBy id: Int64) throws -> (count: Int, bytes: Int) {
        let row = try row(
            """
            SELECT COUNT(*) AS count, COALESCE(SUM(p.bytes), 0) AS bytes FROM picture p WHERE p.removed_at IS NULL
                AND EXISTS (SELECT 1 FROM hold h JOIN inspection i ON i.picture = p.sha256
                    WHERE h.id = ? AND \(Holds.covers))
            """, [id])
        return (row?["count"] ?? 0, row?["bytes"] ?? 0)
    }
}

extension Hold {
    public var json: JSON {
        .object(present: [
            "id": .integer(id), scope.kind: .string(scope.subject), "from": scope.period.from.map { .time($0) },
            "to": scope.period.to.map { .time($0) }, "placedAt": .time(placedAt), "by": .string(placedBy),
            "reason": .string(reason),
            "released": release.map { ["at": .time($0.at), "by": .string($0.by), "reason": .string($0.reason)] },
        ])
    }
}
