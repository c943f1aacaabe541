import AndonConfiguration
import AndonDispatch
import AndonLedger
import AndonModel
import AndonWeb

/// A connector's facts as its pages show them.
struct ConnectorWords: Sendable {
    let texts: Texts
    let formats: Formats
    let now: Timestamp

    /// An effect that waits longer than this is worth a look.
    private static let patience: Duration = .seconds(600)

    private enum Health: String {
        case well, waits, stopped, person

        var tag: String {
            switch self {
            case .well: "good"
            case .waits: "warn"
            case .stopped, .person: "bad"
            }
        }
    }

    func card(_ built: BuiltConnector, _ facts: ConnectorFacts, _ lane: LaneStanding?) -> [String: Any] {
        let queue = facts.queue
        let health = Self.health(queue, lane, now)
        var card: [String: Any] = ["name": built.entry.name, "system": built.connector.traits.system]
        card["health"] = texts["connectors", "health-\(health.rawValue)"]
        card["tag"] = health.tag
        card["waiting"] = bounded(queue.waiting, QueueStanding.countMax)
        card["dead"] = bounded(queue.dead, QueueStanding.deadMax)
        card["hasDead"] = queue.dead > 0
        card["oldest"] = queue.oldestAt.map { formats.time($0) }
        card["median"] = facts.latency(0.5).map { formats.duration($0) }
        card["slow"] = facts.latency(0.95).map { formats.duration($0) }
        card["measured"] = formats.number(facts.latencies.count)
        card["breaker"] = lane.map { texts["connectors", "breaker-\($0.breaker.rawValue)"] }
        if lane?.breaker == .open { card["openUntil"] = lane?.openUntil.map { formats.second($0) } }
        card["underWay"] = lane.map { "\($0.underWay) / \($0.maxInFlight)" }
        card["error"] = (queue.lastError ?? facts.lastError).map { $0.cut(to: 500) }
        card["polled"] = facts.polledAt.map { formats.second($0) }
        card["registry"] = facts.registry.map {
            texts.count("connectors", "registry-assets", $0.assets, formats.number($0.assets)) + ", "
                + formats.time($0.readAt)
        }
        return card
    }

    private static func health(_ queue: QueueStanding, _ lane: LaneStanding?, _ now: Timestamp) -> Health {
        if lane?.breaker == .open { return .stopped }
        if queue.dead > 0 { return .person }
        let isOld = queue.oldestAt.map { now - $0 > patience } ?? false
        return isOld || queue.lastError != nil ? .waits : .well
    }

    private func bounded(_ count: Int, _ max: Int) -> String {
        count >= max ? "≥ \(formats.number(max))" : formats.number(count)
    }

    func letter(_ letter: DeadLetter) -> [String: Any] {
        var row: [String: Any] = ["reference": letter.reference, "asset": letter.asset, "class": letter.defectClass]
        row["effect"] = effect(letter.effect)
        row["attempts"] = formats.number(letter.attempts)
        row["at"] = formats.time(letter.createdAt)
        row["why"] = letter.reason.map { $0.cut(to: 1000) }
        return row
    }

    func attempt(_ attempt: RecentAttempt) -> [String: Any] {
        var row: [String: Any] = ["reference": attempt.reference, "at": formats.second(attempt.startedAt)]
        row["effect"] = effect(attempt.effect)
        row["action"] = texts["connectors", "action-\(attempt.action)"]
        row["number"] = formats.number(attempt.number)
        row["outcome"] = attempt.outcome ?? texts["connectors", "under-way"]
        row["isGood"] = ["done", "found", "not-found"].contains(attempt.outcome ?? "")
        row["isBad"] = attempt.detail != nil
        row["status"] = attempt.status.map { "\($0)" }
        row["latency"] = attempt.latency.map { formats.duration(Double($0.microseconds) / 1e6) }
        row["detail"] = attempt.detail.map { $0.cut(to: 500) }
        return row
    }

    private func effect(_ name: String) -> String { texts["connectors", "effect-\(name)"] }

    func report(_ report: Commissioning) -> [String: Any] {
        var values: [String: Any] = ["at": formats.second(report.startedAt), "isUsable": report.isUsable]
        values["steps"] = report.steps.map { step -> [String: Any] in
            var row: [String: Any] = ["name": step.name, "detail": step.detail]
            row["outcome"] = texts["connectors", "outcome-\(step.outcome.rawValue)"]
            row["isPassed"] = step.outcome == .passed
            row["isFailed"] = step.outcome == .failed
            row["seconds"] = formats.number(step.seconds, digits: 2)
            row["ask"] = step.ask
            return row
        }
        return values
    }
}
