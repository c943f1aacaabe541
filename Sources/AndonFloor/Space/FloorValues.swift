import AndonLedger
import AndonModel
import UACodec

/// What the nodes of a snapshot have for values.
public struct FloorValues: Sendable {
    let view: FloorView
    let snapshot: PlantSnapshot
    /// Days until the server's own certificate expires; nil where it has none.
    let certificateDays: Int?
    private let outOfControl: Set<String>

    public init(_ view: FloorView, _ snapshot: PlantSnapshot, certificateDays: Int?) {
        outOfControl = Set(snapshot.streams.values.filter(\.isOut).compactMap(\.asset))
        self.view = view
        self.snapshot = snapshot
        self.certificateDays = certificateDays
    }

    /// From here on the own certificate's end is an alarm.
    public static let certificateDaysMin = 30

    /// Every value.
    public var all: [FloorValue] {
        var changes = FloorChanges()
        changes.assets = Set(snapshot.assets.keys)
        changes.streams = Set(snapshot.streams.keys)
        changes.connectors = Set(snapshot.connectors.keys)
        changes.hasTotals = true
        changes.hasOrders = true
        return values(of: changes)
    }

    /// The values that may be different now.
    public func values(of changes: FloorChanges) -> [FloorValue] {
        heartbeat + changes.assets.sorted().flatMap(asset) + changes.streams.sorted().flatMap(stream)
            + changes.connectors.sorted().flatMap(connector) + (changes.hasTotals ? totals : [])
            + (changes.hasOrders ? orders : [])
    }

    private var heartbeat: [FloorValue] {
        [
            made("Andon.Time", Variant(snapshot.at.opcua), snapshot.at),
            made("Andon.ActiveAlarms", int(snapshot.totals.alarms), snapshot.at),
            made("Andon.CertificateDays", certificateDays.map(int), snapshot.at),
            made(
                "Andon.CertificateExpires", Variant((certificateDays ?? .max) < Self.certificateDaysMin), snapshot.at),
        ]
    }

    private var totals: [FloorValue] {
        FloorNodes.totals.map { made("Totals.\($0.name)", Variant(Int64($0.value(snapshot.totals))), snapshot.at) }
    }

    // MARK: Machines

    private func asset(_ id: String) -> [FloorValue] {
        guard let state = snapshot.assets[id] else { return [] }
        let node = FloorNames.asset(id)
        let figures: [String: Variant] = [
            "DefectCount24h": int(state.defectsOfDay), "Recurrence30d": int(state.recurrenceOfMonth),
            "OpenWorkOrders": int(state.openOrders), "WorstPriority": int(state.worstPriority ?? 0),
            "WorkOrderOpen": Variant(state.worst != nil), "PredictedCrossing": Variant(state.foretold != nil),
            "SpcOutOfControl": Variant(outOfControl.contains(id)),
        ]
        return detection(state.last, "\(node).LastDetection")
            + FloorNodes.figures.map { made("\(node).\($0.name)", figures[$0.name], snapshot.at) }
    }

    /// One source time for all, so that who reads them together knows that they belong together.
    private func detection(_ seen: SeenDetection?, _ node: String) -> [FloorValue] {
        guard let seen else { return FloorNodes.lastDetection.map { made("\(node).\($0.name)", nil, snapshot.at) } }
        let zone = seen.zone ?? view.plant.cameras[seen.camera]?.zone
        let picture = seen.picture.flatMap { digest in view.publicURL.map { "\($0)/pictures/\(digest)" } }
        let fields: [String: Variant] = [
            "Id": Variant(seen.id), "Class": Variant(seen.defectClass), "Time": Variant(seen.detectedAt.opcua),
            "Camera": Variant(seen.camera), "Zone": Variant(zone ?? ""), "Lot": Variant(seen.lot ?? ""),
            "Outcome": Variant(seen.outcome.rawValue), "OrderReference": Variant(seen.reference?.text ?? ""),
            "PictureUrl": Variant(picture ?? ""),
        ]
        let numbers = ["Confidence": seen.confidence, "Severity": seen.severity]
        return FloorNodes.lastDetection.map { field in
            made(
                "\(node).\(field.name)", fields[field.name] ?? (numbers[field.name] ?? nil).map { Variant($0) },
                seen.detectedAt)
        }
    }

    // MARK: Charts

    private func stream(_ key: StreamKey) -> [FloorValue] {
        guard let state = snapshot.streams[key] else { return [] }
        let node = FloorNames.stream(key, asset: state.asset.flatMap { view.plant.assets[$0] == nil ? nil : $0 })
        let fields: [String: Variant] = [
            "Status": Variant(state.status), "OutOfControl": Variant(state.isOut), "Rule": Variant(state.rule),
            "Point": int(state.number),
        ]
        let numbers = ["Mean": state.mean, "Ucl": state.upper, "Lcl": state.lower]
        return [
            made("\(node).Value", state.value.map { Variant($0) }, state.at),
            made("\(node).Value.EURange", Variant(ExtensionObject(state.range)), state.at),
        ]
            + FloorNodes.streamFigures.map { field in
                made(
                    "\(node).\(field.name)", fields[field.name] ?? (numbers[field.name] ?? nil).map { Variant($0) },
                    state.at)
            }
    }

    // MARK: Connectors and orders

    private func connector(_ name: String) -> [FloorValue] {
        guard let state = snapshot.connectors[name] else { return [] }
        let node = FloorNames.connector(name)
        let system = view.connectors.first { $0.name == name }?.system ?? ""
        let seconds = state.oldestSeconds(at: snapshot.at).rounded()
        let fields: [String: Variant] = [
            "System": Variant(system), "State": Variant(state.standing.rawValue), "Backlog": int(state.waiting),
            "OldestPendingSeconds": Variant(seconds), "DeadLetters": int(state.dead),
            "LastError": Variant(String((state.lastError ?? "").prefix(1000))),
            "Down": Variant(state.standing == .down), "HasDeadLetters": Variant(state.dead > 0),
        ]
        return FloorNodes.connectorFigures.map { made("\(node).\($0.name)", fields[$0.name], snapshot.at) }
    }

    private var orders: [FloorValue] {
        [made("WorkOrders.Open", int(snapshot.openOrders), snapshot.at)]
            + (1...max(1, view.ordersShown)).flatMap { place in
                order(place <= snapshot.orders.count ? snapshot.orders[place - 1] : nil, FloorNames.order(place))
            }
    }

    private func order(_ line: OrderLine?, _ node: String) -> [FloorValue] {
        let fields: [String: Variant] = [
            "Reference": Variant(line?.reference.text ?? ""), "Number": Variant(line?.remoteNumber ?? ""),
            "Connector": Variant(line?.connector ?? ""), "Asset": Variant(line?.asset ?? ""),
            "Class": Variant(line?.defectClass ?? ""), "Kind": Variant(line?.kind.rawValue ?? ""),
            "Priority": int(line?.priority ?? 0), "State": Variant(line?.state.rawValue ?? ""),
            "Delivery": Variant(line?.delivery.rawValue ?? ""),
            "RaisedAt": Variant(line?.raisedAt.opcua ?? .null), "Occurrences": int(line?.occurrences ?? 0),
        ]
        return FloorNodes.orderFields.map { made("\(node).\($0.name)", fields[$0.name], snapshot.at) }
    }

    private func int(_ value: Int) -> Variant { Variant(Int32(clamping: value)) }

    /// Where there is nothing to say the quality says so: Bad_NoData.
    private func made(_ id: String, _ value: Variant?, _ time: Timestamp) -> FloorValue {
        FloorValue(
            id: id,
            value: DataValue(value, status: value == nil ? .badNoData : nil, sourceTimestamp: time.opcua))
    }
}

extension StreamState {
    /// What a display's axis should have: the limits with as much again on either side, and the value.
    var range: ValueRange {
        let value = value ?? 0
        guard let mean, let reach = [upper.map { $0 - mean }, lower.map { mean - $0 }].compactMap({ $0 }).max(),
            reach > 0
        else { return ValueRange(low: min(0, value * 2), high: max(1, value * 2)) }
        // What is counted is never below zero, and its lower limit says so.
        let isCount = (lower ?? 0) >= 0 && mean >= 0
        let low = min(mean - 2 * reach, value)
        return ValueRange(low: isCount ? max(0, low) : low, high: max(mean + 2 * reach, value))
    }
}

extension Timestamp {
    var opcua: DateTime { DateTime(unixMicroseconds: microseconds) }
}
