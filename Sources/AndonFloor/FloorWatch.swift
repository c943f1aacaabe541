import AndonLedger
import AndonModel

/// What a display has to do so that it shows the newest look: in this order.
public struct FloorUpdate: Sendable {
    /// Nodes to take away, children before their parents.
    public var removed: [String] = []
    /// Nodes to make, parents before their children. One that was different goes first.
    public var nodes: [FloorNode] = []
    public var values: [FloorValue] = []
    public var removedAlarms: [AlarmKey] = []
    public var alarms: [AlarmChange] = []
    public var events: [FloorEvent] = []

    public init() {}
}

/// How a condition stands now.
public struct AlarmChange: Sendable, Equatable {
    public var key: AlarmKey
    public var standing: AlarmStanding
    /// Whether there is a further reason since it became active: it is to be acknowledged anew.
    public var isFurther: Bool
    /// Who acknowledged it before a restart of the server, where somebody did.
    public var acknowledged: Acknowledgement?
}

/// An operator's acknowledgement of an alarm, as the ledger keeps it.
public struct Acknowledgement: Sendable, Equatable {
    public var user: String
    public var comment: String
    /// Up to which occasion it holds.
    public var occasion: Int64

    public init(user: String, comment: String, occasion: Int64) {
        self.user = user
        self.comment = comment
        self.occasion = occasion
    }
}

/// Looks at the store again and again, and says what is new of it in nodes, values, alarms and events.
public actor FloorWatch {
    private let store: Store
    private let view: @Sendable () -> FloorView
    private let certificateDays: @Sendable () -> Int?
    private var reading: FloorReading?
    private var nodes: [String: FloorNode] = [:]
    private var standings: [AlarmKey: AlarmStanding] = [:]
    private var drawn: Drawn?

    /// What the nodes depend on.
    private struct Drawn: Equatable {
        var plant: String
        var site: String?
        var assets: [String: Asset]
        var streams: [StreamKey: String?]
        var connectors: [ShownConnector]
        var orders: Int
    }

    /// - Parameter certificateDays: days until the server's own certificate expires; nil without one.
    public init(
        store: Store, view: @escaping @Sendable () -> FloorView, certificateDays: @escaping @Sendable () -> Int?
    ) {
        self.store = store
        self.view = view
        self.certificateDays = certificateDays
    }

    /// The newest look; nil before the first.
    public var snapshot: PlantSnapshot? { reading?.snapshot }

    /// Looks once more. The first look is at everything, and tells no events of what was before it.
    public func look() async throws -> FloorUpdate {
        let (view, now, before) = (view(), store.time.now(), reading)
        let (reading, changes) = try await store.read { reader in
            guard var next = before else { return (try FloorReading(reader, view, now: now), FloorChanges?.none) }
            let changes = try next.advance(reader, view, now: now)
            return (next, changes)
        }
        self.reading = reading
        var update = FloorUpdate()
        let days = certificateDays()
        let isNew = redraw(view, reading.snapshot, &update)
        let values = FloorValues(view, reading.snapshot, certificateDays: days)
        let alarms = FloorAlarms(reading.snapshot, certificateDays: days)
        if let changes, !isNew {
            update.values = values.values(of: changes)
            change(alarms, alarms.keys(of: changes), &update)
        } else {
            update.values = values.all
            update.removedAlarms = standings.keys.filter { !Set(alarms.keys).contains($0) }.sorted()
            for key in update.removedAlarms { standings[key] = nil }
            change(alarms, alarms.keys, &update)
        }
        if let changes { update.events = FloorEvents(view).events(of: changes) } else { try await restore(&update) }
        return update
    }

    /// - Returns: whether there are other nodes than before.
    private func redraw(_ view: FloorView, _ snapshot: PlantSnapshot, _ update: inout FloorUpdate) -> Bool {
        let now = Drawn(
            plant: view.plant.name, site: view.plant.site, assets: view.plant.assets,
            streams: snapshot.streams.mapValues(\.asset), connectors: view.connectors, orders: view.ordersShown)
        guard now != drawn else { return false }
        drawn = now
        let wanted = FloorNodes(view).all(snapshot)
        var moved: Set<String> = []
        // A node that stands elsewhere now goes with all that is below it, and comes again.
        for node in wanted where nodes[node.id].map({ $0 != node }) ?? false || moved.contains(node.parent ?? "") {
            moved.insert(node.id)
        }
        let kept = Set(wanted.map(\.id)).subtracting(moved)
        update.removed = nodes.keys.filter { !kept.contains($0) }.sorted { $0.count > $1.count }
        update.nodes = wanted.filter { nodes[$0.id] == nil || moved.contains($0.id) }
        nodes = Dictionary(uniqueKeysWithValues: wanted.map { ($0.id, $0) })
        return true
    }

    private func change(_ alarms: FloorAlarms, _ keys: [AlarmKey], _ update: inout FloorUpdate) {
        for key in keys {
            let (old, new) = (standings[key], alarms.standing(of: key))
            guard new != old else { continue }
            standings[key] = new
            let isFurther = old.map { $0.isActive && new.isActive && new.occasion > $0.occasion } ?? false
            update.alarms.append(AlarmChange(key: key, standing: new, isFurther: isFurther))
        }
    }

    // MARK: Acknowledgements

    static let acknowledged = "alarm.acknowledged"

    /// What was acknowledged of an order before the server was started stays so. Other alarms may have gone and come
    /// while nobody looked.
    private func restore(_ update: inout FloorUpdate) async throws {
        for (place, change) in update.alarms.enumerated()
        where change.standing.isActive && change.standing.reference != nil && change.key.kind != .spcOutOfControl {
            let entries = try await store.read {
                try $0.ledgerEntries(of: change.key.node, kinds: [Self.acknowledged])
            }
            guard let body = entries.last?.body, let occasion = body["occasion"]?.integer,
                Int64(occasion) >= change.standing.occasion
            else { continue }
            update.alarms[place].acknowledged = Acknowledgement(
                user: body["by"]?.string ?? "", comment: body["comment"]?.string ?? "", occasion: Int64(occasion))
        }
    }

    /// Writes down what an operator did to an alarm: it says that somebody saw it, and closes no order.
    ///
    /// - Parameter action: `acknowledged` or `commented`.
    public func record(_ action: String, _ key: AlarmKey, by user: String, from address: String, comment: String)
        async throws
    {
        let standing = standings[key]
        _ = try await store.write { transaction in
            try transaction.record(
                "alarm.\(action)", of: key.node,
                .object(present: [
                    "by": .string(user), "address": .string(address),
                    "comment": comment.isEmpty ? nil : .string(String(comment.prefix(1000))),
                    "message": standing.map { .string($0.message) },
                    "order": standing?.reference.map { .string($0.text) },
                    "occasion": standing.map { .integer($0.occasion) },
                ]), names: ["/by", "/comment"])
        }
    }
}
