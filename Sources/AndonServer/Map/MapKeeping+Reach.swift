import AndonConfiguration
import AndonIdentity
import AndonModel
import AndonWeb

extension AssetPlaces {
    /// Whether something in a zone is within reach; a zone with nothing in it is everybody's.
    func isSeen(_ zone: Zone, _ sees: (String) -> Bool) -> Bool {
        let assets = assets(in: zone)
        return assets.isEmpty || assets.contains { sees($0) }
    }
}

/// What of the map somebody sees, and may draw, whose roles hold at some sites.
extension MapKeeping {
    private static func zones(on plan: String, of plant: Plant) -> [Zone] {
        plant.zones.values.filter { $0.outline?.plan == plan }
    }

    /// - Throws: ``Problem`` 404 for a floor plan that there is not, and for one whose zones are all out of reach.
    func demand(plan: String, _ caller: Caller) throws {
        let scope = SiteScope(configuration().plant, caller)
        let places = AssetPlaces(scope.plant)
        let zones = Self.zones(on: plan, of: scope.plant)
        let isSeen = zones.isEmpty || zones.contains { zone in places.isSeen(zone) { scope.sees(asset: $0) } }
        guard scope.plant.floorPlans[plan] != nil, isSeen else {
            throw Answer.notFound("floor plan \(plan.cut(to: 80))")
        }
    }

    /// The zones of a plan are written all together: who draws them may decide about everything in them.
    ///
    /// - Returns: the part of the plant that may be put into them.
    /// - Throws: ``Problem`` 404 as for who looks at it, 403 for a plan with something out of reach.
    @discardableResult
    func demandDrawing(on plan: String, _ caller: Caller) throws -> SiteScope {
        try demand(plan: plan, caller)
        return try demandZones(on: plan, caller)
    }

    private func demandZones(on plan: String, _ caller: Caller) throws -> SiteScope {
        let scope = SiteScope(configuration().plant, caller, .tune)
        let places = AssetPlaces(scope.plant)
        let isOwn = Self.zones(on: plan, of: scope.plant).allSatisfy { zone in
            places.assets(in: zone).allSatisfy { scope.sees(asset: $0) }
        }
        guard isOwn else { throw caller.refusal(ofAllSites: .tune) }
        return scope
    }

    /// A picture takes the place of one that the same person might draw on.
    ///
    /// - Throws: ``Problem`` 403.
    func demandUpload(_ upload: PlanUpload, _ caller: Caller) throws {
        guard upload.replaces else { return }
        _ = try demandZones(on: upload.name, caller)
    }
}
