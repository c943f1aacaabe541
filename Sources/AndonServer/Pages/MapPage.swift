import AndonDraw
import AndonLedger
import AndonModel
import AndonWeb

/// What the page of the plant map shows, in the reader's language.
struct MapPage {
    let map: PlantMap
    /// The only plan to show; nil for all.
    var plan: String?
    /// The zone whose orders and charts are listed.
    var zone: String?
    /// Open orders, for that zone.
    var orders: [PlacedOrder] = []
    let plant: Plant
    let texts: Texts
    let formats: Formats
    /// Whether who looks may draw zones.
    let isEditor: Bool
    /// For a wall screen: nothing to press.
    let isWall: Bool

    /// Orders of a zone that are listed.
    static let ordersMax = 100

    private func text(_ key: String, _ values: [String: String] = [:]) -> String { texts.text("map", key, values) }

    // MARK: All of it

    /// The values of the template `map-live`.
    var live: [String: Any] {
        var values: [String: Any] = [:]
        let shown = map.plans.filter { plan == nil || $0.name == plan }
        values["plans"] = shown.enumerated().map { planValues($0.element, number: $0.offset) }
        values["hasPlans"] = !shown.isEmpty
        values["isWall"] = isWall
        values["at"] = formats.second(map.at)
        values["machineAt"] = Formats.machine(map.at)
        values["summary"] = summary
        let rows = shown.flatMap { plan in plan.zones.map { row($0, on: plan.name) } }
        let unplaced = plan == nil ? map.unplaced.filter(isOfInterest).map { row($0, on: nil) } : []
        values["rows"] = rows + unplaced
        values["hasRows"] = !(rows + unplaced).isEmpty
        if map.elsewhere.open > 0 {
            values["elsewhere"] = texts.count(
                "map", "elsewhere", map.elsewhere.open, formats.number(map.elsewhere.open))
        }
        if let chosen, !isWall { values["zone"] = zoneValues(chosen) }
        return values
    }

    /// A zone without a place is shown where something is to be done there.
    private func isOfInterest(_ zone: PlantMap.Zone) -> Bool {
        zone.state != .clear || !zone.cameras.isEmpty || !zone.assets.isEmpty
    }

    private var zones: [PlantMap.Zone] { map.plans.flatMap(\.zones) + map.unplaced }

    private var chosen: PlantMap.Zone? { zone.flatMap { id in zones.first { $0.id == id } } }

    /// Everything in one sentence, for those who listen.
    private var summary: String {
        let open = zones.reduce(map.elsewhere.open) { $0 + $1.orders.open }
        let urgent = zones.filter { $0.state == .urgent }.count
        let signalled = zones.filter { $0.control == .signalled }.count
        return [
            texts.count("map", "summary-open", open, formats.number(open)),
            texts.count("map", "summary-urgent", urgent, formats.number(urgent)),
            texts.count("map", "summary-signalled", signalled, formats.number(signalled)),
        ].joined(separator: ", ")
    }

    // MARK: A plan

    /// - Parameter number: tells its patterns from those of the others on the page.
    private func planValues(_ plan: PlantMap.Plan, number: Int) -> [String: Any] {
        let frame = plan.sheet.frame
        let unit = max(frame.width, frame.height) / 34
        var values: [String: Any] = [:]
        values["name"] = plan.name
        values["picture"] = MapView.picture(plan)
        values["left"] = Self.number(frame.left)
        values["top"] = Self.number(frame.top)
        values["width"] = Self.number(frame.width)
        values["height"] = Self.number(frame.height)
        values["label"] = text("plan-label", ["name": plan.name])
        // The thinnest lines that can be seen from afar, on a plan of any units.
        values["thin"] = Self.number(unit / 8)
        values["small"] = Self.number(unit * 0.62)
        values["large"] = Self.number(unit)
        values["hatch"] = "\(number)"
        values["hatchScale"] = Self.number(unit / 16)
        values["zones"] = plan.zones.compactMap { shape($0, on: plan.name, unit: unit) }
        values["edit"] = isEditor && !isWall ? MapLinks.edit(plan.name) : nil
        return values
    }

    /// A zone as it is drawn.
    private func shape(_ zone: PlantMap.Zone, on plan: String, unit: Double) -> [String: Any]? {
        guard let polygon = zone.polygon, let label = zone.label else { return nil }
        var values: [String: Any] = [:]
        values["id"] = zone.id
        values["points"] = polygon.corners.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        values["state"] = zone.state.rawValue
        values["isSignalled"] = zone.control == .signalled
        values["isChosen"] = zone.id == self.zone
        values["address"] = MapLinks.zone(zone.id, plan: self.plan == nil ? nil : plan)
        values["words"] = "\(zone.title): \(words(zone))"
        values["name"] = zone.name ?? zone.id
        if zone.orders.open > 0 { values["count"] = formats.number(zone.orders.open) }
        values["symbolX"] = Self.number(label.x - unit * (zone.orders.open > 0 ? 1.1 : 0.5))
        values["symbolY"] = Self.number(label.y - unit * 0.5)
        values["countX"] = Self.number(label.x + unit * 0.1)
        values["countY"] = Self.number(label.y + unit * 0.36)
        values["nameX"] = Self.number(label.x)
        values["nameY"] = Self.number(label.y + unit * 1.25)
        return values
    }

    /// How a zone stands, in words.
    private func words(_ zone: PlantMap.Zone) -> String {
        var words = [texts.count("map", "open", zone.orders.open, formats.number(zone.orders.open))]
        if let worst = zone.orders.worst { words.append(text("worst", ["priority": "\(worst)"])) }
        if zone.orders.dead > 0 {
            words.append(texts.count("map", "dead", zone.orders.dead, formats.number(zone.orders.dead)))
        }
        words.append(text("spc-\(zone.control.rawValue)"))
        return words.joined(separator: ", ")
    }

    // MARK: The table

    private func row(_ zone: PlantMap.Zone, on plan: String?) -> [String: Any] {
        var values: [String: Any] = [:]
        values["title"] = zone.title
        values["id"] = zone.id
        values["address"] = MapLinks.zone(zone.id, plan: self.plan == nil ? nil : plan)
        values["plan"] = plan ?? text("no-place")
        values["state"] = text("state-\(zone.state.rawValue)")
        values["tag"] = Self.tag(zone.state)
        values["open"] = formats.number(zone.orders.open)
        values["priorities"] = zone.orders.counts.sorted { $0.key < $1.key }.map { priority, count in
            text("priority-count", ["priority": "\(priority)", "count": formats.number(count)])
        }.joined(separator: ", ")
        values["dead"] = zone.orders.dead > 0 ? formats.number(zone.orders.dead) : nil
        values["spc"] = text("spc-\(zone.control.rawValue)")
        values["spcTag"] = zone.control == .signalled ? "bad" : zone.control == .inControl ? "good" : "soft"
        values["assets"] = (zone.assets + zone.assetsByCamera).joined(separator: ", ")
        values["cameras"] = zone.cameras.joined(separator: ", ")
        return values
    }

    private static func tag(_ state: PlantMap.State) -> String {
        switch state {
        case .urgent: "bad"
        case .high, .signalled: "warn"
        case .open: "main"
        case .clear: "good"
        }
    }

    // MARK: One zone

    private func zoneValues(_ zone: PlantMap.Zone) -> [String: Any] {
        let places = AssetPlaces(plant)
        let own = orders.filter { places.zone(of: $0.asset, named: $0.zone) == zone.id }
        var values: [String: Any] = [:]
        values["title"] = zone.title
        values["words"] = words(zone)
        values["place"] = [zone.line, zone.station, zone.grid].compactMap { $0 }.joined(separator: " · ")
        values["orders"] = own.prefix(Self.ordersMax).map(orderValues)
        values["hasOrders"] = !own.isEmpty
        if own.count > Self.ordersMax {
            values["more"] = text("more-orders", ["count": formats.number(own.count - Self.ordersMax)])
        }
        values["signals"] = zone.signals.map { signal -> [String: Any] in
            [
                "address": MapLinks.chart(signal.chart, signal.stratum), "chart": signal.chart,
                "stream": signal.stratum, "asset": signal.asset, "rules": signal.rules.joined(separator: ", "),
            ]
        }
        values["hasSignals"] = !zone.signals.isEmpty
        values["assets"] = (zone.assets + zone.assetsByCamera).map { id -> [String: Any] in
            let name = plant.assets[id]?.name
            return ["name": name.map { "\($0) (\(id))" } ?? id, "address": MapLinks.orders(asset: id)]
        }
        values["hasAssets"] = !(zone.assets + zone.assetsByCamera).isEmpty
        return values
    }

    private func orderValues(_ order: PlacedOrder) -> [String: Any] {
        [
            "name": order.name, "address": MapLinks.order(order.reference), "class": order.defectClass,
            "asset": order.asset, "priority": "\(order.priority)",
            "state": order.delivery == .dead ? text("order-dead") : text("order-\(order.state.rawValue)"),
            "since": formats.time(order.raisedAt),
        ]
    }

    static func number(_ value: Double) -> String { JSON.ecmaScriptText(of: value) }
}

/// Where the map leads.
enum MapLinks {
    static func map(plan: String?) -> String { plan.map { "/map?plan=\($0.urlPathEscaped)" } ?? "/map" }

    static func zone(_ zone: String, plan: String?) -> String {
        let whole = plan.map { "plan=\($0.urlPathEscaped)&" } ?? ""
        return "/map?\(whole)zone=\(zone.urlPathEscaped)#zone"
    }

    static func edit(_ plan: String) -> String { "/map/\(plan.urlPathEscaped)/edit" }

    static func order(_ reference: Reference) -> String { "/orders/\(reference.text)" }

    static func orders(asset: String) -> String { "/orders?asset=\(asset.urlPathEscaped)&show=all" }

    static func chart(_ chart: String, _ stratum: String) -> String {
        "/charts/\(chart.urlPathEscaped)" + (stratum.isEmpty ? "" : "?stream=\(stratum.urlPathEscaped)")
    }
}
