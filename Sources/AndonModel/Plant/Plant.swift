/// The plant as it was configured: where things are and how much they matter.
public struct Plant: Sendable {
    public var name: String
    /// The site's code in the CMMS.
    public var site: String?
    /// IANA name of the time zone that people in the plant live in.
    public var timeZone: String
    public var assets: [String: Asset]
    public var cameras: [String: Camera]
    public var zones: [String: Zone]
    /// The zone that says an asset is in it, by the asset's id; an asset that only a CMMS's registry has is among them.
    public var assetZones: [String: String] = [:]
    /// Connector for assets that name none, unknown assets among them.
    public var defaultConnector: String
    /// The location that an order for an unknown asset goes to.
    public var defaultLocation: String?
    /// When machines stand still by plan.
    public var maintenance: [MaintenanceWindow]
    /// The drawings that zones are marked on, by name.
    public var floorPlans: [String: PlanFile]
    /// What work order sheets are printed on.
    public var paper: Paper

    public enum Paper: String, Sendable, CaseIterable {
        case a4 = "A4"
        case letter
    }

    public init(
        name: String, site: String? = nil, timeZone: String = "UTC", assets: [String: Asset] = [:],
        cameras: [String: Camera] = [:], zones: [String: Zone] = [:], defaultConnector: String = "desk",
        defaultLocation: String? = nil, maintenance: [MaintenanceWindow] = [],
        floorPlans: [String: PlanFile] = [:], paper: Paper = .a4
    ) {
        self.maintenance = maintenance
        self.floorPlans = floorPlans
        self.paper = paper
        self.name = name
        self.site = site
        self.timeZone = timeZone
        self.assets = assets
        self.cameras = cameras
        self.zones = zones
        self.defaultConnector = defaultConnector
        self.defaultLocation = defaultLocation
    }
}

/// A machine of the plant's asset registry.

public struct Asset: Hashable, Sendable, Codable {
    public var id: String
    public var name: String?
    /// Rules may be given for all assets of a type, and for all of a group.
    public var type: String?
    public var group: String?
    /// One of the rules' criticality names, the most critical first there.
    public var criticality: String?
    public var line: String?
    public var station: String?
    /// The functional location's code in the CMMS.
    public var location: String?
    /// Nearest column or grid reference of the building.
    public var grid: String?
    public var parent: String?
    public var connector: String?
    /// The site's code where it is another one than the plant's.
    public var site: String?
    /// When the criticality was read from the CMMS's registry; nil when it stands in the plant file.
    public var criticalityReadAt: Timestamp?

    public init(
        id: String, name: String? = nil, type: String? = nil, group: String? = nil, criticality: String? = nil,
        line: String? = nil, station: String? = nil, location: String? = nil, grid: String? = nil,
        parent: String? = nil, connector: String? = nil, site: String? = nil
    ) {
        self.site = site
        self.id = id
        self.name = name
        self.type = type
        self.group = group
        self.criticality = criticality
        self.line = line
        self.station = station
        self.location = location
        self.grid = grid
        self.parent = parent
        self.connector = connector
    }
}

public struct Camera: Hashable, Sendable, Codable {
    public var id: String
    public var asset: String?
    public var zone: String?
    /// Where it hangs, on its zone's floor plan.
    public var position: PlanPoint?

    public init(id: String, asset: String? = nil, zone: String? = nil, position: PlanPoint? = nil) {
        self.id = id
        self.asset = asset
        self.zone = zone
        self.position = position
    }
}

/// A part of the floor.
public struct Zone: Hashable, Sendable, Codable {
    public var id: String
    public var name: String?
    public var line: String?
    public var station: String?
    public var grid: String?
    /// Where it lies on a floor plan.
    public var outline: ZoneOutline?
    /// Ids of the assets and of the cameras that it says are in it.
    public var assets: [String]
    public var cameras: [String]

    public init(
        id: String, name: String? = nil, line: String? = nil, station: String? = nil, grid: String? = nil,
        outline: ZoneOutline? = nil, assets: [String] = [], cameras: [String] = []
    ) {
        self.id = id
        self.assets = assets
        self.cameras = cameras
        self.name = name
        self.line = line
        self.station = station
        self.grid = grid
        self.outline = outline
    }
}

/// Where a detection belongs, after looking it up: the asset, the way there, and what could not be found.
public struct Place: Hashable, Sendable, Codable {
    /// The asset's id as it will be counted: from the report, else the camera's asset, else "unmapped:CAMERA".
    public var asset: String
    public var assetName: String?
    public var assetType: String?
    public var assetGroup: String?
    /// False when the registry does not have the asset.
    public var assetKnown: Bool
    public var cameraKnown: Bool
    public var criticality: String?
    /// When the criticality was read from the CMMS's registry; nil when it stands in the plant file.
    public var criticalityReadAt: Timestamp?
    public var site: String?
    public var location: String?
    public var zone: String?
    public var zoneName: String?
    public var line: String?
    public var station: String?
    public var grid: String?
    public var connector: String
}

extension Plant {
    /// Finds the place of an inspection. Nothing unknown blocks: it is marked, and takes the default route.
    public func place(of inspection: Inspection) -> Place {
        let camera = cameras[inspection.camera]
        let named = inspection.asset ?? camera?.asset
        let asset = named.flatMap { assets[$0] }
        let parent = asset?.parent.flatMap { assets[$0] }
        let zoneID = inspection.zone ?? camera?.zone ?? named.flatMap(zone(ofAsset:))
        let zone = zoneID.flatMap { zones[$0] }
        return Place(
            asset: named ?? "unmapped:\(inspection.camera)", assetName: asset?.name, assetType: asset?.type,
            assetGroup: asset?.group, assetKnown: asset != nil, cameraKnown: camera != nil,
            criticality: asset?.criticality ?? parent?.criticality,
            criticalityReadAt: asset?.criticality == nil ? parent?.criticalityReadAt : asset?.criticalityReadAt,
            site: site,
            location: asset?.location ?? parent?.location ?? defaultLocation, zone: zoneID, zoneName: zone?.name,
            line: asset?.line ?? zone?.line ?? parent?.line, station: asset?.station ?? zone?.station,
            grid: asset?.grid ?? zone?.grid, connector: asset?.connector ?? parent?.connector ?? defaultConnector)
    }
}

extension Plant {
    /// The zone that says the asset is in it, or else the one that says so of what the asset is a part of.
    public func zone(ofAsset id: String) -> String? {
        assetZones[id] ?? assets[id]?.parent.flatMap { assetZones[$0] }
    }
}

extension Plant {
    /// The plant file completed by what a CMMS's registry says. What the file says wins; an asset that only the
    /// registry has goes to that registry's connector.
    ///
    /// - Parameter registry: the assets of `connector`, as they were read at `readAt`.
    public mutating func complete(from registry: [Asset], of connector: String, readAt: Timestamp) {
        for found in registry {
            var asset = assets[found.id] ?? Asset(id: found.id, connector: connector)
            guard (asset.connector ?? defaultConnector) == connector else { continue }
            asset.name = asset.name ?? found.name
            asset.type = asset.type ?? found.type
            asset.group = asset.group ?? found.group
            asset.location = asset.location ?? found.location
            asset.line = asset.line ?? found.line
            asset.parent = asset.parent ?? found.parent
            if asset.criticality == nil, let criticality = found.criticality {
                asset.criticality = criticality
                asset.criticalityReadAt = readAt
            }
            assets[found.id] = asset
        }
    }
}

extension Plant {
    /// The site that an asset belongs to; nil for one that the plant file does not have, and where no site has a code.
    public func site(of asset: String) -> String? { assets[asset].flatMap { $0.site ?? site } }
}
