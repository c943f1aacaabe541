import AndonModel

/// Which orders go to the technician on call; all others enter the backlog without an assignee.
public struct Routing: Sendable, Equatable {
    /// The priorities that go on call.
    public var priorities: Set<Int>
    /// Only for assets of these ranks; nil for all.
    public var criticalities: Set<String>?
    public var schedule: OnCallSchedule

    public init(priorities: Set<Int> = [1], criticalities: Set<String>? = nil, schedule: OnCallSchedule) {
        self.priorities = priorities
        self.criticalities = criticalities
        self.schedule = schedule
    }

    /// The way of an order that is raised at `time`. With nobody on call the order enters the backlog and the
    /// route carries the alarm.
    public func route(priority: Int, criticality: String, at time: Timestamp) -> Route {
        guard priorities.contains(priority), criticalities?.contains(criticality) ?? true else {
            return Route(target: .backlog)
        }
        if let duty = schedule.duty(at: time) { return Route(target: .onCall, assignee: duty.assignee) }
        return Route(
            target: .backlog,
            alarm: "nobody was on call at \(schedule.localText(time)) \(schedule.timeZone) for priority \(priority)")
    }
}
