import AndonConfiguration
import AndonModel
import AndonWire
import Foundation
import UASecurity

/// Andon's own certificate for OPC UA, and the folder that says whom it trusts: `pki` in the data folder.
struct ApplicationCertificate: Sendable {
    let instance: ApplicationInstance
    let trust: TrustList
    let folder: URL

    /// Reads both; at the first use, makes them.
    init(_ application: OPCUAApplication) async throws {
        let loaded = try await application.load()
        (instance, trust, folder) = (loaded.instance, loaded.trust, application.folder)
    }

    /// How long it still holds, in whole days; negative when it has expired.
    func days(at now: Timestamp) -> Int {
        Int((instance.certificate.notAfter.timeIntervalSince1970 - Double(now.microseconds) / 1e6) / 86_400)
    }

    /// Who this server is to OPC UA applications, as a client and as a server.
    static func description(_ configuration: Configuration) -> ApplicationDescription {
        let (settings, plant) = (configuration.opcuaServer, configuration.plant)
        let named = settings?.names ?? []
        let names = named.isEmpty ? [ProcessInfo.processInfo.hostName, "localhost"] : named
        let (addresses, hosts) = (names.filter(isAddress), names.filter { !isAddress($0) })
        return ApplicationDescription(
            applicationURI: uri(settings, plant), name: "Andon", organization: plant.name, hostNames: hosts,
            addresses: addresses)
    }

    private static func isAddress(_ name: String) -> Bool {
        name.contains(":") || name.split(separator: ".").allSatisfy { Int($0) != nil }
    }

    /// The same for ever: it stands in the certificate and in the trust lists of others.
    private static func uri(_ settings: OPCUAServerSettings?, _ plant: Plant) -> String {
        if let uri = settings?.applicationURI { return uri }
        let name = (plant.site ?? plant.name).lowercased().map { character -> Character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return "urn:andon:\(String(name))"
    }
}
