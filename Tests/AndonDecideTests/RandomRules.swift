import AndonDecide
import AndonModel

/// Any rules, any detection and any past that they could meet.
extension Seeded {
    static let classes = ["a", "b", "c"]
    static let assets = ["A1", "A2", "A3"]
    static let types = ["t1", "t2"]
    static let groups = ["g1", "g2"]

    mutating func rule(density: Double = 0.4) -> Rule {
        Rule(
            minConfidence: maybe(density) { $0.tenth() }, minSeverity: maybe(density) { $0.tenth() },
            frequency: maybe(density) { Frequency(count: Int.random(in: 1...4, using: &$0), within: $0.window()) },
            coolDown: maybe(density) { $0.span() },
            whileOpen: maybe(density) { $0.one(of: Rule.WhileOpen.allCases) },
            whenWorse: maybe(density) { $0.one(of: Rule.WhenWorse.allCases) },
            kind: maybe(density) { $0.one(of: OrderKind.allCases) },
            action: maybe(density) { $0.one(of: ["clean", "replace"]) },
            orderType: maybe(density) { $0.one(of: ["CM", "PM"]) },
            defaultSeverity: maybe(density) { $0.tenth() }, reopenWithin: maybe(density) { $0.span() },
            afterCancel: maybe(density) { $0.one(of: Rule.AfterCancel.allCases) },
            afterCancelFor: maybe(density) { $0.span() })
    }

    mutating func window() -> FactsWanted.Window {
        chance(0.5) ? .time(span()) : .parts(Int.random(in: 1...100, using: &self))
    }

    mutating func span() -> Duration { .seconds(Int.random(in: 0...6, using: &self) * 600) }

    mutating func rules() -> Rules {
        var classes: [String: DefectClass] = [:]
        for label in Self.classes where chance(0.8) { classes[label] = defectClass(label) }
        return Rules(
            version: Int.random(in: 1...9, using: &self), priorities: monotoneMatrix(), defaults: rule(),
            classes: classes, unmapped: defectClass("unmapped"),
            routing: Routing(
                priorities: [1, 2],
                schedule: OnCallSchedule(
                    timeZone: "Europe/Berlin",
                    shifts: [.init(name: "day", from: 360, to: 1080, assignee: "TECH-1")])))
    }

    mutating func defectClass(_ label: String) -> DefectClass {
        var found = DefectClass(label: label, rule: rule())
        for name in Self.groups where chance(0.5) { found.groups[name] = rule() }
        for name in Self.types where chance(0.5) { found.types[name] = rule() }
        for name in Self.assets where chance(0.5) { found.assets[name] = rule() }
        return found
    }

    /// Never less urgent in a worse band.
    mutating func monotoneMatrix() -> PriorityMatrix {
        var cells: [String: [String: Int]] = [:]
        for rank in Criticalities.standard.names {
            let column = (0..<4).map { _ in Int.random(in: 1...9, using: &self) }.sorted(by: >)
            for (band, priority) in zip(SeverityBands.standard.bands, column) {
                cells[band.name, default: [:]][rank] = priority
            }
        }
        return PriorityMatrix(cells)
    }

    mutating func detection() -> Detection {
        let time = Timestamp.noon + .seconds(Int.random(in: -7200...7200, using: &self))
        return .sample(
            one(of: Self.classes + ["never seen"]), on: one(of: Self.assets + ["unmapped:CAM-9"]),
            confidence: maybe(0.8) { $0.tenth() },
            severity: maybe(0.8) {
                $0.chance(0.7) ? .score($0.tenth()) : .name($0.one(of: ["major", "MINOR", "odd"]))
            },
            at: time, received: time + .seconds(Int.random(in: 0...60, using: &self)),
            type: maybe(0.7) { $0.one(of: Self.types) }, group: maybe(0.7) { $0.one(of: Self.groups) },
            criticality: maybe(0.8) { $0.one(of: ["A", "B", "C", "Z"]) })
    }

    mutating func facts() -> Facts {
        Facts(
            openOrder: maybe(0.4) {
                Facts.OpenOrder(
                    reference: .first, priority: Int.random(in: 1...9, using: &$0), worstSeverity: nil, occurrences: 1)
            },
            countInWindow: Int.random(in: 0...4, using: &self),
            lastRaisedAt: maybe(0.5) { Timestamp.noon + .seconds(Int.random(in: -7200...7200, using: &$0)) },
            lastEnded: maybe(0.5) {
                Facts.EndedOrder(
                    reference: .first, at: Timestamp.noon + .seconds(Int.random(in: -7200...7200, using: &$0)),
                    state: $0.one(of: OrderState.allCases))
            })
    }
}
