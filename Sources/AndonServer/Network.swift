import AndonConfiguration
import AndonIntake
import AndonModel
import AndonWire
import Synchronization

/// All ways from this server to another: each goes through the same guard.
final class Network: Sendable {
    let time: any TimeSource
    private let settings: NetworkSettings
    private let egress: EgressGuard
    private let wires = Mutex<[LiveWire]>([])
    /// Who this server is to OPC UA applications.
    let opcua: OPCUAApplication

    init(_ configuration: Configuration, time: any TimeSource) {
        let settings = configuration.network
        self.settings = settings
        self.time = time
        opcua = OPCUAApplication(
            dataFolder: configuration.server.dataFolder,
            description: ApplicationCertificate.description(configuration))
        egress = EgressGuard(time: time, allows: { settings.allows($0) })
    }

    /// The way of one connector.
    func wire(_ connector: ConnectorSettings) -> LiveWire {
        wire(
            timeout: connector.timeout, clientCertificate: connector.clientCertificate.map { ($0.certificate, $0.key) })
    }

    private func wire(
        timeout: Duration, answerBytesMax: Int = 8 << 20, clientCertificate: (String, String)? = nil,
        authority: String? = nil
    ) -> LiveWire {
        let wire = LiveWire(
            egress: egress, time: time,
            settings: WireSettings(
                timeout: timeout, connectTimeout: min(timeout, .seconds(5)), answerBytesMax: answerBytesMax,
                trustedCertificates: settings.trustedCertificates + [authority].compactMap(\.self),
                clientCertificate: clientCertificate, opcua: opcua))
        wires.withLock { $0.append(wire) }
        return wire
    }

    func lots(_ lookup: IntakeSettings.LotLookup) -> LotLookup {
        LotLookup(
            url: lookup.url, pointer: lookup.lotPointer, timeout: lookup.timeout,
            wire: wire(timeout: lookup.timeout, answerBytesMax: 64 << 10), time: time)
    }

    /// The way to object storage: its answers are lists, and pieces of pictures.
    func objectWire(timeout: Duration) -> LiveWire { wire(timeout: timeout, answerBytesMax: 256 << 20) }

    /// The way to witnesses and to a time stamping authority.
    var ledgerWire: LiveWire { wire(timeout: .seconds(20), answerBytesMax: 1 << 20) }

    /// The way to a provider of OpenID Connect: a person waits at the other end.
    var openIDWire: LiveWire { wire(timeout: .seconds(10), answerBytesMax: 1 << 20) }

    /// The way to the server that this one forwards to.
    func upstream(_ upstream: ServerSettings.Upstream) -> LiveWire {
        var pair: (String, String)?
        if let certificate = upstream.certificate, let key = upstream.key { pair = (certificate, key) }
        return wire(
            timeout: .seconds(60), answerBytesMax: 1 << 20, clientCertificate: pair, authority: upstream.authority)
    }

    /// An address of a host that a connection may be opened to.
    func address(of host: String) async throws -> String {
        do throws(WireError) { return try await egress.addresses(of: host)[0] } catch {
            switch error {
            case .notSent(let reason), .noAnswer(let reason): throw Refusal(description: reason)
            }
        }
    }

    private struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    func close() async {
        for wire in wires.withLock({ $0 }) { await wire.close() }
    }
}
