import AndonModel
import AndonSPC

/// What other rules would have done with what really came.
///
/// A replay is fed with the past in the order in which it came: reports, counts, and what became of the real orders.
/// It keeps its own facts (its open orders, its windows, its charts) and asks the candidate's rules as the live flow
/// asks its own. The same rules give the same outcomes, order by order.
///
/// An order of the candidate ends when the real order ends that holds one of its detections; where there is none,
/// with the next real order that ends for its class on its asset, or after the median time that real orders took,
/// whichever comes first.
public struct Replay: Sendable {
    public var rules: Rules { candidate.rules }
    private let candidate: Candidate
    let plant: Plant
    private let assumed: OpenTimes
    /// Of the real charts, those that the candidate's have not met yet.
    private var signals: [PastSignal: [PastFate]] = [:]
    private var charts: ReplayCharts
    private var streams: [ReplayStream] = []
    private var streamPlaces: [StreamKey: Int] = [:]
    private var orders: [ReplayOrder] = []
    /// By the real order that they end with.
    private var byCounterpart: [Reference: [Int]] = [:]
    private var places: [PlaceKey: Place] = [:]
    /// Parts of each asset, where charts may signal between detections.
    private var parts: [String: Int64] = [:]
    /// Real orders with a detection that is in an order of the candidate.
    public private(set) var covered: Set<Reference> = []
    public private(set) var tally: ReplayTally
    /// Is told of every decision, for whoever wants to look closer.
    public var observer: (@Sendable (Replayed) -> Void)?

    /// The rules by reference: a copy for every decision would cost more than the decision.
    private final class Candidate: Sendable {
        let rules: Rules
        init(_ rules: Rules) { self.rules = rules }
    }

    private struct StreamKey: Hashable {
        var asset: String
        var defectClass: String
    }

    private struct PlaceKey: Hashable {
        var asset: String
        var camera = ""
        var zone: String?
    }

    /// How long real orders were open, for those that have no real one.
    public struct OpenTimes: Sendable {
        public var byClass: [String: Duration]
        /// For classes without any; nil when no order has ended: such orders then stay open.
        public var all: Duration?

        public init(byClass: [String: Duration] = [:], all: Duration? = nil) {
            self.byClass = byClass
            self.all = all
        }

        /// The medians of orders that have ended.
        public init(of orders: [PastOrder]) {
            let spans = orders.compactMap { order in
                order.endedAt.map { (order.defectClass, max(.zero, $0 - order.raisedAt)) }
            }
            byClass = Dictionary(grouping: spans, by: \.0).compactMapValues { Self.median($0.map(\.1)) }
            all = Self.median(spans.map(\.1))
        }

        private static func median(_ spans: [Duration]) -> Duration? {
            spans.isEmpty ? nil : spans.sorted()[(spans.count - 1) / 2]
        }

        func length(of defectClass: String) -> Duration? { byClass[defectClass] ?? all }
    }

    /// - Parameters:
    ///   - standing: the real orders of before, oldest first, as they stood when the first report comes.
    ///   - starts: limits that the candidate's charts begin with; a stream without any gathers a baseline.
    public init(
        rules: Rules, plant: Plant, standing: [PastOrder] = [], starts: [ChartStart] = [],
        assumed: OpenTimes = OpenTimes()
    ) {
        candidate = Candidate(rules)
        self.plant = plant
        self.assumed = assumed
        charts = ReplayCharts(rules.charts, starts: starts)
        tally = ReplayTally(timeZone: plant.timeZone)
        for order in standing { inherit(order) }
    }

    private mutating func inherit(_ order: PastOrder) {
        let stream = self.stream(order.defectClass, at: place(PlaceKey(asset: order.asset)))
        var kept = ReplayOrder(
            stream: stream, priority: order.priority, kind: order.kind, detectedAt: order.detectedAt,
            raisedAt: order.raisedAt, isInherited: true)
        kept.counterpart = order.reference
        kept.isReal = true
        let index = append(kept)
        set(index, order.state, endedAt: order.endedAt)
    }

    // MARK: Feeding

    /// What became of the real charts' signals: the candidate's own are held against them.
    public mutating func learn(_ signals: [PastSignal: [PastFate]]) {
        self.signals.merge(signals) { $0 + $1 }
    }

    /// Counts a detection of before the period in the windows; nothing is decided on it.
    public mutating func remember(_ detection: PastDetection, asset: String, at time: Timestamp) {
        parts[asset] = detection.partsAt
        let stream = self.stream(detection.defect.defectClass, at: place(PlaceKey(asset: asset)))
        guard streams[stream].window != nil else { return }
        let seen = Detection(
            inspectionID: "", ordinal: detection.ordinal, kind: .detection, detectedAt: time, receivedAt: time,
            camera: "", defect: detection.defect, place: place(PlaceKey(asset: asset)))
        let view = DetectionView(seen, on: streams[stream].ground)
        streams[stream].window?.add(
            confidence: view.confidence.value, severity: view.severity.value, at: time, partsAt: detection.partsAt,
            receivedAt: time)
    }

    /// Decides on a report's detections, and on the signals that it completes.
    public mutating func take(_ report: PastReport) {
        let context = report.context
        let place = place(
            PlaceKey(asset: report.asset, camera: context?.camera ?? "", zone: context?.zone))
        let partsAt = report.detections.first?.partsAt ?? parts[report.asset, default: 0] + Int64(context?.units ?? 0)
        parts[report.asset] = partsAt
        var positions: [Int: [ChartPosition]] = [:]
        var completed: [ReplayCharts.Signal] = []
        if !charts.isEmpty, let context {
            (positions, completed) = fold(ChartReport(report, context, at: place))
        }
        for detection in report.detections {
            let seen = Detection(
                inspectionID: "", ordinal: detection.ordinal, kind: .detection, detectedAt: report.detectedAt,
                receivedAt: report.receivedAt, camera: "", defect: detection.defect, place: place)
            decide(
                seen, partsAt: detection.partsAt, charts: positions[detection.ordinal] ?? [],
                really: PastFate(outcome: detection.outcome, reference: detection.reference), of: report.seq)
        }
        decide(completed, receivedAt: report.receivedAt, partsAt: partsAt, place: place, of: report.seq)
    }

    /// Counts good parts, which may complete the subgroup that signals.
    public mutating func take(_ frames: PastFrames) {
        for (count, asset) in frames.counts { parts[asset, default: 0] += Int64(count.inspected) }
        guard !charts.isEmpty else { return }
        for (count, asset) in frames.counts {
            let place = place(PlaceKey(asset: asset, camera: count.camera))
            let (_, completed) = fold(ChartReport(count, at: place))
            decide(
                completed, receivedAt: frames.receivedAt, partsAt: parts[asset, default: 0], place: place,
                of: frames.after)
        }
    }

    /// Ends, or opens again, the candidate's orders with the real one.
    public mutating func take(_ change: PastChange) {
        if change.isRepair { charts.restart(asset: change.asset, behind: change.defectClass) }
        if change.state.isEnded,
            let stream = streamPlaces[
                StreamKey(asset: change.asset, defectClass: change.defectClass)]
        {
            for index in streams[stream].open where orders[index].counterpart == nil {
                link(index, to: change.reference)
            }
        }
        for index in byCounterpart[change.reference] ?? [] { set(index, change.state, endedAt: change.endedAt) }
    }

    private mutating func fold(
        _ report: ChartReport
    ) -> (positions: [Int: [ChartPosition]], signals: [ReplayCharts.Signal]) {
        let schedule = candidate.rules.routing.schedule
        return charts.fold(report) { schedule.duty(at: $0)?.shift }
    }

    private mutating func decide(
        _ completed: [ReplayCharts.Signal], receivedAt: Timestamp, partsAt: Int64, place: Place, of seq: Int64
    ) {
        for signal in completed {
            let detection = Detection(
                inspectionID: "", ordinal: 0, kind: .threshold, detectedAt: signal.at, receivedAt: receivedAt,
                camera: "", defect: Defect(defectClass: signal.defectClass), place: place, isSignal: true)
            let name = PastSignal(
                signal.position, asset: place.asset, defectClass: signal.defectClass, at: signal.at)
            let fate = signals[name]?.first
            if fate != nil { signals[name]?.removeFirst() }
            decide(detection, partsAt: partsAt, charts: [signal.position], really: fate, of: seq)
        }
    }

    // MARK: Deciding

    private mutating func decide(
        _ detection: Detection, partsAt: Int64, charts: [ChartPosition], really: PastFate?, of seq: Int64
    ) {
        let stream = self.stream(detection.defect.defectClass, at: detection.place)
        endAssumed(in: stream, by: detection.receivedAt)
        let joinable = streams[stream].joinable(orders)
        let view = DetectionView(detection, on: streams[stream].ground)
        let facts = Facts(
            openOrder: joinable.map {
                Facts.OpenOrder(
                    reference: ReplayOrder.reference, priority: orders[$0].priority, worstSeverity: nil, occurrences: 0)
            },
            countInWindow: streams[stream].window?.count(at: detection.detectedAt, partsAt: partsAt) ?? 0,
            lastRaisedAt: streams[stream].newest.map { orders[$0].detectedAt },
            lastEnded: streams[stream].lastEnded.flatMap { index in
                orders[index].endedAt.map {
                    Facts.EndedOrder(reference: ReplayOrder.reference, at: $0, state: orders[index].state)
                }
            }, charts: charts)
        let verdict = view.verdict(facts)
        let outcome = verdict.outcome
        var order: Int?
        switch outcome {
        case .recorded: break
        case .grouped: order = joinable
        case .raised: order = raise(detection, view, in: stream)
        }
        if let order, let real = really?.reference {
            covered.insert(real)
            orders[order].isReal = true
            if orders[order].counterpart == nil { link(order, to: real) }
        }
        streams[stream].window?.add(
            confidence: view.confidence.value, severity: view.severity.value, at: detection.detectedAt,
            partsAt: partsAt, receivedAt: detection.receivedAt)
        let path = streams[stream].decided.count(verdict, in: view)
        tally.count(outcome, really: really?.outcome, isSignal: detection.isSignal)
        observer?(
            Replayed(
                report: seq, ordinal: detection.ordinal, isSignal: detection.isSignal, outcome: outcome,
                priority: view.priority, rule: path, order: order))
    }

    private mutating func raise(_ detection: Detection, _ view: DetectionView, in stream: Int) -> Int {
        var order = ReplayOrder(
            stream: stream, priority: view.priority, kind: view.rule.kind, detectedAt: detection.detectedAt,
            raisedAt: detection.receivedAt, isInherited: false)
        order.assumedEnd = assumed.length(of: streams[stream].defectClass).map { detection.receivedAt + $0 }
        tally.raised.count(
            asset: streams[stream].asset, defectClass: streams[stream].defectClass, priority: order.priority,
            kind: order.kind, at: order.raisedAt)
        let index = append(order)
        streams[stream].open.append(index)
        return index
    }

    /// Orders that no real one ends are taken to be done after the usual time.
    private mutating func endAssumed(in stream: Int, by time: Timestamp) {
        for index in streams[stream].open where orders[index].counterpart == nil {
            guard let end = orders[index].assumedEnd, end <= time else { continue }
            set(index, .closed, endedAt: end)
            tally.assumedEnds += 1
        }
    }

    // MARK: Orders and streams

    private mutating func append(_ order: ReplayOrder) -> Int {
        orders.append(order)
        let index = orders.count - 1
        streams[order.stream].newest = index
        if let counterpart = order.counterpart { byCounterpart[counterpart, default: []].append(index) }
        return index
    }

    private mutating func link(_ index: Int, to real: Reference) {
        orders[index].counterpart = real
        byCounterpart[real, default: []].append(index)
    }

    private mutating func set(_ index: Int, _ state: OrderState, endedAt: Timestamp?) {
        orders[index].state = state
        orders[index].endedAt = endedAt
        streams[orders[index].stream].place(index, isOpen: state.takesOccurrences, hasEnded: endedAt != nil)
    }

    private mutating func stream(_ defectClass: String, at place: Place) -> Int {
        let key = StreamKey(asset: place.asset, defectClass: defectClass)
        if let found = streamPlaces[key] { return found }
        streams.append(
            ReplayStream(
                asset: place.asset, defectClass: defectClass,
                ground: Ground(candidate.rules, class: defectClass, at: place)))
        streamPlaces[key] = streams.count - 1
        return streams.count - 1
    }

    /// Where the plant in force has the asset. The asset itself is the one that the report was counted for.
    private mutating func place(_ key: PlaceKey) -> Place {
        if let found = places[key] { return found }
        let found = plant.place(
            of: Inspection(
                id: "", detectedAt: Timestamp(microseconds: 0), camera: key.camera, zone: key.zone, asset: key.asset))
        places[key] = found
        return found
    }
}

/// One decision of a replay.
public struct Replayed: Sendable {
    /// The report's place in the store; of a signal, the report's that completed it.
    public var report: Int64
    public var ordinal: Int
    public var isSignal: Bool
    public var outcome: Outcome
    public var priority: Int
    /// The place in the configuration that decided.
    public var rule: String
    /// The candidate's order, by its number in this replay.
    public var order: Int?
}

extension Replay {
    /// The candidate's orders that hold no detection of a real one, by class.
    var newOrders: [String: Int] {
        orders.reduce(into: [:]) { found, order in
            if !order.isInherited, !order.isReal { found[streams[order.stream].defectClass, default: 0] += 1 }
        }
    }

    /// Decisions by the place in the configuration that made them.
    var byRule: [String: [Outcome: Int]] {
        streams.reduce(into: [:]) { $1.decided.add(to: &$0) }
    }
}

extension ChartReport {
    /// A past report as the charts saw it when it came.
    init(_ report: PastReport, _ context: PastReport.Context, at place: Place) {
        self.init(
            Inspection(
                id: "", detectedAt: report.detectedAt, camera: context.camera, lot: context.lot,
                model: context.model.map { VisionModel(name: $0) }, inspected: context.units,
                defects: report.detections.map(\.defect), attributes: context.attributes), at: place)
    }
}
