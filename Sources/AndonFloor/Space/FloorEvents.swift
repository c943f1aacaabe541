import AndonLedger
import AndonModel
import UACodec

/// An event as it is told to those who subscribe, before it is given to a server.
public struct FloorEvent: Sendable, Equatable {
    /// `DetectionEventType` or `WorkOrderEventType`.
    public var type: String
    /// The node that it is about.
    public var source: String
    public var sourceName: String
    public var message: String
    /// 1...1000.
    public var severity: UInt16
    public var time: Timestamp
    /// By the browse names of the type's own fields.
    public var fields: [String: Variant]
}

/// The types of events, with their fields, and what happened as events.
public struct FloorEvents: Sendable {
    public static let detection = "DetectionEventType"
    public static let workOrder = "WorkOrderEventType"

    public static let detectionFields: [(name: String, type: BuiltInType)] = [
        ("DetectionId", .string), ("Asset", .string), ("Class", .string), ("Confidence", .double),
        ("DetectionSeverity", .double), ("Camera", .string), ("Zone", .string), ("Lot", .string), ("Outcome", .string),
        ("OrderReference", .string), ("PictureUrl", .string),
    ]

    public static let workOrderFields: [(name: String, type: BuiltInType)] = [
        ("Reference", .string), ("Number", .string), ("Step", .string), ("Asset", .string), ("Class", .string),
        ("Kind", .string), ("Priority", .int32), ("State", .string), ("Delivery", .string), ("Connector", .string),
        ("Occurrences", .int32),
    ]

    let view: FloorView

    public init(_ view: FloorView) { self.view = view }

    public func events(of changes: FloorChanges) -> [FloorEvent] {
        changes.detections.map(event) + changes.steps.map(event)
    }

    private func event(_ seen: SeenDetection) -> FloorEvent {
        let zone = seen.zone ?? view.plant.cameras[seen.camera]?.zone
        let picture = seen.picture.flatMap { digest in view.publicURL.map { "\($0)/pictures/\(digest)" } }
        let order = seen.reference.map { ", order \($0)" } ?? ""
        return FloorEvent(
            type: Self.detection, source: source(seen.asset), sourceName: seen.asset,
            message: "\(seen.asset): \(seen.defectClass) seen by \(seen.camera), \(seen.outcome.rawValue)\(order)",
            severity: FloorAlarms.severity(seen.severity), time: seen.detectedAt,
            fields: [
                "DetectionId": Variant(seen.id), "Asset": Variant(seen.asset), "Class": Variant(seen.defectClass),
                "Confidence": seen.confidence.map { Variant($0) } ?? .null,
                "DetectionSeverity": seen.severity.map { Variant($0) } ?? .null, "Camera": Variant(seen.camera),
                "Zone": Variant(zone ?? ""), "Lot": Variant(seen.lot ?? ""), "Outcome": Variant(seen.outcome.rawValue),
                "OrderReference": Variant(seen.reference?.text ?? ""), "PictureUrl": Variant(picture ?? ""),
            ])
    }

    private func event(_ step: OrderStep) -> FloorEvent {
        let order = step.order
        let word = step.kind.split(separator: ".").last.map(String.init) ?? step.kind
        return FloorEvent(
            type: Self.workOrder, source: source(order.asset), sourceName: order.asset,
            message:
                "\(order.asset): work order \(order.name) \(word), \(order.defectClass), priority \(order.priority)",
            severity: FloorAlarms.severity(priority: order.priority), time: step.at,
            fields: [
                "Reference": Variant(order.reference.text), "Number": Variant(order.remoteNumber ?? ""),
                "Step": Variant(word), "Asset": Variant(order.asset), "Class": Variant(order.defectClass),
                "Kind": Variant(order.kind.rawValue), "Priority": Variant(Int32(clamping: order.priority)),
                "State": Variant(order.state.rawValue), "Delivery": Variant(order.delivery.rawValue),
                "Connector": Variant(order.connector), "Occurrences": Variant(Int32(clamping: order.occurrences)),
            ])
    }

    /// What the plant does not have is told of all the same, from the plant itself.
    private func source(_ asset: String) -> String {
        view.plant.assets[asset] == nil ? FloorNames.root : FloorNames.asset(asset)
    }
}
