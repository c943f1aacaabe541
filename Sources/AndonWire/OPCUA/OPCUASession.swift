import AndonModel
import NIOPosix
import Synchronization
import UAClient
import UACodec
import UAModels

/// The sessions of a wire: one for each server, security and identity.
actor OPCUASessions {
    private let application: OPCUAApplication?
    private let limits: WireSettings
    private var sessions: [OPCUAAccess: OPCUASession] = [:]

    init(application: OPCUAApplication?, limits: WireSettings) {
        self.application = application
        self.limits = limits
    }

    /// - Parameter addresses: those of the host that a connection may be opened to.
    func session(_ access: OPCUAAccess, at addresses: [String]) async -> OPCUASession {
        if let session = sessions[access] {
            await session.move(to: addresses)
            return session
        }
        let session = OPCUASession(access, addresses, application, limits)
        sessions[access] = session
        return session
    }

    func close() async {
        let all = sessions.values
        sessions = [:]
        for session in all { await session.close() }
    }
}

/// One session that is kept for the next exchange, and made anew when it is gone.
actor OPCUASession {
    private let access: OPCUAAccess
    private var addresses: [String]
    private let application: OPCUAApplication?
    private let settings: WireSettings
    private var connecting: Task<Result<UAClient, OPCUAFailure>, Never>?
    private var client: UAClient?
    private var address: String?
    /// What was found out in this session: nodes by their ways, types of variables, arguments of methods.
    private(set) var known = Known()

    /// Its ids have the indices of these namespaces.
    struct Known {
        var namespaces: NamespaceTable?
        var nodes: [OPCUANode: NodeId] = [:]
        var variables: [NodeId: (dataType: NodeId, rank: Int32)] = [:]
        var methods: [[NodeId]: MethodSignature] = [:]
    }

    init(
        _ access: OPCUAAccess, _ addresses: [String], _ application: OPCUAApplication?, _ settings: WireSettings
    ) {
        self.access = access
        self.addresses = addresses
        self.application = application
        self.settings = settings
    }

    /// A connection to an address that the name does not have any more is not used again.
    func move(to addresses: [String]) async {
        self.addresses = addresses
        guard let address, !addresses.contains(address) else { return }
        await close()
    }

    func close() async {
        let old = client
        client = nil
        connecting = nil
        known = Known()
        await old?.close()
    }

    // MARK: The client

    /// A client with a session; made when there is none. Whoever comes meanwhile waits for the same one.
    func ready() async throws(OPCUAFailure) -> UAClient {
        if let client {
            if await client.isConnected { return client }
            if self.client === client { await close() }
        }
        let task = connecting ?? Task { await connect() }
        connecting = task
        let result = await task.value
        let isFirst = connecting == task
        if isFirst { connecting = nil }
        let made = try result.get()
        if isFirst { client = made }
        // It was closed while it was made.
        guard client === made else {
            await made.close()
            throw .notSent("the session with \(access.address.host) was closed")
        }
        return made
    }

    private func connect() async -> Result<UAClient, OPCUAFailure> {
        var failure = OPCUAFailure.notSent("\(access.address.host) has no address")
        for address in addresses {
            do throws(OPCUAFailure) {
                let client = UAClient(try await configuration(address), group: MultiThreadedEventLoopGroup.singleton)
                do throws(ClientError) { try await client.connect() } catch {
                    await client.close()
                    throw OPCUAFailure(error)
                }
                self.address = address
                known = Known()
                return .success(client)
            } catch {
                failure = error
                guard case .notSent = error else { return .failure(error) }
            }
        }
        return .failure(failure)
    }

    private func configuration(_ address: String) async throws(OPCUAFailure) -> ClientConfiguration {
        var own = ClientApplication(productUri: "urn:andon", name: "Andon")
        if access.security != .none || access.identity != .anonymous {
            guard let application else {
                throw .answered(
                    status: 401, name: "BadConfigurationError", "this server has no folder for certificates")
            }
            do {
                let loaded = try await application.load()
                own = ClientApplication(
                    instance: loaded.instance, trust: loaded.trust, productUri: "urn:andon", name: "Andon")
            } catch {
                throw .answered(status: 401, name: "BadConfigurationError", "\(error)")
            }
        }
        var configuration = ClientConfiguration(
            address: access.address, application: own, security: access.security,
            identity: try access.userIdentity(), sessionName: "Andon")
        configuration.resolve = { _ in address }
        configuration.connectTimeout = settings.connectTimeout
        configuration.requestTimeout = settings.timeout
        // A session that was cut off is soon no burden there any more.
        configuration.sessionTimeout = .seconds(30)
        return configuration
    }

    // MARK: Steps

    /// All steps, one after the other.
    func run(_ steps: [OPCUAStep], within limit: Duration) async throws(WireError) -> WireResponse {
        var results: [JSON] = []
        var changed = false
        for (place, step) in steps.enumerated() {
            do throws(OPCUAFailure) {
                results.append(try await result(of: step, limit))
                changed = changed || step.changes
            } catch {
                switch error {
                case .notSent(let words):
                    throw changed ? .noAnswer("step \(place + 1) of \(steps.count): \(words)") : .notSent(words)
                case .noAnswer(let words): throw .noAnswer(words)
                case .answered(let status, let name, let words):
                    // What was done before in the same exchange is done, whatever came after it.
                    guard !changed else { throw .noAnswer("step \(place + 1) of \(steps.count): \(words)") }
                    return Self.answer(status, results, (place, name, words))
                }
            }
        }
        return Self.answer(200, results)
    }

    private static func answer(
        _ status: Int, _ results: [JSON], _ error: (step: Int, name: String, words: String)? = nil
    ) -> WireResponse {
        let body: JSON = .object(present: [
            "results": .array(results),
            "error": error.map { error in
                ["step": .integer(error.step), "status": .string(error.name), "detail": .string(error.words)]
            },
        ])
        return WireResponse(status: status, body: body.canonicalBytes)
    }

    /// What surely was not done is asked for once more, in a new session: a server that does not know the old one any more,
    /// a connection that ended while nobody used it.
    private func result(of step: OPCUAStep, _ limit: Duration) async throws(OPCUAFailure) -> JSON {
        let wasThere = self.client
        let client = try await ready()
        await learn(client)
        do throws(OPCUAFailure) {
            return try await OPCUAWork(session: self, client: client, limit: limit).result(of: step)
        } catch {
            let isOver: Bool
            switch error {
            case .notSent: isOver = wasThere === client
            case .noAnswer: isOver = false
            case .answered(let status, let name, _):
                isOver = OPCUAFailure.endsSession(name)
                // It may be another than it was: the next exchange asks anew for what is there.
                known = Known()
                // Rights are given to sessions: the next exchange signs in anew.
                if status == 401, self.client === client { await close() }
            }
            guard isOver else { throw error }
            if self.client === client { await close() }
            let again = try await ready()
            await learn(again)
            return try await OPCUAWork(session: self, client: again, limit: limit).result(of: step)
        }
    }

    /// A client that connected again by itself may have other indices for the same namespaces.
    private func learn(_ client: UAClient) async {
        let namespaces = await client.namespaces
        if known.namespaces != namespaces { known = Known(namespaces: namespaces) }
    }

    func remember(_ change: @Sendable (inout Known) -> Void) { change(&known) }
}
