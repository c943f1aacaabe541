import UACodec

extension ServerCore {
    func createMonitoredItems(
        _ request: CreateMonitoredItemsRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        try check(request.timestampsToReturn)
        try check(request.itemsToCreate.count)
        let results = request.itemsToCreate.map { item -> MonitoredItemCreateResult in
            do throws(ItemRefusal) {
                return try create(item, in: subscription, timestamps: request.timestampsToReturn)
            } catch {
                return MonitoredItemCreateResult(statusCode: error.status, filterResult: error.filterResult)
            }
        }
        answer(CreateMonitoredItemsResponse(results: results), exchange)
    }

    private func check(_ timestamps: TimestampsToReturn) throws(StatusError) {
        guard (0...3).contains(timestamps.rawValue) else { throw StatusError(.badTimestampsToReturnInvalid) }
    }

    private func create(
        _ request: MonitoredItemCreateRequest, in subscription: Subscription, timestamps: TimestampsToReturn
    ) throws(ItemRefusal) -> MonitoredItemCreateResult {
        let limits = configuration.subscriptions
        guard watchers.count < limits.itemsInAll, watchers.places < limits.queuedInAll else {
            throw ItemRefusal(.badTooManyMonitoredItems)
        }
        let isEvents = request.itemToMonitor.attributeId == AttributeId.eventNotifier.rawValue
        guard !isEvents || watchers.eventCount < limits.eventItemsInAll else {
            throw ItemRefusal(.badTooManyMonitoredItems)
        }
        guard (0...2).contains(request.monitoringMode.rawValue) else { throw ItemRefusal(.badMonitoringModeInvalid) }
        let asked = request.requestedParameters
        let target = request.itemToMonitor
        let plan = try plan(target, asked, for: subscription.caller)
        let item = MonitoredItem(
            id: subscription.nextItemId(), target: target, range: plan.range, isSampled: plan.isSampled,
            subscription: subscription, timestamps: timestamps, clientHandle: asked.clientHandle,
            mode: request.monitoringMode, content: content(plan, asked),
            samplingInterval: samplingInterval(plan, asked, subscription))
        subscription.add(item)
        watch(item)
        sendFirstValue(of: item)
        return MonitoredItemCreateResult(
            monitoredItemId: item.id, revisedSamplingInterval: item.samplingInterval,
            revisedQueueSize: UInt32(item.queueSize), filterResult: plan.filterResult)
    }

    private func sendFirstValue(of item: MonitoredItem) {
        guard !item.watchesEvents, item.mode != .disabled else { return }
        let value = nodes.read(item.target, for: item.subscription.caller, at: environment.time())
        item.resend(value, now: environment.now())
    }

    // MARK: What a request asks for, checked

    struct ItemPlan {
        enum Kind {
            case value(DataChangePlan)
            case events(EventFilterPlan)
        }

        var kind: Kind
        var range: IndexRange?
        var isSampled = false
        var filterResult = ExtensionObject.null
    }

    struct ItemRefusal: Error {
        let status: StatusCode
        var filterResult = ExtensionObject.null

        init(_ status: StatusCode) { self.status = status }
        init(_ error: StatusError) { status = error.status }
    }

    private func plan(
        _ target: ReadValueId, _ asked: MonitoringParameters, for caller: Caller
    ) throws(ItemRefusal) -> ItemPlan {
        if target.attributeId == AttributeId.eventNotifier.rawValue { return try eventPlan(target, asked, for: caller) }
        do throws(StatusError) {
            var range: IndexRange?
            if let text = target.indexRange, !text.isEmpty {
                range = IndexRange(text)
                if range == nil { throw StatusError(.badIndexRangeInvalid) }
            }
            let watched = try nodes.watch(target, for: caller)
            let isValue = target.attributeId == AttributeId.value.rawValue
            let change = try changePlan(asked.filter, watched, isValue: isValue)
            return ItemPlan(kind: .value(change), range: range, isSampled: watched.isComputed || !isValue)
        } catch {
            throw ItemRefusal(error)
        }
    }

    private func changePlan(
        _ filter: ExtensionObject, _ watched: WatchedAttribute, isValue: Bool
    ) throws(StatusError) -> DataChangePlan {
        if filter.isNull { return .standard }
        guard let change = filter.value(as: DataChangeFilter.self) else {
            let isEvent = filter.value(as: EventFilter.self) != nil
            throw StatusError(isEvent ? .badFilterNotAllowed : .badMonitoredItemFilterUnsupported)
        }
        guard isValue || change.deadbandType == 0 else { throw StatusError(.badFilterNotAllowed) }
        return try DataChangePlan.check(change, isNumeric: watched.isNumeric, range: watched.range)
    }

    private func eventPlan(
        _ target: ReadValueId, _ asked: MonitoringParameters, for caller: Caller
    ) throws(ItemRefusal) -> ItemPlan {
        guard let filter = asked.filter.value(as: EventFilter.self) else {
            let isNone = asked.filter.isNull
            throw ItemRefusal(isNone ? .badEventFilterInvalid : .badFilterNotAllowed)
        }
        do throws(StatusError) { try nodes.watchEvents(of: target.nodeId, for: caller) } catch {
            throw ItemRefusal(error)
        }
        let (plan, faults) = EventFilterPlan.check(filter, types: nodes)
        let result = faults.map { ExtensionObject($0) } ?? .null
        do throws(StatusError) {
            return ItemPlan(kind: .events(try plan.get()), filterResult: result)
        } catch {
            var refusal = ItemRefusal(error)
            refusal.filterResult = result
            throw refusal
        }
    }

    private func content(_ plan: ItemPlan, _ asked: MonitoringParameters) -> MonitoredItem.Content {
        let limits = configuration.subscriptions
        let left = limits.queuedInAll - watchers.places
        switch plan.kind {
        case .value(let change):
            let size = limits.queueSize(asked.queueSize, left: left)
            return .value(ValueQueue(plan: change, queueSize: size, discardOldest: asked.discardOldest))
        case .events(let events):
            let size = limits.queueSize(
                asked.queueSize == 0 ? UInt32(clamping: limits.eventQueueSizeStandard) : asked.queueSize, left: left)
            return .events(EventQueue(plan: events, queueSize: size, discardOldest: asked.discardOldest))
        }
    }

    private func samplingInterval(
        _ plan: ItemPlan, _ asked: MonitoringParameters, _ subscription: Subscription
    ) -> Double {
        guard case .value = plan.kind else { return 0 }
        return configuration.subscriptions.samplingInterval(
            asked.samplingInterval, publishing: subscription.publishingInterval, isComputed: plan.isSampled)
    }

    // MARK: Changes

    func modifyMonitoredItems(
        _ request: ModifyMonitoredItemsRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        try check(request.timestampsToReturn)
        try check(request.itemsToModify.count)
        let results = request.itemsToModify.map { change -> MonitoredItemModifyResult in
            do throws(ItemRefusal) {
                return try modify(change, in: subscription, timestamps: request.timestampsToReturn)
            } catch {
                return MonitoredItemModifyResult(statusCode: error.status, filterResult: error.filterResult)
            }
        }
        answer(ModifyMonitoredItemsResponse(results: results), exchange)
    }

    private func modify(
        _ change: MonitoredItemModifyRequest, in subscription: Subscription, timestamps: TimestampsToReturn
    ) throws(ItemRefusal) -> MonitoredItemModifyResult {
        guard let item = subscription.items[change.monitoredItemId] else {
            throw ItemRefusal(.badMonitoredItemIdInvalid)
        }
        guard !item.isDenied else { throw ItemRefusal(.badUserAccessDenied) }
        let asked = change.requestedParameters
        let plan = try plan(item.target, asked, for: subscription.caller)
        unwatch(item)
        item.timestamps = timestamps
        item.clientHandle = asked.clientHandle
        item.samplingInterval = samplingInterval(plan, asked, subscription)
        resize(item, plan, asked)
        watch(item)
        return MonitoredItemModifyResult(
            revisedSamplingInterval: item.samplingInterval, revisedQueueSize: UInt32(item.queueSize),
            filterResult: plan.filterResult)
    }

    private func resize(_ item: MonitoredItem, _ plan: ItemPlan, _ asked: MonitoringParameters) {
        switch (item.content, plan.kind, content(plan, asked)) {
        case (.value(let values), .value(let change), .value(let new)):
            values.plan = change
            values.resize(to: new.queue.capacity, discardOldest: asked.discardOldest)
        case (.events(let events), .events(let filter), .events(let new)):
            events.plan = filter
            events.resize(to: new.queue.capacity, discardOldest: asked.discardOldest)
        default: break
        }
    }

    func setMonitoringMode(
        _ request: SetMonitoringModeRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        guard (0...2).contains(request.monitoringMode.rawValue) else { throw StatusError(.badMonitoringModeInvalid) }
        try check(request.monitoredItemIds.count)
        let results = request.monitoredItemIds.map { id -> StatusCode in
            guard let item = subscription.items[id] else { return .badMonitoredItemIdInvalid }
            set(item, request.monitoringMode)
            return .good
        }
        answer(SetMonitoringModeResponse(results: results), exchange)
    }

    private func set(_ item: MonitoredItem, _ mode: MonitoringMode) {
        let former = item.mode
        item.mode = mode
        if mode != .reporting { item.endRefresh() }
        if mode == .disabled {
            item.clear()
        } else if former == .disabled, !item.isDenied {
            sendFirstValue(of: item)
        } else if mode == .reporting, item.hasNotifications {
            item.subscription.list(item)
        }
    }

    func setTriggering(
        _ request: SetTriggeringRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        try check(request.linksToAdd.count + request.linksToRemove.count)
        guard let item = subscription.items[request.triggeringItemId] else {
            throw StatusError(.badMonitoredItemIdInvalid)
        }
        // Removals come first (Part 4, 5.13.5).
        let removed = request.linksToRemove.map { id -> StatusCode in
            guard let index = item.triggered.firstIndex(of: id) else { return .badMonitoredItemIdInvalid }
            item.triggered.remove(at: index)
            return .good
        }
        let added = request.linksToAdd.map { id -> StatusCode in
            guard subscription.items[id] != nil else { return .badMonitoredItemIdInvalid }
            if item.triggered.contains(id) { return .good }
            guard item.triggered.count < configuration.subscriptions.triggeredMax else { return .badTooManyOperations }
            item.triggered.append(id)
            return .good
        }
        answer(SetTriggeringResponse(addResults: added, removeResults: removed), exchange)
    }

    func deleteMonitoredItems(
        _ request: DeleteMonitoredItemsRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        try check(request.monitoredItemIds.count)
        let results = request.monitoredItemIds.map { id -> StatusCode in
            guard let item = subscription.items[id] else { return .badMonitoredItemIdInvalid }
            remove(item)
            return .good
        }
        answer(DeleteMonitoredItemsResponse(results: results), exchange)
    }
}
