import AndonModel
import AndonTransparency
import Foundation
import GRDB
import Synchronization

/// The one durable place: facts, queue and ledger in one SQLite file, so that a step's fact, the ledger's entry
/// about it, and the work that follows from it become durable in one transaction or not at all.
///
/// **Group commit.** A disk syncs a few hundred to a few thousand times a second, whatever the size of what is
/// written. Writes that arrive while a sync is under way wait and go together into the next transaction, each in
/// its own savepoint: one that fails takes no other with it. `write` returns when the transaction is durable
/// (`synchronous = FULL` in WAL mode: the log is synced at each commit).
public final class Store: Sendable {
    /// The folder that holds everything of this store.
    public let folder: String
    public let time: any TimeSource
    public let random: any RandomSource
    private let pool: DatabasePool
    private let lock: FolderLock?
    /// Folds the log into the database, beside the writer; nil where nothing is written.
    private let folding: DatabaseQueue?
    private let queue = Mutex(Queue())

    private struct Queue {
        var waiting: [PendingWrite] = []
        var isDraining = false
        var tree = MerkleFrontier()
        var claimers: [Claimer] = []
        var failure: StoreError?
        var shortage: Shortage?
    }

    /// A time in which there was no room to write.
    public struct Shortage: Sendable {
        public var since: Timestamp
        /// Nil while it lasts.
        public var until: Timestamp?
        /// Writes that had no room.
        public var refused: Int
        /// In the engine's words.
        public var detail: String

        public var error: StoreError? { until == nil ? .full(detail) : nil }
    }

    /// Runs at the end of every batch, within its transaction; what it returns runs once the batch is durable.
    public typealias Claimer = @Sendable (Transaction) throws -> (@Sendable () -> Void)?

    private struct PendingWrite: Sendable {
        var perform: @Sendable (Transaction) throws -> @Sendable () -> Void
        var fail: @Sendable (any Error) -> Void
    }

    /// Writes that go into one transaction at most: bounds the time that the first of them waits for the last.
    static let batchMax = 256
    /// The write-ahead log is folded into the database in the background; beyond this size the writer waits for it.
    static let walBytesMax = 64 << 20

    /// Opens the store of `folder`, making it when it is new. Only one process may write at a time.
    ///
    /// - Parameter random: the salts of what the ledger only commits to.
    public convenience init(
        folder: String, time: any TimeSource, random: any RandomSource = SystemRandom(), steps: [SchemaStep] = []
    ) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let lock = try FolderLock(folder: folder)
        try self.init(folder: folder, time: time, random: random, steps: steps, lock: lock)
    }

    /// Opens an existing store for reading while another process may be writing it: for `ledger verify` and
    /// `reconcile`. Writes fail.
    public static func reading(folder: String, time: any TimeSource) throws -> Store {
        guard FileManager.default.fileExists(atPath: folder + "/andon.sqlite") else {
            throw StoreError.unusable("\(folder) holds no andon.sqlite; is it the data folder?")
        }
        return try Store(folder: folder, time: time, random: SystemRandom(), steps: [], lock: nil)
    }

    private init(
        folder: String, time: any TimeSource, random: any RandomSource, steps: [SchemaStep], lock: FolderLock?
    ) throws {
        self.folder = folder
        self.time = time
        self.random = random
        self.lock = lock
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(30)
        configuration.readonly = lock == nil
        configuration.prepareDatabase { db in
            if lock != nil { try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0") }
            // KiB of pages in memory: the writer's working set, and little for each of the readers.
            let cache = db.configuration.readonly ? 4000 : 16_000
            try db.execute(sql: "PRAGMA cache_size = -\(cache); PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY")
        }
        pool = try DatabasePool(path: folder + "/andon.sqlite", configuration: configuration)
        // The pool's readers may not fold, and its writer would hold every write up while the disk syncs.
        folding = lock == nil ? nil : try DatabaseQueue(path: folder + "/andon.sqlite", configuration: configuration)
        guard lock != nil else { return }
        let migrator = Schema.migrator(steps)
        if try pool.read({ try migrator.hasBeenSuperseded($0) }) {
            throw StoreError.newerSchema("install the version of andon that wrote \(folder), or a later one")
        }
        try migrator.migrate(pool)
        let tree = try pool.read { try StoredNodes(db: $0).frontier() }
        queue.withLock { $0.tree = tree }
    }

    /// Writes in a transaction shared with others, and returns when it is durable.
    ///
    /// An error of `body` undoes its own changes and is thrown here; a failed commit undoes all of the batch.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let pending = PendingWrite(
                perform: { transaction in
                    let value = try body(transaction)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            enqueue(pending)
        }
    }

    /// Reads a consistent snapshot; does not wait for writers.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        try await pool.read { try body(Reader(db: $0)) }
    }

    /// The same for callers that cannot wait asynchronously.
    public func readNow<Value>(_ body: (Reader) throws -> Value) throws -> Value {
        try pool.read { try body(Reader(db: $0)) }
    }

    /// Registers what runs at the end of every batch.
    public func addClaimer(_ claimer: @escaping Claimer) {
        queue.withLock { $0.claimers.append(claimer) }
    }

    /// Runs the claimers soon, in a batch of their own if no write comes along.
    public func wakeClaimers() {
        enqueue(PendingWrite(perform: { _ in {} }, fail: { _ in }))
    }

    /// Why the store has stopped accepting writes; nil while all is well.
    public var failure: StoreError? { queue.withLock { $0.failure } }

    /// The last time without room; nil when there was none, or it was asked for by `takeShortage`.
    public var shortage: Shortage? { queue.withLock { $0.shortage } }

    /// A shortage that is over, once.
    public func takeShortage() -> Shortage? {
        queue.withLock { queue in
            guard let shortage = queue.shortage, shortage.until != nil else { return nil }
            queue.shortage = nil
            return shortage
        }
    }

    // MARK: The writer

    private func enqueue(_ pending: PendingWrite) {
        let starts = queue.withLock { queue in
            queue.waiting.append(pending)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        if starts { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    private func drain(_ db: Database) {
        while let batch = nextBatch() {
            commit(batch, db)
            checkpointIfNeeded(db)
        }
    }

    private func nextBatch() -> [PendingWrite]? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isDraining = false
                return nil
            }
            let batch = Array(queue.waiting.prefix(Self.batchMax))
            queue.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [PendingWrite], _ db: Database) {
        let (before, claimers, failure) = queue.withLock { ($0.tree, $0.claimers, $0.failure) }
        if let failure {
            for pending in batch { pending.fail(failure) }
            return
        }
        let transaction = Transaction(db: db, tree: before, now: time.now(), random: random)
        var successes: [@Sendable () -> Void] = []
        var failures: [@Sendable () -> Void] = []
        do {
            try db.inTransaction(.immediate) {
                for pending in batch {
                    do {
                        successes.append(try transaction.inSavepoint { try pending.perform(transaction) })
                    } catch {
                        // Want of room may have undone all of the transaction, and not this savepoint alone: what
                        // went before is lost with it, and what follows would commit by itself.
                        guard db.isInsideTransaction, !Self.isWantOfRoom(error) else { throw error }
                        failures.append { pending.fail(error) }
                    }
                }
                for claimer in claimers {
                    if let action = try transaction.inSavepoint({ try claimer(transaction) }) {
                        successes.append(action)
                    }
                }
                try transaction.writeHead()
                return .commit
            }
            queue.withLock { queue in
                queue.tree = transaction.tree
                if queue.shortage?.until == nil { queue.shortage?.until = transaction.now }
            }
            for action in successes + failures { action() }
        } catch {
            let failure = refused(batch.count, by: error, at: transaction.now)
            for pending in batch { pending.fail(failure) }
        }
    }

    /// Want of room undoes the batch and passes; after anything else only a restart knows what is on the disk.
    private func refused(_ count: Int, by error: any Error, at now: Timestamp) -> StoreError {
        guard Self.isWantOfRoom(error) else {
            let failure = StoreError.notDurable("\(error)")
            queue.withLock { $0.failure = failure }
            return failure
        }
        let detail = (error as? DatabaseError)?.message ?? "\(error)"
        queue.withLock { queue in
            var shortage =
                queue.shortage.flatMap { $0.until == nil ? $0 : nil }
                ?? Shortage(since: now, until: nil, refused: 0, detail: detail)
            shortage.refused += count
            queue.shortage = shortage
        }
        return .full(detail)
    }

    /// The log of a full disk cannot grow, and neither can its index in shared memory. A failed sync is neither.
    private static func isWantOfRoom(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
    }

    /// A passive checkpoint takes no lock from anyone, and runs on a connection of its own. Only when the log has outgrown its
    /// limit does the writer itself wait for one.
    private func checkpointIfNeeded(_ db: Database) {
        guard walBytes > Self.walBytesMax else { return }
        _ = try? db.checkpoint(.restart)
    }

    private var walBytes: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/andon.sqlite-wal")
        return (attributes?[.size] as? Int) ?? 0
    }

    /// Folds the write-ahead log into the database: to be called now and then from the background.
    public func checkpoint() async {
        _ = try? await folding?.writeWithoutTransaction { try $0.checkpoint(.passive) }
    }

    /// Waits for the writes that were begun and closes the files.
    public func close() throws {
        try folding?.close()
        try pool.close()
        lock?.release()
    }
}

/// The write side of the store, within one batch's transaction.
public final class Transaction {
    let db: Database
    /// One time for the whole batch: facts that become durable together happened together.
    public let now: Timestamp
    var tree: MerkleFrontier
    let random: any RandomSource

    init(db: Database, tree: MerkleFrontier, now: Timestamp, random: any RandomSource) {
        self.db = db
        self.tree = tree
        self.now = now
        self.random = random
    }

    /// The read side, seeing this transaction's own writes.
    public var reader: Reader { Reader(db: db) }

    func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        let before = tree
        var value: Value?
        do {
            try db.inSavepoint {
                value = try body()
                return .commit
            }
        } catch {
            tree = before
            throw error
        }
        guard let value else { throw StoreError.inconsistent("a savepoint ended without a value") }
        return value
    }

    /// Runs one statement; statements are prepared once for each connection.
    @discardableResult
    public func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        let statement = try db.cachedStatement(sql: sql)
        try statement.execute(arguments: arguments)
        return db.changesCount
    }
}

/// The read side of the store, within one snapshot.
public struct Reader {
    let db: Database

    public func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(try db.cachedStatement(sql: sql), arguments: arguments)
    }

    public func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments)
    }

    public func count(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        try Int.fetchOne(try db.cachedStatement(sql: sql), arguments: arguments) ?? 0
    }
}

extension Timestamp {
    public init(_ row: Row, _ column: String) { self.init(microseconds: row[column]) }

    public init?(optional row: Row, _ column: String) {
        guard let value: Int64 = row[column] else { return nil }
        self.init(microseconds: value)
    }
}
