import AndonDraw
import AndonModel
import AndonWeb

/// What the editor of a plan's zones shows before its script begins: the picture, and the lists to choose from.
struct MapEditor {
    let plan: PlantMap.Plan
    /// The part of the plant that may be put into zones.
    let scope: SiteScope
    let texts: Texts
    /// Whether nobody is asked who they are, so that the name is typed.
    let asksName: Bool

    private var plant: Plant { scope.plant }

    var values: [String: Any] {
        let frame = plan.sheet.frame
        let assets = plant.assets.values.filter { scope.sees(asset: $0.id) }.sorted { $0.id < $1.id }
        let cameras = plant.cameras.values.filter { scope.sees(camera: $0.id) }.sorted { $0.id < $1.id }
        var values: [String: Any] = [:]
        values["name"] = plan.name
        values["back"] = MapLinks.map(plan: plan.name)
        values["api"] = "/api/v1/map"
        values["save"] = "/api/v1/map/plans/\(plan.name.urlPathEscaped)/zones"
        values["picture"] = MapView.picture(plan)
        values["left"] = MapPage.number(frame.left)
        values["top"] = MapPage.number(frame.top)
        values["width"] = MapPage.number(frame.width)
        values["height"] = MapPage.number(frame.height)
        values["cornersMin"] = "\(PolygonCheck.cornersMin)"
        values["cornersMax"] = "\(PolygonCheck.cornersMax)"
        values["asksName"] = asksName
        values["assets"] = assets.map { asset -> [String: Any] in
            member(asset.id, asset.name, plant.assetZones[asset.id])
        }
        values["hasAssets"] = !assets.isEmpty
        values["cameras"] = cameras.map { camera -> [String: Any] in
            member(camera.id, camera.asset, camera.zone)
        }
        values["hasCameras"] = !cameras.isEmpty
        return values
    }

    private func member(_ id: String, _ name: String?, _ zone: String?) -> [String: Any] {
        var values: [String: Any] = [:]
        values["id"] = id
        values["name"] = name
        values["zone"] = zone
        // On another plan, or on none: this page does not draw that zone.
        let isElsewhere = zone.map { plant.zones[$0]?.outline?.plan != plan.name } ?? false
        if isElsewhere, let zone { values["elsewhere"] = texts.text("map-edit", "now-in", ["zone": zone]) }
        return values
    }
}
