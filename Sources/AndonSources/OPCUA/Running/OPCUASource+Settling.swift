import AndonLedger
import AndonModel
import Logging
import UAClient
import UACodec

/// Something that a source tells, before it is mapped.
struct SourceEvent: Sendable {
    /// What the server calls it.
    var key: String
    var fields: FieldValue
    /// By the source's clock.
    var at: Timestamp?
    /// Of results.
    var result: ResultFacts?
    /// The ResultManagement that it came from, where that is known.
    var system: ExpandedNodeId?
    /// Not delivered, but asked for afterwards.
    var isFetched = false
}

extension OPCUASource {
    /// Pictures that are fetched at once; reports go in one after the other, in their order.
    private static let picturesAtOnce = 8

    /// Takes events in. Returns when each is durable as a report, or kept as a refusal, or known already.
    func settle(_ events: [SourceEvent], publishedAt: Timestamp) async throws {
        var rest = events[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.picturesAtOnce)
            rest = rest.dropFirst(Self.picturesAtOnce)
            try await settle(some: Array(some))
            for event in some { advance(event, publishedAt: publishedAt) }
        }
    }

    /// A system whose clock is ahead must not make later results look old.
    private func advance(_ event: SourceEvent, publishedAt: Timestamp) {
        guard let at = event.at, let known = cursor else { return }
        let newest = min(at, publishedAt)
        guard newest >= known.newestTime else { return }
        cursor?.newest = newest.microseconds
        if let result = event.result { cursor?.result = result.id.cut(to: 300) }
    }

    private func settle(some events: [SourceEvent]) async throws {
        var ready: [(event: SourceEvent, id: String, document: JSON)] = []
        var seen: Set<String> = []
        for event in events where seen.insert(event.key).inserted {
            if let (id, document, whole) = try await map(event) { ready.append((whole, id, document)) }
        }
        let pictures = await withTaskGroup(of: (Int, Result<SourcePicture, any Error>).self) { group in
            for (place, entry) in ready.enumerated() {
                group.addTask {
                    do { return (place, .success(try await self.picture(of: entry.event, entry.document))) } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var found: [Int: Result<SourcePicture, any Error>] = [:]
            for await (place, picture) in group { found[place] = picture }
            return found
        }
        for (place, entry) in ready.enumerated() {
            let picture = try pictures[place]?.get() ?? .none
            try await put(entry.document, picture, id: entry.id, event: entry.event)
        }
    }

    /// - Returns: the report's id and document, and the event with all that was fetched for it; nil for what is known, and
    ///   for what makes no report, which is kept.
    private func map(_ event: SourceEvent) async throws -> (String, JSON, SourceEvent)? {
        let key = EventKey(server: session?.server ?? "", event: event.key)
        let isKnown = try await persisting { [intake, journal] in
            if try await intake.isKnown(key.id) { return true }
            return try await journal.isRefused(event.key)
        }
        guard !isKnown else {
            // What a search finds again was delivered: that is no second delivery.
            if !event.isFetched { board.update { $0.repeated += 1 } }
            return nil
        }
        let whole = try await completed(event)
        do throws(MappingRefusal) {
            let document = try mapper.document(of: whole.fields, id: key.id, origin: key.origin(source: name))
            return (key.id, document, whole)
        } catch {
            try await refuse(whole, place: error.place, reason: "\(error)")
            return nil
        }
    }

    /// Large results come without their content (40100-1, 8.3.8.4), which is then asked for.
    private func completed(_ event: SourceEvent) async throws -> SourceEvent {
        guard let facts = event.result, !facts.hasContent, let model = resultModel else { return event }
        let found = try await whileConnected { session throws(ClientError) -> FieldValue? in
            for node in self.candidates(event, session) {
                let server = ResultServer(client: session.client, model: model, node: node)
                if let fields = try await server.result(facts.id) { return fields }
            }
            return nil
        }
        guard let found, let whole = ResultFacts(found, model), whole.id == facts.id else { return event }
        var event = event
        event.fields = found
        return event
    }

    /// The system that an event came from, or all of them.
    nonisolated func candidates(_ event: SourceEvent, _ session: Session) -> [ExpandedNodeId] {
        event.system.map { [$0] } ?? session.systems.map(\.node)
    }

    /// Hands a report to the intake; keeps it as a refusal when it is not taken.
    ///
    /// - Returns: whether it is in the store.
    @discardableResult
    func put(_ document: JSON, _ picture: SourcePicture, id: String, event: SourceEvent) async throws -> Bool {
        let taken = try await persisting { [intake] in try await intake.take(document, picture: picture) }
        switch taken {
        case .accepted(let missing):
            board.update { standing in
                standing.received += 1
                if event.isFetched { standing.fetched += 1 }
                if missing != nil { standing.withoutPicture += 1 }
            }
            if let missing { log(.warning, "a report went in without its picture: \(missing)") }
            return true
        case .repeated:
            if !event.isFetched { board.update { $0.repeated += 1 } }
            return true
        case .refused(let problem):
            let fault = problem.errors.first
            try await refuse(
                event, place: fault?.pointer ?? "", reason: "the intake refuses the report: \(problem.detail)")
            return false
        }
    }

    private func refuse(_ event: SourceEvent, place: String, reason: String) async throws {
        let refusal = SourceRefusal(
            event: event.key, at: now, place: place, reason: reason, fields: event.fields.json)
        try await persisting { [journal] in try await journal.keep(refusal) }
        board.update { standing in
            standing.refused += 1
            standing.lastError = reason.cut(to: 500).asOneLine
        }
        log(.error, "what came made no report: \(reason)")
    }

    /// What was refused is tried once more with the mapping that is in force now.
    func retryRefusals() async throws {
        for refusal in try await journal.refusals().reversed() where refusal.fields != .null {
            let key = EventKey(server: session?.server ?? "", event: refusal.event)
            let fields = FieldValue(refusal.fields)
            guard let document = try? mapper.document(of: fields, id: key.id, origin: key.origin(source: name)) else {
                continue
            }
            var event = SourceEvent(key: refusal.event, fields: fields, at: nil, isFetched: true)
            event.result = resultModel.flatMap { ResultFacts(fields, $0) }
            let picture = try await picture(of: event, document)
            if try await put(document, picture, id: key.id, event: event) { try await journal.forget(refusal.event) }
        }
    }

    // MARK: Trying again

    /// Does what only the disk or its space can keep from being done, until it is done.
    func persisting<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        var attempt = 0
        while true {
            do { return try await body() } catch is CancellationError {
                throw CancellationError()
            } catch {
                attempt += 1
                log(.error, "a report cannot be kept, and is kept back", error)
                board.update { $0.lastError = "a report cannot be kept: \(error)".cut(to: 500).asOneLine }
                let delay = environment.backoff.delay(attempt: attempt, random: environment.random.unit())
                try await environment.time.sleep(for: delay)
            }
        }
    }

    /// Asks the server, and once more when the connection comes back. A question to which no answer comes three times in a row
    /// although there is a connection, is given up.
    func whileConnected<Value: Sendable>(
        _ body: @Sendable (Session) async throws(ClientError) -> Value
    ) async throws -> Value {
        var unanswered = 0
        while true {
            try Task.checkCancellation()
            guard let session else { throw ClientError.closed }
            do throws(ClientError) { return try await body(session) } catch {
                guard error.isAway else { throw error }
                if await session.client.isConnected { unanswered += 1 }
                guard unanswered < 3 else { throw error }
            }
            try await environment.time.sleep(for: .milliseconds(200))
        }
    }
}
