/// What the answers over years need to know of the plant beyond its orders.
public struct LearnSettings: Hashable, Sendable {
    /// Hours a week in which an asset runs: the base of rates and of the mean time between failures.
    public var hoursPerWeek: Double
    /// The same of single assets.
    public var assetHours: [String: Double]
    /// Days after a repair within which a return counts as a recurrence.
    public var recurrenceDays: Int
    public var cost: Cost
    public var shifts: [Shift]
    /// The zone of the plant's wall clock, by its name in the IANA database.
    public var timeZone: String
    public var tasks: [MaintenanceTask]
    /// The class of the orders that propose another interval for a task.
    public var proposalClass: String
    public var verdict: Verdict

    /// Prices; what is not given is not reckoned.
    public struct Cost: Hashable, Sendable {
        public var currency: String
        public var labourHour: Double?
        /// By the part's code.
        public var parts: [String: Double]
        /// What one defective unit costs, by defect class.
        public var scrapUnit: [String: Double]

        public init(
            currency: String = "EUR", labourHour: Double? = nil, parts: [String: Double] = [:],
            scrapUnit: [String: Double] = [:]
        ) {
            self.currency = currency
            self.labourHour = labourHour
            self.parts = parts
            self.scrapUnit = scrapUnit
        }
    }

    /// Minutes after midnight on the plant's wall clock; one that ends at or before its start goes over midnight.
    public struct Shift: Hashable, Sendable {
        public var name: String
        public var from: Int
        public var to: Int

        public init(name: String, from: Int, to: Int) {
            self.name = name
            self.from = from
            self.to = to
        }
    }

    /// A task of preventive maintenance that is done by the calendar.
    public struct MaintenanceTask: Hashable, Sendable {
        public var name: String
        public var assets: Set<String>
        /// The classes of defects that it is to prevent.
        public var classes: Set<String>
        public var intervalDays: Double
        /// The remedy codes that renew what the task renews.
        public var actions: Set<String>
        public var plannedCost: Double?
        public var failureCost: Double?

        public init(
            name: String, assets: Set<String>, classes: Set<String>, intervalDays: Double, actions: Set<String> = [],
            plannedCost: Double? = nil, failureCost: Double? = nil
        ) {
            self.name = name
            self.assets = assets
            self.classes = classes
            self.intervalDays = intervalDays
            self.actions = actions
            self.plannedCost = plannedCost
            self.failureCost = failureCost
        }
    }

    /// When an action is said to remove the cause, or the symptom alone.
    public struct Verdict: Hashable, Sendable {
        public var horizonDays: Double
        /// Shares of repairs that return within the horizon: at least so many for a symptom, at most so many for a cause.
        public var symptomShare: Double
        public var causeShare: Double
        /// Of all verdicts of the plant together.
        public var errorRate: Double
        public var casesMin: Int

        public init(
            horizonDays: Double = 90, symptomShare: Double = 0.5, causeShare: Double = 0.2, errorRate: Double = 0.05,
            casesMin: Int = 8
        ) {
            self.horizonDays = horizonDays
            self.symptomShare = symptomShare
            self.causeShare = causeShare
            self.errorRate = errorRate
            self.casesMin = casesMin
        }
    }

    public init(
        hoursPerWeek: Double = 168, assetHours: [String: Double] = [:], recurrenceDays: Int = 30, cost: Cost = Cost(),
        shifts: [Shift] = [], timeZone: String = "UTC", tasks: [MaintenanceTask] = [],
        proposalClass: String = "pm-interval", verdict: Verdict = Verdict()
    ) {
        self.hoursPerWeek = hoursPerWeek
        self.assetHours = assetHours
        self.recurrenceDays = recurrenceDays
        self.cost = cost
        self.shifts = shifts
        self.timeZone = timeZone
        self.tasks = tasks
        self.proposalClass = proposalClass
        self.verdict = verdict
    }

    /// The planned tasks as they are for who sees some assets alone: with those, and without the tasks that have none of them.
    ///
    /// - Parameter reach: the ids of the assets; nil for all.
    public func tasks(within reach: Set<String>?) -> [MaintenanceTask] {
        guard let reach else { return tasks }
        return tasks.compactMap { task in
            var task = task
            task.assets.formIntersection(reach)
            return task.assets.isEmpty ? nil : task
        }
    }
}
