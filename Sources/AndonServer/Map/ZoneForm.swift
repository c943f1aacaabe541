import AndonDraw
import AndonModel

/// A zone as somebody drew it, not yet held against anything else.
struct DrawnZone: Sendable, Equatable {
    var id: String
    var name: String?
    var line: String?
    var station: String?
    var grid: String?
    /// In the plan's own units.
    var polygon: PlanPolygon
    var assets: [String]
    var cameras: [String]
}

/// The zones of one plan as they are sent: a JSON document with all of them.
struct ZoneForm: Sendable {
    var zones: [DrawnZone]
    /// Of the zones that these were made of, as the map gave it; nil for whatever is there.
    var version: String?

    static let limits = JSONLimits(bytesMax: 2 << 20, valuesMax: 200_000)
    /// Zones of one plan.
    static let zonesMax = 500
    private static let namesMax = 1000
    private static let idMax = 64
    private static let textMax = 200
    private static let members: Set<String> = [
        "id", "name", "line", "station", "grid", "corners", "assets", "cameras",
    ]

    /// Reads what is sent, and holds each zone against its floor plan.
    ///
    /// - Throws: ``Problem`` 422 `invalid-zones`, with every fault that was found and where it stands.
    init(_ body: JSON, on frame: FloorPlan.Frame) throws {
        var faults: [Problem.Fault] = []
        var zones: [DrawnZone] = []
        guard let sent = body["zones"]?.array else {
            throw Self.problem([.init(pointer: "/zones", detail: "send all zones of the plan, as a list")])
        }
        guard sent.count <= Self.zonesMax else {
            throw Self.problem([
                .init(pointer: "/zones", detail: "a plan has at most \(Self.zonesMax) zones, found \(sent.count)")
            ])
        }
        for (place, zone) in sent.enumerated() {
            var reader = ZoneReader(zone, at: "/zones/\(place)", on: frame)
            let drawn = reader.read()
            if zones.contains(where: { $0.id == drawn.id && !drawn.id.isEmpty }) {
                reader.fault("id", "there is a zone \(drawn.id) already; give this one another id")
            }
            faults += reader.faults
            zones.append(drawn)
        }
        guard faults.isEmpty else { throw Self.problem(faults) }
        self.zones = zones
        version = body["version"]?.string
    }

    private static let faultsMax = 100

    static func problem(_ faults: [Problem.Fault], status: Int = 422) -> Problem {
        let first = faults.first.map { $0.detail.prefix(1).uppercased() + $0.detail.dropFirst() + ". " } ?? ""
        return Problem(
            status: status, type: "invalid-zones", title: "The zones cannot be taken",
            detail: "\(first)Nothing was changed: mend it and save again.", errors: Array(faults.prefix(faultsMax)))
    }

    /// Reads one zone.
    private struct ZoneReader {
        private let zone: JSON
        private let pointer: String
        private let frame: FloorPlan.Frame
        private(set) var faults: [Problem.Fault] = []

        init(_ zone: JSON, at pointer: String, on frame: FloorPlan.Frame) {
            (self.zone, self.pointer, self.frame) = (zone, pointer, frame)
        }

        /// As people find it again: by its id, or by its place in the list.
        private var title: String { zone["id"]?.string.map { "the zone \($0.cut(to: 40))" } ?? "a zone without an id" }

        mutating func fault(_ member: String, _ detail: String) {
            faults.append(.init(pointer: "\(pointer)/\(member)", detail: "\(title): \(detail)"))
        }

        mutating func read() -> DrawnZone {
            for name in (zone.object ?? [:]).keys.sorted() where !ZoneForm.members.contains(name) {
                fault(
                    JSONPointer.escape(name.cut(to: 60)),
                    "is not known here; a zone has \(ZoneForm.members.sorted().joined(separator: ", "))")
            }
            return DrawnZone(
                id: id(), name: text("name"), line: text("line"), station: text("station"), grid: text("grid"),
                polygon: polygon(), assets: names("assets"), cameras: names("cameras"))
        }

        private mutating func id() -> String {
            guard let id = zone["id"]?.string?.trimmed, !id.isEmpty else {
                fault("id", "give it an id, such as Z1")
                return ""
            }
            if id.count > ZoneForm.idMax || id.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                fault("id", "an id has at most \(ZoneForm.idMax) characters, and no line break")
            }
            return id
        }

        private mutating func text(_ member: String) -> String? {
            guard let value = zone[member], value != .null else { return nil }
            guard let text = value.string?.trimmed, text.count <= ZoneForm.textMax else {
                fault(member, "\(member) is a text of at most \(ZoneForm.textMax) characters")
                return nil
            }
            return text.isEmpty ? nil : text
        }

        private mutating func names(_ member: String) -> [String] {
            guard let value = zone[member], value != .null else { return [] }
            guard let names = value.array?.map({ $0.string ?? "" }), names.count <= ZoneForm.namesMax,
                !names.contains("")
            else {
                fault(member, "\(member) is a list of at most \(ZoneForm.namesMax) ids")
                return []
            }
            var seen: Set<String> = []
            return names.filter { seen.insert($0).inserted }
        }

        private mutating func polygon() -> PlanPolygon {
            let corners = (zone["corners"]?.array ?? []).prefix(PolygonCheck.cornersMax + 1).map { corner in
                PlanSpot(corner[0]?.number ?? .nan, corner.array?.count == 2 ? corner[1]?.number ?? .nan : .nan)
            }
            let polygon = PlanPolygon(corners)
            if let found = PolygonCheck.fault(polygon, on: frame) { fault("corners", found.words(on: frame)) }
            return polygon
        }
    }
}
