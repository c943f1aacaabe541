import AndonLedger
import AndonModel
import AndonSPC

/// Does an action remove the cause, or the symptom alone? For every class and action of the plant.
struct VerdictAnswer {
    private let inquiry: Inquiry
    private let store: Store

    init(_ inquiry: Inquiry, _ store: Store) {
        self.inquiry = inquiry
        self.store = store
    }

    private var limits: VerdictLimits {
        let verdict = inquiry.settings.verdict
        return VerdictLimits(
            horizon: verdict.horizonDays, symptomShare: verdict.symptomShare, causeShare: verdict.causeShare,
            errorRate: verdict.errorRate, leastCases: verdict.casesMin)
    }

    func report() async throws -> Report {
        let context = try await CourseContext(store, reach: inquiry.filter.reach)
        let (cases, basis) = try await CourseScan(store).fold(RepairCases(inquiry.filter, context))
        let newest = cases.newest
        let judged = ActionJudge(limits).verdicts(newest)
        let chosen = inquiry.action.map { action in judged.filter { $0.action == action } } ?? judged
        var sections = Self.named.map { section($0.0, $0.1, chosen) }
        if cases.count > newest.count {
            sections.insert(
                Report.Section(
                    Phrase("actions-judged", "What was judged"),
                    said: [
                        Phrase(
                            "actions-newest", "Of {count} repairs the newest {newest} were judged.",
                            ["count": .count(cases.count), "newest": .count(newest.count)])
                    ]), at: 0)
        }
        return Report(
            "Symptom or cause",
            defined: Phrase(
                "actions-definition",
                "Symptom only: more than {symptom} of the repairs come back within"
                    + " {days} days; removes the cause: fewer than"
                    + " {cause}. Compared are repairs on the same assets and in the same seasons. All"
                    + " verdicts of the plant together hold an error rate of {rate}; with fewer than"
                    + " {least} repairs none is given. Repairs whose closure names no action are left out. A repair"
                    + " after which the class came back with another root cause held until then, and no longer counts.",
                [
                    "symptom": .share(limits.symptomShare), "days": .number(limits.horizon, 0),
                    "cause": .share(limits.causeShare), "rate": .share(limits.errorRate),
                    "least": .count(limits.leastCases),
                ]),
            basis: basis, sections: sections)
    }

    private static let named: [(ActionVerdict.Name, Phrase)] = [
        (.symptomOnly, Phrase("actions-symptom-only", "Symptom only")),
        (.wearsOut, Phrase("actions-wears-out", "Holds for a time, then comes back")),
        (.removesCause, Phrase("actions-removes-cause", "Removes the cause")),
        (.undecided, Phrase("actions-undecided", "Not decided")), (.tooFew, Phrase("actions-too-few", "Too few")),
    ]

    private func section(_ name: ActionVerdict.Name, _ heading: Phrase, _ judged: [ActionVerdict]) -> Report.Section {
        let verdicts = judged.filter { $0.name == name }.sorted { $0.evidence.cases > $1.evidence.cases }
        let isNamed = name != .undecided && name != .tooFew
        return Report.Section(
            heading, said: isNamed ? verdicts.prefix(inquiry.rowsMax).map(\.phrase) : [],
            table: Report.Table(
                [
                    Heads.defectClass, Heads.action, Heads.asset, Heads.repairs,
                    Phrase("actions-column-returns", "returns"), Heads.followed,
                    Phrase("actions-column-share", "share back"), Heads.from95, Heads.to95, Heads.median(Units.days),
                    Phrase("actions-column-needed", "cases needed"),
                ],
                verdicts.prefix(inquiry.rowsMax).map { verdict in
                    let evidence = verdict.evidence
                    let asset: Report.Cell = verdict.asset.map { .text($0) } ?? .phrase(.all)
                    return [
                        .text(verdict.defect), .text(verdict.action), asset, .count(evidence.cases),
                        .count(evidence.returns), .count(evidence.followed),
                        .share(evidence.share), .share(evidence.lower), .share(evidence.upper),
                        .number(evidence.median, digits: 1), isNamed ? .none : .count(evidence.needed),
                    ]
                }))
    }
}
