import AndonModel
import AndonSQL

/// What a legal hold covers: every picture of an order, an asset, a lot, or a camera in a period.
public enum HoldScope: Sendable, Equatable {
    case order(Reference)
    /// An asset, a line or the site, with everything below it.
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

/// The assets that a hold reaches.
public enum HoldReach: Sendable, Equatable {
    case everything
    case assets(Set<String>)

    /// As `Plant.names(below:)` has it: nil is everything.
    public init(_ names: Set<String>?) { self = names.map { .assets($0) } ?? .everything }

    var names: Set<String> {
        switch self {
        case .everything: [Holds.everyAsset]
        case .assets(let names): names
        }
    }
}

enum Holds {
    /// No asset has this name: it stands for all of them.
    static let everyAsset = ""

    /// Which assets a hold reaches. It only grows: what was below the asset once stays held when the plant is rebuilt.
    static let schema = """
        CREATE TABLE hold_asset (hold INTEGER NOT NULL, asset TEXT NOT NULL, PRIMARY KEY (hold, asset)) WITHOUT ROWID;
        INSERT INTO hold_asset (hold, asset) SELECT id, subject FROM hold WHERE kind = 'asset';
        """

    /// Whether the hold `h` covers the inspection `i`.
    static let covers = """
        CASE h.kind
            WHEN 'asset' THEN EXISTS (SELECT 1 FROM hold_asset r WHERE r.hold = h.id AND r.asset IN (i.asset, ''))
                OR EXISTS (SELECT 1 FROM detection d JOIN hold_asset r ON r.hold = h.id AND r.asset = d.asset
                    WHERE d.inspection_seq = i.seq)
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
    /// - Parameter below: what a hold of an asset reaches, by the name of the asset. By itself it reaches the asset alone.
    public func place(
        _ scope: HoldScope, by person: String, reason: String,
        below: (_ name: String) -> HoldReach = { .assets([$0]) }
    ) throws -> Hold {
        let period = scope.period
        let id = try runInsert(
            """
            INSERT INTO hold (kind, subject, from_at, to_at, placed_at, placed_by, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                scope.kind, scope.subject, period.from?.microseconds,
                period.from == nil ? nil : period.to?.microseconds ?? .max, now.microseconds, person, reason,
            ])
        let hold = Hold(
            id: id, scope: scope, placedAt: now, placedBy: person, reason: reason, release: nil)
        try record("hold.placed", of: "hold \(hold.id)", hold.json, names: ["/by"])
        if case .asset(let name) = scope { try extend(hold.id, of: name, below(name)) }
        return hold
    }

    /// The plant has changed: holds in force reach what is below their assets now, and keep what they reached before.
    public func extendHolds(below: (_ name: String) -> HoldReach) throws {
        for hold in try reader.holds() {
            if case .asset(let name) = hold.scope { try extend(hold.id, of: name, below(name)) }
        }
    }

    private func extend(_ hold: Int64, of name: String, _ reach: HoldReach) throws {
        let added = try reach.names.union([name]).sorted().filter {
            try run("INSERT INTO hold_asset (hold, asset) VALUES (?, ?) ON CONFLICT DO NOTHING", [hold, $0]) > 0
        }
        guard added.contains(where: { $0 != name }) else { return }
        let isEverything = reach == .everything
        try record(
            "hold.extended", of: "hold \(hold)",
            isEverything
                ? ["below": .string(name), "everything": true]
                : ["below": .string(name), "assets": .array(added.map { .string($0) })])
    }

    /// - Returns: nil when there is no such hold; one that was released before stays as it is.
    public func releaseHold(_ id: Int64, by person: String, reason: String) throws -> Hold? {
        let released = try run(
            """
            UPDATE hold SET released_at = ?, released_by = ?, release_reason = ? WHERE id = ? AND released_at IS NULL
            """, [now.microseconds, person, reason, id])
        if released > 0 {
            try record(
                "hold.released", of: "hold \(id)", ["by": .string(person), "reason": .string(reason)], names: ["/by"])
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
        try rows("SELECT * FROM hold WHERE ? = 1 OR released_at IS NULL ORDER BY id DESC", [withReleased]).map(
            Holds.hold)
    }

    /// What a hold of an asset reaches; nothing for other holds.
    public func reach(ofHold id: Int64) throws -> HoldReach {
        let names = try rows("SELECT asset FROM hold_asset WHERE hold = ?", [id]).map { $0["asset"] as String }
        return names.contains(Holds.everyAsset) ? .everything : .assets(Set(names))
    }

    /// Kept pictures that a hold covers, and their bytes.
    public func pictures(heldBy id: Int64) throws -> (count: Int, bytes: Int) {
        let row = try row(
            """
            SELECT COUNT(*) AS count, COALESCE(SUM(p.bytes), 0) AS bytes FROM picture p WHERE p.removed_at IS NULL
                AND (EXISTS (SELECT 1 FROM hold h JOIN inspection i ON i.picture = p.sha256
                    WHERE h.id = ?1 AND \(Holds.covers)) OR EXISTS (\(OrderPhotos.held) AND h.id = ?1)
                    OR EXISTS (\(EvidenceFrames.held) AND h.id = ?1))
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
