import AndonLedger
import AndonModel
import AndonSPC

/// Whether the intervals of the planned tasks fit what the orders show.
public struct AdviceAnswer: Sendable {
    private let inquiry: Inquiry
    private let store: Store

    public init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    /// One task's advice, with what it was made of.
    public struct Advised: Sendable {
        public var task: LearnSettings.MaintenanceTask
        public var advice: PMAdvice
        /// Predictive orders that a chart's trend made for the task's classes: the newest of each asset.
        public var foretold: [(asset: String, reference: Reference)]
        public var basis: Basis
        var lives: [Lifetime]

        /// The whole of it in words.
        public var said: [Phrase] {
            guard !foretold.isEmpty else { return [advice.phrase] }
            let charts = foretold.map { asset, reference in
                Phrase("asset-order", "{asset} ({order})", ["asset": .name(asset), "order": .name(reference.text)])
            }
            return [
                advice.phrase,
                Phrase(
                    "advice-foretold",
                    "A control chart's trend foretold the failure and raised an order for it on {charts}.",
                    ["charts": .list(charts, by: ", ")]),
            ]
        }

        public var sentences: [String] { said.map(\.english) }
    }

    public func advised() async throws -> [Advised] {
        let (filter, store) = (inquiry.filter, store)
        let tasks = inquiry.settings.tasks(within: filter.reach)
        return try await store.read { reader in
            let basis = try CourseScan.basis(reader, store)
            return try tasks.map { try Self.advice(on: $0, filter, basis, reader) }
        }
    }

    private static func advice(
        on task: LearnSettings.MaintenanceTask, _ filter: CourseFilter, _ basis: Basis, _ reader: Reader
    ) throws -> Advised {
        let actions = Set(try reader.courseNames(.action).filter { task.actions.contains($0.value) }.keys)
        // Imported orders were watched no longer than until their history ends.
        let watched = filter.histories == .imported ? try reader.courseHistories().map(\.until).max() : nil
        let end = min(watched ?? basis.at.microseconds, filter.until)
        var lives: [Lifetime] = []
        var processes: [FailureProcess] = []
        var foretold: [(asset: String, reference: Reference)] = []
        for asset in task.assets.sorted() where filter.asset ?? asset == asset {
            var times = TaskTimes()
            var newest: (seq: Int64, reference: Reference)?
            for defectClass in task.classes.sorted() where filter.defectClass ?? defectClass == defectClass {
                let predicted = try reader.foretoldOrders(asset: asset, defectClass: defectClass)
                if let last = predicted.max(by: { $0.key < $1.key }), last.key > newest?.seq ?? .min {
                    newest = (last.key, last.value)
                }
                let rows = try reader.courses(asset: asset, defectClass: defectClass, .times)
                while try rows.next() {
                    guard filter.histories.takes(rows.history) else { continue }
                    let renews = task.actions.isEmpty || actions.contains(rows.action)
                    if rows.isRepair, renews, rows.endedAt >= filter.from { times.renewed(at: rows.endedAt) }
                    // An order that a trend made is there because nothing has failed yet.
                    let isFailure = rows.outcome == .open || rows.isRepair
                    if isFailure, predicted[rows.seq] == nil, rows.detectedAt >= filter.from {
                        times.failed(at: rows.detectedAt)
                    }
                }
            }
            times.close()
            lives += times.lives(until: end)
            if let process = times.process(until: end) { processes.append(process) }
            if let newest { foretold.append((asset, newest.reference)) }
        }
        let timed = TimedTask(
            name: task.name, interval: task.intervalDays, defects: task.classes.sorted(), assets: task.assets.sorted(),
            plannedCost: task.plannedCost, failureCost: task.failureCost)
        let record = TaskRecord(lives: lives, processes: processes, hasForecast: !foretold.isEmpty)
        return Advised(
            task: task, advice: PMAdvice(for: timed, record), foretold: foretold, basis: basis, lives: lives)
    }

    func report() async throws -> Report {
        let advised = try await advised()
        let basis: Basis
        if let first = advised.first {
            basis = first.basis
        } else {
            let store = store
            basis = try await store.read { try CourseScan.basis($0, store) }
        }
        return Report(
            "Advice on preventive maintenance",
            defined: Phrase(
                "advice-definition",
                "A life begins with the end of a repair whose action renews what the task renews (learn.tasks: actions; any"
                    + " action where none is named), and ends with the next defect of the task's classes on the asset that"
                    + " raised an order which was no false alarm; the next renewal and the end of the watch cut it off. The"
                    + " trend test counts the failures of each asset since its first. The task's own turns are known where"
                    + " they are orders with such an action; others are not, and lives that they renewed look longer. Nothing"
                    + " is changed by advice: it can be proposed, as an order to a person."),
            basis: basis, sections: sections(advised))
    }

    private func sections(_ advised: [Advised]) -> [Report.Section] {
        guard !advised.isEmpty else {
            let none =
                inquiry.filter.reach == nil
                ? Phrase("advice-no-task", "No task is configured: learn.tasks names them.")
                : Phrase("advice-no-task-here", "No task of learn.tasks is of an asset of these sites.")
            return [Report.Section(Self.tasks, said: [none])]
        }
        let shown = advised.prefix(inquiry.rowsMax)
        return [Report.Section(Self.tasks, table: Self.table(shown))]
            + shown.map { Report.Section(.name($0.task.name), said: $0.said, curves: $0.curves) }
    }

    private static let tasks = Phrase("advice-tasks", "Tasks")

    private static func table(_ advised: ArraySlice<Advised>) -> Report.Table {
        Report.Table(
            [
                Phrase("advice-column-task", "task"), Phrase("advice-column-every", "every, days"),
                Phrase("advice-column-advice", "advice"), Phrase("advice-column-recommended", "recommended, days"),
                Heads.from, Heads.to, Phrase("advice-column-lives", "lives"), Heads.failures,
                Phrase("advice-column-shape", "shape"), Heads.from, Heads.to,
                Phrase("advice-column-p", "p of the trend"),
                Phrase("advice-column-now", "fail before the task now"), Phrase("advice-column-then", "then"),
            ],
            advised.map { found in
                let advice = found.advice
                return [
                    .text(found.task.name), .number(found.task.intervalDays, digits: 1), .phrase(advice.kind.called),
                    .number(advice.recommended?.value, digits: 1), .number(advice.recommended?.lower, digits: 1),
                    .number(advice.recommended?.upper, digits: 1), .count(advice.lives), .count(advice.failures),
                    .number(advice.shape?.value, digits: 2), .number(advice.shape?.lower, digits: 2),
                    .number(advice.shape?.upper, digits: 2), .number(advice.trend?.p, digits: 3),
                    .share(advice.failedNow), .share(advice.failedThen),
                ]
            })
    }
}

extension AdviceAnswer.Advised {
    /// The share failed by age: as watched (Kaplan and Meier), and as Weibull's distribution has it.
    var curves: [Report.Curve] {
        let across = Phrase("advice-axis-days", "days since the renewal")
        let up = Phrase("advice-axis-share", "share that has failed")
        var found: [Report.Curve] = []
        if let watched = KaplanMeier(lives), !watched.steps.isEmpty {
            let step = max(1, (watched.steps.count + 499) / 500)
            let kept = watched.steps.enumerated().filter {
                $0.offset % step == 0 || $0.offset == watched.steps.count - 1
            }
            found.append(
                Report.Curve(
                    Phrase("advice-as-watched", "as watched"), across: across, up: up,
                    points: [.init(x: 0, y: 0)]
                        + kept.map(\.element).map { step in
                            .init(
                                x: step.time, y: 1 - step.survival, lower: step.upper.map { 1 - $0 },
                                upper: step.lower.map { 1 - $0 })
                        }))
        }
        if let fit = WeibullFit(lives) {
            let longest = max(advice.watched, task.intervalDays)
            found.append(
                Report.Curve(
                    Phrase("advice-weibull", "Weibull"), across: across, up: up,
                    points: (0...100).map { part in
                        let age = longest * Double(part) / 100
                        return .init(x: age, y: fit.weibull.cumulative(age))
                    }))
        }
        return found
    }
}

// MARK: Proposals

extension AdviceAnswer.Advised {
    /// What a person is asked to change; nil where the advice is to leave the task as it is.
    public var isChange: Bool { [.longer, .shorter, .conditionBased].contains(advice.kind) }

    /// The same for the same advice: the task with its interval, what to do, the interval in whole days, and the failures
    /// that it rests on. Days go by without changing it; another failure makes it another.
    public var figures: String {
        let days = advice.recommended.map { "\(Figure.whole($0.value))d" }
        return [
            "\(Figure.number(task.intervalDays))d", advice.kind.rawValue, days ?? "", "\(advice.failures)",
        ].joined(separator: ":")
    }
}
