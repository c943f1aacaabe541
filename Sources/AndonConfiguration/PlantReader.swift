import AndonDecide
import AndonModel

/// Reads the section `plant` and the asset file that it names.
final class PlantReader {
    private let faults: SettingsFaults
    private let secrets: SecretSource
    private let content: (String) -> Result<String, TextFile.Refusal>
    private let plans: FloorPlanReader
    private var located: [LocatedAsset] = []
    private var assetsFile: (name: String, faults: SettingsFaults)?
    private var references: [Reference] = []
    /// The zone that says a camera is in it, by the camera's id.
    private var cameraZones: [String: String] = [:]
    private var claims: [Claim] = []
    /// What is allowed and probably not meant.
    private(set) var warnings: [SettingsFault] = []

    /// An asset with where it was written, for what can only be checked later.
    private struct LocatedAsset {
        var asset: Asset
        var nodes: [String: Settings]
        var faults: SettingsFaults
    }

    /// What a zone says is in it.
    private struct Claim {
        var id: String
        var isCamera: Bool
        var node: Settings
    }

    /// A name of a connector in the plant's own options.
    private struct Reference {
        var name: String
        var node: Settings
    }

    init(
        faults: SettingsFaults, secrets: SecretSource, content: @escaping (String) -> Result<String, TextFile.Refusal>,
        bytes: @escaping (String, Int) -> Result<[UInt8], TextFile.Refusal>
    ) {
        self.faults = faults
        self.secrets = secrets
        self.content = content
        plans = FloorPlanReader(faults: faults, secrets: secrets, bytes: bytes)
    }

    /// The faults of the asset file.
    var otherFiles: [ConfigurationError.Fault] {
        guard let assetsFile else { return [] }
        return assetsFile.faults.faults.map { ConfigurationError.Fault(file: assetsFile.name, $0) }
    }

    func read(_ reader: SettingsReader) -> Plant {
        var plant = Plant(name: reader.requiredText("name"), site: reader.text("site"))
        plant.timeZone = timeZone(reader)
        plant.defaultConnector = reader.text("defaultConnector", default: plant.defaultConnector)
        plant.defaultLocation = reader.text("defaultLocation")
        if let node = reader.raw("defaultConnector") {
            references.append(Reference(name: plant.defaultConnector, node: node))
        }
        for node in reader.list("assets") { readAsset(node, faults: faults) }
        if let node = reader.raw("assetsFile"), let name = reader.text(of: node) { readAssetsFile(name, at: node) }
        for found in located where plant.assets.updateValue(found.asset, forKey: found.asset.id) != nil {
            if let node = found.nodes["id"] {
                found.faults.add("there is an asset with the id \(found.asset.id) already; keep one", at: node)
            }
        }
        plant.paper = reader.choice("paper", default: plant.paper)
        plant.floorPlans = plans.read(reader)
        for node in reader.list("zones") { readZone(node, into: &plant) }
        for node in reader.list("cameras") { readCamera(node, into: &plant) }
        warnOfUnknownMembers(plant)
        let stops = MaintenanceReader(faults: faults, secrets: secrets, plant: plant)
        plant.maintenance = reader.list("maintenance").compactMap(stops.read)
        reader.finish()
        return plant
    }

    /// What must agree with the rules and the connectors.
    func check(_ plant: Plant, criticalities: [String], connectors: [String]) {
        for reference in references where !connectors.contains(reference.name) {
            faults.add(
                "should be one of the connectors \(allowed(connectors)); found \(reference.node.kindName)",
                at: reference.node)
        }
        let cycles = ParentCycles(plant.assets)
        for found in located {
            func fault(_ field: String, _ message: (Settings) -> String) {
                if let node = found.nodes[field] { found.faults.add(message(node), at: node) }
            }
            if let name = found.asset.criticality, !criticalities.contains(name) {
                fault("criticality") { "should be one of \(allowed(criticalities)); found \($0.kindName)" }
            }
            if let name = found.asset.connector, !connectors.contains(name) {
                fault("connector") { "should be one of the connectors \(allowed(connectors)); found \($0.kindName)" }
            }
            guard let parent = found.asset.parent else { continue }
            if plant.assets[parent] == nil {
                fault("parent") { "should be the id of an asset in the plant; found \($0.kindName)" }
            } else if let way = cycles.cycle(through: found.asset.id) {
                fault("parent") { _ in "an asset cannot be above itself: \(way.joined(separator: " -> "))" }
            }
        }
    }

    private func timeZone(_ reader: SettingsReader) -> String {
        guard let node = reader.raw("timeZone"), let name = reader.text(of: node) else { return "UTC" }
        guard OnCallSchedule.isTimeZone(name) else {
            faults.add(
                "should be an IANA time zone like Europe/Berlin or America/Detroit, found \(node.kindName)", at: node)
            return "UTC"
        }
        return name
    }

    private func readAsset(_ node: Settings, faults: SettingsFaults) {
        let reader = SettingsReader(node, faults: faults, secrets: secrets)
        var asset = Asset(id: reader.requiredText("id"))
        asset.name = reader.text("name")
        asset.type = reader.text("type")
        asset.group = reader.text("group")
        asset.criticality = reader.text("criticality")
        asset.line = reader.text("line")
        asset.station = reader.text("station")
        asset.location = reader.text("location")
        asset.grid = reader.text("grid")
        asset.parent = reader.text("parent")
        asset.connector = reader.text("connector")
        asset.site = reader.text("site")
        reader.finish()
        guard !asset.id.isEmpty else { return }
        let nodes = ["id", "criticality", "parent", "connector"].map { ($0, reader.raw($0)) }
        located.append(
            LocatedAsset(
                asset: asset, nodes: Dictionary(nodes) { $1 }.compactMapValues { $0 }, faults: faults))
    }

    private func readAssetsFile(_ name: String, at node: Settings) {
        let text: String
        switch content(name) {
        case .success(let found): text = found
        case .failure(let refusal):
            faults.add("the file \(name) \(refusal.reason)", at: node)
            return
        }
        let own = SettingsFaults()
        assetsFile = (name, own)
        for row in AssetsCSV.rows(text, faults: own) { readAsset(row, faults: own) }
    }

    private func readZone(_ node: Settings, into plant: inout Plant) {
        let reader = SettingsReader(node, faults: faults, secrets: secrets)
        var zone = Zone(id: reader.requiredText("id"))
        zone.name = reader.text("name")
        zone.line = reader.text("line")
        zone.station = reader.text("station")
        zone.grid = reader.text("grid")
        zone.outline = plans.outline(reader)
        zone.assets = members("assets", of: reader, zone: zone.id, taken: &plant.assetZones)
        zone.cameras = members("cameras", of: reader, zone: zone.id, taken: &cameraZones)
        reader.finish()
        guard !zone.id.isEmpty else { return }
        if plant.zones.updateValue(zone, forKey: zone.id) != nil {
            faults.add("there is a zone with the id \(zone.id) already; keep one", at: reader.raw("id") ?? node)
        }
    }

    /// What a zone says is in it.
    ///
    /// - Parameter taken: the zones of those that were read before.
    private func members(
        _ key: String, of reader: SettingsReader, zone: String, taken: inout [String: String]
    ) -> [String] {
        var found: [String] = []
        for node in reader.list(key) {
            guard let id = reader.text(of: node) else { continue }
            if let other = taken[id] {
                faults.add("\(node.kindName) is in the zone \(other) already; keep one", at: node)
            } else {
                taken[id] = zone
                claims.append(Claim(id: id, isCamera: key == "cameras", node: node))
                found.append(id)
            }
        }
        return found
    }

    /// What a zone says is in it is not there: it stays out of everything, and is worth a word.
    private func warnOfUnknownMembers(_ plant: Plant) {
        for claim in claims {
            let isKnown = claim.isCamera ? plant.cameras[claim.id] != nil : plant.assets[claim.id] != nil
            guard !isKnown else { continue }
            let words =
                claim.isCamera
                ? "is not in plant.cameras" : "is not in plant.assets; only a CMMS's registry can make it known"
            warnings.append(
                SettingsFault(
                    line: claim.node.line, column: claim.node.column, path: claim.node.path,
                    message: "\(claim.node.kindName) \(words)", file: claim.node.file))
        }
    }

    private func readCamera(_ node: Settings, into plant: inout Plant) {
        let reader = SettingsReader(node, faults: faults, secrets: secrets)
        var camera = Camera(
            id: reader.requiredText("id"), asset: reader.text("asset"), zone: reader.text("zone"))
        if let name = camera.asset, plant.assets[name] == nil, let node = reader.raw("asset") {
            warnings.append(
                SettingsFault(
                    line: node.line, column: node.column, path: node.path,
                    message: "\(node.kindName) is not in plant.assets; only a CMMS's registry can make it known",
                    file: node.file))
        }
        let written = camera.zone.flatMap { plant.zones[$0] }
        if let zone = cameraZones[camera.id].flatMap({ plant.zones[$0] }) {
            // What a zone says of its cameras counts more than what a camera says: zones are drawn by people who look.
            let own = camera.zone
            camera.zone = zone.id
            camera.position = place(reader, of: zone, written: own, plant)
        } else {
            if camera.zone != nil, written == nil, let node = reader.raw("zone") {
                faults.add(
                    "should be one of the zones \(allowed(plant.zones.keys.sorted())); found \(node.kindName)", at: node
                )
            }
            camera.position = plans.position(reader, zone: written)
        }
        reader.finish()
        guard !camera.id.isEmpty else { return }
        if plant.cameras.updateValue(camera, forKey: camera.id) != nil {
            faults.add("there is a camera with the id \(camera.id) already; keep one", at: reader.raw("id") ?? node)
        }
    }

    /// The place of a camera that a zone has claimed: where it is written, if that is on the same floor plan.
    ///
    /// - Parameter written: the camera's own zone; one that is gone says nothing of which plan was meant.
    private func place(_ reader: SettingsReader, of zone: Zone, written: String?, _ plant: Plant) -> PlanPoint? {
        guard reader.raw("at") != nil, let plan = zone.outline?.plan else { return nil }
        let meant = written.map { plant.zones[$0]?.outline?.plan } ?? plan
        guard meant == plan || (meant == nil && plant.floorPlans.count == 1) else { return nil }
        return plans.position(reader, zone: zone)
    }
}

/// Finds assets that are above themselves, in time linear in their number.
private struct ParentCycles {
    private var cycles: [String: [String]] = [:]

    init(_ assets: [String: Asset]) {
        var done: Set<String> = []
        for start in assets.keys.sorted() {
            var way: [String] = []
            var position: [String: Int] = [:]
            var next: String? = start
            while let id = next, !done.contains(id), position[id] == nil {
                position[id] = way.count
                way.append(id)
                next = assets[id]?.parent
            }
            if let id = next, let first = position[id] {
                let loop = way[first...]
                for (offset, member) in loop.enumerated() { cycles[member] = Self.turned(loop, toStartAt: offset) }
            }
            done.formUnion(way)
        }
    }

    func cycle(through id: String) -> [String]? { cycles[id] }

    /// The loop as its member sees it; a long one is cut, so that many members stay cheap.
    private static func turned(_ loop: ArraySlice<String>, toStartAt offset: Int) -> [String] {
        let count = min(loop.count, 6)
        let head = (0..<count).map { loop[loop.startIndex + (offset + $0) % loop.count] }
        return head + (count < loop.count ? ["…"] : []) + head.prefix(1)
    }
}
