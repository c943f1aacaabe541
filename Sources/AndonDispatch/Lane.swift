import AndonLedger
import AndonModel
import Synchronization

/// The path of a file with a picture's bytes, for whoever opens it soon; they may have to be brought first.
public typealias PictureFile = @Sendable (Picture) async throws -> String

/// One connector's queue at work: how many attempts may leave, what an attempt does, and what follows from it.
final class Lane: Sendable {
    let settings: LaneSettings
    private let pictureFile: PictureFile
    private let derived: DerivedFiles
    private let state: Mutex<State>
    private let time: any TimeSource
    /// What the clocks showed when the lane was made.
    private let made: (now: Timestamp, uptime: Duration)

    private struct State {
        var underWay = 0
        var filesUnderWay = 0
        var turns = Turns()
        var isStopped = false
        var breaker: CircuitBreaker
    }

    init(
        _ settings: LaneSettings, derived: DerivedFiles, time: any TimeSource, pictureFile: @escaping PictureFile
    ) {
        self.time = time
        made = (time.now(), time.uptime())
        self.settings = settings
        self.derived = derived
        self.pictureFile = pictureFile
        state = Mutex(State(breaker: settings.breaker))
    }

    /// The time of day as it would be had nobody set the clock: the breaker's.
    private var steadyNow: Timestamp { made.now + (time.uptime() - made.uptime) }

    // MARK: Places

    /// Files leave a place for what presses, so that a new order does not wait for the end of a file: wherever there are
    /// two places or more.
    private var filesMax: Int { max(1, settings.maxInFlight - 1) }

    /// Hands out what may leave now. It counts as under way once `took` is told, behind the commit.
    func claim(in transaction: Transaction) throws -> [Claim] {
        let steady = steadyNow
        let (limit, files, before) = state.withLock { state in
            (Self.places(&state, settings, now: steady), filesMax - state.filesUnderWay, state.turns)
        }
        guard limit > 0 else { return [] }
        var turns = before
        let claims = try transaction.claim(connector: settings.name, limit: limit, filesMax: files, turns: &turns)
        state.withLock { [turns] in $0.turns = turns }
        return claims
    }

    private static func places(_ state: inout State, _ settings: LaneSettings, now: Timestamp) -> Int {
        guard !state.isStopped else { return 0 }
        let free = settings.maxInFlight - state.underWay
        return free > 0 ? state.breaker.admits(free: free, underWay: state.underWay, now: now) : 0
    }

    /// What there is a place for.
    var admitted: [Urgency] {
        state.withLock { state in
            guard !state.isStopped, state.underWay < settings.maxInFlight else { return [] }
            return Urgency.allCases.filter { $0 != .file || state.filesUnderWay < filesMax }
        }
    }

    func took(_ claim: Claim) {
        state.withLock { state in
            state.underWay += 1
            if claim.row.effect == .attach { state.filesUnderWay += 1 }
        }
    }

    /// - Parameter verdict: nil when the breaker has been told of it.
    func ended(_ claim: Claim, _ verdict: Verdict?) {
        let now = steadyNow
        state.withLock { state in
            state.underWay -= 1
            if claim.row.effect == .attach { state.filesUnderWay -= 1 }
            guard let verdict else { return }
            if verdict.isTargetFailure { state.breaker.failed(now: now) } else { state.breaker.succeeded() }
        }
    }

    var standing: LaneStanding {
        let wasSet = time.now() - steadyNow
        return state.withLock { state in
            LaneStanding(
                name: settings.name, breaker: state.breaker.state,
                openUntil: state.breaker.openUntil.map { $0 + wasSet },
                failures: state.breaker.failures, underWay: state.underWay, maxInFlight: settings.maxInFlight)
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    // MARK: The attempt

    func carry(_ claim: Claim, over wire: any Wire, store: Store) async -> Result<[Receipt], ConnectorError> {
        do {
            if claim.row.effect.isIdempotent { return try await change(claim, over: wire, store: store) }
            guard let effect = try await effect(of: claim.row, store: store) else {
                // There is nothing to send any more, and nothing to look for.
                return .success([Receipt(remoteID: claim.row.reference.text)])
            }
            do throws(ConnectorError) {
                switch claim.action {
                case .send: return .success([try await settings.connector.perform(effect, over: wire)])
                case .search: return .success(try await settings.connector.find(effect, over: wire))
                }
            } catch {
                return .failure(error)
            }
        } catch let error as DerivedFiles.Unmakeable {
            return .failure(.refused(error.words))
        } catch {
            // Our own store could not be read: nothing has left.
            return .failure(.unreachable("\(error)"))
        }
    }

    /// - Returns: nil where a file is not to be sent after all.
    func effect(of row: OutboxRow, store: Store) async throws -> Effect? {
        let (order, picture) = try await store.read { reader in
            try reader.order(row.reference, withPicture: row.payload["sha256"]?.string)
        }
        guard let order else { throw StoreError.inconsistent("the order \(row.reference) is not there") }
        let document = order.document
        switch row.effect {
        case .create: return .create(document, picture: try await file(of: document.picture))
        case .attach:
            return try await attachment(of: row, document, picture, to: try Self.remoteID(of: order), store: store)
        case .append: return .append(Self.note(row, timeZone: document.timeZone), to: try Self.remoteID(of: order))
        case .reschedule, .withdraw:
            throw StoreError.inconsistent("a change of \(row.reference) is no effect")
        }
    }

    private static func remoteID(of order: OrderRecord) throws -> String {
        guard let remoteID = order.remoteID else {
            throw StoreError.inconsistent("the order \(order.reference) has no name in the CMMS yet")
        }
        return remoteID
    }

    private func file(of picture: Picture?) async throws -> String? {
        guard let picture else { return nil }
        return try await pictureFile(picture)
    }

    private func attachment(
        of row: OutboxRow, _ order: WorkOrder, _ picture: Picture?, to remoteID: String, store: Store
    ) async throws -> Effect? {
        guard let role = row.payload["role"]?.string.flatMap(Attachment.Role.init) else {
            throw StoreError.inconsistent("an attachment of \(row.reference) has no role")
        }
        if let picture {
            let attachment = Attachment(reference: row.reference, role: role, picture: picture)
            return .attach(attachment, file: try await pictureFile(picture), to: remoteID)
        }
        guard let made = try await derived.file(role, of: order) else { return nil }
        if let limit = settings.connector.traits.attachmentBytesMax, made.picture.bytes > limit {
            let alarm = tooLarge("the \(role.rawValue)", made.picture, limit)
            try await store.write { try $0.alarm("picture-too-large", subject: row.reference.text, alarm) }
            return nil
        }
        let attachment = Attachment(reference: row.reference, role: role, picture: made.picture)
        return .attach(attachment, file: made.path, to: remoteID)
    }

    private func tooLarge(_ what: String, _ picture: Picture, _ limit: Int) -> String {
        "\(what) has \(picture.bytes) bytes, \(settings.name) takes \(limit); the order links to it instead"
    }

    /// What was made for the row is not needed any more.
    func forget(_ claim: Claim) {
        guard claim.row.effect == .attach, claim.row.payload["sha256"] == nil,
            let role = claim.row.payload["role"]?.string.flatMap(Attachment.Role.init)
        else { return }
        derived.remove(role, of: claim.row.reference)
    }

    /// Moves the date of an order, or cancels it, unless somebody works on it or it has ended: then it is theirs.
    ///
    /// - Returns: a receipt whose number is the state that the order was left in.
    private func change(
        _ claim: Claim, over wire: any Wire, store: Store
    ) async throws -> Result<[Receipt], ConnectorError> {
        let row = claim.row
        // What an attempt without an answer did need not be found: it is done again.
        guard claim.action == .send else { return .success([]) }
        guard let order = try await store.read({ try $0.order(row.reference) }) else {
            throw StoreError.inconsistent("the order \(row.reference) is not there")
        }
        // An order that the CMMS refused is not there to be changed.
        guard let remoteID = order.remoteID else { return .success([Receipt(remoteID: row.reference.text)]) }
        do throws(ConnectorError) {
            var state = try await settings.connector.read(remoteID, over: wire)?.state ?? .missing
            if row.effect == .reschedule, state.takesOccurrences {
                try await settings.connector.reschedule(order.document, remoteID: remoteID, over: wire)
            } else if row.effect == .withdraw, state == .open {
                state = try await withdraw(remoteID, reason: row.payload["reason"]?.string ?? "", over: wire)
            }
            return .success([Receipt(remoteID: remoteID, number: state.rawValue)])
        } catch {
            return .failure(error)
        }
    }

    /// Some systems refuse to cancel what was cancelled a moment ago: the state says which.
    private func withdraw(
        _ remoteID: String, reason: String, over wire: any Wire
    ) async throws(ConnectorError) -> OrderState {
        do throws(ConnectorError) {
            try await settings.connector.withdraw(remoteID, reason: reason, over: wire)
            return .cancelled
        } catch {
            switch error {
            case .refused, .gone:
                let state = try await settings.connector.read(remoteID, over: wire)?.state ?? .cancelled
                guard state.isEnded else { throw error }
                return state
            default: throw error
            }
        }
    }

    private static func note(_ row: OutboxRow, timeZone: String) -> Note {
        let payload = row.payload
        if let change = DateChange(payload, of: row.reference) { return change.note }
        return Occurrence(
            reference: row.reference, count: payload["count"]?.integer ?? 1, added: payload["added"]?.integer ?? 1,
            lastSeenAt: payload["lastSeenAt"]?.string.flatMap(Timestamp.init) ?? row.createdAt,
            worstSeverity: payload["worstSeverity"]?.number, priority: payload["priority"]?.integer ?? 1,
            timeZone: timeZone
        ).note
    }

    // MARK: What follows

    /// - Parameter order: what the CMMS has now, where the attempt was about an order itself.
    func settle(
        _ claim: Claim, _ order: WorkOrder?, _ verdict: Verdict, _ result: Result<[Receipt], ConnectorError>,
        in transaction: Transaction
    ) throws {
        let row = claim.row
        var reason = ""
        if case .failure(let error) = result { reason = error.detail }
        try noteCredentials(result, in: transaction)
        switch verdict {
        case .done(let receipt, let copies):
            if copies > 1 {
                try transaction.alarm(
                    "duplicate", subject: row.reference.text,
                    "\(settings.name) has \(copies) records of \(row.reference); all but \(receipt.remoteID) are too many"
                )
            }
            try succeeded(row, order, receipt, in: transaction)
        case .sendAgain(let delay):
            try transaction.putBack(claim, unknown: false, due: transaction.now + delay, error: reason)
        case .lookFor(let delay, let searchCounts):
            try transaction.putBack(
                claim, unknown: true, due: transaction.now + delay, error: reason, searchCounts: searchCounts)
        case .waitFor(let delay):
            try transaction.putBack(claim, unknown: true, due: transaction.now + delay, error: reason)
        case .dead(let reason):
            try transaction.finish(row, dead: reason)
            if row.effect == .create { try transaction.markDead(row.reference) }
            try transaction.record(
                "outbox.dead", of: row.reference.text,
                ["effect": .string(row.effect.rawValue), "reason": .string(reason.cut(to: 4000))])
            try transaction.alarm(
                "dead-letter", subject: row.reference.text,
                "\(settings.name) did not take the \(row.effect.rawValue) of \(row.reference): \(reason)")
        }
    }

    private func noteCredentials(_ result: Result<[Receipt], ConnectorError>, in transaction: Transaction) throws {
        switch result {
        case .failure(.unauthorized(let detail)):
            try transaction.alarm("credentials", subject: settings.name, detail)
        case .success: try transaction.clearAlarm("credentials", subject: settings.name)
        case .failure: break
        }
    }

    private func succeeded(
        _ row: OutboxRow, _ order: WorkOrder?, _ receipt: Receipt, in transaction: Transaction
    ) throws {
        switch row.effect {
        case .create:
            try transaction.acknowledge(row.reference, receipt)
            try transaction.record(
                "order.acknowledged", of: row.reference.text,
                .object(present: [
                    "connector": .string(settings.name), "remoteId": .string(receipt.remoteID),
                    "number": receipt.number.map { .string($0) },
                ]))
            guard let order else { break }
            let original = try order.picture.flatMap { try payload(of: $0, .original, row, in: transaction) }
            try attach([original].compactMap { $0 } + derivedPayloads(order), after: row, in: transaction)
        case .append where DateChange(row.payload, of: row.reference) != nil: break
        case .append:
            try transaction.noted(row.payload["count"]?.integer ?? 0, of: row.reference)
            let pictures = try transaction.reader.picturesNotAttached(row.reference, limit: settings.picturesPerNote)
            let payloads = try pictures.compactMap { sha256 in
                try transaction.reader.picture(sha256).flatMap { picture in
                    try payload(of: picture, .occurrence, row, in: transaction)
                }
            }
            try attach(payloads, after: row, in: transaction)
        case .withdraw where receipt.number == OrderState.cancelled.rawValue:
            try transaction.withdrawn(row.reference, in: settings.name)
        case .attach, .reschedule, .withdraw: break
        }
        try transaction.finish(row, notingBy: settings.queue)
        try transaction.completeUnlessFilesWait(row.reference)
    }

    private func attach(_ payloads: [JSON], after row: OutboxRow, in transaction: Transaction) throws {
        try transaction.enqueue(.attach, behind: row, payloads: payloads)
    }

    /// What the outbox keeps of a picture that goes with an order; nil where the system does not take it.
    private func payload(
        of picture: Picture, _ role: Attachment.Role, _ row: OutboxRow, in transaction: Transaction
    ) throws -> JSON? {
        let traits = settings.connector.traits
        guard traits.takesAttachments else { return nil }
        if let limit = traits.attachmentBytesMax, picture.bytes > limit {
            try transaction.alarm(
                "picture-too-large", subject: row.reference.text, tooLarge("the picture", picture, limit))
            return nil
        }
        return ["role": .string(role.rawValue), "sha256": .string(picture.sha256)]
    }

    /// What is made for the order: what the connector is to get, and the whole text where its field does not hold it.
    private func derivedPayloads(_ order: WorkOrder) -> [JSON] {
        let traits = settings.connector.traits
        guard traits.takesAttachments else { return [] }
        var roles = settings.attachments
        if let limit = traits.longTextMax, OrderText(order).longText.count > limit { roles.append(.text) }
        return roles.filter { derived.has($0, order) }.map { ["role": .string($0.rawValue)] }
    }
}
