import UACodec

extension UAClient {
    /// Makes a subscription, without items at first.
    public func subscribe(_ options: SubscriptionOptions = SubscriptionOptions()) async throws(ClientError)
        -> Subscription
    {
        let connection = try ready()
        publishing.nextKey += 1
        let key = publishing.nextKey
        let buffer = NotificationBuffer { [weak self] in
            guard let self else { return }
            Task { await self.pump() }
        }
        let record = SubscriptionRecord(key: key, options: options, buffer: buffer)
        try await create(record, on: connection)
        // The client may have been closed, or its connection lost, meanwhile.
        guard phase != .closed else { throw .closed }
        records[key] = record
        pump()
        return Subscription(key: key, buffer: buffer, client: self)
    }

    func create(_ record: SubscriptionRecord, on connection: Connection) async throws(ClientError) {
        let options = record.options
        let interval = options.publishingInterval.milliseconds
        let request = CreateSubscriptionRequest(
            requestedPublishingInterval: interval, requestedLifetimeCount: options.lifetimeCount,
            requestedMaxKeepAliveCount: options.keepAliveCount,
            maxNotificationsPerPublish: options.notificationsPerPublish, publishingEnabled: true,
            priority: options.priority)
        let response = try await exchange(request, on: connection)
        guard response.subscriptionId != 0 else { throw violation("a subscription without an id", on: connection) }
        record.serverId = response.subscriptionId
        record.tracker = SequenceTracker()
        record.inbox = []
        let revised = response.revisedPublishingInterval
        let bounded = revised.isFinite ? min(max(revised, 1), 3_600_000) : max(interval, 1)
        let count = max(1, min(response.revisedMaxKeepAliveCount, 1_000_000))
        record.keepAlive = .milliseconds(Int64(min(bounded * Double(count), 86_400_000)))
        record.lastHeard = time.now()
    }

    // MARK: Items

    func addItems(_ items: [MonitoredItem], to key: Int) async throws(ClientError) -> [MonitoredItemStatus] {
        let connection = try ready()
        guard let record = records[key] else { throw .closed }
        var handles: [UInt32] = []
        for item in items {
            let handle = publishing.takeHandle()
            record.items[handle] = SubscriptionRecord.Item(definition: item, fieldNames: item.fieldNames)
            handles.append(handle)
        }
        do throws(ClientError) {
            let statuses = try await createItems(handles, of: record, on: connection)
            for status in statuses where status.status.isBad { record.items[status.id] = nil }
            return statuses
        } catch {
            for handle in handles where record.items[handle]?.serverId == nil { record.items[handle] = nil }
            throw error
        }
    }

    func createItems(
        _ handles: [UInt32], of record: SubscriptionRecord, on connection: Connection
    ) async throws(ClientError) -> [MonitoredItemStatus] {
        var requests: [MonitoredItemCreateRequest] = []
        for handle in handles {
            guard let item = record.items[handle] else { continue }
            requests.append(try item.definition.request(handle, namespaces))
        }
        let results = try await batched(
            requests, limit: operationLimits.itemsPerCall, changes: true, on: connection
        ) { batch throws(ClientError) in
            let request = CreateMonitoredItemsRequest(
                subscriptionId: record.serverId, timestampsToReturn: .both, itemsToCreate: Array(batch))
            let results = try await exchange(request, on: connection).results
            for (item, result) in zip(batch, results) where !result.statusCode.isBad {
                record.items[item.requestedParameters.clientHandle]?.serverId = result.monitoredItemId
            }
            return results
        }
        return zip(requests, results).map { request, result in
            MonitoredItemStatus(
                id: request.requestedParameters.clientHandle, status: result.statusCode,
                samplingInterval: .milliseconds(
                    result.revisedSamplingInterval.isFinite
                        ? Int64(min(max(result.revisedSamplingInterval, 0), 86_400_000)) : 0),
                queueSize: result.revisedQueueSize, filterResult: result.filterResult.value(as: EventFilterResult.self))
        }
    }

    func removeItems(_ handles: [UInt32], from key: Int) async throws(ClientError) {
        let connection = try ready()
        guard let record = records[key] else { throw .closed }
        let ids = handles.compactMap { record.items[$0]?.serverId }
        for handle in handles { record.items[handle] = nil }
        _ = try await batched(
            ids, limit: operationLimits.itemsPerCall, changes: true, on: connection
        ) { batch throws(ClientError) in
            let request = DeleteMonitoredItemsRequest(
                subscriptionId: record.serverId, monitoredItemIds: Array(batch))
            return try await exchange(request, on: connection).results
        }
    }

    // MARK: The rest of a subscription's life

    func confirm(_ notification: Notification, of key: Int) {
        guard let record = records[key], record.epoch == notification.epoch, record.serverId != 0,
            record.options.acknowledgement == .onConfirmation
        else { return }
        acknowledge(notification.sequenceNumber, of: record)
    }

    func acknowledge(_ number: UInt32, of record: SubscriptionRecord) {
        publishing.acknowledgements.append(
            SubscriptionAcknowledgement(subscriptionId: record.serverId, sequenceNumber: number))
    }

    func refreshConditions(of key: Int) async throws(ClientError) {
        let connection = try ready()
        guard let record = records[key], record.serverId != 0 else { throw .closed }
        let request = CallMethodRequest(
            objectId: NodeId(2782), methodId: NodeId(3875), inputArguments: [Variant(record.serverId)])
        _ = try await call(request, on: connection)
    }

    func serverId(of key: Int) -> UInt32? {
        records[key].flatMap { $0.serverId == 0 ? nil : $0.serverId }
    }

    func closeSubscription(_ key: Int) async {
        guard let record = records.removeValue(forKey: key) else { return }
        record.buffer.finish(.closed)
        publishing.acknowledgements.removeAll { $0.subscriptionId == record.serverId }
        guard record.serverId != 0, let connection = try? ready() else { return }
        _ = try? await exchange(DeleteSubscriptionsRequest(subscriptionIds: [record.serverId]), on: connection)
        pump()
    }
}

extension MonitoredItem {
    var fieldNames: [String] {
        if case .events(let query) = kind { query.fields.map(\.name) } else { [] }
    }

    func request(_ handle: UInt32, _ namespaces: NamespaceTable) throws(ClientError) -> MonitoredItemCreateRequest {
        let filter: ExtensionObject =
            switch kind {
            case .data(let filter): filter.map { ExtensionObject($0) } ?? .null
            case .events(let query): ExtensionObject(try query.filter(namespaces))
            }
        return MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: try namespaces.nodeId(node), attributeId: attribute),
            monitoringMode: .reporting,
            requestedParameters: MonitoringParameters(
                clientHandle: handle, samplingInterval: samplingInterval?.milliseconds ?? -1, filter: filter,
                queueSize: queueSize, discardOldest: discardsOldest))
    }
}
