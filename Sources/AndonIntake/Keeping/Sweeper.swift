import AndonLedger
import AndonModel
import Foundation

/// How many pictures, and their bytes.
public struct PictureCount: Sendable, Equatable {
    public var count = 0
    public var bytes = 0

    public init(count: Int = 0, bytes: Int = 0) {
        self.count = count
        self.bytes = bytes
    }

    public mutating func add(_ picture: Picture) {
        count += 1
        bytes += picture.bytes
    }

    public static func += (left: inout PictureCount, right: PictureCount) {
        left.count += right.count
        left.bytes += right.bytes
    }
}

/// Removes pictures whose right to be kept has ended.
///
/// A batch at a time: one transaction asks the tables of each picture whether it may go and writes down which go and
/// why; then the files are unlinked and their folders synced; then the rows say that this is done. A crash in between
/// leaves rows whose files are still there, and `finish` ends what was begun. A report that brings the same bytes in
/// that moment wins: its lease keeps the file, and its acceptance makes the row a kept one again.
public struct Sweeper: Sendable {
    private let store: Store
    private let pictures: PictureStore
    private let retention: @Sendable () -> Retention
    /// Pictures that are looked at in one read.
    private let page: Int

    /// - Parameter retention: asked for each batch, so that a longer one holds at once.
    public init(
        store: Store, pictures: PictureStore, retention: @autoclosure @escaping @Sendable () -> Retention,
        page: Int = 1000
    ) {
        self.store = store
        self.pictures = pictures
        self.retention = retention
        self.page = page
    }

    /// Removes everything that is overdue.
    ///
    /// - Returns: what was removed.
    @discardableResult
    public func sweep() async throws -> PictureCount {
        var removed = PictureCount()
        try await finish()
        let retention = retention()
        // Nothing younger than the shortest retention can be due.
        let shortest = min(retention.good, retention.recorded, retention.orders)
        let edge = store.time.now() - shortest
        var cursor = PictureCursor.start
        while true {
            let (after, limit, now) = (cursor, page, store.time.now())
            let choice = PictureChoice.withoutOrderEnded(after: now - retention.orders)
            let found = try await store.read {
                try $0.keptPictures(choice, receivedUntil: edge, after: after, limit: limit)
            }
            let due = found.filter { $0.until(retention).map { $0 <= now } == true }
            for batch in due.map(\.picture.sha256).batches(of: Transaction.removalBatchMax) {
                removed += try await remove(Array(batch), for: .retention)
            }
            guard found.count == limit, let last = found.last else { return removed }
            cursor = PictureCursor(behind: last)
            try Task.checkCancellation()
        }
    }

    /// Writes down that these pictures go, as far as the tables agree, and unlinks them.
    func remove(_ digests: [String], for reason: RemovalReason) async throws -> PictureCount {
        let leaving = try await store.write { [retention, hasVault] in
            let leaving = try $0.removePictures(digests, for: reason, retention())
            if hasVault { try $0.retireObjects(leaving.map(\.picture.sha256)) }
            return leaving
        }
        try await unlink(leaving)
        var count = PictureCount()
        for removal in leaving { count.add(removal.picture) }
        return count
    }

    /// Whether a removal makes room on the disk of the data folder.
    var makesRoom: Bool { !hasVault }

    private var hasVault: Bool { pictures.vault != nil }

    /// Unlinks what a removal that was interrupted, or a report that went on meanwhile, left on the disk.
    public func finish() async throws {
        try await pictures.vault?.clear()
        while true {
            let pending = try await store.read { try $0.pendingRemovals(limit: Transaction.removalBatchMax) }
            // What cannot go now, because a report with its bytes is under way, waits for the next time.
            guard try await unlink(pending) > 0, pending.count == Transaction.removalBatchMax else { return }
        }
    }

    @discardableResult
    private func unlink(_ removals: [PendingRemoval]) async throws -> Int {
        guard !removals.isEmpty else { return 0 }
        let done = try await offThread { [store, pictures] in
            let gone = try removals.filter { removal in
                try pictures.remove(removal.picture) {
                    try store.readNow { try $0.isPictureKept(removal.picture.sha256) }
                }
            }
            for shelf in Dictionary(grouping: gone, by: { $0.picture.sha256.prefix(2) }).values {
                if let first = shelf.first { try pictures.syncShelf(of: first.picture) }
            }
            return gone
        }
        // Other servers' copies of them grow old, and are shown to nobody meanwhile.
        try await pictures.vault?.clear()
        try await store.write { try $0.unlinked(done) }
        return done.count
    }
}

/// Runs what waits for the disk away from the threads that the tasks share.
func offThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .utility).async { continuation.resume(with: Result(catching: body)) }
    }
}

extension Array {
    func batches(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
