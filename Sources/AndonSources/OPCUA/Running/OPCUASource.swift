import AndonLedger
import AndonModel
import Logging
import UAClient
import UACodec

/// Listens to one vision system and hands what it tells to the intake: once, however often it is delivered, and nothing
/// missed in silence.
///
/// A message is acknowledged when all of it is durable. What the server lost is fetched where it offers that; where it does
/// not, the gap goes into the ledger.
public actor OPCUASource {
    public nonisolated let name: String
    public nonisolated let settings: OPCUASettings
    public nonisolated let board: SourceBoard
    nonisolated let intake: any SourceIntake
    nonisolated let journal: SourceJournal
    nonisolated let environment: SourceEnvironment
    nonisolated let mapper: InspectionMapper

    /// Of this session with the server.
    struct Session: Sendable {
        var client: UAClient
        /// ApplicationUri.
        var server: String
        /// The server's time when the session began.
        var begin: Timestamp
        /// Our time less the server's.
        var ahead: Duration
        /// ResultManagement objects.
        var systems: [ResultSystems.Found] = []
        var items: [UInt32: ItemRole] = [:]
    }

    /// What a monitored item is for.
    enum ItemRole: Sendable, Hashable {
        case result(ExpandedNodeId?)
        case event
        case condition(ConditionEvents.Kind)
        case trigger
        case field(String)
    }

    var session: Session?
    var cursor: SourceCursor?
    /// When the connection was made last.
    private var connectedAt: Timestamp?
    var trigger: TriggerTracker
    var samples = FieldSamples()

    public init(
        name: String, settings: OPCUASettings, store: Store, intake: any SourceIntake, environment: SourceEnvironment
    ) {
        self.name = name
        self.settings = settings
        self.intake = intake
        self.environment = environment
        journal = SourceJournal(store: store, source: name)
        board = SourceBoard(at: environment.time.now())
        mapper = InspectionMapper(settings.mapping)
        if case .variables(let form) = settings.form {
            trigger = TriggerTracker(kind: form.triggerKind)
        } else {
            trigger = TriggerTracker(kind: .change)
        }
    }

    nonisolated var now: Timestamp { environment.time.now() }
    nonisolated var logger: Logger { environment.logger }

    /// Until it is cancelled.
    public func run() async {
        let alarm = Task { await watchAbsence() }
        defer { alarm.cancel() }
        if let gaps = try? await journal.gaps() { board.update { $0.gaps = gaps } }
        var attempt = 0
        while !Task.isCancelled {
            board.enter(attempt == 0 ? .connecting : .waiting, at: now)
            do {
                try await follow()
                attempt = 0
            } catch is CancellationError {
                break
            } catch {
                if session != nil { attempt = 0 }
                log(.warning, "the vision system is not followed at present", error)
                board.enter(.waiting, at: now, "\(error)")
            }
            session = nil
            attempt += 1
            let delay = environment.backoff.delay(attempt: attempt, random: environment.random.unit())
            if (try? await environment.time.sleep(for: delay)) == nil { break }
        }
        board.enter(.stopped, at: now)
    }

    /// One client's life: as long as it can keep, or make anew, what it watches.
    private func follow() async throws {
        let client = UAClient(try environment.client(of: settings, name: name), group: environment.group)
        let events = Task { for await event in client.events { note(event) } }
        let heart = Task { await beat() }
        do {
            try await withTaskCancellationHandler {
                try await client.connect()
                let subscription = try await begin(client)
                for try await element in subscription { try await take(element, of: subscription) }
            } onCancel: {
                Task { await client.close() }
            }
            try Task.checkCancellation()
        } catch {
            events.cancel()
            heart.cancel()
            await client.close()
            throw error
        }
        events.cancel()
        heart.cancel()
        await client.close()
    }

    // MARK: Beginning

    private func begin(_ client: UAClient) async throws -> Subscription {
        let begin = try await serverTime(client)
        var session = Session(
            client: client, server: try await applicationUri(client), begin: begin, ahead: now - begin)
        let subscription = try await client.subscribe(
            SubscriptionOptions(publishingInterval: settings.publishing, acknowledgement: .onConfirmation))
        try await watch(subscription, &session)
        self.session = session
        let security = await client.endpoint.map { endpoint in
            "\(endpoint.securityPolicyUri?.split(separator: "#").last ?? "None"), \(SourceCheck.word(endpoint.securityMode))"
        }
        let watches = session.systems.map { $0.name.isEmpty ? "\($0.node)" : $0.name }
        board.update { standing in
            standing.server = session.server.cut(to: 300).withoutControls
            standing.security = security
            standing.watches = watches
        }
        try await takeUp(session)
        connectedAt = now
        board.enter(.connected, at: now)
        log(.notice, "the vision system is followed")
        return subscription
    }

    /// Goes on where the last session, of this process or an earlier one, ended.
    private func takeUp(_ session: Session) async throws {
        if let known = try await journal.cursor(), known.server == session.server {
            cursor = known
            restoreTrigger(known)
            try await catchUp(from: known.heardTime, why: "this server did not listen")
        } else {
            let begin = settings.startWith == .new ? session.begin : Timestamp(microseconds: 0)
            cursor = SourceCursor(server: session.server, newest: begin, begin: begin, heardAt: now)
            if settings.startWith == .kept { try await catchUp(from: nil, why: "") }
            try await keepCursor()
        }
        try await retryRefusals()
    }

    private func restoreTrigger(_ known: SourceCursor) {
        guard case .variables(let form) = settings.form, let value = known.trigger, let at = known.triggerAt else {
            return
        }
        trigger = TriggerTracker(
            kind: form.triggerKind, last: Sample(value: FieldValue(value), at: Timestamp(microseconds: at)))
    }

    /// ServerArray[0] is the server's own ApplicationUri (Part 5, 6.3.1).
    private func applicationUri(_ client: UAClient) async throws(ClientError) -> String {
        let value = try await client.readValue(NodeId(2254))
        if let first = value.value?.values(of: String.self)?.first, let uri = first, !uri.isEmpty { return uri }
        if let uri = await client.endpoint?.server.applicationUri, !uri.isEmpty { return uri }
        return settings.url
    }

    private func serverTime(_ client: UAClient) async throws(ClientError) -> Timestamp {
        try await client.readValue(NodeId(2258)).value?.value(as: DateTime.self)?.timestamp ?? now
    }

    // MARK: Keeping on

    private func take(_ element: SubscriptionElement, of subscription: Subscription) async throws {
        switch element {
        case .gap(let gap):
            guard gap.failedItems.isEmpty else {
                throw ClientError.missing("the server does not have what was watched any more; it is looked for anew")
            }
            let why =
                switch gap.reason {
                case .recreated: "the server had dropped the subscription"
                case .messages(let count): "the server had dropped \(count) messages"
                }
            try await catchUp(from: cursor?.heardTime, why: why)
        case .notification(let notification):
            try await take(notification)
            await subscription.confirm(notification)
        }
    }

    private func note(_ event: ConnectionEvent) {
        switch event {
        case .connected:
            guard session != nil else { return }
            connectedAt = now
            board.enter(.connected, at: now)
            log(.notice, "\(event)")
        case .lost(let error):
            connectedAt = nil
            board.enter(.waiting, at: now, "\(error)")
            log(.warning, "\(event)")
        case .waiting(let error, _): board.enter(.waiting, at: now, "\(error)")
        case .warning(let words): log(.warning, words)
        case .closed: break
        }
    }

    /// While there is a connection nothing is missed: said once a minute, so that a gap is not longer than it was. Just after a
    /// connection was made, it is still asked for what was missed.
    private func beat() async {
        let settled: Duration = .seconds(30)
        while (try? await environment.time.sleep(for: .seconds(60))) != nil {
            guard let connectedAt, now - connectedAt > settled else { continue }
            heard(at: now - settings.publishing * 2)
            try? await keepCursor()
        }
    }

    private func watchAbsence() async {
        var away: Duration = .zero
        // An alarm of an earlier process may be up.
        var isRaised: Bool?
        while (try? await environment.time.sleep(for: .seconds(1))) != nil {
            if board.now.state == .connected {
                away = .zero
                if isRaised != false, (try? await journal.alarm("source-away", nil)) != nil { isRaised = false }
            } else {
                away += .seconds(1)
                guard away >= settings.alarmAfter, isRaised != true else { continue }
                let words = "no connection to \(settings.url): \(board.now.lastError ?? "it does not answer")"
                if (try? await journal.alarm("source-away", words)) != nil { isRaised = true }
            }
        }
    }

    /// Nothing from before this time is missing.
    func heard(at time: Timestamp) {
        guard let known = cursor, time > known.heardTime else { return }
        cursor?.heardAt = time.microseconds
    }

    func keepCursor() async throws {
        guard let cursor else { return }
        try await journal.put(cursor)
    }

    nonisolated func log(_ level: Logger.Level, _ words: String, _ error: (any Error)? = nil) {
        var metadata: Logger.Metadata = ["source": "\(name)"]
        if let error { metadata["error"] = "\(error)" }
        logger.log(level: level, "\(words)", metadata: metadata)
    }
}
