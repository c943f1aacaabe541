import AndonConfiguration
import AndonFloor
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWire
import Crypto
import Foundation
import Logging
import NIOPosix
import ServiceLifecycle
import UACodec
import UASecurity
import UAServer
import UATransport

/// Andon's own OPC UA server: shows the plant, takes reports and acknowledgements.
struct PlantServer: Service {
    let settings: OPCUAServerSettings
    let application: OPCUAApplication
    let store: Store
    let accounts: Accounts
    let view: @Sendable () -> FloorView
    let submit: @Sendable (_ report: String, _ user: String) async -> Submission
    /// Makes the next poll of a connector come now.
    let nudge: @Sendable (_ connector: String) -> Void
    let logger: Logger

    func run() async throws {
        let (store, logger) = (store, logger)
        let certificate = try await ApplicationCertificate(application)
        let watch = FloorWatch(
            store: store, view: view, certificateDays: { certificate.days(at: store.time.now()) })
        let server = try await UAServer(
            core(certificate), listener(certificate), group: MultiThreadedEventLoopGroup.singleton,
            authenticate: { [self] in await identity($0, from: $1) },
            report: { logger.info("OPC UA", metadata: ["report": "\($0)"]) })
        let history = FloorHistory(store: store, view: view)
        let actions = actions(watch)
        let floor = try await server.update { space, core in
            let floor = try FloorSpace(space, history: history, actions: actions)
            core.alarmAction = { floor.operate($0) }
            return floor
        }
        // Who connects finds the plant whole.
        let first = try await watch.look()
        try await server.update { space, core in try floor.apply(first, to: space, core) }
        let port = try await server.start(host: settings.host, port: settings.port)
        logger.notice("OPC UA is served", metadata: ["address": "opc.tcp://\(settings.host):\(port)"])
        await cancelWhenGracefulShutdown { await follow(watch, floor, server) }
        await server.stop()
    }

    /// Until cancelled.
    private func follow(_ watch: FloorWatch, _ floor: FloorSpace, _ server: UAServer) async {
        var wasWell = true
        while (try? await store.time.sleep(for: settings.every)) != nil {
            do {
                let update = try await watch.look()
                try await server.update { space, core in try floor.apply(update, to: space, core) }
                wasWell = true
            } catch {
                // Said once, and not with every look.
                if wasWell { logger.error("the plant cannot be shown over OPC UA", metadata: ["error": "\(error)"]) }
                wasWell = false
            }
        }
    }

    // MARK: What is offered

    private var security: [(policy: SecurityPolicy, mode: UASecurity.MessageSecurityMode)] {
        let secured = settings.policies.compactMap { SecurityPolicy(rawValue: $0.rawValue) }.flatMap { policy in
            settings.modes.map { (policy, $0 == .sign ? .sign : UASecurity.MessageSecurityMode.signAndEncrypt) }
        }
        return secured + (settings.isOpen ? [(.none, .none)] : [])
    }

    private func core(_ certificate: ApplicationCertificate) -> ServerCoreConfiguration {
        let name = settings.names.first ?? ProcessInfo.processInfo.hostName
        return ServerCoreConfiguration(
            applicationUri: certificate.instance.certificate.applicationURI ?? "", productUri: "urn:andon",
            applicationName: "Andon",
            endpointUrl: "opc.tcp://\(name.contains(":") ? "[\(name)]" : name):\(settings.port)",
            endpoints: security.map { .init($0.policy, $0.mode) },
            tokens: settings.letsAnonymousRead ? [.anonymous, .userName] : [.userName])
    }

    private func listener(_ certificate: ApplicationCertificate) -> ListenerConfiguration {
        let time = store.time
        return ListenerConfiguration(
            security: security, own: certificate.instance, trust: certificate.trust,
            now: { DateTime(unixMicroseconds: time.now().microseconds) })
    }

    // MARK: Who asks

    private func identity(_ credentials: UserCredentials, from address: String) async -> UserIdentity? {
        switch credentials {
        case .anonymous: return settings.letsAnonymousRead ? UserIdentity(name: "") : nil
        case .certificate: return nil
        case .userName(let name, let password):
            if let user = settings.users.first(where: { $0.name == name }) {
                // Digests are compared in constant time.
                let (given, right) = (
                    SHA256.hash(data: password), SHA256.hash(data: Array(user.password.reveal().utf8))
                )
                return given == right ? UserIdentity(name: name, roles: Set(user.may.map(Self.role))) : nil
            }
            return settings.takesAccounts ? await account(name, password) : nil
        }
    }

    private static func role(_ right: OPCUAServerSettings.Right) -> NodeId {
        switch right {
        case .acknowledge: FloorRight.acknowledge.role
        case .submit: FloorRight.submit.role
        case .respond: FloorRight.respond.role
        }
    }

    /// A person with an account: whoever works on orders may acknowledge, an administrator may all. All see the whole plant
    /// there, so roles at single sites count for nothing.
    private func account(_ login: String, _ password: [UInt8]) async -> UserIdentity? {
        let credentials = Credentials(login: login, password: String(decoding: password, as: UTF8.self))
        guard let account = try? await accounts.unlock(credentials, for: "OPC UA").account else { return nil }
        guard let rights = Self.rights(account.grants) else { return nil }
        return UserIdentity(name: account.login, roles: Set(rights.map(\.role)))
    }

    /// - Returns: nil for who is not let in.
    static func rights(_ grants: [Grant]) -> Set<FloorRight>? {
        let roles = Set(grants.filter { $0.site == nil }.map(\.role))
        guard !roles.isEmpty else { return nil }
        let readers: Set<AndonIdentity.Role> = [.viewer, .auditor]
        if roles.contains(.administrator) { return Set(FloorRight.allCases) }
        let rights: Set<FloorRight> = roles.contains { !readers.contains($0) } ? [.acknowledge] : []
        return rights
    }

    // MARK: What they may do

    private func actions(_ watch: FloorWatch) -> FloorActions {
        let (store, submit, nudge, logger) = (store, submit, nudge, logger)
        return FloorActions(
            submit: submit,
            respond: { reference, user in
                let known = Reference(reference)
                let order = try? await store.read { reader in try known.flatMap { try reader.orderLine($0) } }
                guard let order else { return false }
                _ = try? await store.write {
                    try $0.record(
                        "opcua.job-response", of: order.reference.text, ["by": .string(user)], names: ["/by"])
                }
                nudge(order.connector)
                return true
            },
            operate: { action, alarm, user, address, comment in
                let word = action == .comment ? "commented" : "acknowledged"
                Task {
                    do {
                        try await watch.record(word, alarm, by: user, from: address, comment: comment)
                    } catch {
                        logger.error(
                            "an operator's action on an alarm could not be written down",
                            metadata: ["alarm": "\(alarm.node)", "error": "\(error)"])
                    }
                }
            })
    }
}
