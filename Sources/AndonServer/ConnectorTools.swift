import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonWire
import Foundation

/// What a person asks of a connector beside the flow.
public enum ConnectorTools {
    /// The field mapping; empty for the desk, and where the connector has none.
    public static func mapping(_ name: String, in configuration: Configuration) -> [MappedField] {
        configuration.connectors.first { $0.name == name }.flatMap { Wiring.connector($0) }?.mapping ?? []
    }

    /// A mapping file proposed from one of the two descriptions; the other is nil.
    public static func draft(openAPI: String?, oDataMetadata: String?) throws -> String {
        let path = openAPI ?? oDataMetadata ?? ""
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SystemDescription.Fault(description: "\(path) cannot be read")
        }
        guard openAPI != nil else { return try MappingDraft.text(for: SystemDescription(oDataMetadata: Array(data))) }
        let limits = JSONLimits(bytesMax: 64 << 20, depthMax: 128, valuesMax: 4_000_000, stringBytesMax: 4 << 20)
        if let json = try? JSON(parsing: Array(data), limits: limits) {
            return try MappingDraft.text(for: SystemDescription(openAPI: json))
        }
        let json = try YAMLDocument.json(String(decoding: data, as: UTF8.self))
        return try MappingDraft.text(for: SystemDescription(openAPI: json))
    }

    /// The CMMS's registry against the plant file.
    public static func assets(
        _ name: String, in configuration: Configuration, time: any TimeSource
    ) async throws(ConnectorError) -> AssetDifference {
        guard let entry = configuration.connectors.first(where: { $0.name == name }),
            let connector = Wiring.connector(entry), connector.traits.hasAssetRegistry
        else { throw .refused("this connector has no asset registry") }
        let theirs = try await reaching(connector, entry, configuration, time, all)
        return AssetDifference(theirs: theirs, plant: configuration.plant, connector: name, readAt: time.now())
    }

    /// The orders of the CMMS that were made in `times`, with the verdicts that its codes give; half a million at most.
    public static func oldOrders(
        _ name: String, madeIn times: Range<Timestamp>, in configuration: Configuration, time: any TimeSource
    ) async throws(ConnectorError) -> [OldOrder] {
        guard let entry = configuration.connectors.first(where: { $0.name == name }),
            let connector = Wiring.connector(entry)
        else { throw .refused("the configuration has no connector \"\(name)\" to a CMMS") }
        guard connector.traits.hasOldOrders else {
            throw .refused(
                "this connector lists no old orders; have the CMMS write them to a CSV file, and give that to andon learn"
                    + " import")
        }
        return try await reaching(connector, entry, configuration, time) { connector, wire throws(ConnectorError) in
            try await old(connector, times, wire)
        }.map { order in
            var order = order
            order.remote = entry.common.findings.judged(order.remote)
            return order
        }
    }

    /// What the codes of those orders that are over say of detections, by the configuration as it is: most frequent first.
    public static func findings(_ orders: [OldOrder], of name: String, in configuration: Configuration) -> [FoundCodes]
    {
        let findings = configuration.connectors.first { $0.name == name }?.common.findings ?? Findings()
        var counts: [FoundCodes: Int] = [:]
        for order in orders where [.done, .closed, .cancelled].contains(order.remote.state) {
            counts[FoundCodes(order.remote, by: findings), default: 0] += 1
        }
        return counts.map { codes, count in
            var codes = codes
            codes.count = count
            return codes
        }.sorted { ($1.count, $0.words) < ($0.count, $1.words) }
    }

    /// What `ask` finds out, over a network of its own that is closed behind it, with any session there.
    private static func reaching<Found: Sendable>(
        _ connector: any Connector, _ entry: ConnectorEntry, _ configuration: Configuration, _ time: any TimeSource,
        _ ask: (any Connector, any Wire) async throws(ConnectorError) -> Found
    ) async throws(ConnectorError) -> Found {
        let network = Network(configuration, time: time)
        let wire = network.wire(entry.common)
        let result: Result<Found, ConnectorError>
        do throws(ConnectorError) {
            result = .success(try await ask(connector, wire))
        } catch {
            result = .failure(error)
        }
        await connector.signOut(over: wire)
        await network.close()
        return try result.get()
    }

    private static let oldOrdersMax = 500_000

    private static func old(
        _ connector: any Connector, _ times: Range<Timestamp>, _ wire: any Wire
    ) async throws(ConnectorError) -> [OldOrder] {
        var orders: [OldOrder] = []
        var page: String?
        repeat {
            let found = try await connector.oldOrders(madeIn: times, page: page, over: wire)
            orders += found.orders
            page = found.next
            guard orders.count <= oldOrdersMax else {
                throw .refused("there are more than \(oldOrdersMax) orders; choose a shorter time")
            }
        } while page != nil
        return orders
    }

    private static func all(_ connector: any Connector, _ wire: any Wire) async throws(ConnectorError) -> [Asset] {
        var assets: [Asset] = []
        var page: String?
        repeat {
            let found = try await connector.assets(page: page, over: wire)
            assets += found.assets
            page = found.next
        } while page != nil && assets.count < 500_000
        return assets
    }
}

/// Codes that orders end with together, and what they mean.
public struct FoundCodes: Hashable, Sendable {
    public var isOurs: Bool
    public var state: String
    public var problem: String?
    public var cause: String?
    public var remedy: String?
    /// What they say of a detection, or of a camera that saw nothing; nil for nothing.
    public var meaning: String?
    /// Orders with them.
    public var count = 0

    init(_ order: RemoteOrder, by findings: Findings) {
        isOurs = order.reference != nil
        state = order.vendorState
        problem = order.closure?.problemCode
        cause = order.closure?.causeCode
        remedy = order.closure?.remedyCode
        if isOurs {
            meaning = order.closure?.verdict.map(Self.words)
            if order.closure?.verdict == .wrongClass, let right = findings.defectClass(of: order) {
                meaning = "wrong class, it was \(right)"
            }
        } else if findings.isMissed(order) {
            meaning = "missed: \(findings.defectClass(of: order) ?? problem ?? "no problem code, so no class")"
        }
    }

    private static func words(_ verdict: Closure.Verdict) -> String {
        switch verdict {
        case .confirmed: "confirmed"
        case .falseAlarm: "false alarm"
        case .wrongClass: "wrong class"
        }
    }

    public var words: String {
        let codes = [("state", state), ("problem", problem), ("cause", cause), ("remedy", remedy)]
        return codes.compactMap { field, code in code.map { "\(field) \($0)" } }.joined(separator: ", ")
    }
}

/// What a CMMS's registry would change in the plant file.
public struct AssetDifference: Sendable {
    private let before: Plant
    private let after: Plant
    private let theirs: [Asset]
    private let connector: String

    init(theirs: [Asset], plant: Plant, connector: String, readAt: Timestamp) {
        self.theirs = theirs
        self.connector = connector
        before = plant
        var completed = plant
        completed.complete(from: theirs, of: connector, readAt: readAt)
        after = completed
    }

    /// A line for each asset that is new, completed, or not there.
    public var text: String {
        let ids = Set(theirs.map(\.id))
        var lines: [String] = []
        for id in after.assets.keys.sorted() {
            guard let now = after.assets[id] else { continue }
            guard let was = before.assets[id] else {
                lines.append("new        \(id)  \(Self.facts(now).map { "\($0): \($1)" }.joined(separator: ", "))")
                continue
            }
            let old = Dictionary(Self.facts(was)) { $1 }
            let added = Self.facts(now).filter { old[$0.0] == nil }.map { "\($0): \($1)" }
            if !added.isEmpty { lines.append("completed  \(id)  \(added.joined(separator: ", "))") }
            if !ids.contains(id), (was.connector ?? before.defaultConnector) == connector {
                lines.append("NOT THERE  \(id)")
            }
        }
        lines.append(
            "\(theirs.count) assets there, \(before.assets.count) in the plant file, \(lines.count) differences")
        return lines.joined(separator: "\n")
    }

    /// All assets as `plant.assetsFile` reads them (RFC 4180).
    public var csv: String {
        let names = [
            "id", "name", "type", "group", "criticality", "line", "station", "location", "grid", "parent", "connector",
        ]
        let rows = after.assets.keys.sorted().compactMap { after.assets[$0] }.map { asset in
            let facts = Dictionary(Self.facts(asset)) { $1 }.merging(["id": asset.id]) { $1 }
            return names.map { Self.quoted(facts[$0] ?? "") }.joined(separator: ",")
        }
        return ([names.joined(separator: ",")] + rows).joined(separator: "\r\n") + "\r\n"
    }

    private static func facts(_ asset: Asset) -> [(String, String)] {
        let all: [(String, String?)] = [
            ("name", asset.name), ("type", asset.type), ("group", asset.group), ("criticality", asset.criticality),
            ("line", asset.line), ("station", asset.station), ("location", asset.location), ("grid", asset.grid),
            ("parent", asset.parent), ("connector", asset.connector),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
