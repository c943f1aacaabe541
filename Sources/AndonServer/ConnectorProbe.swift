import AndonConfiguration
import AndonDecide
import AndonModel
import AndonWire

/// Asks a CMMS something that changes nothing: is it there, does it know the key, can orders be found in it?
public enum ConnectorProbe {
    /// What was asked and what came of it, a line each.
    public struct Findings: Sendable {
        public var lines: [String]
        public var isUsable: Bool
    }

    /// - Returns: nil when the configuration has no connector of that name.
    public static func run(
        _ name: String, in configuration: Configuration, time: any TimeSource, random: any RandomSource
    ) async -> Findings? {
        guard let entry = configuration.connectors.first(where: { $0.name == name }) else { return nil }
        let network = Network(configuration.network, time: time)
        guard let connector = Wiring.connector(entry) else {
            return Findings(lines: ["\(name): built in, nothing to reach"], isUsable: true)
        }
        let wire = network.wire(timeout: entry.common.timeout)
        var findings = Findings(lines: ["\(name): \(connector.traits.system)"], isUsable: true)
        await findings.note("search for a reference that cannot be there") { () throws(ConnectorError) in
            let found = try await connector.find(.create(order(configuration, random)), over: wire)
            return found.isEmpty ? "not found, as it should be" : "FOUND \(found.count): the search does not search"
        }
        await findings.note("read changed orders") { () throws(ConnectorError) in
            let changes = try await connector.changes(after: nil, over: wire)
            return "\(changes.orders.count)\(changes.more ? " and more" : "")"
        }
        if connector.traits.hasAssetRegistry {
            await findings.note("read the asset registry") { () throws(ConnectorError) in
                let page = try await connector.assets(page: nil, over: wire)
                return "\(page.assets.count)\(page.next == nil ? "" : " and more") assets"
            }
        }
        await connector.signOut(over: wire)
        await network.close()
        return findings
    }

    private static func order(_ configuration: Configuration, _ random: any RandomSource) -> WorkOrder {
        let now = SystemTime().now()
        let inspection = Inspection(
            id: "probe", detectedAt: now, camera: "probe", asset: configuration.plant.assets.keys.min())
        let detection = Detection(
            inspectionID: "probe", ordinal: 0, kind: .detection, detectedAt: now, receivedAt: now, camera: "probe",
            defect: Defect(defectClass: "probe"), place: configuration.plant.place(of: inspection))
        let decision = configuration.rules.decide(detection, facts: Facts())
        return WorkOrder(
            reference: Reference(from: random), detection: detection, decision: decision, inspection: inspection,
            picture: nil, recurrence: .init(), timeZone: configuration.plant.timeZone, raisedAt: now,
            originTag: configuration.originTag, link: nil)
    }
}

extension ConnectorProbe.Findings {
    fileprivate mutating func note(
        _ question: String, _ ask: () async throws(ConnectorError) -> String
    ) async {
        do throws(ConnectorError) {
            lines.append("  \(question): \(try await ask())")
        } catch {
            isUsable = false
            lines.append("  \(question): \(error.name): \(error.detail)")
        }
    }
}
