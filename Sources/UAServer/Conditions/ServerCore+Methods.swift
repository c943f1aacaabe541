import UACodec

/// Methods of namespace 0 that the core has itself (Part 5, 9; Part 9, 5).
enum OwnMethod {
    case enable, disable, addComment, acknowledge, confirm, refresh, refreshItem, getMonitoredItems, resendData

    init?(_ node: NodeId) {
        switch node.standardNumber {
        case 9027: self = .enable
        case 9028: self = .disable
        case 9029: self = .addComment
        case 9111: self = .acknowledge
        case 9113: self = .confirm
        case 3875: self = .refresh
        case 12912: self = .refreshItem
        case 11489, 11492: self = .getMonitoredItems
        case 12871, 12873: self = .resendData
        default: return nil
        }
    }

    var arguments: [BuiltInType] {
        switch self {
        case .enable, .disable: []
        case .addComment, .acknowledge, .confirm: [.byteString, .localizedText]
        case .refresh, .getMonitoredItems, .resendData: [.uint32]
        case .refreshItem: [.uint32, .uint32]
        }
    }
}

extension ServerCore {
    private static let callsMax = 100

    /// Answers the calls of the core's own methods, and has the address space answer the others.
    func call(_ request: CallRequest, _ session: Session, _ exchange: Exchange) throws(StatusError) {
        try check(request.methodsToCall.count, atMost: Self.callsMax)
        var results = request.methodsToCall.map { call -> CallMethodResult? in
            OwnMethod(call.methodId).map { self.call($0, call, session) }
        }
        let others = results.indices.filter { results[$0] == nil }
        guard !others.isEmpty else { return answer(CallResponse(results: results.compactMap { $0 }), exchange) }
        callNodes(others.map { request.methodsToCall[$0] }, session, exchange) { [weak self] found in
            for (index, result) in zip(others, found) { results[index] = result }
            self?.answer(CallResponse(results: results.compactMap { $0 }), exchange)
        }
    }

    private func call(_ method: OwnMethod, _ call: CallMethodRequest, _ session: Session) -> CallMethodResult {
        let wanted = method.arguments
        guard call.inputArguments.count >= wanted.count else {
            return CallMethodResult(statusCode: .badArgumentsMissing)
        }
        guard call.inputArguments.count <= wanted.count else {
            return CallMethodResult(statusCode: .badTooManyArguments)
        }
        let statuses = zip(call.inputArguments, wanted).map { argument, type -> StatusCode in
            // A comment may be left out.
            if type == .localizedText, argument == .null { return .good }
            guard case .scalar(let scalar) = argument, scalar.type == type else { return .badTypeMismatch }
            return .good
        }
        guard statuses.allSatisfy(\.isGood) else {
            return CallMethodResult(statusCode: .badInvalidArgument, inputArgumentResults: statuses)
        }
        do throws(StatusError) {
            let outputs = try perform(method, call, session)
            return CallMethodResult(inputArgumentResults: statuses, outputArguments: outputs)
        } catch {
            return CallMethodResult(statusCode: error.status)
        }
    }

    private func perform(
        _ method: OwnMethod, _ call: CallMethodRequest, _ session: Session
    ) throws(StatusError) -> [Variant] {
        switch method {
        case .acknowledge: try act(.acknowledge, call, session)
        case .confirm: try act(.confirm, call, session)
        case .addComment: try act(.comment, call, session)
        case .enable, .disable:
            _ = try condition(call.objectId)
            throw StatusError(method == .enable ? .badConditionAlreadyEnabled : .badNotImplemented)
        case .refresh, .refreshItem: try refresh(call, session)
        case .getMonitoredItems:
            let items = try ownSubscription(call, session).items.values.sorted { $0.id < $1.id }
            return [Variant(items.map(\.id)), Variant(items.map(\.clientHandle))]
        case .resendData: resendData(of: try ownSubscription(call, session))
        }
        return []
    }

    private func ownSubscription(_ call: CallMethodRequest, _ session: Session) throws(StatusError) -> Subscription {
        guard call.objectId == NodeId(2253) else { throw StatusError(.badMethodInvalid) }
        let id: UInt32 = call.inputArguments[0].value() ?? 0
        guard let subscription = subscriptions[id] else { throw StatusError(.badSubscriptionIdInvalid) }
        guard subscription.session === session else { throw StatusError(.badUserAccessDenied) }
        subscription.touch()
        return subscription
    }

    // MARK: Conditions

    private func condition(_ node: NodeId) throws(StatusError) -> Condition {
        if let condition = conditions[node] { return condition }
        // A type's method needs an instance; the type itself is none.
        throw StatusError(node.namespace == 0 ? .badMethodInvalid : .badNodeIdUnknown)
    }

    private func act(_ kind: AlarmAction.Kind, _ call: CallMethodRequest, _ session: Session) throws(StatusError) {
        var condition = try condition(call.objectId)
        try condition.check(kind, eventId: call.inputArguments[0].value() ?? [])
        let text: LocalizedText? = call.inputArguments[1].value()
        let said = text.flatMap { ($0.text ?? "").isEmpty ? nil : $0 }
        let action = AlarmAction(
            kind: kind, alarm: call.objectId, user: session.user ?? UserIdentity(name: ""), address: session.address,
            comment: said)
        let allowed = alarmAction(action)
        guard !allowed.isBad else { throw StatusError(allowed) }
        // The hook may have changed the alarm itself.
        condition = try self.condition(call.objectId)
        condition.apply(action, now: environment.time())
        tell(&condition)
    }

    private func refresh(_ call: CallMethodRequest, _ session: Session) throws(StatusError) {
        guard call.objectId == EventType.condition else { throw StatusError(.badMethodInvalid) }
        let id: UInt32 = call.inputArguments[0].value() ?? 0
        guard let subscription = session.subscriptions[id] else { throw StatusError(.badSubscriptionIdInvalid) }
        var items = Array(subscription.items.values)
        if call.inputArguments.count > 1 {
            let item: UInt32 = call.inputArguments[1].value() ?? 0
            items.removeAll { $0.id != item }
            guard !items.isEmpty else { throw StatusError(.badMonitoredItemIdInvalid) }
        }
        guard !subscription.isRefreshing else { throw StatusError(.badRefreshInProgress) }
        subscription.touch()
        for item in items where item.mode == .reporting { item.begin(Refresh(conditions.order)) }
    }
}
