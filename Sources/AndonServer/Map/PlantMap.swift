import AndonDraw
import AndonLedger
import AndonModel

/// What the plant map shows: every floor plan with its zones, and in each zone what is open and what is out of control.
struct PlantMap: Sendable {
    struct Plan: Sendable {
        var name: String
        var sheet: PlanSheet
        /// By id.
        var zones: [Zone]
    }

    struct Zone: Sendable {
        var id: String
        var name: String?
        var line: String?
        var station: String?
        var grid: String?
        /// In the plan's own units; nil for a zone without a place on a plan.
        var polygon: PlanPolygon?
        /// Where words about it stand; inside the polygon.
        var label: PlanSpot?
        /// The assets that the zone says are in it, sorted.
        var assets: [String]
        /// Further ones, whose cameras are in it, sorted.
        var assetsByCamera: [String]
        /// Sorted.
        var cameras: [String]
        var orders = Orders()
        var control = Control.none
        /// Charts of its assets that signal, sorted.
        var signals: [Signal] = []

        /// As people call it: its name with its id behind.
        var title: String { name.map { "\($0) (\(id))" } ?? id }

        /// The worst of all, for the colour.
        var state: State {
            if let worst = orders.worst { return worst == 1 ? .urgent : worst == 2 ? .high : .open }
            return control == .signalled ? .signalled : .clear
        }
    }

    /// A chart that signals.
    struct Signal: Sendable, Hashable {
        var chart: String
        var stratum: String
        var asset: String
        /// The run rules that the newest point breaks.
        var rules: [String]
    }

    /// Open orders.
    struct Orders: Sendable, Equatable {
        /// Their number by priority; 1 is the most urgent.
        var counts: [Int: Int] = [:]
        /// Those among them that no CMMS has.
        var dead = 0
        var oldest: Timestamp?

        var open: Int { counts.values.reduce(0, +) }
        /// The most urgent priority; nil without an open order.
        var worst: Int? { counts.keys.min() }

        mutating func add(_ count: OpenOrderCount) {
            counts[count.priority, default: 0] += count.orders
            dead += count.dead
            oldest = min(oldest ?? count.oldest, count.oldest)
        }
    }

    /// How the charts of a zone's assets stand: the worst of them.
    enum Control: String, Sendable, CaseIterable {
        /// No chart watches an asset of the zone.
        case none = "no-chart"
        case inControl = "in-control"
        /// Nothing was judged yet: there are no limits, or no point since the last repair.
        case unjudged
        case signalled

        fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        mutating func add(_ other: Control) {
            if other.rank > rank { self = other }
        }
    }

    /// What a zone is coloured by, from the best to the worst.
    enum State: String, Sendable, CaseIterable {
        /// Nothing is to be done.
        case clear
        /// A chart signals, and no order is open.
        case signalled
        /// Open orders of priority 3 and less urgent.
        case open
        /// The most urgent has priority 2.
        case high
        /// One has priority 1.
        case urgent
    }

    var at: Timestamp
    /// By name.
    var plans: [Plan]
    /// Zones without a place on a plan, by id.
    var unplaced: [Zone]
    /// Open orders that belong to no zone: nothing may fall through.
    var elsewhere: Orders
}

/// What the map is made of at a moment.
struct MapFacts: Sendable {
    var plant: Plant
    /// Of the plant's floor plans, by name; one that cannot be read is left out.
    var sheets: [String: PlanSheet]
    var orders: [OpenOrderCount]
    var streams: [StreamStanding]
    var at: Timestamp
}

extension PlantMap {
    /// Reckons the map.
    ///
    /// An order belongs to the zone that it was raised for, as long as there is that zone; else to the zone of its asset. A
    /// chart's stream belongs to every zone that its asset is in, as an asset with two cameras may be in two.
    ///
    /// - Parameter sees: whether who asks may see an asset; what hangs on others is left out, and so are zones with nothing
    ///   but others in them, and plans with nothing but such zones. An order that was raised for such a zone is elsewhere.
    init(_ facts: MapFacts, sees: (String) -> Bool = { _ in true }) {
        let places = AssetPlaces(facts.plant)
        let seen = facts.plant.zones.filter { places.isSeen($0.value, sees) }
        var zones = seen.mapValues { Zone($0, facts, places, sees) }
        var elsewhere = Orders()
        for count in facts.orders where sees(count.asset) {
            if let zone = places.zone(of: count.asset, named: count.zone), zones[zone] != nil {
                zones[zone]?.orders.add(count)
            } else {
                elsewhere.add(count)
            }
        }
        for stream in facts.streams where sees(stream.asset) {
            for zone in places.zones(of: stream.asset) { zones[zone]?.add(stream) }
        }
        let sorted = zones.values.sorted { $0.id < $1.id }
        plans = facts.sheets.keys.sorted().compactMap { name -> Plan? in
            let own = sorted.filter { facts.plant.zones[$0.id]?.outline?.plan == name }
            let hasZones = facts.plant.zones.values.contains { $0.outline?.plan == name }
            guard let sheet = facts.sheets[name], !own.isEmpty || !hasZones else { return nil }
            return Plan(name: name, sheet: sheet, zones: own)
        }
        unplaced = sorted.filter { $0.polygon == nil }
        self.elsewhere = elsewhere
        at = facts.at
    }
}

extension PlantMap.Zone {
    fileprivate init(
        _ zone: AndonModel.Zone, _ facts: MapFacts, _ places: AssetPlaces, _ sees: (String) -> Bool
    ) {
        id = zone.id
        (name, line, station, grid) = (zone.name, zone.line, zone.station, zone.grid)
        assets = zone.assets.filter { sees($0) }.sorted()
        cameras = (places.cameras[zone.id] ?? []).filter { camera in
            guard let asset = facts.plant.cameras[camera]?.asset else { return true }
            return sees(asset)
        }
        let own = Set(zone.assets)
        assetsByCamera = Set(cameras.compactMap { facts.plant.cameras[$0]?.asset }).subtracting(own).sorted()
        guard let outline = zone.outline, let sheet = facts.sheets[outline.plan] else { return }
        let polygon = PlanPolygon(outline.corners.map { PolygonCheck.spot($0, on: sheet.frame) })
        self.polygon = polygon
        label = polygon.labelSpot
    }

    fileprivate mutating func add(_ stream: StreamStanding) {
        guard stream.isJudged else { return control.add(.unjudged) }
        guard !stream.signals.isEmpty else { return control.add(.inControl) }
        control.add(.signalled)
        signals.append(
            PlantMap.Signal(chart: stream.chart, stratum: stream.stratum, asset: stream.asset, rules: stream.signals))
    }
}

/// Which zones an asset is in: the one that says so, and those of its cameras.
struct AssetPlaces: Sendable {
    private let plant: Plant
    /// Cameras by zone, sorted.
    let cameras: [String: [String]]
    /// Zones of an asset's cameras, in the order of the cameras' ids.
    private let byCamera: [String: [String]]

    init(_ plant: Plant) {
        self.plant = plant
        var cameras: [String: [String]] = [:]
        var byCamera: [String: [String]] = [:]
        for camera in plant.cameras.values.sorted(by: { $0.id < $1.id }) {
            guard let zone = camera.zone, plant.zones[zone] != nil else { continue }
            cameras[zone, default: []].append(camera.id)
            if let asset = camera.asset, byCamera[asset]?.contains(zone) != true {
                byCamera[asset, default: []].append(zone)
            }
        }
        (self.cameras, self.byCamera) = (cameras, byCamera)
    }

    /// The zone that an order for the asset belongs to; nil where none has it.
    ///
    /// - Parameter named: the zone that the order was raised for: it counts as long as it is there.
    func zone(of asset: String, named: String?) -> String? {
        if let named, plant.zones[named] != nil { return named }
        return zones(of: asset).first
    }

    /// The assets that are in a zone: those that it says, and those of its cameras.
    func assets(in zone: Zone) -> Set<String> {
        Set(zone.assets).union((cameras[zone.id] ?? []).compactMap { plant.cameras[$0]?.asset })
    }

    /// The one that says so before those of its cameras.
    func zones(of asset: String) -> [String] {
        var found: [String] = []
        if let own = plant.zone(ofAsset: asset), plant.zones[own] != nil { found.append(own) }
        for zone in byCamera[asset] ?? [] where !found.contains(zone) { found.append(zone) }
        return found
    }
}
