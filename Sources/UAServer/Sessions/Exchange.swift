import UACodec
import UATransport

/// A request and where its answer goes.
struct Exchange {
    let connection: any ServerConnection
    let requestId: UInt32
    let header: RequestHeader
}

extension ServerCore {
    /// Sends a response with its header filled in; nothing where the connection is over.
    func answer(_ response: some ServiceResponse, _ exchange: Exchange) {
        guard connections[ObjectIdentifier(exchange.connection)] != nil else { return }
        var response = response
        response.responseHeader.timestamp = environment.time()
        response.responseHeader.requestHandle = exchange.header.requestHandle
        exchange.connection.send(response, requestId: exchange.requestId)
    }

    /// Answers that the whole call failed. Nothing but the status is said.
    func fail(_ exchange: Exchange, _ status: StatusCode) {
        answer(ServiceFault(responseHeader: ResponseHeader(serviceResult: status)), exchange)
    }

    /// The session that a request belongs to.
    ///
    /// - Throws: Bad_SessionIdInvalid for a token that is none or of another channel's session.
    func session(of exchange: Exchange) throws(StatusError) -> Session {
        let session = try boundSession(of: exchange)
        guard session.isActivated else { throw StatusError(.badSessionNotActivated) }
        session.lastUsed = environment.now()
        return session
    }

    func boundSession(of exchange: Exchange) throws(StatusError) -> Session {
        guard let session = sessions[exchange.header.authenticationToken], session.isBound(to: exchange.connection)
        else { throw StatusError(.badSessionIdInvalid) }
        return session
    }

    func caller(_ session: Session) -> Caller {
        Caller(
            session: session.id, user: session.user?.name ?? "", roles: session.user?.roles ?? [],
            address: session.address)
    }

    /// Checks how many operations a call asks for.
    func check(_ count: Int, atMost limit: Int = 1000) throws(StatusError) {
        guard count > 0 else { throw StatusError(.badNothingToDo) }
        guard count <= limit else { throw StatusError(.badTooManyOperations) }
    }
}
