import UACodec

extension UAClient {
    /// Sends Publish requests until enough wait at the server, as long as every consumer has room for what they bring.
    func pump() {
        guard phase == .connected, let connection, !publishing.isPaused else { return }
        let live = records.values.filter { $0.serverId != 0 }
        guard !live.isEmpty else { return }
        let fullest = live.map(\.waiting).max() ?? 0
        // What stood still was not heard for a reason.
        if publishing.outstanding == 0 { for record in live { record.lastHeard = time.now() } }
        while publishing.outstanding < publishing.target,
            fullest + publishing.outstanding < configuration.limits.bufferedMessages
        {
            publishing.outstanding += 1
            let acknowledgements = publishing.takeAcknowledgements()
            Task { await publish(acknowledgements, on: connection) }
        }
    }

    private func publish(_ acknowledgements: [SubscriptionAcknowledgement], on connection: Connection) async {
        let request = PublishRequest(subscriptionAcknowledgements: acknowledgements)
        let live = Set(records.values.map(\.serverId))
        do throws(ClientError) {
            let response = try await exchange(request, on: connection, timeout: publishTimeout)
            guard connection.generation == generation, phase == .connected else { return }
            publishing.outstanding -= 1
            let record = records.values.first { $0.serverId == response.subscriptionId }
            record?.lastHeard = time.now()
            record?.inbox.append(response)
            pump()
            if let record { await process(record, on: connection) }
        } catch {
            // Whether they were taken is not known; a second acknowledgement does no harm.
            publishing.acknowledgements.insert(contentsOf: acknowledgements, at: 0)
            guard connection.generation == generation, phase == .connected else { return }
            publishing.outstanding -= 1
            await publishFailed(error, live, on: connection)
        }
    }

    /// A request waits until all that were sent before it are answered.
    private var publishTimeout: Duration {
        let longest = records.values.map(\.keepAlive).max() ?? .zero
        return longest * (publishing.target + 1) + configuration.requestTimeout
    }

    /// - Parameter live: the subscriptions that there were when the request went out.
    private func publishFailed(_ error: ClientError, _ live: Set<UInt32>, on connection: Connection) async {
        switch error.status?.code {
        case .badTooManyPublishRequests?:
            publishing.target = max(1, publishing.outstanding)
            if publishing.outstanding == 0 { await pause() }
        case .badNoSubscription?:
            for record in records.values where record.serverId != 0 && live.contains(record.serverId) {
                await recreate(record, on: connection)
            }
        case .badTimeout?: pump()
        default:
            guard case .refused = error else { return }
            await pause()
        }
    }

    /// A server that refuses to publish is not asked again at once.
    private func pause() async {
        publishing.isPaused = true
        let before = generation
        try? await time.sleep(.seconds(1))
        guard generation == before else { return }
        publishing.isPaused = false
        pump()
    }

    // MARK: Taking messages

    /// Takes what came for a subscription, one message after the other, whoever brought it.
    func process(_ record: SubscriptionRecord, on connection: Connection) async {
        guard !record.isProcessing else { return }
        record.isProcessing = true
        defer { record.isProcessing = false }
        while connection.generation == generation, phase == .connected, !record.inbox.isEmpty {
            let response = record.inbox.removeFirst()
            guard response.subscriptionId == record.serverId else { continue }
            do throws(ClientError) { try await take(response, record, on: connection) } catch {
                // With the connection gone, what was not taken is asked for again later.
                record.inbox.removeAll()
                guard error.leavesConnection, connection.generation == generation else { return }
                await recreate(record, on: connection)
            }
        }
        pump()
    }

    private func take(
        _ response: PublishResponse, _ record: SubscriptionRecord, on connection: Connection
    ) async throws(ClientError) {
        let message = response.notificationMessage
        let isKeepAlive = message.notificationData.isEmpty
        switch record.tracker.verdict(message.sequenceNumber) {
        case .next: break
        case .old:
            if !isKeepAlive { acknowledge(message.sequenceNumber, of: record) }
            return
        case .after(let missing):
            try await fetch(missing, response.availableSequenceNumbers, record, on: connection)
        }
        if isKeepAlive {
            record.tracker.expect(message.sequenceNumber)
        } else {
            try await hand(over: message, of: record, isRepublished: false, on: connection)
        }
    }

    /// Asks again for messages before one that came, and tells the consumer of those that are gone.
    private func fetch(
        _ missing: Int, _ available: [UInt32], _ record: SubscriptionRecord, on connection: Connection
    ) async throws(ClientError) {
        var gone = 0
        // Of a great gap the end is the likeliest to be there still.
        let tried = min(missing, configuration.limits.republished)
        var number = record.tracker.expected
        for _ in 0..<(missing - tried) { number = SequenceTracker.next(number) }
        gone = missing - tried
        let known = Set(available)
        for _ in 0..<tried {
            let message =
                known.isEmpty || known.contains(number)
                ? try await republished(number, of: record, on: connection) : nil
            if let message {
                if gone > 0 { record.buffer.push(.gap(SubscriptionGap(reason: .messages(count: gone)))) }
                gone = 0
                try await hand(over: message, of: record, isRepublished: true, on: connection)
            } else {
                gone += 1
            }
            number = SequenceTracker.next(number)
        }
        record.tracker.expect(number)
        if gone > 0 { record.buffer.push(.gap(SubscriptionGap(reason: .messages(count: gone)))) }
    }

    /// - Returns: nil where the server does not have it any more.
    /// - Throws: what ends the connection, and ``ClientError/refused(_:_:)`` with Bad_SubscriptionIdInvalid.
    func republished(
        _ number: UInt32, of record: SubscriptionRecord, on connection: Connection
    ) async throws(ClientError) -> NotificationMessage? {
        let request = RepublishRequest(subscriptionId: record.serverId, retransmitSequenceNumber: number)
        do throws(ClientError) {
            let message = try await exchange(request, on: connection).notificationMessage
            // A server that has none may answer with an empty one.
            let isIt = message.sequenceNumber == number && !message.notificationData.isEmpty
            return isIt ? message : nil
        } catch {
            guard case .refused(let status, _) = error, status.code != .badSubscriptionIdInvalid,
                connection.generation == generation
            else { throw error }
            return nil
        }
    }

    /// Puts a message where the consumer finds it, and counts it as taken.
    func hand(
        over message: NotificationMessage, of record: SubscriptionRecord, isRepublished: Bool,
        on connection: Connection
    ) async throws(ClientError) {
        var notification = Notification(
            sequenceNumber: message.sequenceNumber, publishTime: message.publishTime, changes: [], events: [],
            isRepublished: isRepublished, epoch: record.epoch)
        var ended: StatusCode?
        for data in message.notificationData {
            if let changes = data.value(as: DataChangeNotification.self) {
                for change in changes.monitoredItems where record.items[change.clientHandle] != nil {
                    notification.changes.append(DataChange(item: change.clientHandle, value: change.value))
                }
            } else if let list = data.value(as: EventNotificationList.self) {
                for event in list.events {
                    guard let item = record.items[event.clientHandle] else { continue }
                    notification.events.append(
                        EventNotification(item: event.clientHandle, fields: event.eventFields, names: item.fieldNames))
                }
            } else if let change = data.value(as: StatusChangeNotification.self) {
                ended = change.status
            }
        }
        do throws(ClientError) {
            try await readUnknownBodies(in: &notification.changes, on: connection)
            try await readUnknownBodies(in: &notification.events, on: connection)
        } catch {
            guard connection.generation == generation else { throw error }
        }
        guard connection.generation == generation else { throw .notConnected("the connection was lost") }
        record.tracker.advance(past: message.sequenceNumber)
        let isEmpty = notification.changes.isEmpty && notification.events.isEmpty
        if !isEmpty { record.buffer.push(.notification(notification)) }
        if isEmpty || record.options.acknowledgement == .onReceipt { acknowledge(message.sequenceNumber, of: record) }
        if let ended { await statusChanged(ended, record, on: connection) }
    }
}

extension DataChange: HoldsBodies {
    func collectUnknown(_ found: inout Set<NodeId>) { value.collectUnknown(&found) }

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits) { value.readBodies(types, limits) }
}

extension EventNotification: HoldsBodies {
    func collectUnknown(_ found: inout Set<NodeId>) { for field in fields { field.collectUnknown(&found) } }

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits) {
        for index in fields.indices { fields[index].readBodies(types, limits) }
    }
}
