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
                    "What was judged",
                    sentences: ["Of \(cases.count) repairs the newest \(newest.count) were judged."]), at: 0)
        }
        return Report(
            "Symptom or cause",
            definition: "Symptom only: more than \(Words.percent(limits.symptomShare)) of the repairs come back within"
                + " \(Words.number(limits.horizon, 0)) days; removes the cause: fewer than"
                + " \(Words.percent(limits.causeShare)). Compared are repairs on the same assets and in the same seasons. All"
                + " verdicts of the plant together hold an error rate of \(Words.percent(limits.errorRate)); with fewer than"
                + " \(limits.leastCases) repairs none is given. Repairs whose closure names no action are left out. A repair"
                + " after which the class came back with another root cause held until then, and no longer counts.",
            basis: basis, sections: sections)
    }

    private static let named: [(ActionVerdict.Name, String)] = [
        (.symptomOnly, "Symptom only"), (.wearsOut, "Holds for a time, then comes back"),
        (.removesCause, "Removes the cause"), (.undecided, "Not decided"), (.tooFew, "Too few"),
    ]

    private func section(_ name: ActionVerdict.Name, _ heading: String, _ judged: [ActionVerdict]) -> Report.Section {
        let verdicts = judged.filter { $0.name == name }.sorted { $0.evidence.cases > $1.evidence.cases }
        let isNamed = name != .undecided && name != .tooFew
        return Report.Section(
            heading, sentences: isNamed ? verdicts.prefix(inquiry.rowsMax).map(\.sentence) : [],
            table: Report.Table(
                [
                    "class", "action", "asset", "repairs", "returns", "followed", "share back", "95 % from", "95 % to",
                    "median, days", "cases needed",
                ],
                verdicts.prefix(inquiry.rowsMax).map { verdict in
                    let evidence = verdict.evidence
                    return [
                        .text(verdict.defect), .text(verdict.action), .text(verdict.asset ?? "all"),
                        .count(evidence.cases), .count(evidence.returns), .count(evidence.followed),
                        .share(evidence.share), .share(evidence.lower), .share(evidence.upper),
                        .number(evidence.median, digits: 1), isNamed ? .none : .count(evidence.needed),
                    ]
                }))
    }
}
