import AndonDraw
import AndonModel

/// The map as the API shows it.
enum MapView {
    static func map(_ map: PlantMap, versions: [String: String]) -> JSON {
        [
            "at": .time(map.at),
            "plans": .array(map.plans.map { plan($0, version: versions[$0.name] ?? "") }),
            "unplaced": .array(map.unplaced.map(zone)),
            "elsewhere": orders(map.elsewhere),
        ]
    }

    /// - Parameter version: of the plan's zones: who saves them says which ones they were made of.
    static func plan(_ plan: PlantMap.Plan, version: String) -> JSON {
        let frame = plan.sheet.frame
        return [
            "name": .string(plan.name), "left": .number(frame.left), "top": .number(frame.top),
            "width": .number(frame.width), "height": .number(frame.height),
            "picture": .string(picture(plan)), "mediaType": .string(plan.sheet.mediaType),
            "sha256": .string(plan.sheet.sha256), "bytes": .integer(plan.sheet.bytes), "version": .string(version),
            "zones": .array(plan.zones.map(zone)),
        ]
    }

    /// Where the plan's picture is; another picture has another address.
    static func picture(_ plan: PlantMap.Plan) -> String {
        "/api/v1/map/plans/\(plan.name.urlPathEscaped)/picture?v=\(plan.sheet.sha256.prefix(16))"
    }

    static func zone(_ zone: PlantMap.Zone) -> JSON {
        .object(present: [
            "id": .string(zone.id), "name": zone.name.map { .string($0) }, "line": zone.line.map { .string($0) },
            "station": zone.station.map { .string($0) }, "grid": zone.grid.map { .string($0) },
            "corners": zone.polygon.map { .array($0.corners.map(\.json)) }, "label": zone.label?.json,
            "assets": texts(zone.assets), "assetsByCamera": texts(zone.assetsByCamera),
            "cameras": texts(zone.cameras), "orders": orders(zone.orders), "spc": .string(zone.control.rawValue),
            "signals": .array(zone.signals.map(signal)), "state": .string(zone.state.rawValue),
        ])
    }

    private static func signal(_ signal: PlantMap.Signal) -> JSON {
        [
            "chart": .string(signal.chart), "stream": .string(signal.stratum), "asset": .string(signal.asset),
            "rules": texts(signal.rules),
        ]
    }

    static func orders(_ orders: PlantMap.Orders) -> JSON {
        let counts = orders.counts.sorted { $0.key < $1.key }.map { priority, count -> JSON in
            ["priority": .integer(priority), "orders": .integer(count)]
        }
        return .object(present: [
            "open": .integer(orders.open), "dead": .integer(orders.dead), "worst": orders.worst.map { .integer($0) },
            "byPriority": .array(counts), "oldest": orders.oldest.map { .time($0) },
        ])
    }

    private static func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}
