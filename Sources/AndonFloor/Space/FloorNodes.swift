import AndonModel
import UACodec

/// Which nodes there are for a plant: the table of `docs/opcua.md`.
public struct FloorNodes: Sendable {
    let view: FloorView

    public init(_ view: FloorView) { self.view = view }

    /// Every node for a snapshot, parents before their children.
    public func all(_ snapshot: PlantSnapshot) -> [FloorNode] {
        fixed + hierarchy + assetsInTurn.flatMap { asset($0) }
            + snapshot.streams.sorted { $0.key < $1.key }.flatMap { stream($0.key, $0.value.asset) }
            + view.connectors.flatMap(connector) + (1...max(1, view.ordersShown)).flatMap(order)
    }

    private var fixed: [FloorNode] {
        let root = FloorNames.root
        return [
            FloorNode(
                root, in: nil, as: .organizes, displayName: view.plant.name, "What Andon sees of the plant", .object),
            FloorNode(
                FloorNames.assets, in: root, as: .organizes, "The plant's machines by site, line and station", .folder),
            FloorNode(FloorNames.charts, in: root, as: .organizes, "Control charts of no single machine", .folder),
            FloorNode(FloorNames.connectors, in: root, as: .organizes, "The ways to the CMMS", .folder),
            FloorNode(FloorNames.totals, in: root, as: .organizes, "The sums of the flow: none is lost", .folder),
            FloorNode(FloorNames.orders, in: root, as: .organizes, "The open work orders, the newest first", .folder),
            FloorNode("Andon.Time", in: root, "When what is shown was read", .variable(.dateTime)),
            FloorNode("Andon.ActiveAlarms", in: root, "Alarms of Andon itself that are up", .variable(.int32)),
            FloorNode(
                "Andon.CertificateDays", in: root, "Days until the server's own certificate expires", .variable(.int32)),
            FloorNode(
                "Andon.CertificateExpires", in: root, "The server's own certificate expires within 30 days",
                .variable(.boolean)),
            FloorNode("WorkOrders.Open", in: FloorNames.orders, "How many work orders are open", .variable(.int32)),
        ]
            + Self.totals.map {
                FloorNode("Totals.\($0.name)", in: FloorNames.totals, $0.description, .variable(.int64))
            }
    }

    static let totals: [(name: String, description: String, value: @Sendable (FlowTotals) -> Int)] = [
        ("Inspections", "Reports taken in", \.inspections),
        ("Detections", "Detections decided on: recorded, grouped or raised", \.detections),
        ("Recorded", "Detections that made no order", \.recorded),
        ("Grouped", "Detections that joined an open order", \.grouped),
        ("Raised", "Detections that raised an order", \.raised),
        ("Acknowledged", "Orders that the CMMS has", \.acknowledged),
        ("Waiting", "Orders on their way", \.waiting),
        ("Dead", "Orders that need a person", \.dead),
        ("Queued", "Orders, pictures and notes on their way", \.queued),
    ]

    // MARK: The hierarchy

    /// Folders of site, line and station; machines do not have their names after them.
    private var hierarchy: [FloorNode] {
        var made: [String: FloorNode] = [:]
        for id in view.plant.assets.keys.sorted() where ancestors(of: id).isEmpty {
            var above = FloorNames.assets
            for (node, name, what) in folders(above: id) {
                made[node] = made[node] ?? FloorNode(node, in: above, as: .organizes, name: name, what, .folder)
                above = node
            }
        }
        return made.values.sorted { ($0.depth, $0.id) < ($1.depth, $1.id) }
    }

    private func folders(above id: String) -> [(node: String, name: String, what: String)] {
        let asset = view.plant.assets[id]
        return [
            view.plant.site.map { (FloorNames.site($0), $0, "Site") },
            asset?.line.map { (FloorNames.line($0), $0, "Line") },
            asset?.station.map { (FloorNames.station($0, line: asset?.line), $0, "Station") },
        ].compactMap { $0 }
    }

    private func known(_ asset: String?) -> String? { asset.flatMap { view.plant.assets[$0] == nil ? nil : $0 } }

    /// The machines that an asset is a part of, the next one first. A circle of parents ends where it begins.
    private func ancestors(of id: String) -> [String] {
        var found: [String] = []
        var next = known(view.plant.assets[id]?.parent)
        while let above = next, above != id, !found.contains(above) {
            found.append(above)
            next = known(view.plant.assets[above]?.parent)
        }
        return next == nil ? found : []
    }

    /// The folder, or the machine, that an asset stands below.
    private func parent(of id: String) -> String {
        ancestors(of: id).first.map { FloorNames.asset($0) } ?? folders(above: id).last?.node ?? FloorNames.assets
    }

    /// Machines before their parts.
    private var assetsInTurn: [String] {
        view.plant.assets.keys.map { (ancestors(of: $0).count, $0) }.sorted { $0 < $1 }.map(\.1)
    }

    // MARK: Machines

    func asset(_ id: String) -> [FloorNode] {
        let node = FloorNames.asset(id)
        let last = "\(node).LastDetection"
        return [
            FloorNode(
                node, in: parent(of: id), as: .organizes, name: id, displayName: view.plant.assets[id]?.name,
                "A machine of the plant", .object),
            FloorNode(last, in: node, "The newest detection; its variables have one source time", .object),
            FloorNode("\(node).Spc", in: node, as: .organizes, "The control charts of the machine", .folder),
        ]
            + Self.lastDetection.map { FloorNode("\(last).\($0.name)", in: last, $0.description, .variable($0.type)) }
            + Self.figures.map { FloorNode("\(node).\($0.name)", in: node, $0.description, .variable($0.type)) }
    }

    static let lastDetection: [(name: String, type: BuiltInType, description: String)] = [
        ("Id", .string, "The report's id and the detection's number in it"),
        ("Class", .string, "The defect's class as the vision system says it"),
        ("Confidence", .double, "0 to 1"), ("Severity", .double, "0 to 1"),
        ("Time", .dateTime, "When the picture was taken"), ("Camera", .string, "The camera"),
        ("Zone", .string, "The zone of the floor"), ("Lot", .string, "The lot"),
        ("Outcome", .string, "recorded, grouped or raised"),
        ("OrderReference", .string, "The work order that it raised or joined"),
        ("PictureUrl", .string, "Address of the unaltered picture"),
    ]

    static let figures: [(name: String, type: BuiltInType, description: String)] = [
        ("DefectCount24h", .int32, "Detections of the last 24 hours"),
        ("Recurrence30d", .int32, "Detections of the newest one's class in the last 30 days"),
        ("OpenWorkOrders", .int32, "Work orders under which work is still to be done"),
        ("WorstPriority", .int32, "The most urgent priority among them, 1 before 2; 0 without one"),
        ("WorkOrderOpen", .boolean, "Alarm: work is to be done for a defect that is there"),
        ("SpcOutOfControl", .boolean, "Alarm: the newest point of a control chart breaks a rule"),
        ("PredictedCrossing", .boolean, "Alarm: a repair is planned for what a trend foretells"),
    ]

    func stream(_ key: StreamKey, _ asset: String?) -> [FloorNode] {
        let asset = known(asset)
        let node = FloorNames.stream(key, asset: asset)
        let parent = asset.map { FloorNames.asset($0) + ".Spc" } ?? FloorNames.charts
        return [
            FloorNode(
                node, in: parent, name: FloorNames.streamName(key, asset: asset), "A stream of a control chart", .object
            ),
            FloorNode("\(node).Value", in: node, "The newest point as it is plotted", .analog(.double), stream: key),
        ]
            + Self.streamFigures.map { FloorNode("\(node).\($0.name)", in: node, $0.description, .variable($0.type)) }
    }

    static let streamFigures: [(name: String, type: BuiltInType, description: String)] = [
        ("Mean", .double, "The centre line"), ("Ucl", .double, "The upper control limit"),
        ("Lcl", .double, "The lower control limit"),
        ("Status", .string, "in-control, isolated, shift, trend, pattern or no-limits"),
        ("OutOfControl", .boolean, "The point breaks a rule"), ("Rule", .string, "The rules that the point breaks"),
        ("Point", .int32, "The point's number in the stream"),
    ]

    // MARK: Connectors and orders

    func connector(_ connector: ShownConnector) -> [FloorNode] {
        let node = FloorNames.connector(connector.name)
        return [
            FloorNode(
                node, in: FloorNames.connectors, name: connector.name, displayName: connector.system, "A way to a CMMS",
                .object)
        ] + Self.connectorFigures.map { FloorNode("\(node).\($0.name)", in: node, $0.description, .variable($0.type)) }
    }

    static let connectorFigures: [(name: String, type: BuiltInType, description: String)] = [
        ("System", .string, "The system behind it"), ("State", .string, "idle, working, retrying or down"),
        ("Backlog", .int32, "Orders, pictures and notes on their way"),
        ("OldestPendingSeconds", .double, "How long the oldest of them waits"),
        ("DeadLetters", .int32, "What the CMMS refused and a person must mend"),
        ("LastError", .string, "Why the oldest still waits"), ("Down", .boolean, "Alarm: nothing goes through"),
        ("HasDeadLetters", .boolean, "Alarm: a person must mend something"),
    ]

    func order(_ place: Int) -> [FloorNode] {
        let node = FloorNames.order(place)
        return [
            FloorNode(node, in: FloorNames.orders, "An open work order; empty where there are fewer", .object)
        ] + Self.orderFields.map { FloorNode("\(node).\($0.name)", in: node, $0.description, .variable($0.type)) }
    }

    static let orderFields: [(name: String, type: BuiltInType, description: String)] = [
        ("Reference", .string, "Andon's name for it"), ("Number", .string, "The CMMS's number for it"),
        ("Connector", .string, "The way to its CMMS"), ("Asset", .string, "The machine"),
        ("Class", .string, "The defect's class"), ("Kind", .string, "corrective or predictive"),
        ("Priority", .int32, "1 is the most urgent"), ("State", .string, "open or inProgress"),
        ("Delivery", .string, "waiting, acknowledged or dead"), ("RaisedAt", .dateTime, "When it was raised"),
        ("Occurrences", .int32, "Detections that are in it"),
    ]
}

extension FloorNode {
    /// Sites before lines before stations.
    fileprivate var depth: Int { ["Sites", "Lines", "Stations"].firstIndex { id.hasPrefix($0) } ?? 3 }
}
