/// A control chart as it is to be drawn: a plain value, so that the same figure gives the same picture each time.
///
/// Any value is drawable. A number that is not finite counts as missing, text is shortened to fit, and where there are
/// more points than a picture can show, the newest are shown and the picture says so.
public struct ChartFigure: Sendable, Hashable {
    /// For example `u chart: scratches on PRESS-07`.
    public var title: String
    /// Below the title, a line each; at most three are drawn.
    public var subtitles: [String]
    /// What the values are, with their unit: `defects per unit`.
    public var valueLabel: String
    public var points: [Point]
    /// Half the width of the control limits in sigma.
    public var sigmaWidth: Double
    /// What the customer or the drawing allows, in plotted units; no part of control.
    public var specification: Range?
    /// The value that must not be reached, in plotted units.
    public var threshold: Double?
    public var forecast: Forecast?
    public var axis: Axis

    /// How points are spread from left to right.
    public enum Axis: Sendable, Hashable {
        /// One step a point, however much time lies between: run rules count points, and a run is seen as a run.
        case number
        /// By time in UTC: a slope is only straight, and a date can only be read off, on a true axis. Points without a
        /// time are left out.
        case time
    }

    /// One plotted point.
    public struct Point: Sendable, Hashable {
        /// In its stream, from 1.
        public var number: Int
        /// Microseconds since 1970-01-01T00:00:00Z.
        public var time: Int64?
        /// Shown below the number on an axis of numbers.
        public var label: String?
        /// nil: there was nothing to plot, and the line has a gap.
        public var value: Double?
        public var centre: Double?
        public var lower: Double?
        public var upper: Double?
        /// Distance from the centre in the point's own sigma; nil has it worked out from limits that allow it.
        public var sigmas: Double?
        /// The rules that it breaks, by name.
        public var signals: [String]
        /// The point of the detection that the picture is drawn for.
        public var isMarked: Bool
        /// One of the points that make the run, trend or pattern.
        public var isInPattern: Bool
        /// Left out when the limits were worked out.
        public var isExcluded: Bool
        /// Reported after later points were judged.
        public var isLate: Bool
        /// 1 while the baseline is gathered, 2 afterwards.
        public var phase: Int
        /// What happened here, for example `limits v3`: a vertical line.
        public var annotation: String?

        public init(
            number: Int, value: Double?, time: Int64? = nil, label: String? = nil, centre: Double? = nil,
            lower: Double? = nil, upper: Double? = nil, sigmas: Double? = nil, signals: [String] = [],
            isMarked: Bool = false, isInPattern: Bool = false, isExcluded: Bool = false, isLate: Bool = false,
            phase: Int = 2, annotation: String? = nil
        ) {
            self.number = number
            self.value = value
            self.time = time
            self.label = label
            self.centre = centre
            self.lower = lower
            self.upper = upper
            self.sigmas = sigmas
            self.signals = signals
            self.isMarked = isMarked
            self.isInPattern = isInPattern
            self.isExcluded = isExcluded
            self.isLate = isLate
            self.phase = phase
            self.annotation = annotation
        }
    }

    /// From here to there; nil is open.
    public struct Range: Sendable, Hashable {
        public var lower: Double?
        public var upper: Double?

        public init(lower: Double? = nil, upper: Double? = nil) {
            self.lower = lower
            self.upper = upper
        }
    }

    /// Where a slope leads. Times are microseconds since 1970-01-01T00:00:00Z.
    public struct Forecast: Sendable, Hashable {
        /// When the threshold is crossed at the earliest, most likely and at the latest, by the prediction band.
        public var first: Int64?
        public var expected: Int64?
        public var last: Int64?
        /// Plotted units a day.
        public var slopePerDay: Double
        /// 0...1, what the band was worked out for.
        public var confidence: Double
        /// The fitted line and its prediction band, in order of time. With fewer than two of them a wedge is drawn from
        /// the newest point to the three crossings.
        public var path: [Step]

        public struct Step: Sendable, Hashable {
            public var time: Int64
            public var value: Double
            public var lower: Double
            public var upper: Double

            public init(time: Int64, value: Double, lower: Double, upper: Double) {
                self.time = time
                self.value = value
                self.lower = lower
                self.upper = upper
            }
        }

        public init(
            first: Int64?, expected: Int64?, last: Int64?, slopePerDay: Double, confidence: Double = 0.95,
            path: [Step] = []
        ) {
            self.first = first
            self.expected = expected
            self.last = last
            self.slopePerDay = slopePerDay
            self.confidence = confidence
            self.path = path
        }
    }

    public init(
        title: String, subtitles: [String] = [], valueLabel: String, points: [Point], sigmaWidth: Double = 3,
        specification: Range? = nil, threshold: Double? = nil, forecast: Forecast? = nil, axis: Axis? = nil
    ) {
        self.title = title
        self.subtitles = subtitles
        self.valueLabel = valueLabel
        self.points = points
        self.sigmaWidth = sigmaWidth
        self.specification = specification
        self.threshold = threshold
        self.forecast = forecast
        self.axis = axis ?? (forecast == nil ? .number : .time)
    }
}

extension ChartFigure {
    /// The chart as a PNG file, 24 bits a pixel. Shown at half its width the letters are still 11 pixels high.
    ///
    /// - Parameter width: in pixels, as `height`, each within ``Canvas/sides``.
    public func png(width: Int = 1200, height: Int = 640) throws(DrawError) -> [UInt8] {
        try drawn(.png, width, height)
    }

    /// The chart as an SVG file without any reference to the outside: letters are drawn as shapes, and the title and
    /// ``facts`` are in it as text.
    public func svg(width: Int = 1200, height: Int = 640) throws(DrawError) -> [UInt8] {
        try drawn(.svg, width, height)
    }

    private func drawn(_ format: Canvas.Format, _ width: Int, _ height: Int) throws(DrawError) -> [UInt8] {
        let canvas = try Canvas(format, width: width, height: height)
        ChartDrawing(self, on: canvas).draw(on: canvas)
        return try canvas.bytes(title: title, description: facts.joined(separator: "\n"))
    }
}
