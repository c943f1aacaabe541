import UACodec
import UATransport

extension ServerCore {
    private static let acknowledgementsMax = 10_000

    func publish(_ request: PublishRequest, _ session: Session, _ exchange: Exchange) throws(StatusError) {
        guard request.subscriptionAcknowledgements.count <= Self.acknowledgementsMax else {
            throw StatusError(.badTooManyOperations)
        }
        let results = request.subscriptionAcknowledgements.map { acknowledgement -> StatusCode in
            guard let subscription = session.subscriptions[acknowledgement.subscriptionId] else {
                return .badSubscriptionIdInvalid
            }
            return subscription.acknowledge(acknowledgement.sequenceNumber)
        }
        guard !session.subscriptions.isEmpty || !session.statusMessages.isEmpty else {
            throw StatusError(.badNoSubscription)
        }
        let hint = Int64(exchange.header.timeoutHint)
        session.publishRequests.append(
            PendingPublish(
                connection: exchange.connection, requestId: exchange.requestId, header: exchange.header,
                results: results, deadline: hint > 0 ? environment.now() + hint : nil))
        serve(session)
        let limits = configuration.subscriptions
        let allowed = session.subscriptions.count * limits.publishRequestsPerSubscription + limits.publishRequestsExtra
        while session.publishRequests.count > allowed, let oldest = session.publishRequests.popFirst() {
            fail(oldest, .badTooManyPublishRequests)
        }
    }

    func republish(_ request: RepublishRequest, _ session: Session, _ exchange: Exchange) throws(StatusError) {
        let subscription = try subscription(request.subscriptionId, of: session)
        guard let message = subscription.retransmission.message(request.retransmitSequenceNumber) else {
            throw StatusError(.badMessageNotAvailable)
        }
        answer(RepublishResponse(notificationMessage: message), exchange)
    }

    /// Answers Publish requests as long as there are any and something is to be said.
    func serve(_ session: Session) {
        while !session.publishRequests.isEmpty {
            if !session.statusMessages.isEmpty {
                let (id, message) = session.statusMessages.removeFirst()
                send(PublishResponse(subscriptionId: id, notificationMessage: message), session)
            } else if let subscription = nextWaiting(session) {
                sendMessage(of: subscription, session)
            } else {
                return
            }
        }
    }

    /// Of those that wait, the one of the highest priority; of several, the one that has waited longest.
    private func nextWaiting(_ session: Session) -> Subscription? {
        var next: Subscription?
        for subscription in session.subscriptions.values {
            guard let since = subscription.waitingSince else { continue }
            guard let best = next, let bestSince = best.waitingSince else {
                next = subscription
                continue
            }
            if subscription.priority > best.priority || (subscription.priority == best.priority && since < bestSince) {
                next = subscription
            }
        }
        return next
    }

    private func sendMessage(of subscription: Subscription, _ session: Session) {
        let time = environment.time()
        let (message, more) = subscription.nextMessage(at: time, self)
        subscription.waitingSince = nil
        if more { wait(subscription) }
        send(
            PublishResponse(
                subscriptionId: subscription.id,
                availableSequenceNumbers: subscription.retransmission.sequenceNumbers, moreNotifications: more,
                notificationMessage: message),
            session)
    }

    private func send(_ response: PublishResponse, _ session: Session) {
        guard let request = session.publishRequests.popFirst(), let connection = request.connection else { return }
        var response = response
        response.results = request.results
        answer(response, Exchange(connection: connection, requestId: request.requestId, header: request.header))
    }

    /// Puts a subscription at the end of those that wait for a Publish request.
    private func wait(_ subscription: Subscription) {
        guard subscription.waitingSince == nil else { return }
        waitingCount += 1
        subscription.waitingSince = waitingCount
    }

    // MARK: Time

    func cycleSubscriptions(now: Int64) {
        let due = subscriptions.values.filter { $0.nextCycleAt <= now || ($0.goesAt ?? .max) <= now }
        guard !due.isEmpty else { return }
        let ordered = due.sorted { ($0.nextCycleAt, $0.id) < ($1.nextCycleAt, $1.id) }
        for subscription in ordered { cycle(subscription, now: now) }
        for session in sessions.values where !session.publishRequests.isEmpty { serve(session) }
    }

    private func cycle(_ subscription: Subscription, now: Int64) {
        guard now < subscription.goesAt ?? .max else { return expire(subscription) }
        let session = subscription.session
        switch subscription.cycle(now: now, hasRequests: session.map { !$0.publishRequests.isEmpty } ?? false) {
        case .quiet: break
        case .ready: if session != nil { wait(subscription) }
        case .expired: expire(subscription)
        }
    }

    /// Nobody has asked after it for its whole life.
    private func expire(_ subscription: Subscription) {
        subscription.session?.add(subscription.statusMessage(.badTimeout, at: environment.time()), of: subscription.id)
        remove(subscription)
    }

    func expireRequests(now: Int64) {
        for session in sessions.values where (session.publishRequests.nextDeadline ?? .max) <= now {
            for request in session.publishRequests.remove(where: { ($0.deadline ?? .max) <= now }) {
                fail(request, .badTimeout)
            }
        }
    }
}
