/// What is charted, for what, and how it is judged. Every stratum of a chart is a stream with limits of its own.
public struct Chart: Codable, Hashable, Sendable {
    public var name: String
    public var kind: ChartKind
    public var quantity: Quantity
    /// Defect classes that count; empty for all.
    public var classes: Set<String>
    /// Only what was seen here; empty for everywhere.
    public var assets: Set<String>
    public var cameras: Set<String>
    public var zones: Set<String>
    public var strata: [Stratum]
    public var subgroup: Subgroup
    /// Of `mean` charts: what the companion chart shows.
    public var dispersion: PhaseOne.Dispersion
    /// Samples of phase I, 2...1000.
    public var baseline: Int
    /// Half the width of the limits in sigma.
    public var width: Double
    public var rules: RunRuleSettings
    public var memory: Memory?
    /// Limits that the plant gives: there is no phase I then.
    public var given: ChartLimits?
    /// The defect class that a signal of this chart is reported as; nil reports none.
    public var signalClass: String?
    /// Between what the measured values must lie, for the process's capability.
    public var specification: Specification?
    /// What its points say of a degradation, and what follows.
    public var trend: TrendRule?
    /// Whose repair its streams begin anew behind.
    public var resetBy: Reset

    /// What is counted or measured.
    public enum Quantity: Codable, Hashable, Sendable {
        case defects
        case defectiveUnits
        /// The measurement of this name, or the numeric attribute.
        case measured(String)
        case confidence
        case severity
        /// Of the box, in square pixels.
        case area
    }

    /// Limits of what the customer takes, in the unit of the measured values; one or both.
    public struct Specification: Codable, Hashable, Sendable {
        public var lower: Double?
        public var upper: Double?
        public var target: Double?

        public init(lower: Double? = nil, upper: Double? = nil, target: Double? = nil) {
            self.lower = lower
            self.upper = upper
            self.target = target
        }
    }

    /// When the points of a stream are a degradation, and when its repair is planned for.
    public struct TrendRule: Codable, Hashable, Sendable {
        public var forecast: ForecastSettings
        /// The newest points that are looked at.
        public var window: Int
        /// The defect class that the predictive order is of.
        public var orderClass: String
        /// How long before the first crossing the repair is planned, by criticality, in microseconds.
        public var leadTimes: [String: Int64]
        /// A planned date that moves by less stays, in microseconds.
        public var moveBy: Int64
        /// Points in a row without a trend that take an order back.
        public var calmPoints: Int

        public init(
            forecast: ForecastSettings, window: Int = 100, orderClass: String, leadTimes: [String: Int64] = [:],
            moveBy: Int64 = 86_400_000_000, calmPoints: Int = 5
        ) {
            self.forecast = forecast
            self.window = window
            self.orderClass = orderClass
            self.leadTimes = leadTimes
            self.moveBy = moveBy
            self.calmPoints = calmPoints
        }
    }

    public enum Reset: String, Codable, CaseIterable, Sendable {
        /// Any repair of the stream's asset.
        case asset
        /// A repair of a class that the chart counts, signals or predicts.
        case ownClass = "class"
    }

    public func beginsAnew(behind repairedClass: String) -> Bool {
        resetBy == .asset || classes.contains(repairedClass) || signalClass == repairedClass
            || trend?.orderClass == repairedClass
    }

    /// By what the streams of a chart are told apart.
    public enum Stratum: String, Codable, CaseIterable, Sendable {
        case asset, camera, zone, lot, shift, product, model
    }

    /// What makes one point.
    public enum Subgroup: Codable, Hashable, Sendable {
        /// This many units, or measured values.
        case units(Int)
        /// A span of time in microseconds, counted from 1970: an hour is a clock's hour in UTC.
        case time(Int64)
    }

    /// A chart that remembers, on standardised points.
    public enum Memory: Codable, Hashable, Sendable {
        case ewma(lambda: Double, width: Double)
        /// In sigma.
        case cusum(allowance: Double, decision: Double)
    }

    public init(
        name: String, kind: ChartKind, quantity: Quantity, classes: Set<String> = [], assets: Set<String> = [],
        cameras: Set<String> = [], zones: Set<String> = [], strata: [Stratum] = [.asset],
        subgroup: Subgroup = .units(50), dispersion: PhaseOne.Dispersion = .range, baseline: Int = 25,
        width: Double = 3, rules: RunRuleSettings = .rule1, memory: Memory? = nil, given: ChartLimits? = nil,
        signalClass: String? = nil, specification: Specification? = nil, trend: TrendRule? = nil,
        resetBy: Reset = .asset
    ) {
        self.resetBy = resetBy
        self.name = name
        self.kind = kind
        self.quantity = quantity
        self.classes = classes
        self.assets = assets
        self.cameras = cameras
        self.zones = zones
        self.strata = strata
        self.subgroup = subgroup
        self.dispersion = dispersion
        self.baseline = baseline
        self.width = width
        self.rules = rules
        self.memory = memory
        self.given = given
        self.signalClass = signalClass
        self.specification = specification
        self.trend = trend
    }

    /// Whether values are measured, and not counted.
    public var isMeasured: Bool {
        switch quantity {
        case .defects, .defectiveUnits: false
        case .measured, .confidence, .severity, .area: true
        }
    }

    /// The value of a sample as it is plotted, whether or not there are limits yet; nil for an empty sample.
    public func plottedValue(of sample: Sample) -> Double? {
        kind == .t ? sample.value : ChartLimits(kind: kind, centre: 0).value(of: sample)
    }

    /// What one report brings to a stream.
    public struct Observation: Hashable, Sendable {
        /// When the picture was taken, in microseconds.
        public var at: Int64
        public var units: Double
        public var defects: Double
        public var defectiveUnits: Double
        public var values: [Double]

        public init(
            at: Int64, units: Double, defects: Double = 0, defectiveUnits: Double = 0, values: [Double] = []
        ) {
            self.at = at
            self.units = units
            self.defects = defects
            self.defectiveUnits = defectiveUnits
            self.values = values
        }
    }
}

/// A subgroup while it fills: sums that stay exact however many values come (Welford, Technometrics 4(3), 1962).
public struct SubgroupSum: Codable, Hashable, Sendable {
    /// Its window's start where subgroups are spans of time, else when its first unit was seen.
    public var began: Int64
    public var newest: Int64
    public private(set) var units = 0.0
    public private(set) var defects = 0.0
    public private(set) var defectiveUnits = 0.0
    public private(set) var values = 0
    public private(set) var mean = 0.0
    private var squares = 0.0
    private var lowest = Double.infinity
    private var highest = -Double.infinity

    enum CodingKeys: String, CodingKey {
        case began, newest, units, defects, defectiveUnits, values, mean, squares, lowest, highest
    }

    init(began: Int64) {
        self.began = began
        newest = began
    }

    public var range: Double { values > 0 ? highest - lowest : 0 }
    public var standardDeviation: Double { values > 1 ? (squares / Double(values - 1)).squareRoot() : 0 }

    mutating func count(_ seen: Chart.Observation) {
        newest = max(newest, seen.at)
        units += seen.units
        defects += seen.defects
        defectiveUnits += seen.defectiveUnits
        for value in seen.values { measure(value) }
    }

    mutating func measure(_ value: Double) {
        guard value.isFinite else { return }
        values += 1
        let step = value - mean
        mean += step / Double(values)
        squares += step * (value - mean)
        lowest = min(lowest, value)
        highest = max(highest, value)
    }

    // An empty subgroup's extremes are not finite, and JSON has no such numbers.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        began = try box.decode(Int64.self, forKey: .began)
        newest = try box.decode(Int64.self, forKey: .newest)
        units = try box.decode(Double.self, forKey: .units)
        defects = try box.decode(Double.self, forKey: .defects)
        defectiveUnits = try box.decode(Double.self, forKey: .defectiveUnits)
        values = try box.decodeIfPresent(Int.self, forKey: .values) ?? 0
        guard values > 0 else { return }
        mean = try box.decode(Double.self, forKey: .mean)
        squares = try box.decode(Double.self, forKey: .squares)
        lowest = try box.decode(Double.self, forKey: .lowest)
        highest = try box.decode(Double.self, forKey: .highest)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(began, forKey: .began)
        try box.encode(newest, forKey: .newest)
        try box.encode(units, forKey: .units)
        try box.encode(defects, forKey: .defects)
        try box.encode(defectiveUnits, forKey: .defectiveUnits)
        guard values > 0 else { return }
        try box.encode(values, forKey: .values)
        try box.encode(mean, forKey: .mean)
        try box.encode(squares, forKey: .squares)
        try box.encode(lowest, forKey: .lowest)
        try box.encode(highest, forKey: .highest)
    }
}
