import AndonModel
import AndonSQL
import AndonTransparency
import Foundation
import Synchronization

/// The one durable place: facts, queue and ledger in one database, so that a step's fact, the ledger's entry
/// about it, and the work that follows from it become durable in one transaction or not at all.
///
/// **Group commit.** A disk syncs a few hundred to a few thousand times a second, whatever the size of what is
/// written. Writes that arrive while a sync is under way wait and go together into the next transaction. One that fails takes
/// no other with it: where it had written something, all of them are done anew, each in a savepoint of its own.
/// `write` returns when the transaction is durable
/// (SQLite: `synchronous = FULL` in WAL mode, the log is synced at each commit; PostgreSQL: `synchronous_commit = on`).
public final class Store: Sendable {
    /// The folder that holds everything of this store.
    public let folder: String
    public let time: any TimeSource
    public let random: any RandomSource
    /// This server's name among those that work on the same database: of the system's randomness, as it must be another's
    /// never again.
    public let server: String
    /// Whether other processes may write to the same database.
    public var isShared: Bool { engine.isShared }
    /// What the database's log could not be read of at the start, where that was accepted.
    public let loss: WriteAheadLog.Loss?
    let engine: any DatabaseEngine
    private let lock: FolderLock?
    private let queue = Mutex(Queue())

    private struct Queue {
        var waiting: [PendingWrite] = []
        var isDraining = false
        var tree = MerkleFrontier()
        var claimers: [Claimer] = []
        var failure: StoreError?
        var shortage: Shortage?
        /// What both clocks showed at the last commit.
        var clocks: (now: Timestamp, uptime: Duration)?
    }

    /// A time in which nothing could be written.
    public struct Shortage: Sendable {
        public var since: Timestamp
        /// Nil while it lasts.
        public var until: Timestamp?
        /// Writes that were refused.
        public var refused: Int
        /// ``StoreError/full(_:)`` or ``StoreError/unreachable(_:)``.
        public var reason: StoreError

        public var error: StoreError? { until == nil ? reason : nil }
    }

    /// Runs at the end of every batch, within its transaction; what it returns runs once the batch is durable.
    public typealias Claimer = @Sendable (Transaction) throws -> (@Sendable () -> Void)?

    private struct PendingWrite: Sendable {
        var seesEntries = false
        var perform: @Sendable (Transaction) throws -> @Sendable () -> Void
        var fail: @Sendable (any Error) -> Void
    }

    /// Writes that go into one transaction at most: bounds the time that the first of them waits for the last.
    static let batchMax = 256

    /// Opens the store of `folder`, making it when it is new. Only one process may write to a file at a time; those that share a
    /// PostgreSQL database may share the folder too.
    ///
    /// - Parameters:
    ///   - database: where its facts are; nil for where they were so far.
    ///   - random: the salts of what the ledger only commits to.
    ///   - acceptsLoss: whether a damaged log, behind which transactions are lost, is taken as it is.
    public convenience init(
        folder: String, database: StoreDatabase? = nil, time: any TimeSource, random: any RandomSource = SystemRandom(),
        steps: [SchemaStep] = [], acceptsLoss: Bool = false
    ) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let database = try database ?? StoreDatabase.noted(in: folder)
        let lock = try FolderLock(folder: folder, isShared: database.isShared)
        try database.note(in: folder)
        let path = StoreDatabase.path(of: folder)
        let loss = database == .file ? WriteAheadLog.loss(at: path) : nil
        if let loss, !acceptsLoss {
            throw StoreError.damaged(
                "\(path)-wal: \(loss). To go on without them, start once with andon serve --accept-rollback WHO WHY")
        }
        try self.init(folder: folder, time: time, random: random, lock: lock, loss: loss) {
            let engine = try database.engine(folder, isReadOnly: false)
            try engine.migrate(Schema.steps + steps)
            return engine
        }
        try readTree()
    }

    /// Opens the store of an engine that the caller has made, and to which nobody else writes: a database that is in no folder.
    ///
    /// - Parameter serverRandom: what this server's name is made of.
    public convenience init(
        folder: String, engine: any DatabaseEngine, time: any TimeSource, random: any RandomSource,
        serverRandom: any RandomSource = SystemRandom(), steps: [SchemaStep] = []
    ) throws {
        try self.init(folder: folder, time: time, random: random, serverRandom: serverRandom, lock: nil) {
            try engine.migrate(Schema.steps + steps)
            return engine
        }
        try readTree()
    }

    private func readTree() throws {
        let tree = try readNow { try StoredNodes(db: $0.db).frontier() }
        queue.withLock { $0.tree = tree }
    }

    /// Opens an existing store for reading while another process may be writing it: for `ledger verify` and
    /// `reconcile`. Writes fail.
    public static func reading(folder: String, time: any TimeSource) throws -> Store {
        let database = try StoreDatabase.noted(in: folder)
        guard database != .file || FileManager.default.fileExists(atPath: StoreDatabase.path(of: folder)) else {
            throw StoreError.unusable("\(folder) holds no andon.sqlite; is it the data folder?")
        }
        return try Store(folder: folder, time: time, random: SystemRandom(), lock: nil) {
            try database.engine(folder, isReadOnly: true)
        }
    }

    private init(
        folder: String, time: any TimeSource, random: any RandomSource,
        serverRandom: any RandomSource = SystemRandom(), lock: FolderLock?, loss: WriteAheadLog.Loss? = nil,
        _ open: () throws -> any DatabaseEngine
    ) throws {
        (self.folder, self.time, self.random, self.lock) = (folder, time, random, lock)
        self.loss = loss
        server = Hex.text(serverRandom.bytes(8))
        do { engine = try open() } catch let error as DatabaseError {
            switch error.kind {
            case .newer:
                throw StoreError.newerSchema("install the version of andon that wrote \(folder), or a later one")
            case .unreachable: throw StoreError.unreachable(error.message)
            case .inUse: throw StoreError.inUse(folder: folder)
            case .damaged: throw Self.damage(error, folder)
            case .full, .constraint, .syncFailed, .other: throw error
            }
        }
    }

    /// Writes in a transaction shared with others, and returns when it is durable.
    ///
    /// An error of `body` undoes its own changes and is thrown here; a failed commit undoes all of the batch.
    ///
    /// - Parameters:
    ///   - seesEntries: whether `body` may read the ledger. Where it does not, entries of the transaction need not be there yet.
    ///   - body: may be run again where what it did was undone with the others.
    public func write<Value: Sendable>(
        seesEntries: Bool = true, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let pending = PendingWrite(
                seesEntries: seesEntries,
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
        do { return try await engine.read { try body(Reader(db: $0)) } } catch { throw noticed(error) }
    }

    /// The same for callers that cannot wait asynchronously.
    public func readNow<Value>(_ body: (Reader) throws -> Value) throws -> Value {
        do { return try engine.readNow { try body(Reader(db: $0)) } } catch { throw noticed(error) }
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

    /// The last time in which nothing could be written; nil when there was none, or it was asked for by `takeShortage`.
    public var shortage: Shortage? { queue.withLock { $0.shortage } }

    /// A shortage that is over, once.
    public func takeShortage() -> Shortage? {
        queue.withLock { queue in
            guard let shortage = queue.shortage, shortage.until != nil else { return nil }
            queue.shortage = nil
            return shortage
        }
    }

    /// Nothing is accepted from here on. The first reason stays.
    func fail(_ failure: StoreError) { queue.withLock { $0.failure = $0.failure ?? failure } }

    /// Writes that are in no transaction yet.
    var waitingCount: Int { queue.withLock { $0.waiting.count } }

    // MARK: The writer

    private func enqueue(_ pending: PendingWrite) {
        let starts = queue.withLock { queue in
            queue.waiting.append(pending)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        if starts { engine.asyncWrite { self.drain($0) } }
    }

    private func drain(_ writer: any DatabaseWriter) {
        while isAnythingWaiting() {
            commit(writer)
            do { try writer.maintainIfNeeded() } catch { fail(ending(error)) }
        }
    }

    /// Where nothing is, whoever comes next drains anew.
    private func isAnythingWaiting() -> Bool {
        queue.withLock { queue in
            queue.isDraining = !queue.waiting.isEmpty
            return queue.isDraining
        }
    }

    private func nextBatch() -> [PendingWrite] {
        queue.withLock { queue in
            let batch = Array(queue.waiting.prefix(Self.batchMax))
            queue.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Commits what waits. Where servers share the database it is gathered when it is this one's turn to write: what came
    /// while another wrote goes with it, and needs no sync of its own.
    private func commit(_ writer: any DatabaseWriter) {
        if let failure {
            for pending in nextBatch() { pending.fail(failure) }
            return
        }
        var batch: Batch?
        func transact(isTogether: Bool, _ writes: () -> [PendingWrite]) throws {
            try writer.inTransaction(
                { db in
                    let begun = Batch(writes(), now: time.now(), uptime: time.uptime())
                    batch = begun
                    try perform(begun, db, writer, isTogether: isTogether)
                }, inDoubt: refuseWaiting)
        }
        do {
            do { try transact(isTogether: true) { nextBatch() } } catch is NotTogether {
                try transact(isTogether: false) { batch?.writes ?? [] }
            }
            guard let batch else { return }
            queue.withLock { queue in
                queue.tree = batch.tree
                queue.clocks = (batch.now, batch.uptime)
                if queue.shortage?.until == nil { queue.shortage?.until = batch.now }
            }
            for action in batch.successes + batch.failures { action() }
        } catch {
            let waiting = batch?.writes ?? nextBatch()
            let failure = refused(waiting.count, by: error, at: time.now())
            for pending in waiting { pending.fail(failure) }
        }
    }

    /// What one transaction takes, and what is to be done when it is durable.
    private final class Batch {
        let writes: [PendingWrite]
        let now: Timestamp
        let uptime: Duration
        var tree = MerkleFrontier()
        var successes: [@Sendable () -> Void] = []
        var failures: [@Sendable () -> Void] = []

        init(_ writes: [PendingWrite], now: Timestamp, uptime: Duration) {
            (self.writes, self.now, self.uptime) = (writes, now, uptime)
        }
    }

    /// Something failed in a transaction whose writes have no savepoints of their own.
    private struct NotTogether: Error {}

    private func perform(
        _ batch: Batch, _ db: Database, _ writer: any DatabaseWriter, isTogether: Bool
    ) throws {
        let (before, claimers) = queue.withLock { ($0.tree, $0.claimers) }
        let jump = clockJump(to: batch.now, batch.uptime)
        // Another process may have written to the tree.
        let known = try engine.isShared ? StoredNodes(db: db).frontier(known: before) : before
        let transaction = Transaction(db: db, tree: known, now: batch.now, random: random, server: server)
        if jump != .zero { try transaction.shiftWaits(by: jump, ofAll: !engine.isShared) }
        do {
            try isTogether ? together(batch, claimers, transaction) : apart(batch, claimers, transaction, writer)
        } catch {
            // Want of room may have undone all of the transaction, and so has a database that left, or is damaged.
            guard isTogether, Self.isOfOne(error, writer) else { throw error }
            throw NotTogether()
        }
        if transaction.tree.size != known.size { try transaction.writeHead() }
        batch.tree = transaction.tree
    }

    /// One write after the other, each of which throws before it writes anything, or not at all; that most do saves two ways to
    /// the database for each. What was sent along may fail at any later place.
    private func together(_ batch: Batch, _ claimers: [Claimer], _ transaction: Transaction) throws {
        for pending in batch.writes {
            if pending.seesEntries { try transaction.settleEntries() }
            let changes = transaction.changes
            do { batch.successes.append(try pending.perform(transaction)) } catch {
                guard !(error is DatabaseError), transaction.changes == changes, !transaction.db.isGivenUp else {
                    throw error
                }
                batch.failures.append { pending.fail(error) }
            }
        }
        for claimer in claimers {
            if let action = try claimer(transaction) { batch.successes.append(action) }
        }
        try transaction.settleEntries()
        if transaction.db.isGivenUp { throw NotTogether() }
    }

    /// The same where one has failed: each in a savepoint of its own.
    private func apart(
        _ batch: Batch, _ claimers: [Claimer], _ transaction: Transaction, _ writer: any DatabaseWriter
    ) throws {
        for pending in batch.writes {
            do { batch.successes.append(try transaction.inSavepoint { try pending.perform(transaction) }) } catch {
                guard Self.isOfOne(error, writer) else { throw error }
                batch.failures.append { pending.fail(error) }
            }
        }
        for claimer in claimers {
            if let action = try transaction.inSavepoint({ try claimer(transaction) }) { batch.successes.append(action) }
        }
    }

    /// Whether an error takes no more with it than the write that it came of: what went before is still there, and what follows
    /// would not commit by itself.
    private static func isOfOne(_ error: any Error, _ writer: any DatabaseWriter) -> Bool {
        writer.isInTransaction && passing(error) == nil && !isDamage(error)
    }

    /// By how much somebody has set the time of day since the last commit; zero for what clocks are slewed by.
    private func clockJump(to now: Timestamp, _ uptime: Duration) -> Duration {
        guard let last = queue.withLock({ $0.clocks }) else { return .zero }
        let jump = (now - last.now) - (uptime - last.uptime)
        return jump > .seconds(1) || jump < .seconds(-1) ? jump : .zero
    }

    /// Want of room, and of the database, undoes the batch and passes; after anything else only a restart knows what is on
    /// the disk.
    private func refused(_ count: Int, by error: any Error, at now: Timestamp) -> StoreError {
        guard let passing = Self.passing(error) else {
            let failure = ending(error)
            fail(failure)
            return failure
        }
        queue.withLock { queue in
            var shortage =
                queue.shortage.flatMap { $0.until == nil ? $0 : nil }
                ?? Shortage(since: now, until: nil, refused: 0, reason: passing)
            shortage.refused += count
            queue.shortage = shortage
        }
        return passing
    }

    /// The database left during a commit, and does not say yet whether it happened: what is in no transaction need not wait for that.
    private func refuseWaiting(_ error: DatabaseError) {
        let waiting = queue.withLock { queue in
            defer { queue.waiting = [] }
            return queue.waiting
        }
        guard !waiting.isEmpty else { return }
        let failure = refused(waiting.count, by: error, at: time.now())
        for pending in waiting { pending.fail(failure) }
    }

    /// What ends the acceptance of anything, in the store's words.
    private func ending(_ error: any Error) -> StoreError {
        Self.isDamage(error) ? Self.damage(error, folder) : .notDurable("\(error)")
    }

    /// What passes without a restart; nil for anything else.
    static func passing(_ error: any Error) -> StoreError? {
        guard let error = error as? DatabaseError else { return nil }
        return switch error.kind {
        case .full: .full(error.message)
        case .unreachable, .inUse: .unreachable(error.message)
        case .newer, .constraint, .damaged, .syncFailed, .other: nil
        }
    }

    /// Folds the write-ahead log into the database: to be called now and then from the background.
    public func checkpoint() async {
        do { try await engine.maintain() } catch { fail(ending(error)) }
    }

    /// Waits for the writes that were begun and closes the files. Who registered a claimer is let go.
    public func close() throws {
        defer { queue.withLock { $0.claimers = [] } }
        try engine.close()
        lock?.release()
    }
}
