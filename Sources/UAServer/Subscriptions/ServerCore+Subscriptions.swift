import UACodec
import UATransport

extension ServerCore {
    func createSubscription(
        _ request: CreateSubscriptionRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let limits = configuration.subscriptions
        guard let owner = session.owner else { throw StatusError(.badSessionNotActivated) }
        let ofUser = subscriptions.values.lazy.filter { $0.owner.user == owner.user }.count
        guard subscriptions.count < limits.inAll, session.subscriptions.count < limits.perSession,
            ofUser < limits.perUser
        else { throw StatusError(.badTooManySubscriptions) }
        let settings = SubscriptionSettings(
            interval: request.requestedPublishingInterval, lifetime: request.requestedLifetimeCount,
            keepAlive: request.requestedMaxKeepAliveCount, notifications: request.maxNotificationsPerPublish,
            priority: request.priority, limits: limits)
        let subscription = Subscription(
            id: nextSubscriptionId(), owner: owner, session: session, caller: caller(session), settings: settings,
            enabled: request.publishingEnabled, now: environment.now())
        subscriptions[subscription.id] = subscription
        session.subscriptions[subscription.id] = subscription
        answer(
            CreateSubscriptionResponse(
                subscriptionId: subscription.id, revisedPublishingInterval: Double(settings.publishingInterval),
                revisedLifetimeCount: settings.lifetimeCount, revisedMaxKeepAliveCount: settings.keepAliveCount),
            exchange)
    }

    private func nextSubscriptionId() -> UInt32 {
        repeat {
            lastSubscriptionId = lastSubscriptionId == UInt32.max ? 1 : lastSubscriptionId + 1
        } while subscriptions[lastSubscriptionId] != nil
        return lastSubscriptionId
    }

    /// A subscription of this session; its life begins anew.
    func subscription(_ id: UInt32, of session: Session) throws(StatusError) -> Subscription {
        guard let subscription = session.subscriptions[id] else { throw StatusError(.badSubscriptionIdInvalid) }
        subscription.touch()
        return subscription
    }

    func modifySubscription(
        _ request: ModifySubscriptionRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        let settings = SubscriptionSettings(
            interval: request.requestedPublishingInterval, lifetime: request.requestedLifetimeCount,
            keepAlive: request.requestedMaxKeepAliveCount, notifications: request.maxNotificationsPerPublish,
            priority: request.priority, limits: configuration.subscriptions)
        subscription.change(settings, now: environment.now())
        answer(
            ModifySubscriptionResponse(
                revisedPublishingInterval: Double(settings.publishingInterval),
                revisedLifetimeCount: settings.lifetimeCount, revisedMaxKeepAliveCount: settings.keepAliveCount),
            exchange)
    }

    func setPublishingMode(
        _ request: SetPublishingModeRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        try check(request.subscriptionIds.count)
        let results = request.subscriptionIds.map { id -> StatusCode in
            guard let subscription = session.subscriptions[id] else { return .badSubscriptionIdInvalid }
            subscription.touch()
            subscription.publishingEnabled = request.publishingEnabled
            return .good
        }
        answer(SetPublishingModeResponse(results: results), exchange)
    }

    func deleteSubscriptions(
        _ request: DeleteSubscriptionsRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        try check(request.subscriptionIds.count)
        let results = request.subscriptionIds.map { id -> StatusCode in
            guard let subscription = session.subscriptions[id] else { return .badSubscriptionIdInvalid }
            remove(subscription)
            return .good
        }
        answer(DeleteSubscriptionsResponse(results: results), exchange)
        answerWithoutSubscriptions(session)
    }

    /// Nothing can come for these requests any more.
    func answerWithoutSubscriptions(_ session: Session) {
        guard session.subscriptions.isEmpty, session.statusMessages.isEmpty else { return }
        dropRequests(of: session, .badNoSubscription)
    }

    func remove(_ subscription: Subscription) {
        subscriptions[subscription.id] = nil
        subscription.session?.subscriptions[subscription.id] = nil
        let watching = subscription.items.values.filter { !$0.isDenied }
        watchers.remove(watching, of: subscription)
        for item in watching where !item.watchesEvents { nodes.countWatchers(of: item.nodeId, by: -1) }
        subscription.removeItems()
    }

    func remove(_ item: MonitoredItem) {
        if !item.isDenied { unwatch(item) }
        _ = item.subscription.removeItem(item.id)
    }

    /// Its session is gone: it waits for another of the same client, for a while.
    func detach(_ subscription: Subscription) {
        subscription.session = nil
        subscription.waitingSince = nil
        subscription.goesAt = environment.now() + configuration.subscriptions.detachedMax
    }

    // MARK: Transfer

    func transferSubscriptions(
        _ request: TransferSubscriptionsRequest, _ session: Session, _ exchange: Exchange
    ) throws(StatusError) {
        try check(request.subscriptionIds.count)
        let results = request.subscriptionIds.map { id -> TransferResult in
            do throws(StatusError) {
                let subscription = try transfer(id, to: session)
                if request.sendInitialValues { resendData(of: subscription) }
                return TransferResult(availableSequenceNumbers: subscription.retransmission.sequenceNumbers)
            } catch {
                return TransferResult(statusCode: error.status)
            }
        }
        answer(TransferSubscriptionsResponse(results: results), exchange)
    }

    private func transfer(_ id: UInt32, to session: Session) throws(StatusError) -> Subscription {
        guard let subscription = subscriptions[id] else { throw StatusError(.badSubscriptionIdInvalid) }
        guard subscription.owner == session.owner else { throw StatusError(.badUserAccessDenied) }
        guard subscription.session !== session else { throw StatusError(.badNothingToDo) }
        guard session.subscriptions.count < configuration.subscriptions.perSession else {
            throw StatusError(.badTooManySubscriptions)
        }
        if let former = subscription.session {
            former.subscriptions[id] = nil
            former.add(subscription.statusMessage(.goodSubscriptionTransferred, at: environment.time()), of: id)
            serve(former)
            answerWithoutSubscriptions(former)
        }
        subscription.session = session
        subscription.caller = caller(session)
        subscription.goesAt = nil
        subscription.waitingSince = nil
        subscription.touch()
        session.subscriptions[id] = subscription
        return subscription
    }

    /// The values that its items have now, whether or not they were sent before.
    func resendData(of subscription: Subscription) {
        let (time, now) = (environment.time(), environment.now())
        for item in subscription.items.values.sorted(by: { $0.id < $1.id }) where !item.watchesEvents {
            item.resend(nodes.read(item.target, for: subscription.caller, at: time), now: now)
        }
    }

    /// The user of a session is another: what that one may not see is no longer watched for it.
    func checkItems(of session: Session) {
        let caller = caller(session)
        for subscription in session.subscriptions.values {
            subscription.caller = caller
            for item in Array(subscription.items.values) where !item.isDenied {
                do throws(StatusError) {
                    if item.watchesEvents {
                        try nodes.watchEvents(of: item.nodeId, for: caller)
                    } else {
                        _ = try nodes.watch(item.target, for: caller)
                    }
                } catch {
                    unwatch(item)
                    item.clear()
                    item.isDenied = true
                    item.resend(DataValue(status: .badUserAccessDenied), now: environment.now())
                }
            }
        }
    }
}
