import AndonLedger
import AndonModel

/// What the plant looks like at one moment: all of it from one consistent read of the store.
public struct PlantSnapshot: Sendable, Equatable {
    public var at: Timestamp
    /// The plant's assets, by their ids.
    public var assets: [String: AssetState] = [:]
    public var streams: [StreamKey: StreamState] = [:]
    public var connectors: [String: ConnectorState] = [:]
    public var totals = FlowTotals()
    /// The open orders, newest first, at most as many as are shown.
    public var orders: [OrderLine] = []
    /// All open orders.
    public var openOrders = 0

    public init(at: Timestamp) { self.at = at }
}

/// One machine.
public struct AssetState: Sendable, Equatable {
    /// The newest by receipt.
    public var last: SeenDetection?
    /// Detections that were made in the last 24 hours.
    public var defectsOfDay = 0
    /// Those of the newest one's class that were made in the last 30 days.
    public var recurrenceOfMonth = 0
    public var openOrders = 0
    /// The most urgent order for something that is there; among equals the newest.
    public var worst: OrderLine?
    /// The most urgent order for something that a trend foretells.
    public var foretold: OrderLine?
    /// The place of the newest order of each kind among all orders; 0 without one.
    public var newestOrder: Int64 = 0
    public var newestForetold: Int64 = 0

    public init() {}

    /// 1 is the most urgent; nil without an open order.
    public var worstPriority: Int? { [worst, foretold].compactMap { $0?.priority }.min() }
}

/// One stream of a control chart: the chart, and what tells the stream from the chart's others.
public struct StreamKey: Hashable, Sendable, Comparable {
    public var chart: String
    public var stratum: String

    public init(chart: String, stratum: String) {
        self.chart = chart
        self.stratum = stratum
    }

    public static func < (one: Self, other: Self) -> Bool {
        (one.chart, one.stratum) < (other.chart, other.stratum)
    }
}

/// The newest point of a stream against its limits.
public struct StreamState: Sendable, Equatable {
    public var asset: String?
    public var number: Int
    public var at: Timestamp
    /// As it is plotted; nil where nothing can be plotted.
    public var value: Double?
    /// Nil until the stream has limits.
    public var mean: Double?
    public var upper: Double?
    public var lower: Double?
    /// `in-control`, `isolated`, `shift`, `trend`, `pattern`, or `no-limits`.
    public var status: String
    /// The names of the rules that the point breaks, with commas between them.
    public var rule: String

    public var isOut: Bool { status != "no-limits" && status != ChartPosition.Standing.inControl.rawValue }
}

/// How the way to one CMMS stands.
public struct ConnectorState: Sendable, Equatable {
    public enum Standing: String, Sendable, CaseIterable {
        /// Nothing is to be done.
        case idle
        /// Something is on its way.
        case working
        /// An attempt failed, and another will be made.
        case retrying
        /// It cannot be reached, or does not let us in, or nothing has gone through for a while.
        case down
    }

    public var standing: Standing
    public var waiting: Int
    public var dead: Int
    /// When the longest waiting thing was put in the queue.
    public var oldest: Timestamp?
    public var lastError: String?

    public func oldestSeconds(at now: Timestamp) -> Double { oldest.map { max(0, (now - $0).seconds) } ?? 0 }
}

/// The sums of the flow, which `andon reconcile` counts anew from several sides.
public struct FlowTotals: Sendable, Equatable {
    public var inspections = 0
    public var recorded = 0
    public var grouped = 0
    public var raised = 0
    public var waiting = 0
    public var dead = 0
    public var queued = 0
    /// Alarms of Andon itself that are up.
    public var alarms = 0

    public init() {}

    public var detections: Int { recorded + grouped + raised }
    public var acknowledged: Int { raised - waiting - dead }
}

/// What is to be shown, as it is configured now.
public struct FloorView: Sendable {
    public var plant: Plant
    public var charts: [ShownChart]
    public var connectors: [ShownConnector]
    /// How many open orders are listed.
    public var ordersShown: Int
    /// Address of the server's pages, without a slash at its end; nil leaves addresses of pictures empty.
    public var publicURL: String?

    public init(
        plant: Plant, charts: [ShownChart], connectors: [ShownConnector], ordersShown: Int = 20,
        publicURL: String? = nil
    ) {
        self.plant = plant
        self.charts = charts
        self.connectors = connectors
        self.ordersShown = ordersShown
        self.publicURL = publicURL
    }
}

/// A chart whose streams are shown.
public struct ShownChart: Sendable {
    public var name: String
    /// A point as it is plotted, before there are limits.
    public var plotted: @Sendable (ChartPointRecord) -> Double?

    public init(name: String, plotted: @escaping @Sendable (ChartPointRecord) -> Double?) {
        self.name = name
        self.plotted = plotted
    }
}

public struct ShownConnector: Sendable, Hashable {
    public var name: String
    /// The system behind it, for people.
    public var system: String

    public init(name: String, system: String) {
        self.name = name
        self.system = system
    }
}

/// What became different since the snapshot before.
public struct FloorChanges: Sendable, Equatable {
    public var assets: Set<String> = []
    public var streams: Set<StreamKey> = []
    public var connectors: Set<String> = []
    public var hasTotals = false
    public var hasOrders = false
    /// Oldest first; only the newest where there are many.
    public var detections: [SeenDetection] = []
    public var steps: [OrderStep] = []

    public init() {}

    public static let eventsMax = 1000
}

/// Something happened to an order: the ledger's word for it, and the order as it is now.
public struct OrderStep: Sendable, Equatable {
    public var kind: String
    public var at: Timestamp
    public var order: OrderLine
}
