/// A part of a record as people read it.
public struct RecordSection: Sendable {
    public var title: String
    /// What belongs into it, for whoever has to fill it in.
    public var asks: String
    public var kinds: [EvidenceKind]

    /// From the picture to what came after the closure.
    public static let chain: [RecordSection] = [
        .init(
            title: "What was detected", asks: "",
            kinds: [
                .detection, .detectedAt, .camera, .asset, .lot, .model, .classification, .boxes, .original, .annotated,
            ]),
        .init(title: "What was decided", asks: "", kinds: [.decision, .chart, .priority, .configuration]),
        .init(title: "What the CMMS was told", asks: "", kinds: [.order, .transmission]),
        .init(
            title: "What people did", asks: "",
            kinds: [.assignment, .containment, .disposition, .correctiveAction, .parts, .labour, .cause, .verdict]),
        .init(
            title: "Closure and what came after it", asks: "",
            kinds: [.closure, .effectiveness, .similar, .risk, .signature, .review]),
        .init(title: "How it is proved", asks: "", kinds: [.trail, .proof]),
    ]

    /// The eight disciplines (D0...D8), as IATF 16949, clause 10.2.3, and customers ask for them.
    public static let eightD: [RecordSection] = [
        .init(
            title: "D0 Plan and first response", asks: "When it was found, and how fast somebody was told.",
            kinds: [.detection, .detectedAt, .priority, .order, .transmission]),
        .init(title: "D1 Team", asks: "Names and functions of the team and its champion.", kinds: [.assignment]),
        .init(
            title: "D2 Problem", asks: "What, where, how much, since when.",
            kinds: [.classification, .asset, .camera, .lot, .chart, .original, .boxes]),
        .init(
            title: "D3 Interim containment", asks: "What was blocked, from which lot to which, and how it was checked.",
            kinds: [.containment, .disposition]),
        .init(
            title: "D4 Root cause and escape point",
            asks: "Why it happened, and why it was not found earlier; the method (five whys, Ishikawa).",
            kinds: [.cause]),
        .init(
            title: "D5 Chosen corrective actions", asks: "Which actions remove the cause, and why these.",
            kinds: [.correctiveAction]),
        .init(
            title: "D6 Actions carried out and validated",
            asks: "What was done, by whom, when, and what shows that it works.",
            kinds: [.parts, .labour, .closure, .effectiveness]),
        .init(
            title: "D7 Prevention", asks: "Similar products and processes; FMEA, control plan and instructions.",
            kinds: [.similar, .risk]),
        .init(
            title: "D8 Closure and the team's recognition", asks: "Who signs that it is closed.",
            kinds: [.closure, .signature]),
    ]

    /// Nonconforming product and CAPA.
    public static let capa: [RecordSection] = [
        .init(
            title: "Nonconformity", asks: "Its nature, and the product that it concerns.",
            kinds: [.detection, .detectedAt, .asset, .camera, .lot, .classification, .original, .model]),
        .init(
            title: "Evaluation and control", asks: "Containment, disposition, and who may decide on it.",
            kinds: [.decision, .priority, .containment, .disposition]),
        .init(
            title: "Investigation", asks: "The cause, or why no investigation is needed.",
            kinds: [.cause, .chart, .verdict]),
        .init(
            title: "Correction and corrective action", asks: "What was done, by whom and when.",
            kinds: [.order, .transmission, .assignment, .correctiveAction, .parts, .labour, .closure]),
        .init(
            title: "Effectiveness", asks: "That it holds, and that it does no harm elsewhere.",
            kinds: [.effectiveness, .similar, .risk]),
        .init(
            title: "Approval and proof", asks: "Signed and dated.",
            kinds: [.signature, .review, .trail, .proof, .configuration]),
    ]

    public static func all(of form: Standard.Form?) -> [RecordSection] {
        switch form {
        case nil, .nonconformity: chain
        case .capa: capa
        case .eightD: eightD
        }
    }
}
