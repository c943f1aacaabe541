import AndonLedger
import AndonModel
import Logging
import Synchronization

/// One connector to be followed.
public struct FollowSettings: Sendable {
    public var name: String
    public var connector: any Connector
    /// Between two polls for changes.
    public var poll: Duration
    /// Between two looks at every open order, to find those that were deleted in the CMMS.
    public var census: Duration
    /// Whether an order that was cancelled there raises an alarm.
    public var alarmsOnCancelled: Bool
    public var onMissing: Missing
    /// What its codes say of the detections.
    public var findings: Findings
    public var queue: QueuePolicy
    public var makeWire: @Sendable () -> any Wire

    /// What follows when the CMMS does not have an order any more.
    public enum Missing: String, Sendable {
        case alarm
        case raiseAgain
        case accept
    }

    public init(
        name: String, connector: any Connector, poll: Duration = .seconds(60), census: Duration = .seconds(900),
        alarmsOnCancelled: Bool = false, onMissing: Missing = .alarm, findings: Findings = Findings(),
        queue: QueuePolicy = QueuePolicy(), makeWire: @escaping @Sendable () -> any Wire
    ) {
        self.name = name
        self.connector = connector
        self.poll = poll
        self.census = census
        self.alarmsOnCancelled = alarmsOnCancelled
        self.onMissing = onMissing
        self.findings = findings
        self.queue = queue
        self.makeWire = makeWire
    }
}

/// Follows orders in their CMMS until they end, and brings the repair's facts back.
///
/// It polls for changes with a cursor that is kept with the facts, so nothing is missed over a restart; a webhook
/// only makes the next poll come at once, and what it says is never believed. Now and then it asks for every open
/// order by name: one that is not there any more was deleted. A CMMS that asks for time is left alone until then.
public final class CloseStep: Sendable {
    private let store: Store
    private let time: any TimeSource
    private let followed: [FollowSettings]
    private let isOnDuty: @Sendable () -> Bool
    private let logger: Logger
    private let nudges = Mutex<[String: AsyncStream<Void>.Continuation]>([:])

    /// - Parameter isOnDuty: whether this server does what one of those that share the store should do. All may.
    public init(
        store: Store, time: any TimeSource, followed: [FollowSettings],
        isOnDuty: @escaping @Sendable () -> Bool = { true },
        logger: Logger
    ) {
        self.isOnDuty = isOnDuty
        self.store = store
        self.time = time
        self.followed = followed
        self.logger = logger
    }

    /// Follows all connectors until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for settings in followed {
                group.addTask { await self.follow(settings) }
            }
        }
    }

    /// Makes the next poll of the connector come now. Returns false when there is no such connector.
    @discardableResult
    public func nudge(_ connector: String) -> Bool {
        nudges.withLock { $0[connector] }?.yield() != nil
    }

    private func follow(_ settings: FollowSettings) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        nudges.withLock { $0[settings.name] = continuation }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await self.time.sleep(for: settings.poll)) != nil {
                    if self.isOnDuty() { continuation.yield() }
                }
                continuation.finish()
            }
            var lastCensus = time.uptime()
            var notBefore = lastCensus
            continuation.yield()
            for await _ in stream {
                guard time.uptime() >= notBefore else { continue }
                var asked = await poll(settings)
                if asked == nil, isOnDuty(), time.uptime() - lastCensus >= settings.census {
                    lastCensus = time.uptime()
                    asked = await census(settings)
                }
                // The first poll after that asks for whatever came meanwhile.
                if let asked { notBefore = time.uptime() + asked }
            }
            group.cancelAll()
        }
    }

    /// Reads everything that changed since the last poll.
    ///
    /// - Returns: for how long the CMMS wants to be left alone; nil where it did not ask for that.
    @discardableResult
    public func poll(_ settings: FollowSettings) async -> Duration? {
        do {
            var more = true
            while more, !Task.isCancelled {
                let cursor = try await store.read { try $0.cursor(connector: settings.name) }
                let changes = try await settings.connector.changes(after: cursor, over: settings.makeWire())
                // Another server has read the same meanwhile, and perhaps more than that: what is older must not follow.
                guard try await keep(changes, readAfter: cursor, settings) else { break }
                more = changes.more && changes.cursor != cursor
            }
            try await store.write { transaction in
                try transaction.clearAlarm("poll-failed", subject: settings.name)
                try transaction.clearSeenAfterEnd()
            }
            return nil
        } catch {
            return await failed(settings, error)
        }
    }

    /// - Returns: false where the cursor is not any more the one that they were read after; then nothing is kept.
    private func keep(
        _ changes: Changes, readAfter cursor: String?, _ settings: FollowSettings
    ) async throws -> Bool {
        try await store.write { transaction in
            guard try transaction.reader.cursor(connector: settings.name) == cursor else { return false }
            for remote in changes.orders {
                guard let order = try Self.ours(remote, settings.name, transaction.reader) else { continue }
                try Self.apply(remote, to: order, settings, in: transaction)
            }
            try transaction.keepCursor(changes.cursor, connector: settings.name)
            return true
        }
    }

    private static func ours(_ remote: RemoteOrder, _ connector: String, _ reader: Reader) throws -> OrderRecord? {
        if let order = try reader.order(connector: connector, remoteID: remote.remoteID) { return order }
        // The change may come back before the acknowledgement was kept; the reference is ours all the same.
        guard let order = try remote.reference.flatMap({ try reader.order($0) }), order.connector == connector else {
            return nil
        }
        return order.remoteID == nil ? order : nil
    }

    private static func apply(
        _ remote: RemoteOrder, to order: OrderRecord, _ settings: FollowSettings, in transaction: Transaction
    ) throws {
        let remote = settings.findings.judged(remote)
        guard try transaction.apply(remote, to: order) else { return }
        // What joined it before its name there was known has not been told, where it had ended meanwhile.
        if order.state.isEnded { try transaction.enqueueNoteIfDue(order.reference, policy: settings.queue) }
        try correct(remote, of: order, settings, in: transaction)
        try tellOfLater(order, remote, settings, in: transaction)
        let subject = order.reference.text
        switch remote.state {
        case .missing where settings.onMissing == .raiseAgain: try transaction.raiseAgain(order, policy: settings.queue)
        case .missing where settings.onMissing == .accept: break
        case .missing:
            try transaction.alarm(
                "order-missing", subject: subject,
                "\(settings.name) does not have \(order.remoteNumber ?? subject) any more; a further detection of "
                    + "\(order.defectClass) on \(order.asset) raises a new order")
        case .cancelled where settings.alarmsOnCancelled:
            try transaction.alarm(
                "order-cancelled", subject: subject,
                "\(order.remoteNumber ?? subject) was cancelled in \(settings.name)")
        case .open, .inProgress, .done, .closed, .cancelled, .merged:
            try transaction.clearAlarm("order-missing", subject: subject)
        }
    }

    /// What was seen when the work was over in the CMMS, and not yet here, has joined an order on which nobody works any more.
    private static func tellOfLater(
        _ order: OrderRecord, _ remote: RemoteOrder, _ settings: FollowSettings, in transaction: Transaction
    ) throws {
        let subject = order.reference.text
        guard remote.state.isEnded else { return try transaction.clearAlarm(Alarms.seenAfterEnd, subject: subject) }
        guard order.state.takesOccurrences, remote.closure?.verdict != .falseAlarm,
            let end = remote.closure?.closedAt,
            case let count = try transaction.reader.occurrences(of: order.reference, after: end), count > 0
        else { return }
        try transaction.alarm(
            Alarms.seenAfterEnd, subject: subject,
            "\(order.defectClass) was seen on \(order.asset) \(count == 1 ? "once" : "\(count) times") after "
                + "\(order.remoteNumber ?? subject) was \(remote.vendorState) in \(settings.name) (at \(end)); the next "
                + "detection raises a new order")
    }

    /// Says what the defect of an order was, where its codes tell, and it is not what the model called it.
    private static func correct(
        _ remote: RemoteOrder, of order: OrderRecord, _ settings: FollowSettings, in transaction: Transaction
    ) throws {
        guard remote.closure?.verdict == .wrongClass, let right = settings.findings.defectClass(of: remote),
            right != order.defectClass, try transaction.reader.rightClass(of: order.reference) != right
        else { return }
        try transaction.report(
            transaction.reader.filled(
                MissedDefect(
                    defectClass: right, seenAt: order.document.detectedAt, words: remote.closure?.notes,
                    order: order.reference,
                    by: remote.closure?.technician ?? settings.name)))
    }

    /// Asks for every open order by name.
    ///
    /// - Returns: for how long the CMMS wants to be left alone; nil where it did not ask for that.
    @discardableResult
    public func census(_ settings: FollowSettings) async -> Duration? {
        do {
            var seq: Int64 = 0
            while !Task.isCancelled {
                let after = seq
                let orders = try await store.read {
                    try $0.followedOrders(connector: settings.name, after: after, limit: 100)
                }
                guard let last = orders.last else { return nil }
                for order in orders { try await look(at: order, settings) }
                seq = last.seq
            }
            return nil
        } catch {
            return await failed(settings, error)
        }
    }

    private func look(at order: OrderRecord, _ settings: FollowSettings) async throws {
        guard let remoteID = order.remoteID else { return }
        let found = try await settings.connector.read(remoteID, over: settings.makeWire())
        let remote =
            found
            ?? RemoteOrder(
                remoteID: remoteID, reference: order.reference, state: .missing, vendorState: "not found",
                priority: order.remotePriority, assignee: order.assignee, closure: order.closure)
        try await store.write { transaction in
            // What another reading found meanwhile is newer than this one.
            guard let now = try transaction.reader.order(order.reference), now.state == order.state,
                now.vendorState == order.vendorState
            else { return }
            try Self.apply(remote, to: now, settings, in: transaction)
        }
    }

    private func failed(_ settings: FollowSettings, _ error: any Error) async -> Duration? {
        let detail = (error as? ConnectorError)?.detail ?? "\(error)"
        logger.warning("changes could not be read", metadata: ["connector": "\(settings.name)", "error": "\(detail)"])
        _ = try? await store.write { try $0.alarm("poll-failed", subject: settings.name, detail) }
        guard case .busy(let asked, _) = error as? ConnectorError else { return nil }
        return asked
    }
}
