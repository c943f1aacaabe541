/// One report as the store kept it, with what became of each of its detections: what a replay is fed with.
public struct PastReport: Sendable {
    public var seq: Int64
    public var detectedAt: Timestamp
    public var receivedAt: Timestamp
    public var asset: String
    /// What only control charts ask for; nil where nothing is charted.
    public var context: Context?
    public var detections: [PastDetection]

    public struct Context: Sendable {
        public var camera: String
        public var zone: String?
        public var lot: String?
        /// Units that the report stands for.
        public var units: Int
        public var model: String?
        public var attributes: [String: JSON]

        public init(
            camera: String, zone: String? = nil, lot: String? = nil, units: Int, model: String? = nil,
            attributes: [String: JSON] = [:]
        ) {
            self.camera = camera
            self.zone = zone
            self.lot = lot
            self.units = units
            self.model = model
            self.attributes = attributes
        }
    }

    public init(
        seq: Int64, detectedAt: Timestamp, receivedAt: Timestamp, asset: String, context: Context? = nil,
        detections: [PastDetection] = []
    ) {
        self.seq = seq
        self.detectedAt = detectedAt
        self.receivedAt = receivedAt
        self.asset = asset
        self.context = context
        self.detections = detections
    }
}

/// One detection of a past report.
public struct PastDetection: Sendable {
    public var ordinal: Int
    /// With the severity as the sender stated it, not as the rules of that day read it.
    public var defect: Defect
    /// Parts that the asset had made when it was received, its own report's among them.
    public var partsAt: Int64
    public var outcome: Outcome
    /// The order that it raised or joined.
    public var reference: Reference?

    public init(ordinal: Int, defect: Defect, partsAt: Int64, outcome: Outcome, reference: Reference?) {
        self.ordinal = ordinal
        self.defect = defect
        self.partsAt = partsAt
        self.outcome = outcome
        self.reference = reference
    }
}

/// A batch of counts of defect-free parts, each with the asset that it was counted for.
public struct PastFrames: Sendable {
    /// The last report that was there when the batch came.
    public var after: Int64
    public var receivedAt: Timestamp
    public var counts: [(count: FrameCount, asset: String)]

    public init(after: Int64, receivedAt: Timestamp, counts: [(count: FrameCount, asset: String)] = []) {
        self.after = after
        self.receivedAt = receivedAt
        self.counts = counts
    }
}

/// A change of an order's state as it became known here.
public struct PastChange: Sendable {
    /// The last report that was there when the change came.
    public var after: Int64
    public var reference: Reference
    public var asset: String
    public var defectClass: String
    public var state: OrderState
    public var endedAt: Timestamp?
    /// Whether a repair ended with it: charts of the asset begin anew behind it.
    public var isRepair: Bool

    public init(
        after: Int64, reference: Reference, asset: String, defectClass: String, state: OrderState, endedAt: Timestamp?,
        isRepair: Bool = false
    ) {
        self.isRepair = isRepair
        self.after = after
        self.reference = reference
        self.asset = asset
        self.defectClass = defectClass
        self.state = state
        self.endedAt = endedAt
    }
}

/// An order that was raised, with what the repair said of it.
public struct PastOrder: Sendable {
    public var reference: Reference
    public var seq: Int64
    public var asset: String
    public var defectClass: String
    public var kind: OrderKind
    public var priority: Int
    public var raisedAt: Timestamp
    /// When the detection that raised it was made.
    public var detectedAt: Timestamp
    public var state: OrderState
    public var endedAt: Timestamp?
    public var verdict: Closure.Verdict?

    public init(
        reference: Reference, seq: Int64, asset: String, defectClass: String, kind: OrderKind, priority: Int,
        raisedAt: Timestamp, detectedAt: Timestamp, state: OrderState, endedAt: Timestamp? = nil,
        verdict: Closure.Verdict? = nil
    ) {
        self.reference = reference
        self.seq = seq
        self.asset = asset
        self.defectClass = defectClass
        self.kind = kind
        self.priority = priority
        self.raisedAt = raisedAt
        self.detectedAt = detectedAt
        self.state = state
        self.endedAt = endedAt
        self.verdict = verdict
    }
}

/// A control chart's signal by what names it in any replay, whatever number its point has there.
public struct PastSignal: Hashable, Sendable {
    /// The chart and its stratum, as in `ChartPosition.name`; the class where the name is too long for an id.
    public var name: String
    public var asset: String
    /// When the point was made that signals. Several may have the same: they keep their order.
    public var at: Timestamp

    public init(name: String, asset: String, at: Timestamp) {
        self.name = name
        self.asset = asset
        self.at = at
    }

    /// What the ids of the reports of signals begin with.
    public static let idPrefix = "spc:"
    /// Bytes of an id; that of a longer name is a digest.
    public static let idBytesMax = 128

    /// - Parameter id: of the signal's report: `spc:NAME:NUMBER`, or a digest of it.
    public init(id: String, asset: String, defectClass: String, at: Timestamp) {
        let plain = id.dropFirst(Self.idPrefix.count)
        self.init(
            name: plain.lastIndex(of: ":").map { String(plain[..<$0]) } ?? defectClass, asset: asset, at: at)
    }

    public init(_ position: ChartPosition, asset: String, defectClass: String, at: Timestamp) {
        let isLong = "\(Self.idPrefix)\(position.name):\(position.point)".utf8.count > Self.idBytesMax
        self.init(name: isLong ? defectClass : position.name, asset: asset, at: at)
    }
}

/// What became of a signal.
public struct PastFate: Hashable, Sendable {
    public var outcome: Outcome
    public var reference: Reference?

    public init(outcome: Outcome, reference: Reference?) {
        self.outcome = outcome
        self.reference = reference
    }
}

/// A closed order with what its detections said, for finding thresholds.
public struct JudgedOrder: Sendable {
    public var reference: Reference
    public var asset: String
    public var defectClass: String
    public var verdict: Closure.Verdict
    /// The highest of its detections; nil where none stated any.
    public var severity: Double?
    public var confidence: Double?

    public init(
        reference: Reference, asset: String, defectClass: String, verdict: Closure.Verdict, severity: Double?,
        confidence: Double?
    ) {
        self.reference = reference
        self.asset = asset
        self.defectClass = defectClass
        self.verdict = verdict
        self.severity = severity
        self.confidence = confidence
    }
}
