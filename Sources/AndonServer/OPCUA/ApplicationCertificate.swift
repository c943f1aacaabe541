import AndonConfiguration
import AndonModel
import Foundation
import UASecurity

/// Andon's own certificate for OPC UA, and the folder that says whom it trusts: `pki` in the data folder.
struct ApplicationCertificate: Sendable {
    let instance: ApplicationInstance
    let trust: TrustList
    let folder: URL

    static func folder(of dataFolder: String) -> URL {
        URL(fileURLWithPath: dataFolder, isDirectory: true).appendingPathComponent("pki", isDirectory: true)
    }

    /// Reads both; at the first start, makes them.
    init(_ settings: OPCUAServerSettings, plant: Plant, dataFolder: String, now: Timestamp) throws {
        folder = Self.folder(of: dataFolder)
        trust = try TrustList(folder: folder)
        instance = try ApplicationInstance.loadOrMake(
            folder: folder, Self.description(settings, plant),
            now: Date(timeIntervalSince1970: Double(now.microseconds) / 1e6))
    }

    /// How long it still holds, in whole days; negative when it has expired.
    func days(at now: Timestamp) -> Int {
        Int((instance.certificate.notAfter.timeIntervalSince1970 - Double(now.microseconds) / 1e6) / 86_400)
    }

    static func description(_ settings: OPCUAServerSettings, _ plant: Plant) -> ApplicationDescription {
        let names = settings.names.isEmpty ? [ProcessInfo.processInfo.hostName, "localhost"] : settings.names
        let (addresses, hosts) = (names.filter(isAddress), names.filter { !isAddress($0) })
        return ApplicationDescription(
            applicationURI: uri(settings, plant), name: "Andon", organization: plant.name, hostNames: hosts,
            addresses: addresses)
    }

    private static func isAddress(_ name: String) -> Bool {
        name.contains(":") || name.split(separator: ".").allSatisfy { Int($0) != nil }
    }

    /// The same for ever: it stands in the certificate and in the trust lists of others.
    static func uri(_ settings: OPCUAServerSettings, _ plant: Plant) -> String {
        if let uri = settings.applicationURI { return uri }
        let name = (plant.site ?? plant.name).lowercased().map { character -> Character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return "urn:andon:\(String(name))"
    }
}
