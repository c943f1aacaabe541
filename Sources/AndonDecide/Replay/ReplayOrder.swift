import AndonModel

/// An order of a replay: one that was there at its start, or one that the candidate raised.
struct ReplayOrder: Sendable {
    let stream: Int
    let priority: Int
    let kind: OrderKind
    let detectedAt: Timestamp
    let raisedAt: Timestamp
    /// It was raised before the period: it holds detections back, and is counted nowhere.
    let isInherited: Bool
    var state = OrderState.open
    var endedAt: Timestamp?
    /// The real order that this one ends with.
    var counterpart: Reference?
    /// Whether any of its detections is in a real order.
    var isReal = false
    /// When it is taken to end where no real order says so.
    var assumedEnd: Timestamp?

    /// What a decision is told instead of a reference; a replay knows its orders by their places.
    static let reference = Reference(from: Placeholder())

    private struct Placeholder: RandomSource {
        func next() -> UInt64 { 0 }
    }
}

/// What a replay knows of one class on one asset.
struct ReplayStream: Sendable {
    let asset: String
    let defectClass: String
    let ground: Ground
    var window: ReplayWindow?
    var decided = RuleTally()
    /// Places of its orders, oldest first.
    var open: [Int] = []
    private var ended: [Int] = []
    var newest: Int?
    /// The one that was raised last of those that have ended.
    private(set) var lastEnded: Int?

    init(asset: String, defectClass: String, ground: Ground) {
        self.asset = asset
        self.defectClass = defectClass
        self.ground = ground
        window = ReplayWindow(ground.rule.factsWanted)
    }

    /// The most urgent open one; of several, the newest.
    func joinable(_ orders: [ReplayOrder]) -> Int? {
        open.min { one, other in
            let (first, second) = (orders[one].priority, orders[other].priority)
            return first == second ? one > other : first < second
        }
    }

    mutating func place(_ order: Int, isOpen: Bool, hasEnded: Bool) {
        open.removeAll { $0 == order }
        if isOpen { open.append(order) }
        if hasEnded {
            ended.append(order)
            lastEnded = max(lastEnded ?? order, order)
        } else if ended.contains(order) {
            ended.removeAll { $0 == order }
            lastEnded = ended.max()
        }
    }
}
