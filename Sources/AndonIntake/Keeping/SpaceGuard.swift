import AndonLedger
import AndonModel
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says how much room there is; handed in, so that a test owns the disk.
public typealias DiskGauge = @Sendable () -> DiskSpace?

extension DiskSpace {
    /// Of the file system that holds `folder`, as `statvfs` (POSIX) has it for those who are not root.
    public static func gauge(of folder: String) -> DiskGauge {
        {
            var figures = statvfs()
            guard statvfs(folder, &figures) == 0 else { return nil }
            let block = Int(figures.f_frsize)
            return DiskSpace(free: Int(figures.f_bavail) * block, total: Int(figures.f_blocks) * block)
        }
    }
}

/// How the disk stands.
public struct SpaceStanding: Sendable {
    public enum State: String, Sendable {
        case enough
        /// Below the limit: pictures that no order has are removed, the oldest first.
        case shedding
        /// Below the limit, and there is nothing more that may be removed.
        case exhausted
    }

    public var state = State.enough
    /// Nil when the file system does not say.
    public var disk: DiskSpace?
    /// Bytes that should be free.
    public var limit = 0
    /// Whether the pictures are in object storage, and only copies of them are here.
    public var isOfCopies = false
    /// Removed for want of space since the shortage began.
    public var shed = PictureCount()

    public init() {}
}

/// Watches the free space. Below the limit it removes pictures of reports that made no order: first those without a
/// defect, then those with one, the oldest first; never an order's, a held one, or one that the CMMS still has to get.
public final class SpaceGuard: Sendable {
    private let store: Store
    private let sweeper: Sweeper
    private let limit: @Sendable () -> FreeSpaceLimit
    private let gauge: DiskGauge
    private let page: Int
    private let current = Mutex(SpaceStanding())
    /// When room was last made, or everything looked through in vain.
    private let workedAt = Mutex<Duration?>(nil)
    /// How long a search in vain is not repeated.
    static let searchAgainAfter: Duration = .seconds(300)
    static let calmAfter: Duration = .seconds(3600)
    private static let alarmKinds = (short: "disk-space", full: "disk-full")
    private static let alarmSubject = "pictures"

    /// - Parameter limit: asked at each look.
    public init(
        store: Store, sweeper: Sweeper, limit: @autoclosure @escaping @Sendable () -> FreeSpaceLimit,
        gauge: @escaping DiskGauge, page: Int = 1000
    ) {
        self.store = store
        self.sweeper = sweeper
        self.limit = limit
        self.gauge = gauge
        self.page = page
    }

    public var standing: SpaceStanding { current.withLock { $0 } }

    /// Looks at the disk once, and makes room where there is too little.
    ///
    /// - Returns: the standing after it, and whether its state is another than before.
    @discardableResult
    public func look() async throws -> (standing: SpaceStanding, isNew: Bool) {
        let before = standing
        guard let disk = gauge() else { return (before, false) }
        var next = before
        next.disk = disk
        next.isOfCopies = !sweeper.makesRoom
        next.limit = limit().bytes(of: disk)
        if disk.free < next.limit {
            if before.state != .exhausted || isTimeToSearch {
                if before.state == .enough {
                    next.state = .shedding
                    try await announce(next)
                }
                next = try await shed(next)
            }
        } else if isOver(disk, before) {
            next.state = .enough
            next.shed = PictureCount()
        }
        current.withLock { $0 = next }
        guard next.state != before.state else { return (next, false) }
        try await announce(next)
        return (next, true)
    }

    /// A shortage in which room was made is over when nothing had to be removed for an hour, so that its alarm is seen;
    /// one in which there was nothing to remove, when there is a tenth more than the limit.
    private func isOver(_ disk: DiskSpace, _ before: SpaceStanding) -> Bool {
        switch before.state {
        case .enough: false
        case .shedding: workedAt.withLock { $0.map { store.time.uptime() - $0 >= Self.calmAfter } ?? true }
        case .exhausted: disk.free >= limit().bytesToReach(on: disk)
        }
    }

    private var isTimeToSearch: Bool {
        workedAt.withLock { $0.map { store.time.uptime() - $0 >= Self.searchAgainAfter } ?? true }
    }

    private func shed(_ start: SpaceStanding) async throws -> SpaceStanding {
        var standing = start
        // Where pictures are in object storage their removal makes no room here, and copies are removed before.
        for kind in sweeper.makesRoom ? [PictureClass.good, .recorded] : [] {
            var cursor = PictureCursor.start
            while let missing = missing(&standing) {
                let (after, limit) = (cursor, page)
                let found = try await store.read { try $0.keptPictures(.withoutOrder, after: after, limit: limit) }
                var batch: [String] = []
                var bytes = 0
                var seen = found.count
                for (index, kept) in found.enumerated() where kept.isSheddable && kept.kind ?? .good == kind {
                    guard bytes < missing, batch.count < Transaction.removalBatchMax else {
                        seen = index
                        break
                    }
                    batch.append(kept.picture.sha256)
                    bytes += kept.picture.bytes
                }
                if !batch.isEmpty { standing.shed += try await sweeper.remove(batch, for: .space) }
                if seen == found.count, seen < limit { break }
                if seen > 0 { cursor = PictureCursor(behind: found[seen - 1]) }
                try Task.checkCancellation()
            }
        }
        standing.state = missing(&standing) == nil ? .shedding : .exhausted
        workedAt.withLock { $0 = store.time.uptime() }
        return standing
    }

    /// Bytes that are still missing; nil when there is room again.
    private func missing(_ standing: inout SpaceStanding) -> Int? {
        guard let disk = gauge() else { return nil }
        standing.disk = disk
        let missing = limit().bytesToReach(on: disk) - disk.free
        return missing > 0 ? missing : nil
    }

    // MARK: Words

    private func announce(_ next: SpaceStanding) async throws {
        let words = Self.words(next)
        let (kinds, subject) = (Self.alarmKinds, Self.alarmSubject)
        try await store.write { transaction in
            switch next.state {
            case .enough:
                try transaction.clearAlarm(kinds.short, subject: subject)
                try transaction.clearAlarm(kinds.full, subject: subject)
            case .shedding:
                try transaction.clearAlarm(kinds.full, subject: subject)
                try transaction.alarm(kinds.short, subject: subject, words)
            case .exhausted: try transaction.alarm(kinds.full, subject: subject, words)
            }
        }
    }

    /// What is wrong and what to do, in a sentence or two.
    public static func words(_ standing: SpaceStanding) -> String {
        guard let disk = standing.disk else { return "how much of the disk is free is not known" }
        let room =
            "\(size(disk.free)) of \(size(disk.total)) are free on the disk of the pictures, and "
            + "\(size(standing.limit)) should be (evidence.freeSpace)"
        switch standing.state {
        case .enough: return "\(size(disk.free)) of \(size(disk.total)) are free on the disk of the pictures"
        case .shedding:
            return "\(room): pictures of reports that made no order are removed, the oldest first. "
                + "Make room, or give the data folder a larger disk"
        case .exhausted where standing.isOfCopies:
            return
                "\(room), although copies of pictures were removed; the pictures are in object storage. Make room on the "
                + "disk, or give the data folder a larger one"
        case .exhausted:
            return
                "\(room), and there is no picture left that may be removed: what is here belongs to orders, is held, "
                + "or waits for the CMMS. New pictures of reports that make no order are not kept. Make room on the "
                + "disk, give the data folder a larger one, release holds that are over (andon hold list), or keep "
                + "pictures of closed orders for a shorter time (evidence.retention.orders)"
        }
    }

    static func size(_ bytes: Int) -> String {
        for (unit, size) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where Double(bytes) >= size {
            let tenths = Int((Double(bytes) / size * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
