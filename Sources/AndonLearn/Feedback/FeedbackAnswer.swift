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
            defined: Phrase(
                "feedback-definition",
                "A verdict is what a technician found at the machine when the order ended: confirmed, a false alarm (no fault"
                    + " found), or another class. It is the verdict on the detection that raised the order; those that joined"
                    + " it are not counted again. Precision is confirmed ÷ (confirmed + false alarms + wrong class), with its"
                    + " 95 % interval (Wilson), from {least} verdicts on. Missed are the defects that persons reported, those"
                    + " that a model called by another class among them. Recall is at most confirmed ÷ (confirmed + missed):"
                    + " what nobody reported is not known. Times are when the defect was seen; months are of UTC.",
                ["least": .count(Self.casesMin)]),
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
        let allClasses = Phrase("feedback-all-classes", "All classes")
        var sentences = [sentence(.phrase(allClasses), all, missed: counts.missed.values.reduce(0, +))]
        sentences += names.prefix(inquiry.rowsMax).map {
            sentence(.name($0), cells[$0] ?? FeedbackCell(), missed: counts.missed[$0] ?? 0)
        }
        let rows = names.prefix(inquiry.rowsMax).map { name in
            let cell = cells[name] ?? FeedbackCell()
            let missed = counts.missed[name] ?? 0
            return [.text(name)] + figures(cell) + [.count(missed), .share(recall(cell, missed)?.share)]
        }
        return Report.Section(
            Phrase("feedback-classes", "By class"), said: sentences,
            table: Report.Table(
                [Heads.defectClass] + Self.heads + [
                    Heads.missed, Phrase("feedback-column-recall", "recall at most"),
                ], rows))
    }

    private func sentence(_ name: Phrase.Value, _ cell: FeedbackCell, missed: Int) -> Phrase {
        var values: [String: Phrase.Value] = [
            "name": name, "judged": .count(cell.judged), "least": .count(Self.casesMin), "missed": .count(missed),
            "confirmed": .count(cell.confirmed), "alarms": .count(cell.falseAlarms), "wrong": .count(cell.wrongClass),
        ]
        guard let precision = cell.precision, let estimate = precision.estimate(), cell.judged >= Self.casesMin else {
            return Phrase(
                "feedback-few",
                "{name}: {judged} orders with a verdict, too few to state a precision ({least} are"
                    + " needed); {missed} reported as missed.", values)
        }
        values["precision"] = .share(estimate)
        let right = Phrase(
            "feedback-right",
            "{name}: {confirmed} of {judged} orders with a verdict were right, a precision of"
                + " {precision}; {alarms} were false alarms and {wrong} another class.", values)
        guard missed > 0, let recall = recall(cell, missed) else { return right }
        values["recall"] = .share(recall.share)
        return .together([
            right,
            Phrase(
                "feedback-recall", "{missed} were reported as missed: recall is at most {recall}.", values),
        ])
    }

    private func recall(_ cell: FeedbackCell, _ missed: Int) -> Proportion? {
        guard missed > 0, cell.confirmed + missed >= Self.casesMin else { return nil }
        return Proportion(hits: cell.confirmed, trials: cell.confirmed + missed)
    }

    private static let heads = [
        detections, judged, Phrase("feedback-column-confirmed", "confirmed"), Heads.falseAlarms,
        Phrase("feedback-column-wrong", "wrong class"), precision, Heads.from, Heads.to,
    ]

    private static let detections = Phrase("feedback-column-detections", "detections")
    private static let judged = Phrase("feedback-column-judged", "with a verdict")
    private static let precision = Phrase("feedback-column-precision", "precision")

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
            [.text(stream.defectClass), stream.model.nameCell, stream.model.version.map { .text($0) } ?? .none]
                + figures(cell)
        }
        return Report.Section(
            Phrase("feedback-models", "By class and model"), said: cut(cells.count),
            table: Report.Table(
                [Heads.defectClass, Heads.model, Phrase("feedback-column-version", "version")] + Self.heads, rows))
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
            Phrase("feedback-cameras", "By camera"), said: cut(cells.count),
            table: Report.Table(
                [Phrase("feedback-column-camera", "camera"), Heads.defectClass] + Self.heads + [Heads.missed], rows))
    }

    private func cut(_ count: Int) -> [Phrase] {
        guard count > inquiry.rowsMax else { return [] }
        return [
            Phrase(
                "feedback-rows", "{rows} of {count} rows, those with most verdicts first.",
                ["rows": .count(inquiry.rowsMax), "count": .count(count)])
        ]
    }

    private func confusions(_ counts: FeedbackCounts) -> Report.Section {
        let sorted = counts.confusions.sorted {
            ($1.value, $0.key.said, $0.key.was ?? "") < ($0.value, $1.key.said, $1.key.was ?? "")
        }
        let unsaid = sorted.filter { $0.key.was == nil }.reduce(0) { $0 + $1.value }
        return Report.Section(
            Phrase("feedback-confusions", "Wrong classes"),
            said: unsaid > 0
                ? [
                    Phrase(
                        "feedback-unsaid",
                        "Of {count} orders with a wrong class nobody has said what it was: the desk's page of an order asks.",
                        ["count": .count(unsaid)])
                ]
                : [],
            table: Report.Table(
                [
                    Phrase("feedback-column-said", "class said"), Phrase("feedback-column-was", "class it was"),
                    Heads.orders,
                ],
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
            Phrase(
                "drift-method",
                "Of each class and version of a model the first {size} confidences are compared with the newest,"
                    + " {least} to {size}, by Kolmogorov and Smirnov; detections that"
                    + " joined an open order are left out. p is Holm's over {count} comparisons; a change is stated below"
                    + " {level}.",
                [
                    "size": .count(ConfidencePeriods.size), "least": .count(ConfidencePeriods.newestMin),
                    "count": .count(drifts.count), "level": .number(level, 3),
                ])
        ]
        sentences += drifts.filter { $0.adjusted < level }.prefix(inquiry.rowsMax).map(Self.sentence)
        if drifts.allSatisfy({ $0.adjusted >= level }), !drifts.isEmpty {
            sentences.append(Phrase("drift-none", "No change is to be seen."))
        }
        if few > 0 {
            sentences.append(
                Phrase(
                    "drift-few",
                    "{few} classes and versions have fewer than {least} such confidences: too few to compare.",
                    ["few": .count(few), "least": .count(ConfidencePeriods.size + ConfidencePeriods.newestMin)]))
        }
        let rows = drifts.prefix(inquiry.rowsMax).map { drift -> [Report.Cell] in
            [
                .text(drift.stream.defectClass), drift.stream.model.cell, .count(drift.reference.values.count),
                .number(drift.reference.mean, digits: 4),
                .count(drift.newest.values.count), .number(drift.newest.mean, digits: 4),
                .number(drift.test.distance, digits: 4), .number(drift.test.p, digits: 6),
                .number(drift.adjusted, digits: 6),
            ]
        }
        return Report.Section(
            Phrase("drift", "Drift of confidence"), said: sentences,
            table: Report.Table(
                [
                    Heads.defectClass, Heads.model, Phrase("drift-column-first", "first"),
                    Phrase("drift-column-mean", "mean"), Phrase("drift-column-newest", "newest"),
                    Phrase("drift-column-mean-newest", "mean of these"), Phrase("drift-column-distance", "D"), Heads.p,
                    Phrase("drift-column-holm", "p (Holm)"),
                ], rows))
    }

    private static func sentence(_ drift: ConfidenceDrift) -> Phrase {
        func period(_ period: ConfidencePeriods.Period) -> Phrase.Value {
            .phrase(
                Phrase(
                    "drift-period", "{count} detections from {from} to {until}",
                    [
                        "count": .count(period.values.count), "from": .day(period.from), "until": .day(period.until),
                    ]))
        }
        let changed = Phrase(
            "drift-changed",
            "The confidence of {class} by {model} has changed: mean"
                + " {first} in the first {firstPeriod},"
                + " {newest} in the newest {newestPeriod}"
                + " (D = {distance}, p = {p}).",
            [
                "class": .name(drift.stream.defectClass), "model": .phrase(drift.stream.model.phrase),
                "first": .number(drift.reference.mean, 3), "firstPeriod": period(drift.reference),
                "newest": .number(drift.newest.mean, 3), "newestPeriod": period(drift.newest),
                "distance": .number(drift.test.distance, 3), "p": .chance(drift.adjusted),
            ])
        guard let greater = drift.greater else { return changed }
        return .together([
            changed,
            Phrase(
                "drift-greater", "The newer one is the greater in {share} of all pairs.", ["share": .share(greater)]),
        ])
    }

    private func months(_ counts: FeedbackCounts) -> Report.Section {
        let sorted = counts.months.sorted {
            ($1.key.number, $0.key.defectClass, $0.key.model.words) < (
                $0.key.number, $1.key.defectClass, $1.key.model.words
            )
        }
        let rows = sorted.prefix(inquiry.rowsMax).map { month, cell -> [Report.Cell] in
            [
                .text(CalendarMonth.text(month.number)), .text(month.defectClass), month.model.cell,
                .number(cell.meanConfidence, digits: 4),
            ] + figures(cell).enumerated().filter { ![2, 3, 4].contains($0.offset) }.map(\.element)
        }
        return Report.Section(
            Phrase("feedback-months", "By month"),
            said: counts.months.count > inquiry.rowsMax
                ? [
                    Phrase(
                        "feedback-month-rows", "{rows} of {count} rows, the newest months first.",
                        ["rows": .count(inquiry.rowsMax), "count": .count(counts.months.count)])
                ] : [],
            table: Report.Table(
                [
                    Dimension.month.called, Heads.defectClass, Heads.model,
                    Phrase("feedback-column-confidence", "mean confidence"), Self.detections, Self.judged,
                    Self.precision, Heads.from, Heads.to,
                ], rows))
    }
}
