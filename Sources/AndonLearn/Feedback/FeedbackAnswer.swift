import AndonLedger
import AndonModel
import AndonSPC

/// How often the model is right, by class, version and camera, and whether its confidence is what it was.
struct FeedbackAnswer {
    private let inquiry: Inquiry
    private let store: Store
    /// A precision is stated from so many orders with a verdict on.
    static let casesMin = 20

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    func report() async throws -> Report {
        let (counts, basis) = try await counts()
        return Report(
            "Feedback to the model",
            definition:
                "A verdict is what a technician found at the machine when the order ended: confirmed, a false alarm (no fault"
                + " found), or another class. It is the verdict on the detection that raised the order; those that joined it"
                + " are not counted again. Precision is confirmed ÷ (confirmed + false alarms + wrong class), with its 95 %"
                + " interval (Wilson), from \(Self.casesMin) verdicts on. Missed are the defects that persons reported, those"
                + " that a model called by another class among them. Recall is at most confirmed ÷ (confirmed + missed): what"
                + " nobody reported is not known. Times are when the defect was seen, in UTC.",
            basis: basis,
            sections: [
                byClass(counts), byModel(counts), byCamera(counts), confusions(counts), drift(counts), months(counts),
            ])
    }

    private func counts() async throws -> (FeedbackCounts, Basis) {
        let asked = inquiry.filter
        let filter = LabelFilter(
            defectClass: asked.defectClass, asset: asked.asset, from: asked.from, until: asked.until)
        let store = store
        return try await store.read { reader in
            var counts = FeedbackCounts()
            try reader.eachJudged(filter) { detection in
                if asked.reaches(detection.asset) { counts.add(detection) }
            }
            try reader.eachMissed { _, report in
                if filter.holds(report), asked.reaches(report.asset) { counts.add(report) }
            }
            return (counts, try CourseScan.basis(reader, store))
        }
    }

    // MARK: Precision

    private func byClass(_ counts: FeedbackCounts) -> Report.Section {
        let cells = counts.grouped { $0.defectClass }
        let names = Set(cells.keys).union(counts.missed.keys).sorted {
            let (a, b) = (cells[$0]?.judged ?? 0, cells[$1]?.judged ?? 0)
            return a == b ? $0 < $1 : a > b
        }
        let all = cells.values.reduce(into: FeedbackCell()) { $0.add($1) }
        var sentences = [sentence("All classes", all, missed: counts.missed.values.reduce(0, +))]
        sentences += names.prefix(inquiry.rowsMax).map {
            sentence($0, cells[$0] ?? FeedbackCell(), missed: counts.missed[$0] ?? 0)
        }
        let rows = names.prefix(inquiry.rowsMax).map { name in
            let cell = cells[name] ?? FeedbackCell()
            let missed = counts.missed[name] ?? 0
            return [.text(name)] + figures(cell) + [.count(missed), .share(recall(cell, missed)?.share)]
        }
        return Report.Section(
            "By class", sentences: sentences,
            table: Report.Table(["class"] + Self.figures + ["missed", "recall at most"], rows))
    }

    private func sentence(_ name: String, _ cell: FeedbackCell, missed: Int) -> String {
        guard let precision = cell.precision, let estimate = precision.estimate(), cell.judged >= Self.casesMin else {
            return "\(name): \(cell.judged) orders with a verdict, too few to state a precision (\(Self.casesMin) are"
                + " needed); \(missed) reported as missed."
        }
        var text =
            "\(name): \(cell.confirmed) of \(cell.judged) orders with a verdict were right, a precision of"
            + " \(Words.percent(estimate)); \(cell.falseAlarms) were false alarms and \(cell.wrongClass) another class."
        if missed > 0, let recall = recall(cell, missed) {
            text += " \(missed) were reported as missed: recall is at most \(Words.percent(recall.share))."
        }
        return text
    }

    private func recall(_ cell: FeedbackCell, _ missed: Int) -> Proportion? {
        guard missed > 0, cell.confirmed + missed >= Self.casesMin else { return nil }
        return Proportion(hits: cell.confirmed, trials: cell.confirmed + missed)
    }

    private static let figures = [
        "detections", "with a verdict", "confirmed", "false alarms", "wrong class", "precision", "from", "to",
    ]

    private func figures(_ cell: FeedbackCell) -> [Report.Cell] {
        let estimate = cell.judged >= Self.casesMin ? cell.precision?.estimate() : nil
        return [
            .count(cell.detections), .count(cell.judged), .count(cell.confirmed), .count(cell.falseAlarms),
            .count(cell.wrongClass), .share(estimate?.value), .share(estimate?.lower), .share(estimate?.upper),
        ]
    }

    private func byModel(_ counts: FeedbackCounts) -> Report.Section {
        let cells = counts.grouped { FeedbackCounts.Stream(defectClass: $0.defectClass, model: $0.model) }
        let sorted = cells.sorted {
            ($1.value.judged, $0.key.defectClass, $0.key.model.words)
                < ($0.value.judged, $1.key.defectClass, $1.key.model.words)
        }
        let rows = sorted.prefix(inquiry.rowsMax).map { stream, cell -> [Report.Cell] in
            [.text(stream.defectClass), .text(stream.model.name), stream.model.version.map { .text($0) } ?? .none]
                + figures(cell)
        }
        return Report.Section(
            "By class and model", sentences: cut(cells.count),
            table: Report.Table(["class", "model", "version"] + Self.figures, rows))
    }

    private func byCamera(_ counts: FeedbackCounts) -> Report.Section {
        struct Place: Hashable {
            var camera: String
            var defectClass: String
        }
        var cells = counts.grouped { Place(camera: $0.camera, defectClass: $0.defectClass) }
        for (camera, missed) in counts.missedByCamera {
            for name in missed.keys {
                cells[Place(camera: camera, defectClass: name), default: FeedbackCell()].add(.init())
            }
        }
        let sorted = cells.sorted {
            ($1.value.judged, $0.key.camera, $0.key.defectClass) < ($0.value.judged, $1.key.camera, $1.key.defectClass)
        }
        let rows = sorted.prefix(inquiry.rowsMax).map { place, cell -> [Report.Cell] in
            [.text(place.camera), .text(place.defectClass)] + figures(cell)
                + [.count(counts.missedByCamera[place.camera]?[place.defectClass] ?? 0)]
        }
        return Report.Section(
            "By camera", sentences: cut(cells.count),
            table: Report.Table(["camera", "class"] + Self.figures + ["missed"], rows))
    }

    private func cut(_ count: Int) -> [String] {
        count > inquiry.rowsMax ? ["\(inquiry.rowsMax) of \(count) rows, those with most verdicts first."] : []
    }

    private func confusions(_ counts: FeedbackCounts) -> Report.Section {
        let sorted = counts.confusions.sorted {
            ($1.value, $0.key.said, $0.key.was ?? "") < ($0.value, $1.key.said, $1.key.was ?? "")
        }
        let unsaid = sorted.filter { $0.key.was == nil }.reduce(0) { $0 + $1.value }
        return Report.Section(
            "Wrong classes",
            sentences: unsaid > 0
                ? [
                    "Of \(unsaid) orders with a wrong class nobody has said what it was: the desk's page of an order asks."
                ]
                : [],
            table: Report.Table(
                ["class said", "class it was", "orders"],
                sorted.prefix(inquiry.rowsMax).map { [.text($0.said), $0.was.map { .text($0) } ?? .none, .count($1)] }))
    }
}

// MARK: Over time

extension FeedbackAnswer {
    private func drift(_ counts: FeedbackCounts) -> Report.Section {
        let drifts = ConfidenceDrift.all(counts.confidences)
        let level = inquiry.settings.verdict.errorRate
        let few = counts.confidences.count - drifts.count
        var sentences = [
            "Of each class and version of a model the first \(ConfidencePeriods.size) confidences are compared with the newest,"
                + " \(ConfidencePeriods.newestMin) to \(ConfidencePeriods.size), by Kolmogorov and Smirnov; detections that"
                + " joined an open order are left out. p is Holm's over \(drifts.count) comparisons; a change is stated below"
                + " \(Words.number(level, 3))."
        ]
        sentences += drifts.filter { $0.adjusted < level }.prefix(inquiry.rowsMax).map(Self.sentence)
        if drifts.allSatisfy({ $0.adjusted >= level }), !drifts.isEmpty { sentences.append("No change is to be seen.") }
        if few > 0 {
            sentences.append(
                "\(few) classes and versions have fewer than \(ConfidencePeriods.size + ConfidencePeriods.newestMin) such"
                    + " confidences: too few to compare.")
        }
        let rows = drifts.prefix(inquiry.rowsMax).map { drift -> [Report.Cell] in
            [
                .text(drift.stream.defectClass), .text(drift.stream.model.words),
                .count(drift.reference.values.count), .number(drift.reference.mean, digits: 4),
                .count(drift.newest.values.count), .number(drift.newest.mean, digits: 4),
                .number(drift.test.distance, digits: 4), .number(drift.test.p, digits: 6),
                .number(drift.adjusted, digits: 6),
            ]
        }
        return Report.Section(
            "Drift of confidence", sentences: sentences,
            table: Report.Table(
                ["class", "model", "first", "mean", "newest", "mean of these", "D", "p", "p (Holm)"], rows))
    }

    private static func sentence(_ drift: ConfidenceDrift) -> String {
        func period(_ period: ConfidencePeriods.Period) -> String {
            "\(period.values.count) detections from \(day(period.from)) to \(day(period.until))"
        }
        var text =
            "The confidence of \(drift.stream.defectClass) by \(drift.stream.model.words) has changed: mean"
            + " \(Words.number(drift.reference.mean, 3)) in the first \(period(drift.reference)),"
            + " \(Words.number(drift.newest.mean, 3)) in the newest \(period(drift.newest))"
            + " (D = \(Words.number(drift.test.distance, 3)), p = \(Words.p(drift.adjusted)))."
        if let greater = drift.greater {
            text += " The newer one is the greater in \(Words.percent(greater)) of all pairs."
        }
        return text
    }

    private static func day(_ microseconds: Int64) -> String {
        String(Timestamp(microseconds: microseconds).description.prefix(10))
    }

    private func months(_ counts: FeedbackCounts) -> Report.Section {
        let sorted = counts.months.sorted {
            ($1.key.number, $0.key.defectClass, $0.key.model.words) < (
                $0.key.number, $1.key.defectClass, $1.key.model.words
            )
        }
        let rows = sorted.prefix(inquiry.rowsMax).map { month, cell -> [Report.Cell] in
            [
                .text(CalendarMonth.text(month.number)), .text(month.defectClass), .text(month.model.words),
                .number(cell.meanConfidence, digits: 4),
            ] + figures(cell).enumerated().filter { ![2, 3, 4].contains($0.offset) }.map(\.element)
        }
        return Report.Section(
            "By month",
            sentences: counts.months.count > inquiry.rowsMax
                ? ["\(inquiry.rowsMax) of \(counts.months.count) rows, the newest months first."] : [],
            table: Report.Table(
                [
                    "month", "class", "model", "mean confidence", "detections", "with a verdict", "precision", "from",
                    "to",
                ], rows))
    }
}
