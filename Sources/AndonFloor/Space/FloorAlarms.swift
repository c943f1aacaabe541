import AndonLedger
import AndonModel

/// One condition: a thing and what may be wrong with it. There is one for each for ever, and not one for each occasion, so
/// that a SCADA can be configured with its NodeId.
public struct AlarmKey: Hashable, Sendable, Comparable {
    public enum Kind: String, Sendable, CaseIterable {
        case workOrderOpen = "WorkOrderOpen"
        case spcOutOfControl = "SpcOutOfControl"
        case predictedCrossing = "PredictedCrossing"
        case connectorDown = "Down"
        case deadLetters = "HasDeadLetters"
        case certificateExpires = "CertificateExpires"
    }

    public var kind: Kind
    /// The asset's id, the connector's name, or empty for the server itself.
    public var subject: String

    public init(_ kind: Kind, _ subject: String = "") {
        self.kind = kind
        self.subject = subject
    }

    /// The node of what it is about.
    public var source: String {
        switch kind {
        case .workOrderOpen, .spcOutOfControl, .predictedCrossing: FloorNames.asset(subject)
        case .connectorDown, .deadLetters: FloorNames.connector(subject)
        case .certificateExpires: FloorNames.root
        }
    }

    /// The variable that says the same as a Boolean.
    public var variable: String { "\(source).\(kind.rawValue)" }
    /// The condition's NodeId.
    public var node: String { "Alarms.\(variable)" }

    public static func < (one: Self, other: Self) -> Bool { one.node < other.node }
}

/// How a condition stands.
public struct AlarmStanding: Sendable, Equatable {
    public var isActive: Bool
    /// 1...1000, as OPC UA has it.
    public var severity: UInt16
    public var message: String
    /// The work order that it is about, by our reference.
    public var reference: Reference?
    /// Grows with each further reason: an acknowledgement holds for those up to this one, and a further one wants
    /// another.
    public var occasion: Int64

    static func inactive(_ message: String) -> AlarmStanding {
        AlarmStanding(isActive: false, severity: 1, message: message, reference: nil, occasion: 0)
    }
}

/// Which conditions there are, and how they stand: a function of the snapshot alone.
public struct FloorAlarms: Sendable {
    let snapshot: PlantSnapshot
    let certificateDays: Int?

    public init(_ snapshot: PlantSnapshot, certificateDays: Int?) {
        self.snapshot = snapshot
        self.certificateDays = certificateDays
    }

    public var keys: [AlarmKey] {
        let machines = snapshot.assets.keys.flatMap { id in
            [AlarmKey.Kind.workOrderOpen, .spcOutOfControl, .predictedCrossing].map { AlarmKey($0, id) }
        }
        let ways = snapshot.connectors.keys.flatMap { name in
            [AlarmKey(.connectorDown, name), AlarmKey(.deadLetters, name)]
        }
        return (machines + ways + [AlarmKey(.certificateExpires)]).sorted()
    }

    /// Those that may stand differently now.
    public func keys(of changes: FloorChanges) -> [AlarmKey] {
        let machines = changes.assets.filter { snapshot.assets[$0] != nil }
        return
            (machines.flatMap { id in
                [AlarmKey.Kind.workOrderOpen, .spcOutOfControl, .predictedCrossing].map { AlarmKey($0, id) }
            }
            + changes.connectors.filter { snapshot.connectors[$0] != nil }.flatMap {
                [AlarmKey(.connectorDown, $0), AlarmKey(.deadLetters, $0)]
            } + [AlarmKey(.certificateExpires)]).sorted()
    }

    public func standing(of key: AlarmKey) -> AlarmStanding {
        let asset = snapshot.assets[key.subject]
        switch key.kind {
        case .workOrderOpen:
            return order(asset?.worst, asset?.newestOrder, key.subject, "no work order is open")
        case .predictedCrossing:
            return order(asset?.foretold, asset?.newestForetold, key.subject, "no trend calls for a repair")
        case .spcOutOfControl: return spc(key.subject)
        case .connectorDown, .deadLetters: return connector(key)
        case .certificateExpires: return certificate
        }
    }

    private func order(_ line: OrderLine?, _ newest: Int64?, _ asset: String, _ calm: String) -> AlarmStanding {
        guard let line, let newest else { return .inactive("\(asset): \(calm)") }
        let others = (snapshot.assets[asset]?.openOrders ?? 1) - 1
        let number = line.remoteNumber.map { "work order \($0) (\(line.reference))" } ?? "work order \(line.reference)"
        return AlarmStanding(
            isActive: true, severity: Self.severity(priority: line.priority),
            message: "\(asset): \(line.defectClass), priority \(line.priority), \(number)"
                + (others > 0 ? ", and \(others) more open" : ""),
            reference: line.reference, occasion: newest)
    }

    /// Priorities are 1 (most urgent) to 9 at most.
    public static func severity(priority: Int) -> UInt16 { UInt16(clamping: max(100, 1100 - 200 * priority)) }

    /// Of a detection: 0...1; a detection that states none is in the middle.
    public static func severity(_ score: Double?) -> UInt16 {
        UInt16(clamping: Int(1 + 999 * min(max(score ?? 0.5, 0), 1)))
    }

    private func spc(_ asset: String) -> AlarmStanding {
        let out = snapshot.streams.filter { $0.value.asset == asset && $0.value.isOut }.sorted { $0.key < $1.key }
        guard !out.isEmpty else { return .inactive("\(asset): in control") }
        let words = out.map { key, state in
            "\(FloorNames.streamName(key, asset: asset)) \(state.status)"
                + (state.rule.isEmpty ? "" : " (\(state.rule)), point \(state.number)")
        }
        return AlarmStanding(
            isActive: true, severity: 600, message: "\(asset): out of control: \(words.joined(separator: "; "))",
            reference: snapshot.assets[asset]?.worst?.reference, occasion: 1)
    }

    private func connector(_ key: AlarmKey) -> AlarmStanding {
        guard let state = snapshot.connectors[key.subject] else { return .inactive("") }
        if key.kind == .deadLetters {
            guard state.dead > 0 else { return .inactive("\(key.subject): no dead letters") }
            return AlarmStanding(
                isActive: true, severity: 800, message: "\(key.subject): \(state.dead) dead letters need a person",
                reference: nil, occasion: Int64(state.dead))
        }
        guard state.standing == .down else { return .inactive("\(key.subject): \(state.standing.rawValue)") }
        let error = state.lastError.map { ": \($0.prefix(500))" } ?? ""
        return AlarmStanding(
            isActive: true, severity: 900,
            message: "\(key.subject): nothing goes through, \(state.waiting) wait\(error)",
            reference: nil, occasion: 1)
    }

    private var certificate: AlarmStanding {
        guard let days = certificateDays, days < FloorValues.certificateDaysMin else {
            return .inactive("the server's own certificate holds")
        }
        let words = days < 0 ? "has expired" : "expires in \(days) days"
        return AlarmStanding(
            isActive: true, severity: days < 7 ? 900 : 500,
            message: "the server's own certificate \(words): move it away and restart, then have the new one trusted",
            reference: nil, occasion: 1)
    }
}
