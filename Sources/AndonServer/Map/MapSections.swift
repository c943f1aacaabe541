import AndonDraw
import AndonLedger
import AndonModel

/// Makes the sections `plant.zones` and `plant.floorPlans` of what somebody drew or uploaded. Both are written whole, of the
/// plant that is in force.
struct MapSections: Sendable {
    static let zones = "plant.zones"
    static let floorPlans = "plant.floorPlans"

    let plant: Plant
    /// Of the plant's floor plans, by name.
    let sheets: [String: PlanSheet]
    /// The settings in force, as `Configuration.document` has them.
    let document: JSON
    /// Zones that control charts name: they stay, even without a place on a plan.
    let charted: Set<String>
    /// The part of the plant that may be put into zones; nil for all of it.
    var scope: SiteScope?

    /// How places on a plan are written.
    private enum Units: String {
        case plan, shares
    }

    /// The floor plans' own entries, by name.
    var planEntries: [String: JSON] { document.value(at: "/plant/floorPlans")?.object ?? [:] }

    private func units(of plan: String) -> Units {
        planEntries[plan]?["units"]?.string == Units.shares.rawValue ? .shares : .plan
    }

    /// The coordinates in which places on a plan are written, where they are no shares.
    private func writtenFrame(of plan: String) -> FloorPlan.Frame {
        let sides = planEntries[plan]?["frame"]?.array?.compactMap(\.number) ?? []
        guard sides.count == 4 else { return frame(of: plan) }
        return FloorPlan.Frame(left: sides[0], top: sides[1], width: sides[2], height: sides[3])
    }

    /// What the cameras' own entries say of their zones, by camera.
    private var writtenZones: [String: String] {
        var zones: [String: String] = [:]
        for camera in document.value(at: "/plant/cameras")?.array ?? [] {
            if let id = Self.text(camera["id"]), let zone = Self.text(camera["zone"]) { zones[id] = zone }
        }
        return zones
    }

    /// An id that looks like a number is one in the document.
    private static func text(_ value: JSON?) -> String? {
        value?.string ?? value?.number.map { JSON.ecmaScriptText(of: $0) }
    }

    // MARK: Versions

    /// Changes with everything that an editor of the plan's zones shows.
    func version(of plan: String) -> String {
        let places = AssetPlaces(plant)
        let zones = plant.zones.values.filter { $0.outline?.plan == plan }.sorted { $0.id < $1.id }
        var shown: [JSON] = [.string(sheets[plan]?.sha256 ?? "")]
        for zone in zones {
            let cameras = (places.cameras[zone.id] ?? []).map { JSON.string($0) }
            shown += [json(zone, in: .shares), .array(cameras)]
        }
        return Hex.sha256(JSON.array(shown).canonicalBytes)
    }

    // MARK: Zones

    /// The section of all zones, with these in the place of the plan's.
    ///
    /// A zone that is taken away is gone, unless a camera's own entry or a control chart names it: then it stays, without a
    /// place on a plan.
    ///
    /// - Throws: ``Problem`` 422 `invalid-zones`.
    func zones(_ drawn: [DrawnZone], on plan: String) throws -> JSON {
        let written = writtenZones
        let claims = Claims(drawn)
        var faults = claims.faults + members(drawn)
        for (place, zone) in drawn.enumerated() {
            if let other = plant.zones[zone.id]?.outline?.plan, other != plan {
                faults.append(
                    .init(
                        pointer: "/zones/\(place)/id",
                        detail: "the zone \(zone.id) lies on the floor plan \(other) already; give this one another id")
                )
            }
            for camera in written.keys.sorted() where written[camera] == zone.id && claims.cameras[camera] == nil {
                guard !isKeptElsewhere(camera: camera, drawn) else { continue }
                faults.append(
                    .init(
                        pointer: "/zones/\(place)/cameras",
                        detail: "the camera \(camera) is in the zone \(zone.id) by the plant file; put it into another "
                            + "zone, or change the file"))
            }
        }
        guard faults.isEmpty else { throw ZoneForm.problem(faults) }
        let named = charted.union(written.filter { claims.cameras[$0.key] == nil }.values)
        let others = plant.zones.values.sorted { $0.id < $1.id }.compactMap {
            other(than: drawn, $0, plan, named, claims)
        }
        let own = drawn.map { zone in
            // What a camera's own entry says already is not said twice: the file may still change it.
            var kept = zone
            kept.cameras = zone.cameras.filter { written[$0] != zone.id }
            return kept.zone(on: plan, frame(of: plan))
        }
        let all = (own + others).sorted { $0.id < $1.id }
        return .array(all.map { json($0) })
    }

    private func frame(of plan: String) -> FloorPlan.Frame {
        sheets[plan]?.frame ?? FloorPlan.Frame(left: 0, top: 0, width: 1, height: 1)
    }

    /// A zone that was not drawn: without what the drawn ones claim; nil for one that is gone.
    private func other(
        than drawn: [DrawnZone], _ zone: Zone, _ plan: String, _ named: Set<String>, _ claims: Claims
    ) -> Zone? {
        guard !drawn.contains(where: { $0.id == zone.id }) else { return nil }
        var zone = zone
        zone.assets.removeAll { claims.assets[$0] != nil }
        zone.cameras.removeAll { claims.cameras[$0] != nil }
        if zone.outline?.plan == plan {
            guard named.contains(zone.id) else { return nil }
            zone.outline = nil
        }
        return zone
    }

    /// Whether a zone that was not drawn has the camera in its list.
    private func isKeptElsewhere(camera: String, _ drawn: [DrawnZone]) -> Bool {
        plant.zones.values.contains { zone in
            zone.cameras.contains(camera) && !drawn.contains { $0.id == zone.id }
        }
    }

    /// Assets and cameras that there are not. What a zone has had before may stay.
    private func members(_ drawn: [DrawnZone]) -> [Problem.Fault] {
        var faults: [Problem.Fault] = []
        for (place, zone) in drawn.enumerated() {
            let before = plant.zones[zone.id]
            for id in zone.assets where !isThere(asset: id) && before?.assets.contains(id) != true {
                faults.append(.init(pointer: "/zones/\(place)/assets", detail: "there is no asset \(id.cut(to: 80))"))
            }
            for id in zone.cameras where !isThere(camera: id) && before?.cameras.contains(id) != true {
                faults.append(.init(pointer: "/zones/\(place)/cameras", detail: "there is no camera \(id.cut(to: 80))"))
            }
        }
        return faults
    }

    private func isThere(asset id: String) -> Bool { plant.assets[id] != nil && scope?.sees(asset: id) ?? true }

    private func isThere(camera id: String) -> Bool { plant.cameras[id] != nil && scope?.sees(camera: id) ?? true }

    /// Who says that what is in which zone.
    private struct Claims {
        private(set) var assets: [String: String] = [:]
        private(set) var cameras: [String: String] = [:]
        private(set) var faults: [Problem.Fault] = []

        init(_ drawn: [DrawnZone]) {
            for (place, zone) in drawn.enumerated() {
                for id in zone.assets { claim(id, zone, "asset", "/zones/\(place)/assets", in: \.assets) }
                for id in zone.cameras { claim(id, zone, "camera", "/zones/\(place)/cameras", in: \.cameras) }
            }
        }

        private mutating func claim(
            _ id: String, _ zone: DrawnZone, _ kind: String, _ pointer: String,
            in claims: WritableKeyPath<Claims, [String: String]>
        ) {
            if let other = self[keyPath: claims][id] {
                faults.append(
                    .init(
                        pointer: pointer,
                        detail:
                            "the \(kind) \(id.cut(to: 80)) is in the zone \(other) and in the zone \(zone.id); keep one"
                    ))
            } else {
                self[keyPath: claims][id] = zone.id
            }
        }
    }

    // MARK: Floor plans

    /// The section with a plan that was uploaded. Where it takes the place of another one, places stay written as they are,
    /// in the frame of the picture that they were written on: so zones and cameras keep theirs, as shares of the plan.
    func adding(_ name: String, file: String) -> JSON {
        var plans = planEntries
        var entry: [String: JSON] = ["uploaded": .string(file), "units": .string(units(of: name).rawValue)]
        if plans[name] != nil, units(of: name) == .plan {
            let frame = writtenFrame(of: name)
            let sides = [frame.left, frame.top, frame.width, frame.height]
            entry["frame"] = .array(sides.map { .number($0) })
        }
        plans[name] = .object(entry)
        return .object(plans)
    }

    /// The section without a plan.
    ///
    /// - Throws: ``Problem`` 404 for a plan that there is not, 409 `plan-in-use` for one with zones.
    func removing(_ name: String) throws -> JSON {
        var plans = planEntries
        guard plans.removeValue(forKey: name) != nil else { throw Answer.notFound("floor plan \(name.cut(to: 80))") }
        let zones = plant.zones.values.filter { $0.outline?.plan == name }.map(\.id).sorted()
        guard zones.isEmpty else {
            let shown =
                zones.prefix(12).joined(separator: ", ") + (zones.count > 12 ? " and \(zones.count - 12) more" : "")
            throw Problem(
                status: 409, type: "plan-in-use", title: "The floor plan has zones",
                detail: "Zones lie on it: \(shown). Take them away first, then the plan.")
        }
        return .object(plans)
    }

    // MARK: Writing

    /// In the units of its plan.
    private func json(_ zone: Zone) -> JSON {
        guard let plan = zone.outline?.plan else { return json(zone, in: .plan) }
        return json(zone, in: units(of: plan))
    }

    private func json(_ zone: Zone, in units: Units) -> JSON {
        func texts(_ texts: [String]) -> JSON? { texts.isEmpty ? nil : .array(texts.map { .string($0) }) }
        return .object(present: [
            "id": .string(zone.id), "name": zone.name.map { .string($0) }, "line": zone.line.map { .string($0) },
            "station": zone.station.map { .string($0) }, "grid": zone.grid.map { .string($0) },
            "plan": zone.outline.map { .string($0.plan) }, "corners": zone.outline.map { corners($0, in: units) },
            "assets": texts(zone.assets), "cameras": texts(zone.cameras),
        ])
    }

    private func corners(_ outline: ZoneOutline, in units: Units) -> JSON {
        let frame =
            units == .shares ? FloorPlan.Frame(left: 0, top: 0, width: 1, height: 1) : writtenFrame(of: outline.plan)
        // A drawing's unit is a pixel mostly: a millionth of it is nothing that a person drew.
        let digits = units == .shares ? 1e12 : 1e6
        func rounded(_ value: Double, _ from: Double, _ side: Double) -> Double {
            min(max((value * digits).rounded() / digits, from), from + side)
        }
        return .array(
            outline.corners.map { corner in
                let spot = PolygonCheck.spot(corner, on: frame)
                return PlanSpot(
                    rounded(spot.x, frame.left, frame.width), rounded(spot.y, frame.top, frame.height)
                ).json
            })
    }
}

extension DrawnZone {
    /// As the plant keeps it.
    func zone(on plan: String, _ frame: FloorPlan.Frame) -> Zone {
        let corners = polygon.corners.map { PolygonCheck.share($0, on: frame) }
        return Zone(
            id: id, name: name, line: line, station: station, grid: grid,
            outline: ZoneOutline(plan: plan, corners: corners), assets: assets, cameras: cameras)
    }
}
