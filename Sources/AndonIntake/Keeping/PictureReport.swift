import AndonLedger
import AndonModel

/// What is kept, and what would go when if nothing changed.
public struct PictureReport: Sendable {
    public struct Group: Sendable {
        public var kept = PictureCount()
        /// Covered by a legal hold.
        public var held = PictureCount()
        /// Without a date: of orders that have not ended, awaited by a CMMS, or a camera's newest good one.
        public var bound = PictureCount()
        /// Due now, and within so many days from now.
        public var due = PictureCount()
        public var dueWithin: [Int: PictureCount] = [:]
        public var nextDueAt: Timestamp?
    }

    public static let spans = [1, 7, 30, 365]

    public var groups: [PictureClass: Group] = [:]
    public var removed = 0

    public var kept: PictureCount {
        groups.values.reduce(into: PictureCount()) { $0 += $1.kept }
    }

    public var due: PictureCount {
        groups.values.reduce(into: PictureCount()) { $0 += $1.due }
    }

    /// Looks through everything that is kept, within one snapshot.
    public init(_ reader: Reader, retention: Retention, now: Timestamp, page: Int = 1000) throws {
        for kind in PictureClass.allCases { groups[kind] = Group() }
        removed = try reader.pictureTotals().removed
        var cursor = PictureCursor.start
        while true {
            let found = try reader.keptPictures(after: cursor, limit: page)
            for kept in found { add(kept, kept.until(retention), now) }
            guard found.count == page, let last = found.last else { return }
            cursor = PictureCursor(behind: last)
        }
    }

    private mutating func add(_ kept: KeptPicture, _ until: Timestamp?, _ now: Timestamp) {
        var group = groups[kept.kind ?? .good] ?? Group()
        group.kept.add(kept.picture)
        if kept.isHeld { group.held.add(kept.picture) }
        if let until {
            if until <= now { group.due.add(kept.picture) }
            for days in Self.spans where until <= now + Retention.day * days {
                group.dueWithin[days, default: PictureCount()].add(kept.picture)
            }
            group.nextDueAt = group.nextDueAt.map { min($0, until) } ?? until
        } else if !kept.isHeld {
            group.bound.add(kept.picture)
        }
        groups[kept.kind ?? .good] = group
    }
}

extension PictureCount {
    public var json: JSON { ["count": .integer(count), "bytes": .integer(bytes)] }
}

extension PictureReport {
    public var json: JSON {
        let members = groups.map { kind, group in
            (
                kind.rawValue,
                JSON.object(present: [
                    "kept": group.kept.json, "held": group.held.json, "bound": group.bound.json, "due": group.due.json,
                    "dueWithinDays": .object(
                        Dictionary(
                            uniqueKeysWithValues: Self.spans.map { ("\($0)", (group.dueWithin[$0] ?? .init()).json) })),
                    "nextDueAt": group.nextDueAt.map { .time($0) },
                ])
            )
        }
        return [
            "kept": kept.json, "due": due.json, "removed": .integer(removed),
            "classes": .object(Dictionary(members, uniquingKeysWith: { $1 })),
        ]
    }
}

extension SpaceStanding {
    public var json: JSON {
        .object(present: [
            "state": .string(state.rawValue), "free": disk.map { .integer($0.free) },
            "total": disk.map { .integer($0.total) }, "limit": .integer(limit), "shed": shed.json,
            "words": .string(SpaceGuard.words(self)),
        ])
    }
}
