import UACodec
import UATransport

extension ServerCore {
    func closeSession(_ request: CloseSessionRequest, _ exchange: Exchange) throws(StatusError) {
        let session = try boundSession(of: exchange)
        close(session, deleteSubscriptions: request.deleteSubscriptions)
        answer(CloseSessionResponse(), exchange)
    }

    /// Ends a session. What it waits for is answered, what runs for it is dropped, and its subscriptions go or wait
    /// for another session of the same client.
    func close(_ session: Session, deleteSubscriptions: Bool) {
        guard !session.isClosed else { return }
        session.isClosed = true
        sessions[session.token] = nil
        for entry in work.take(where: { $0.session == session.id }) { entry.abandon(.badSessionClosed) }
        dropRequests(of: session, .badSessionClosed)
        for subscription in Array(session.subscriptions.values) {
            if deleteSubscriptions { remove(subscription) } else { detach(subscription) }
        }
        session.subscriptions = [:]
        nodes.forget(session: session.id)
    }

    func dropRequests(of session: Session, _ status: StatusCode) {
        for request in session.publishRequests.remove(where: { _ in true }) { fail(request, status) }
    }

    func fail(_ request: PendingPublish, _ status: StatusCode) {
        guard let connection = request.connection else { return }
        fail(Exchange(connection: connection, requestId: request.requestId, header: request.header), status)
    }

    func cancel(_ request: CancelRequest, _ session: Session, _ exchange: Exchange) {
        let handle = request.requestHandle
        let waiting = session.publishRequests.remove { $0.header.requestHandle == handle }
        for one in waiting { fail(one, .badRequestCancelledByClient) }
        let running = work.take { $0.session == session.id && $0.requestHandle == handle }
        for one in running { one.abandon(.badRequestCancelledByClient) }
        answer(CancelResponse(cancelCount: UInt32(waiting.count + running.count)), exchange)
    }

    func sessionEnd(_ session: Session) -> Int64 {
        session.isActivated
            ? session.lastUsed + session.timeout
            : session.createdAt + min(session.timeout, configuration.sessions.activationTime)
    }

    func expireSessions(now: Int64) {
        for session in Array(sessions.values) where sessionEnd(session) <= now {
            close(session, deleteSubscriptions: !session.isActivated)
        }
    }
}
