import AndonModel

/// How bad a finding is, 0...1, as a stated function of its class, confidence, size and place:
///
/// `min(1, weight(class) · (cf + (1 - cf) · confidence) · (sf + (1 - sf) · min(1, area / areaReference(class))) · zone)`
/// with `cf` and `sf` the two floors. It never falls as the confidence or the area grows.
public struct SeverityRule: Sendable, Hashable {
    /// What holds for a class.
    public struct ClassRule: Sendable, Hashable {
        /// 0...100.
        public var weight: Double
        /// From which area on the size counts in full, in mm², or in pixels² without a scale. Nil: the size does not count.
        public var areaReference: Double?

        public init(weight: Double = 1, areaReference: Double? = nil) {
            self.weight = weight
            self.areaReference = areaReference
        }
    }

    /// A part of the picture that matters more, or less.
    public struct Zone: Sendable, Hashable {
        public enum Unit: String, Sendable, Hashable, CaseIterable {
            case pixels
            /// Of the frame's width and height, 0...1.
            case shares
        }

        public var name: String
        public var factor: Double
        public var unit: Unit
        public var polygon: [Point]

        public init(name: String, factor: Double, unit: Unit, polygon: [Point]) {
            self.name = name
            self.factor = factor
            self.unit = unit
            self.polygon = polygon
        }
    }

    public struct Scale: Sendable, Hashable {
        public var x: Double
        public var y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Of the camera, in the plane of the part; nil: areas are pixels².
    public var millimetresPerPixel: Scale?
    /// What is left at a confidence of 0, 0...1.
    public var confidenceFloor: Double
    /// What is left at an area of 0, 0...1.
    public var sizeFloor: Double
    public var standard: ClassRule
    public var classes: [String: ClassRule]
    /// The first one that has the middle of the box counts.
    public var zones: [Zone]
    /// The factor where no zone is, and of a finding without a box.
    public var elsewhere: Double

    public init(
        millimetresPerPixel: Scale? = nil, confidenceFloor: Double = 0, sizeFloor: Double = 0.6,
        standard: ClassRule = ClassRule(), classes: [String: ClassRule] = [:], zones: [Zone] = [],
        elsewhere: Double = 1
    ) {
        self.millimetresPerPixel = millimetresPerPixel
        self.confidenceFloor = confidenceFloor
        self.sizeFloor = sizeFloor
        self.standard = standard
        self.classes = classes
        self.zones = zones
        self.elsewhere = elsewhere
    }

    /// - Parameter frame: in pixels; `finding` is in the same.
    /// - Returns: 0...1, and the product that it is, in words.
    public func severity(of finding: Finding, frame: (width: Int, height: Int)) -> (value: Double, why: String) {
        let rule = classes[finding.defectClass] ?? standard
        let sure = confidenceFloor + (1 - confidenceFloor) * finding.confidence
        let size = self.size(of: finding, rule)
        let zone = finding.box.flatMap { self.zone(of: $0, frame) }
        let product = rule.weight * sure * size.factor * (zone?.factor ?? elsewhere)
        let value = min(1, max(0, product))
        let place = zone.map { "zone \($0.name)" } ?? (finding.box == nil ? "no place known" : "no zone")
        let why = [
            "class \(finding.defectClass) \(Self.text(rule.weight))",
            "confidence \(Self.text(finding.confidence)): \(Self.text(sure))",
            "\(size.why): \(Self.text(size.factor))",
            "\(place): \(Self.text(zone?.factor ?? elsewhere))",
        ].joined(separator: " × ")
        return (value, "\(Self.text(value)) = \(why)\(product > 1 ? ", at most 1" : "")")
    }

    private func size(of finding: Finding, _ rule: ClassRule) -> (factor: Double, why: String) {
        guard let area = area(of: finding) else { return (1, "size unknown") }
        let unit = millimetresPerPixel == nil ? "px²" : "mm²"
        guard let reference = rule.areaReference else { return (1, "size \(Self.text(area)) \(unit), not counted") }
        return (
            sizeFloor + (1 - sizeFloor) * min(1, area / reference),
            "size \(Self.text(area)) of \(Self.text(reference)) \(unit)"
        )
    }

    /// In mm², or in pixels² without a scale: what the outline covers, else the box. Nil without a box.
    public func area(of finding: Finding) -> Double? {
        guard let box = finding.box else { return nil }
        // The rings of holes turn the other way, so that they are taken off.
        let outline = finding.outline?.reduce(0) { $0 + Self.signedArea($1) }.magnitude
        return (outline ?? box.width * box.height) * (millimetresPerPixel.map { $0.x * $0.y } ?? 1)
    }

    private static func signedArea(_ ring: [Point]) -> Double {
        ring.indices.reduce(0) { sum, index in
            let (from, to) = (ring[index], ring[(index + 1) % ring.count])
            return sum + from.x * to.y - to.x * from.y
        } / 2
    }

    private func zone(of box: Box, _ frame: (width: Int, height: Int)) -> Zone? {
        let middle = Point(x: box.x + box.width / 2, y: box.y + box.height / 2)
        let share = Point(x: middle.x / Double(max(1, frame.width)), y: middle.y / Double(max(1, frame.height)))
        return zones.first { Self.polygon($0.polygon, has: $0.unit == .pixels ? middle : share) }
    }

    /// Whether a ray from the point crosses the polygon an odd number of times.
    private static func polygon(_ polygon: [Point], has point: Point) -> Bool {
        polygon.indices.reduce(false) { isInside, index in
            let (from, to) = (polygon[index], polygon[(index + 1) % polygon.count])
            guard (from.y > point.y) != (to.y > point.y) else { return isInside }
            let x = from.x + (point.y - from.y) / (to.y - from.y) * (to.x - from.x)
            return x > point.x ? !isInside : isInside
        }
    }

    private static func text(_ value: Double) -> String {
        JSON.ecmaScriptText(of: (value * 1_000).rounded() / 1_000)
    }
}
