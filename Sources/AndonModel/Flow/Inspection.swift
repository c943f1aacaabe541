/// What a vision system reports of one inspected part or frame: no defect, one, or many.
public struct Inspection: Hashable, Sendable {
    /// The sender's own name for this report, unique for ever: the idempotency key. 1 to 128 characters.
    public var id: String
    public var kind: Kind
    /// When the picture was taken, by the sender's clock.
    public var detectedAt: Timestamp
    public var camera: String
    public var zone: String?
    public var asset: String?
    public var lot: String?
    /// Serial number of the inspected unit.
    public var unit: String?
    public var model: VisionModel?
    /// Parts that this report stands for; at least 1.
    public var inspected: Int
    public var picture: PictureClaim?
    public var defects: [Defect]
    /// Whatever else the sender wants kept.
    public var attributes: [String: JSON]

    /// The three kinds of event that a vision system raises.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A defect was found.
        case detection
        /// A measured value is beyond its limit.
        case threshold
        /// Something is unlike the good parts, without a name.
        case anomaly
    }

    public init(
        id: String, kind: Kind = .detection, detectedAt: Timestamp, camera: String, zone: String? = nil,
        asset: String? = nil, lot: String? = nil, unit: String? = nil, model: VisionModel? = nil, inspected: Int = 1,
        picture: PictureClaim? = nil, defects: [Defect] = [], attributes: [String: JSON] = [:]
    ) {
        self.id = id
        self.kind = kind
        self.detectedAt = detectedAt
        self.camera = camera
        self.zone = zone
        self.asset = asset
        self.lot = lot
        self.unit = unit
        self.model = model
        self.inspected = inspected
        self.picture = picture
        self.defects = defects
        self.attributes = attributes
    }
}

/// The model that made the classification.
public struct VisionModel: Hashable, Sendable, Codable {
    public var name: String
    public var version: String?

    public init(name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }
}

/// What the sender says of the picture, before anyone looked at its bytes.
public struct PictureClaim: Hashable, Sendable {
    /// A file in the watched folder, relative to it.
    public var file: String?
    /// Lower-case hexadecimal SHA-256 that the bytes must have.
    public var sha256: String?
    /// Pixels; both or none.
    public var width: Int?
    public var height: Int?

    public init(file: String? = nil, sha256: String? = nil, width: Int? = nil, height: Int? = nil) {
        self.file = file
        self.sha256 = sha256
        self.width = width
        self.height = height
    }
}

/// One defect in the picture.
public struct Defect: Hashable, Sendable {
    /// The class's label as the model says it.
    public var defectClass: String
    /// 0...1 as given; nil when the sender did not say.
    public var confidence: Double?
    public var severity: Severity?
    public var region: Region?
    /// The segmentation mask as it was received, in COCO's run-length encoding; `region` has the outline made of it.
    public var mask: JSON?
    public var measurement: Measurement?
    public var attributes: [String: JSON]

    public init(
        defectClass: String, confidence: Double? = nil, severity: Severity? = nil, region: Region? = nil,
        mask: JSON? = nil, measurement: Measurement? = nil, attributes: [String: JSON] = [:]
    ) {
        self.defectClass = defectClass
        self.confidence = confidence
        self.severity = severity
        self.region = region
        self.mask = mask
        self.measurement = measurement
        self.attributes = attributes
    }
}

/// How bad it is, as the sender says it. A name becomes a number by the table of the rules in force.
public enum Severity: Hashable, Sendable {
    /// 0...1.
    case score(Double)
    case name(String)
}

/// Where the defect is, in pixels of the original picture, origin top left.
public struct Region: Hashable, Sendable, Codable {
    public var box: Box
    /// The outline, when the sender gave one; `box` is then its bounding box.
    public var polygon: [Point]?
    /// The rings around a mask, holes among them (the covered places are those with an odd number of rings around them),
    /// or the several polygons of one defect. `box` is then their bounding box.
    public var outline: [[Point]]?
    /// Pixels that the mask covers, counted.
    public var maskPixels: Int?

    public init(box: Box, polygon: [Point]? = nil, outline: [[Point]]? = nil, maskPixels: Int? = nil) {
        self.box = box
        self.polygon = polygon
        self.outline = outline
        self.maskPixels = maskPixels
    }

    /// Pixels that the defect covers: those of the mask, else what the polygons enclose (the shoelace formula; where several
    /// overlap the overlap counts for each), else the box.
    public var area: Double {
        if let maskPixels { return Double(maskPixels) }
        let rings = outline ?? polygon.map { [$0] }
        return rings.map { $0.reduce(0) { $0 + $1.enclosedArea } } ?? box.width * box.height
    }
}

extension [Point] {
    fileprivate var enclosedArea: Double {
        indices.reduce(0) { sum, index in
            let (from, to) = (self[index], self[(index + 1) % count])
            return sum + from.x * to.y - to.x * from.y
        }.magnitude / 2
    }
}

public struct Box: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

public struct Point: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// The measured value of a threshold event.
public struct Measurement: Hashable, Sendable, Codable {
    public var name: String
    public var value: Double
    public var limit: Double?
    public var unit: String?

    public init(name: String, value: Double, limit: Double? = nil, unit: String? = nil) {
        self.name = name
        self.value = value
        self.limit = limit
        self.unit = unit
    }
}

/// Inspected parts without a defect, counted: the denominators of the control charts.
public struct FrameCount: Hashable, Sendable {
    public var camera: String
    /// Start and end of the counted period; `from` < `to`.
    public var from: Timestamp
    public var to: Timestamp
    /// Parts inspected without a defect; at least 1.
    public var inspected: Int
    public var lot: String?

    public init(camera: String, from: Timestamp, to: Timestamp, inspected: Int, lot: String? = nil) {
        self.camera = camera
        self.from = from
        self.to = to
        self.inspected = inspected
        self.lot = lot
    }
}
