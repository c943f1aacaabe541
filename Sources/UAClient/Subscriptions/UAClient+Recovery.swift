import UACodec

extension UAClient {
    /// After a new channel: asks for what was lost in the old session, or brings the subscriptions into the new one.
    ///
    /// - Throws: what ends the connection. A subscription that the server will not have is tried again later.
    func recoverSubscriptions(isResumed: Bool) async throws(ClientError) {
        guard let connection, !records.isEmpty else { return }
        let all = records.values.sorted { $0.key < $1.key }
        for record in all { record.inbox = [] }
        var kept = Set(all.filter { $0.serverId != 0 }.map(\.key))
        if !isResumed { kept = try await transfer(all.filter { kept.contains($0.key) }, on: connection) }
        for record in all where !kept.contains(record.key) { record.serverId = 0 }
        forgetAcknowledgements()
        for record in all {
            if kept.contains(record.key), try await catchUp(record, on: connection) { continue }
            try await recreateOrThrow(record, on: connection)
        }
    }

    /// Moves subscriptions of the old session into the new one (Part 4, 5.14.7).
    ///
    /// - Returns: the keys of those that were moved.
    private func transfer(
        _ moved: [SubscriptionRecord], on connection: Connection
    ) async throws(ClientError) -> Set<Int> {
        guard !moved.isEmpty else { return [] }
        let request = TransferSubscriptionsRequest(subscriptionIds: moved.map(\.serverId), sendInitialValues: false)
        do throws(ClientError) {
            let results = try await exchange(request, on: connection).results
            guard results.count == moved.count else {
                throw violation("\(results.count) results for \(moved.count) transfers", on: connection)
            }
            return Set(zip(moved, results).filter { !$0.1.statusCode.isBad }.map(\.0.key))
        } catch {
            guard case .refused = error else { throw error }
            return []
        }
    }

    /// Asks for messages from the expected one on until the server has no more.
    ///
    /// - Returns: whether the server still has the subscription.
    private func catchUp(_ record: SubscriptionRecord, on connection: Connection) async throws(ClientError) -> Bool {
        record.lastHeard = time.now()
        for _ in 0..<configuration.limits.republished {
            let number = record.tracker.expected
            do throws(ClientError) {
                guard let message = try await republished(number, of: record, on: connection) else { return true }
                try await hand(over: message, of: record, isRepublished: true, on: connection)
            } catch {
                guard case .refused = error else { throw error }
                return false
            }
        }
        return true
    }

    /// Makes a subscription anew and tells the consumer that something may be missing.
    private func recreateOrThrow(_ record: SubscriptionRecord, on connection: Connection) async throws(ClientError) {
        guard !record.isBeingMade else { return }
        record.isBeingMade = true
        defer { record.isBeingMade = false }
        record.serverId = 0
        forgetAcknowledgements()
        record.epoch += 1
        for handle in record.items.keys { record.items[handle]?.serverId = nil }
        do throws(ClientError) {
            try await create(record, on: connection)
            let statuses = try await createItems(record.items.keys.sorted(), of: record, on: connection)
            var gap = SubscriptionGap(reason: .recreated)
            for status in statuses where status.status.isBad { gap.failedItems[status.id] = status.status }
            record.buffer.push(.gap(gap))
        } catch {
            record.serverId = 0
            switch error {
            case .refused(let status, _), .partly(_, _, .refused(let status, _)):
                eventSink.yield(.warning("A subscription could not be made anew (\(status.name)); it is tried again."))
            case .missing(let what), .configuration(let what):
                eventSink.yield(.warning("A subscription could not be made anew; it is tried again. \(what)"))
            default: throw error
            }
        }
    }

    /// Drops the acknowledgements of subscriptions that are no more: the next one may have the same id.
    private func forgetAcknowledgements() {
        let live = Set(records.values.map(\.serverId))
        publishing.acknowledgements.removeAll { !live.contains($0.subscriptionId) }
    }

    func recreate(_ record: SubscriptionRecord, on connection: Connection) async {
        do throws(ClientError) { try await recreateOrThrow(record, on: connection) } catch {
            return drop(connection.generation, error)
        }
        pump()
    }

    /// The server ends a subscription, or gave it to another session (Part 4, 7.26.5).
    func statusChanged(_ status: StatusCode, _ record: SubscriptionRecord, on connection: Connection) async {
        guard status.isBad else {
            if status.code == .goodSubscriptionTransferred {
                records[record.key] = nil
                record.buffer.finish(.refused(status, "another session took the subscription over"))
            }
            return
        }
        await recreate(record, on: connection)
    }

    /// A subscription that is silent for longer than the server promised has lost its connection, whatever the socket
    /// says. One that could not be made anew is tried again.
    func checkKeepAlives(_ connection: Connection) {
        for record in records.values {
            if record.serverId == 0 {
                Task { await recreate(record, on: connection) }
            } else if publishing.outstanding > 0 {
                let patience = record.keepAlive * 2 + min(configuration.requestTimeout, .seconds(5))
                guard time.now() - record.lastHeard > patience else { continue }
                return drop(connection.generation, .unanswered(.badTimeout, "a subscription is silent for \(patience)"))
            }
        }
    }
}
