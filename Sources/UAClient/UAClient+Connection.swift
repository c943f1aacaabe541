import UACodec
import UASecurity
import UATransport

extension UAClient {
    /// Connects for the first time.
    ///
    /// Where this fails it is not tried again, as it is most often the configuration that is wrong. Once it has
    /// succeeded, the client comes back by itself until ``close()``.
    public func connect() async throws(ClientError) {
        try checkIdle()
        phase = .connecting
        do throws(ClientError) {
            _ = try await establish()
        } catch {
            await abandon()
            if phase == .connecting { phase = .idle }
            lastFailure = error
            throw error
        }
        guard phase == .connecting else {
            await abandon()
            throw .closed
        }
        begin(.first)
    }

    /// Connects as soon as the server is there, however long that takes; ``events`` tell how it goes.
    public func start() throws(ClientError) {
        try checkIdle()
        phase = .reconnecting
        tasks = [Task { await reconnect(nil) }]
    }

    private func checkIdle() throws(ClientError) {
        guard phase == .idle else {
            throw phase == .closed ? .closed : .configuration("The client is connected already.")
        }
    }

    /// Ends session and connection, and all subscriptions.
    public func close() async {
        guard phase != .closed else { return }
        let wasConnected = phase == .connected
        phase = .closed
        for task in tasks { task.cancel() }
        tasks = []
        for record in records.values { record.buffer.finish(.closed) }
        records = [:]
        if let connection {
            self.connection = nil
            if wasConnected {
                var request = CloseSessionRequest(deleteSubscriptions: true)
                request.requestHeader.authenticationToken = connection.session.token
                let timeout = min(configuration.requestTimeout, .seconds(5))
                _ = try? await connection.link.send(request, timeout: timeout)
            }
            await connection.link.close()
        }
        eventSink.yield(.closed)
        eventSink.finish()
    }

    // MARK: Making a connection

    /// Channel, session, and what has to be known of the server.
    ///
    /// - Returns: whether the old session goes on.
    func establish() async throws(ClientError) -> Bool {
        let choice = try await chooseEndpoint()
        let server = try await checkedServer(choice)
        let link: any ClientLink
        do throws(TransportError) { link = try await opener.open(try target(choice, server)) } catch {
            throw ClientError(error)
        }
        do throws(ClientError) {
            let handshake = SessionHandshake(configuration: configuration, choice: choice, server: server)
            if let session, let again = try await resume(session, handshake, link) {
                adopt(again, link)
                return true
            }
            let created = try await handshake.create(on: link)
            session = try await handshake.activate(created, on: link)
            if let session { adopt(session, link) }
            try await learnServer()
            return false
        } catch {
            await link.close()
            throw error
        }
    }

    /// - Returns: nil where the server does not have the session any more.
    private func resume(
        _ old: ServerSession, _ handshake: SessionHandshake, _ link: any ClientLink
    ) async throws(ClientError) -> ServerSession? {
        do throws(ClientError) { return try await handshake.activate(old, on: link) } catch {
            switch error {
            case .refused:
                session = nil
                return nil
            case .unanswered, .notSent: throw error
            default:
                session = nil
                throw error
            }
        }
    }

    private func adopt(_ session: ServerSession, _ link: any ClientLink) {
        generation += 1
        self.session = session
        connection = Connection(link: link, session: session, generation: generation)
        lastHeard = time.now()
    }

    private func chooseEndpoint() async throws(ClientError) -> EndpointChoice {
        if let choice { return choice }
        let endpoints = try await Discovery.endpoints(
            at: configuration.address, opener, configuration.limits, configuration.connectTimeout)
        let chosen = try EndpointChoice.choose(
            from: endpoints, configuration.security, configuration.identity, configuration.address)
        for warning in chosen.warnings { eventSink.yield(.warning(warning)) }
        choice = chosen
        return chosen
    }

    /// The server's certificate where channel or token need it, checked anew for each connection.
    func checkedServer(_ choice: EndpointChoice) async throws(ClientError) -> ValidatedCertificate? {
        let maker = IdentityMaker(
            endpoint: choice.endpoint, channelPolicy: choice.policy, channelMode: choice.mode,
            allowsPlainPassword: configuration.allowsPlainPassword, server: nil)
        guard choice.policy != .none || maker.needsServerKey(configuration.identity) else { return nil }
        let checked = try await ServerTrust.check(choice.endpoint, choice.address, configuration)
        for fault in checked.warnings { eventSink.yield(.warning("\(fault)")) }
        return checked
    }

    private func target(
        _ choice: EndpointChoice, _ server: ValidatedCertificate?
    ) throws(TransportError) -> ClientTarget {
        var security: ClientSecurity?
        if choice.policy != .none {
            guard let own = configuration.application.instance, let server else {
                throw TransportError(
                    .badConfigurationError, "a protected connection needs this application's certificate")
            }
            security = ClientSecurity(policy: choice.policy, mode: choice.mode, own: own, server: server)
        }
        var target = ClientTarget(
            host: choice.address.host, port: choice.address.port, endpointUrl: choice.url, security: security,
            now: time.wall)
        target.limits = configuration.limits.transport
        target.codec = configuration.limits.codec
        target.lifetime = configuration.tokenLifetime
        target.connectTimeout = configuration.connectTimeout
        return target
    }

    /// Namespaces and limits; the types of an earlier session go, as their indices may mean others now.
    private func learnServer() async throws(ClientError) {
        guard let connection else { return }
        types = .standard
        typeLoading = TypeLoadingState()
        let namespaceArray = ReadItem(NodeId(2255))
        let first = try await read([namespaceArray], maxAge: 0, on: connection)
        let uris = first[0].value?.values(of: String.self) ?? []
        guard !uris.isEmpty, uris.count <= configuration.limits.namespaces else {
            throw .limit("namespaces", allowed: configuration.limits.namespaces)
        }
        namespaces = NamespaceTable(uris.map { $0 ?? "" })
        let limits = try? await read(OperationLimits.readItems, maxAge: 0, on: connection)
        operationLimits = limits.map { OperationLimits($0) } ?? OperationLimits()
        for type in knownTypes {
            if let index = namespaces.index(of: type.namespaceUri) { types.add(type, namespace: index) }
        }
        await connection.link.setTypes(types)
    }

    // MARK: Keeping it

    /// Opens the gate for calls, and watches.
    func begin(_ continuity: ConnectionEvent.Continuity) {
        guard let connection else { return }
        phase = .connected
        lastFailure = nil
        eventSink.yield(.connected(continuity))
        tasks = [
            Task {
                let reason = await connection.link.waitUntilClosed()
                lost(connection.generation, reason.map { ClientError($0) } ?? .closed)
            },
            Task { await watch(connection) },
        ]
        pump()
    }

    func abandon() async {
        let link = connection?.link
        connection = nil
        await link?.close()
    }

    /// Ends a connection from this side; the client comes back by itself.
    func drop(_ number: Int, _ reason: ClientError) {
        guard number == generation, let link = connection?.link else { return }
        Task { await link.close() }
        lost(number, reason)
    }

    func lost(_ number: Int, _ reason: ClientError) {
        guard phase == .connected, number == generation else { return }
        phase = .reconnecting
        connection = nil
        lastFailure = reason
        publishing.reset(target: configuration.publishRequests)
        for task in tasks { task.cancel() }
        eventSink.yield(.lost(reason))
        tasks = [Task { await reconnect(reason) }]
    }

    /// - Parameter reason: nil for the first connection, which is tried at once.
    private func reconnect(_ reason: ClientError?) async {
        let isFirst = reason == nil
        var reason = reason
        var attempt = 0
        while phase == .reconnecting {
            if let reason {
                attempt += 1
                let delay = configuration.backoff.delay(attempt: attempt, random: time.random())
                eventSink.yield(.waiting(reason, delay))
                try? await time.sleep(delay)
            }
            guard phase == .reconnecting else { return }
            do throws(ClientError) {
                let isResumed = try await establish()
                try await recoverSubscriptions(isResumed: isResumed)
                guard phase == .reconnecting else { return await abandon() }
                return begin(isResumed ? .resumed : isFirst ? .first : .renewed)
            } catch {
                await abandon()
                lastFailure = error
                reason = error
                // A server that came back with another certificate or other endpoints is asked again what it has.
                if attempt > 1 || !error.isUnreachable { choice = nil }
            }
        }
    }

    // MARK: Watching

    /// Asks the server whether it is there when nothing else was heard, and looks after the subscriptions.
    private func watch(_ connection: Connection) async {
        let interval = max(.milliseconds(50), min(configuration.keepAliveInterval, connection.session.timeout / 3))
        var lastTrust = time.now()
        while !Task.isCancelled, generation == connection.generation, phase == .connected {
            do { try await time.sleep(interval) } catch { return }
            guard generation == connection.generation, phase == .connected else { return }
            if time.now() - lastHeard >= interval { await askState(connection) }
            checkKeepAlives(connection)
            if time.now() - lastTrust >= .seconds(60) {
                lastTrust = time.now()
                await checkTrust(connection)
            }
        }
    }

    /// ServerStatus.State.
    private func askState(_ connection: Connection) async {
        let timeout = min(configuration.requestTimeout, max(.seconds(1), configuration.keepAliveInterval * 2))
        do throws(ClientError) {
            _ = try await read([ReadItem(NodeId(2259))], maxAge: 0, on: connection, timeout: timeout)
        } catch {
            guard case .refused = error else { return drop(connection.generation, error) }
        }
    }

    /// A certificate that is trusted no longer ends the connection that it made.
    private func checkTrust(_ connection: Connection) async {
        guard let choice, choice.policy != .none else { return }
        do throws(ClientError) {
            _ = try await ServerTrust.check(choice.endpoint, choice.address, configuration)
        } catch { drop(connection.generation, error) }
    }
}

extension ClientError {
    /// Whether nobody answered at the address, as while a server starts.
    var isUnreachable: Bool {
        switch self {
        case .notSent(let status, _): [.badConnectionRejected, .badTimeout, .badCommunicationError].contains(status)
        default: false
        }
    }
}
