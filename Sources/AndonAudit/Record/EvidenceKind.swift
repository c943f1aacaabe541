/// What a standard's auditor may ask to see of one nonconformity; the standards' clauses name these.
public enum EvidenceKind: String, Sendable, Codable, CaseIterable {
    case detection = "E01"
    case detectedAt = "E02"
    case camera = "E03"
    case asset = "E04"
    case model = "E05"
    case classification = "E06"
    case original = "E07"
    case annotated = "E08"
    case boxes = "E09"
    case lot = "E10"
    case chart = "E11"
    case decision = "E12"
    case order = "E14"
    case transmission = "E15"
    case priority = "E16"
    case assignment = "E17"
    case disposition = "E18"
    case containment = "E19"
    case cause = "E20"
    case correctiveAction = "E21"
    case parts = "E22"
    case labour = "E23"
    case closure = "E24"
    case effectiveness = "E25"
    case similar = "E26"
    case risk = "E27"
    case signature = "E28"
    case trail = "E29"
    case proof = "E30"
    case configuration = "E31"
    case review = "E33"
    case verdict = "E34"

    public var name: String {
        switch self {
        case .detection: "Detection"
        case .detectedAt: "Time of the detection"
        case .camera: "Camera and zone"
        case .asset: "Asset and where it is"
        case .model: "Vision model"
        case .classification: "Class, confidence, severity"
        case .original: "Original picture"
        case .annotated: "Annotated picture"
        case .boxes: "Place in the picture"
        case .lot: "Lot and unit"
        case .chart: "Position in the control chart"
        case .decision: "Decision, rule and why"
        case .order: "Work order"
        case .transmission: "Order's creation and acknowledgement"
        case .priority: "Priority and criticality"
        case .assignment: "Assignment"
        case .disposition: "Disposition, with the authority"
        case .containment: "Containment and its scope"
        case .cause: "Root cause"
        case .correctiveAction: "Corrective action"
        case .parts: "Parts"
        case .labour: "Labour"
        case .closure: "Closure and outcome"
        case .effectiveness: "Effectiveness and recurrence after it"
        case .similar: "Similar products or processes looked at"
        case .risk: "Risk or FMEA updated"
        case .signature: "Signature"
        case .trail: "Audit trail"
        case .proof: "Inclusion in the ledger"
        case .configuration: "Configuration in force"
        case .review: "Review of the audit trail"
        case .verdict: "A person's verdict on the detection"
        }
    }

    /// Within a sentence.
    public var phrase: String { name.prefix(1).lowercased() + name.dropFirst() }

    /// What people find out and decide, and no CMMS or camera tells: to be recorded by a person, with name and time.
    public static let recordable: [EvidenceKind] = [
        .disposition, .containment, .cause, .correctiveAction, .effectiveness, .similar, .risk, .review, .verdict,
    ]

    /// A word for files and addresses: `root-cause` is `cause`.
    public var word: String { "\(self)" }
}

/// One fact of a record, with the entries of the ledger that say so.
public struct Evidence: Sendable, Equatable {
    public var kind: EvidenceKind
    /// nil when nobody recorded it: it is shown as missing, never filled in.
    public var value: String?
    /// Indexes in the ledger, ascending.
    public var entries: [Int64]

    public init(_ kind: EvidenceKind, _ value: String?, entries: [Int64] = []) {
        self.kind = kind
        self.value = value.flatMap { $0.isEmpty ? nil : $0 }
        self.entries = self.value == nil ? [] : entries
    }

    public var isMissing: Bool { value == nil }
}
