import AndonModel
import AndonSPC

/// Thresholds that the closed orders speak for.
///
/// An order is useful when its repair found the defect (`confirmed`, or `wrongClass`: something was wrong, and the
/// model called it by another name), and useless when it found none (`falseAlarm`). An order stands with the highest
/// value among its detections, because it would have come as long as one of them passed; one that stated none stays
/// whatever the threshold, as the rules do not compare what nobody stated.
///
/// The lowest threshold is proposed whose share of useful orders is at least the wanted one with the wanted confidence
/// (Clopper and Pearson's lower bound). Several thresholds are looked at, so each must pass with the confidence split
/// among them (Bonferroni): the confidence is that of the proposal, and not of one look.
public struct Tuning: Sendable, Equatable {
    /// The share of useful orders that is wanted, 0..<1.
    public var share: Double
    /// How sure the proposal should be, 0..<1.
    public var confidence: Double
    public var groups: [Group]
    /// Ended orders whose repair said nothing.
    public var silent: Int

    /// Orders of one class, on all assets or on one.
    public struct Group: Sendable, Equatable {
        public var defectClass: String
        public var asset: String?
        public var orders: Int
        public var useful: Int
        public var severity: Finding
        public var confidence: Finding
    }

    public enum Finding: Sendable, Equatable {
        case proposal(Proposal)
        /// No share could be shown even if every order had been useful.
        case tooFew(orders: Int, needed: Int)
        /// No threshold reaches the share; the one that came nearest.
        case outOfReach(nearest: Proposal)
        /// No order stated the value.
        case unstated
    }

    /// What a threshold would have left of the orders.
    public struct Proposal: Sendable, Equatable {
        public var minimum: Double
        public var orders: Int
        public var useful: Int
        /// The share is at least this, with the confidence of the whole proposal.
        public var lowerBound: Double
        public var usefulLost: Int
        public var uselessSpared: Int

        public var share: Double { orders > 0 ? Double(useful) / Double(orders) : 0 }
        /// Whether the orders of now are good enough as they are.
        public var changesNothing: Bool { usefulLost + uselessSpared == 0 }
    }

    /// Thresholds are looked for in steps of this: finer ones would only fit chance.
    public static let step = 0.05

    public init(_ orders: [JudgedOrder], silent: Int = 0, share: Double, confidence: Double) {
        self.share = share
        self.confidence = confidence
        self.silent = silent
        groups = []
        for (defectClass, own) in Dictionary(grouping: orders, by: \.defectClass).sorted(by: { $0.key < $1.key }) {
            groups.append(group(own, defectClass, asset: nil))
            let assets = Dictionary(grouping: own, by: \.asset).sorted { $0.key < $1.key }
            // One asset alone is the class already.
            guard assets.count > 1 else { continue }
            groups += assets.map { group($0.value, defectClass, asset: $0.key) }.filter(\.saysSomething)
        }
    }

    private func group(_ orders: [JudgedOrder], _ defectClass: String, asset: String?) -> Group {
        Group(
            defectClass: defectClass, asset: asset, orders: orders.count, useful: orders.filter(\.isUseful).count,
            severity: finding(orders, by: \.severity), confidence: finding(orders, by: \.confidence))
    }

    private func finding(_ orders: [JudgedOrder], by value: (JudgedOrder) -> Double?) -> Finding {
        guard orders.contains(where: { value($0) != nil }) else { return .unstated }
        let tried = thresholds(orders, by: value)
        let sure = 1 - (1 - confidence) / Double(tried.count)
        let needed = Share.trialsNeeded(share: share, confidence: sure) ?? .max
        guard orders.count >= needed else { return .tooFew(orders: orders.count, needed: needed) }
        let proposals = tried.map { minimum -> Proposal in
            let left = orders.filter { (value($0) ?? .infinity) >= minimum }
            let useful = left.filter(\.isUseful).count
            let lost = orders.filter(\.isUseful).count - useful
            return Proposal(
                minimum: minimum, orders: left.count, useful: useful,
                lowerBound: Share.lowerBound(hits: useful, trials: left.count, confidence: sure), usefulLost: lost,
                uselessSpared: orders.count - left.count - lost)
        }
        if let found = proposals.first(where: { $0.lowerBound >= share - 1e-12 }) { return .proposal(found) }
        guard let nearest = proposals.max(by: { $0.lowerBound < $1.lowerBound }) else { return .unstated }
        return .outOfReach(nearest: nearest)
    }

    /// One of each set of orders that a step leaves, the highest step of it, lowest first; steps that leave none are
    /// not among them. How many there are is known before any verdict is looked at.
    private func thresholds(_ orders: [JudgedOrder], by value: (JudgedOrder) -> Double?) -> [Double] {
        let values = orders.map { value($0) ?? .infinity }
        var found: [Double] = []
        var counts: [Int] = []
        for index in 0...Int((1 / Self.step).rounded()) {
            // A quotient of whole numbers is the nearest value to 0.35; a sum of steps is not.
            let minimum = Double(index) * 5 / 100
            let count = values.filter { $0 >= minimum }.count
            guard count > 0 else { break }
            if counts.last == count {
                found[found.count - 1] = minimum
            } else {
                found.append(minimum)
                counts.append(count)
            }
        }
        return found
    }
}

extension Tuning.Group {
    /// Whether there are orders enough for one of the two.
    var saysSomething: Bool {
        [severity, confidence].contains { finding in
            switch finding {
            case .proposal, .outOfReach: true
            case .tooFew, .unstated: false
            }
        }
    }
}

extension JudgedOrder {
    var isUseful: Bool { verdict != .falseAlarm }
}

// MARK: For people and programs

extension Tuning {
    public var text: String {
        let wanted = "at least \(Self.percent(share)) useful orders, with \(Self.percent(confidence)) confidence"
        var lines = ["Thresholds for \(wanted)"]
        for group in groups {
            let place = group.asset.map { " on \($0)" } ?? ""
            lines += [
                "",
                "\(group.defectClass)\(place): \(group.useful) of \(group.orders) orders were useful"
                    + (group.orders > 0 ? " (\(Self.percent(Double(group.useful) / Double(group.orders))))" : ""),
                "  minSeverity    \(words(group.severity))", "  minConfidence  \(words(group.confidence))",
            ]
        }
        if groups.isEmpty { lines += ["", "No order of the period has ended with a verdict."] }
        lines += [
            "", "Each threshold stands alone, and takes an order by the highest value among its detections.",
            "Useful: confirmed, or of another class. Not counted: \(silent) ended orders without a verdict.",
            "What the rules of now hold back is in no order, and no threshold below theirs can be judged.",
        ]
        return lines.joined(separator: "\n")
    }

    private func words(_ finding: Finding) -> String {
        switch finding {
        case .tooFew(let orders, let needed): return "too few closures: \(orders) of the \(needed) needed"
        case .unstated: return "no order stated it"
        case .proposal(let found) where found.changesNothing: return "as now: \(words(found))"
        case .proposal(let found): return "\(found.minimum): \(words(found)), \(words(lost: found))"
        case .outOfReach(let nearest):
            return "none reaches it; nearest is \(nearest.minimum): \(words(nearest)), \(words(lost: nearest))"
        }
    }

    private func words(_ found: Proposal) -> String {
        "\(found.useful) of \(found.orders) useful, \(Self.percent(found.share)), at least"
            + " \(Self.percent(found.lowerBound))"
    }

    private func words(lost found: Proposal) -> String {
        "\(found.usefulLost) useful lost, \(found.uselessSpared) useless spared"
    }

    private static func percent(_ share: Double) -> String {
        // Rounded down: a bound must not read as more than it is.
        "\(BacktestReport.figure((share * 1000 + 1e-9).rounded(.down) / 10)) %"
    }

    public var json: JSON {
        [
            "share": .number(share), "confidence": .number(confidence), "withoutVerdict": .integer(silent),
            "groups": .array(
                groups.map { group in
                    .object(present: [
                        "class": .string(group.defectClass), "asset": group.asset.map { .string($0) },
                        "orders": .integer(group.orders), "useful": .integer(group.useful),
                        "minSeverity": Self.json(group.severity), "minConfidence": Self.json(group.confidence),
                    ])
                }),
        ]
    }

    private static func json(_ finding: Finding) -> JSON {
        switch finding {
        case .unstated: ["finding": "unstated"]
        case .tooFew(let orders, let needed):
            ["finding": "too-few", "orders": .integer(orders), "needed": .integer(needed)]
        case .proposal(let found): json(found, "proposal")
        case .outOfReach(let found): json(found, "out-of-reach")
        }
    }

    private static func json(_ found: Proposal, _ name: String) -> JSON {
        [
            "finding": .string(name), "minimum": .number(found.minimum), "orders": .integer(found.orders),
            "useful": .integer(found.useful), "share": .number(found.share), "lowerBound": .number(found.lowerBound),
            "usefulLost": .integer(found.usefulLost), "uselessSpared": .integer(found.uselessSpared),
        ]
    }
}
