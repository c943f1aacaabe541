/// The order as every connector gets it: all that is known, in our words. A connector maps it to its system's
/// fields and folds the rest into the long text.
public struct WorkOrder: Hashable, Sendable, Codable {
    /// Version of this shape; each kept document carries it.
    public static let schemaVersion = "andon.work-order/1"

    public var schema = WorkOrder.schemaVersion
    public var reference: Reference
    public var kind: OrderKind
    /// 1 is the most urgent.
    public var priority: Int
    public var orderType: String?
    public var action: String?
    public var severity: Double?
    public var severityBand: String
    public var criticality: String
    public var route: Route
    public var reason: String
    public var rule: String
    public var rulesVersion: Int
    public var place: Place
    public var timeZone: String
    public var raisedAt: Timestamp
    public var inspectionID: String
    public var detectionID: String
    public var eventKind: Inspection.Kind
    public var detectedAt: Timestamp
    public var receivedAt: Timestamp
    public var camera: String
    public var defectClass: String
    public var className: String
    public var classCode: String?
    public var classKnown: Bool
    public var confidence: Double?
    public var region: Region?
    public var measurement: Measurement?
    public var lot: String?
    public var unit: String?
    public var model: VisionModel?
    public var picture: Picture?
    /// Detections, and orders, of this class on this asset in the 30 days before this one; this one not counted.
    public var recurrence: Recurrence
    /// Where the detection stands in its control chart, in words; nil when the stream is not charted.
    public var spc: String?
    /// The same in figures, of every chart that has the stream; the most telling one first.
    public var charts: [ChartPosition]?
    /// What a predictive order rests on.
    public var prediction: Prediction?
    /// When a predictive order should be worked on.
    public var scheduledAt: Timestamp?
    /// The text that marks the order as ours; nil when switched off.
    public var originTag: String?
    /// Address of our page on the order, for people in the plant's network.
    public var link: String?
    public var attributes: [String: JSON]

    public struct Recurrence: Hashable, Sendable, Codable {
        public var detections: Int
        public var orders: Int
        /// The newest orders for the same class and asset, newest first, at most three.
        public var previous: [Previous]

        public init(detections: Int = 0, orders: Int = 0, previous: [Previous] = []) {
            self.detections = detections
            self.orders = orders
            self.previous = previous
        }
    }

    public struct Previous: Hashable, Sendable, Codable {
        public var reference: Reference
        public var raisedAt: Timestamp
        public var cause: String?

        public init(reference: Reference, raisedAt: Timestamp, cause: String? = nil) {
            self.reference = reference
            self.raisedAt = raisedAt
            self.cause = cause
        }
    }

    public init(
        reference: Reference, detection: Detection, decision: Decision, inspection: Inspection, picture: Picture?,
        recurrence: Recurrence, charts: [ChartPosition] = [], timeZone: String, raisedAt: Timestamp,
        originTag: String?, link: String?
    ) {
        let charts = charts.sorted(by: ChartPosition.tellsMore)
        prediction = detection.prediction
        scheduledAt = decision.scheduledAt
        spc = charts.isEmpty ? nil : charts.map(\.sentence).joined(separator: "; ")
        self.charts = charts.isEmpty ? nil : charts
        self.reference = reference
        kind = decision.kind
        priority = decision.priority
        orderType = decision.orderType
        action = decision.action
        severity = decision.severity
        severityBand = decision.severityBand
        criticality = decision.criticality
        route = decision.route
        reason = decision.reason
        rule = decision.rule
        rulesVersion = decision.rulesVersion
        place = detection.place
        self.timeZone = timeZone
        self.raisedAt = raisedAt
        inspectionID = detection.inspectionID
        detectionID = detection.id
        eventKind = detection.kind
        detectedAt = detection.detectedAt
        receivedAt = detection.receivedAt
        camera = detection.camera
        defectClass = detection.defect.defectClass
        className = decision.className
        classCode = decision.classCode
        classKnown = decision.classKnown
        confidence = detection.defect.confidence
        region = detection.defect.region
        measurement = detection.defect.measurement
        lot = inspection.lot
        unit = inspection.unit
        model = inspection.model
        self.picture = picture
        self.recurrence = recurrence
        self.originTag = originTag
        self.link = link
        attributes = detection.defect.attributes.merging(inspection.attributes) { own, _ in own }
    }
}

/// A further occurrence of an open order's defect, or several since the last note.
public struct Occurrence: Hashable, Sendable, Codable {
    public var reference: Reference
    /// All occurrences of the order so far, the first included.
    public var count: Int
    /// Occurrences that this note adds.
    public var added: Int
    public var lastSeenAt: Timestamp
    public var worstSeverity: Double?
    /// The priority that the newest occurrence alone would have had; lower than the order's when things got worse.
    public var priority: Int
    public var timeZone: String

    public init(
        reference: Reference, count: Int, added: Int, lastSeenAt: Timestamp, worstSeverity: Double?, priority: Int,
        timeZone: String
    ) {
        self.reference = reference
        self.count = count
        self.added = added
        self.lastSeenAt = lastSeenAt
        self.worstSeverity = worstSeverity
        self.priority = priority
        self.timeZone = timeZone
    }

    /// The name that this note carries in the CMMS, by which an earlier attempt is recognised.
    public var key: String { "\(reference)/\(count)" }
}

/// A picture or document that belongs to an order.
public struct Attachment: Hashable, Sendable, Codable {
    public enum Role: String, Sendable, Codable, CaseIterable {
        case original
        case occurrence
        /// A copy of the picture with boxes, words and a legend.
        case annotated
        /// The defect enlarged, beside the same place on the newest good picture.
        case crop
        /// The control chart that the detection stands in.
        case chart
        /// The floor plan with the camera's zone marked.
        case map
        /// Everything on one page, for plants that print.
        case sheet
        /// The order's whole text, where the CMMS's field holds only its beginning.
        case text

        /// What is made from the order and what is kept, and may be asked for by a connector's option `attachments`, in
        /// the order in which it is sent.
        public static let offered: [Role] = [.annotated, .crop, .chart, .map, .sheet]
    }

    public var reference: Reference
    public var role: Role
    public var picture: Picture

    public init(reference: Reference, role: Role, picture: Picture) {
        self.reference = reference
        self.role = role
        self.picture = picture
    }

    /// The key of the attachment in the CMMS: our reference, the role and the first eight digits of the digest.
    public var fileName: String {
        "andon-\(reference)-\(role.rawValue)-\(picture.sha256.prefix(8)).\(picture.mediaType.fileExtension)"
    }

    public var title: String {
        switch role {
        case .original: "Original picture of the detection, unaltered"
        case .occurrence: "Original picture of a further occurrence, unaltered"
        case .annotated: "Picture with the defects marked; outside the marks it is the original's"
        case .crop: "The defect enlarged; beside it the newest good picture, where there is one"
        case .chart: "Control chart: where the detection stands"
        case .map: "Floor plan: where the zone is"
        case .sheet: "Work order sheet: one page to print"
        case .text: "The whole text of the order; the field holds its beginning"
        }
    }
}
