import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The plant file against the registry of a CMMS.
struct RegistryDifference: Sendable {
    /// Names of assets of the plant file that the registry does not have; sorted.
    var onlyHere: [String] = []
    /// Of the registry, that the plant file does not have.
    var onlyThere: [Asset] = []
    /// Of both, with another criticality there.
    var other: [(id: String, here: String, there: String)] = []

    /// - Parameters:
    ///   - plant: as the file has it.
    ///   - isWhole: the registry was read to its end; without that nothing is missing there for sure.
    init(_ plant: Plant, _ theirs: [Asset], connector: String, isWhole: Bool) {
        let registry = Dictionary(theirs.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for id in plant.assets.keys.sorted() {
            guard let asset = plant.assets[id], (asset.connector ?? plant.defaultConnector) == connector else {
                continue
            }
            guard let found = registry[id] else {
                if isWhole { onlyHere.append(id) }
                continue
            }
            guard let here = asset.criticality, let there = found.criticality, here != there else { continue }
            other.append((id, here, there))
        }
        onlyThere = theirs.filter { plant.assets[$0.id] == nil }
    }
}

extension ConnectorPages {
    /// Assets of a registry that are read for the page, and rows of each list that it shows.
    private static let assetsMax = 20_000
    private static let rowsMax = 500

    func assets(_ built: BuiltConnector, _ request: Request, _ context: AppContext) async throws -> Response {
        let name = built.entry.name
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let registry = try await tools.store.read { try $0.registry(connector: name, limit: Self.assetsMax) }
        var values: [String: Any] = ["name": name]
        values["isNone"] = registry == nil
        if let registry {
            let scope = tools.scope(context.caller)
            let isWhole = registry.assets.count < Self.assetsMax
            let difference = RegistryDifference(plantFile(), registry.assets, connector: name, isWhole: isWhole)
            let here = difference.onlyHere.filter { scope.sees(asset: $0) }
            let there = difference.onlyThere.filter { scope.sees(asset: $0.id) }
            let other = difference.other.filter { scope.sees(asset: $0.id) }
            values["read"] = texts.text(
                "connectors", "registry-read",
                ["count": formats.number(registry.assets.count), "time": formats.time(registry.readAt)])
            values["isCut"] = !isWhole
            values["hereCount"] = formats.number(here.count)
            values["here"] = here.prefix(Self.rowsMax).map { ["id": $0] }
            values["thereCount"] = formats.number(there.count)
            values["there"] = there.prefix(Self.rowsMax).map { asset -> [String: Any] in
                ["id": asset.id, "assetName": asset.name ?? "", "criticality": asset.criticality ?? ""]
            }
            values["otherCount"] = formats.number(other.count)
            values["other"] = other.prefix(Self.rowsMax).map { row -> [String: Any] in
                ["id": row.id, "ours": row.here, "theirs": row.there]
            }
            values["hasHere"] = !here.isEmpty
            values["hasThere"] = !there.isEmpty
            values["hasOther"] = !other.isEmpty
        }
        return tools.web.page(
            "connector-assets", values, title: texts["connectors", "registry"], section: "connectors", request, context)
    }
}
