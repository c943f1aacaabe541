import AndonSPC
import Testing

@testable import AndonLearn

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Symptom or cause")
struct ActionVerdictTests {
    /// Repairs spread evenly over two years and four assets, with the lives given in turn.
    private func repairs(
        _ action: String, _ lives: [Lifetime], assets: [String] = ["a", "b", "c", "d"], from: Double = 0,
        to: Double = 730
    ) -> [RepairCase] {
        lives.enumerated().map { index, life in
            RepairCase(
                defect: "scratch", action: action, asset: assets[index % assets.count],
                // A stride that meets every asset in every season.
                ended: from + (to - from) * Double(index * 7 % lives.count) / Double(lives.count), life: life)
        }
    }

    /// As many lives as asked for at even quantiles of Weibull's distribution, in mixed order.
    private func weibull(_ count: Int, shape: Double, scale: Double, watched: Double = 400) -> [Lifetime] {
        (0..<count).map { index in
            let p = (Double(index * 11 % count) + 0.5) / Double(count)
            let time = Weibull(shape: shape, scale: scale).quantile(p)
            return time <= watched ? .event(time) : .censored(watched)
        }
    }

    private func kept(_ count: Int, returned: Int, watched: Double = 300) -> [Lifetime] {
        (0..<count).map { $0 < returned ? .event(20 + 40 * Double($0)) : .censored(watched) }
    }

    private func judge(_ repairs: [RepairCase], _ limits: VerdictLimits = VerdictLimits()) -> [ActionVerdict] {
        ActionJudge(limits).verdicts(repairs)
    }

    private func found(_ repairs: [RepairCase], _ action: String = "x", asset: String? = nil) -> ActionVerdict? {
        judge(repairs).first { $0.action == action && $0.asset == asset }
    }

    @Test("An action after which next to nothing comes back removes the cause") func anActionAfterWhichNextTo() throws {
        let verdict = try #require(found(repairs("x", kept(60, returned: 2))))
        #expect(verdict.name == .removesCause)
        #expect(verdict.evidence.cases == 60)
        #expect(verdict.evidence.returns == 2)
        #expect(verdict.evidence.error <= verdict.evidence.errorRate)
        #expect(
            verdict.sentence
                == "\"x\" for scratch removes the cause, as far as 90 days show. After 60 repairs it came back 2 times, "
                + "3 % within 90 days (95 % band 1 % to 13 %).")
    }

    @Test("An action after which most comes back soon treats the symptom only") func anActionAfterWhichMostComes()
        throws
    {
        let verdict = try #require(found(repairs("x", weibull(40, shape: 1, scale: 20))))
        #expect(verdict.name == .symptomOnly)
        #expect(
            verdict.sentence.hasPrefix("\"x\" for scratch treats the symptom only. After 40 repairs it came back 40 "))
    }

    @Test("A part that lasts sixty days wears out") func aPartThatLastsSixtyDays() throws {
        let verdict = try #require(found(repairs("x", weibull(40, shape: 3, scale: 67))))
        #expect(verdict.name == .wearsOut)
        let median = try #require(verdict.evidence.median)
        #expect(abs(median - 60) < 3)
        #expect(verdict.sentence.contains("holds for about 59 days and then wears out"))
        #expect(try #require(verdict.evidence.shapeLower) > 1)
    }

    @Test("A part that wears is never called symptom only however few or many cases there are", arguments: 8...60)
    func aPartThatWearsIsNever(count: Int) {
        let verdict = found(repairs("x", weibull(count, shape: 2.5, scale: 65)))
        #expect(verdict?.name != .symptomOnly)
        #expect(verdict?.name != .removesCause)
    }

    @Test("Between the limits nothing is named") func betweenTheLimitsNothingIsNamed() {
        let lives = (0..<200).map { index -> Lifetime in
            index % 3 == 0 ? .event(30 + Double(index % 50)) : .censored(200)
        }
        #expect(found(repairs("x", lives))?.name == .undecided)
    }

    @Test("Seven cases are too few and the verdict says how many are needed") func sevenCasesAreTooFewAnd() throws {
        let verdict = try #require(found(repairs("x", weibull(7, shape: 1, scale: 5))))
        #expect(verdict.name == .tooFew)
        // With one action judged, half the error for the share: 0.5^6 is at most 0.025.
        #expect(verdict.evidence.needed == 6)
        #expect(verdict.sentence.contains("has too few cases to be judged"))
    }

    @Test("An action used only last month is not judged however many cases it has") func anActionUsedOnlyLastMonth()
        throws
    {
        let lives = (0..<200).map { Lifetime.censored(Double($0 % 30)) }
        let verdict = try #require(found(repairs("x", lives, from: 700)))
        #expect(verdict.name == .tooFew)
        #expect(verdict.evidence.followed == 0)
        #expect(verdict.evidence.share == nil)
    }

    @Test("Cases that are still watched do not count as held") func casesThatAreStillWatchedDo() {
        let lives = kept(8, returned: 0) + (0..<100).map { Lifetime.censored(Double($0 % 60)) }
        #expect(found(repairs("x", lives))?.name == .undecided)
    }

    @Test("A return with another cause is no return of the repair") func aReturnWithAnotherCauseIs() throws {
        var cases = repairs("x", kept(80, returned: 0))
        for index in cases.indices where index % 4 == 0 { cases[index].life = .event(60) }
        #expect(try #require(found(cases)).name == .undecided)
        for index in cases.indices where index % 4 == 0 { cases[index].isOtherCause = true }
        let verdict = try #require(found(cases))
        #expect(verdict.name == .removesCause)
        #expect(verdict.evidence.otherCauses == 20)
        #expect(verdict.evidence.returns == 0)
        #expect(verdict.sentence.contains("it came back never (and 20 times with another cause)"))
    }

    /// In the first half of the year the class returns a hundred times slower than in the second, whatever is done.
    private func seasonal(_ action: String, in months: Range<Int>, count: Int) -> [RepairCase] {
        (0..<count).map { index in
            let month = months.lowerBound + index % months.count
            let ended = Double(index % 2) * 365.25 + Double(month) * 30.4 + Double(index % 13)
            var left = -log((Double(index * 7 % 30) + 0.5) / 30)
            var day = ended
            while left > 0 {
                left -= Circumstances.quarter(day) < 2 ? 0.0005 : 0.05
                day += 1
            }
            return RepairCase(
                defect: "scratch", action: action, asset: ["a", "b", "c", "d"][index % 4], ended: ended,
                life: .event(day - ended))
        }
    }

    @Test("An action used only in the quiet season is not named better for it") func anActionUsedOnlyInThe() throws {
        let quiet = seasonal("quiet", in: 0..<3, count: 60)
        let all = quiet + seasonal("all", in: 0..<12, count: 240)
        // By its own figures it would pass.
        let share = ReturnedShare(quiet.map(\.life), by: 90)
        #expect(share.chanceOfAtLeast(0.2) < 1e-3)
        let verdict = try #require(found(all, "quiet"))
        #expect(verdict.name != .removesCause)
        #expect(verdict.evidence.circumstances < 0.5)
        #expect(verdict.sentence.contains("times as fast as usual"))
    }

    @Test("A season that was not seen stays in doubt") func aSeasonThatWasNotSeen() throws {
        let winter = repairs("x", kept(19, returned: 0, watched: 95), to: 60)
        let wholeYear = repairs("x", kept(19, returned: 0, watched: 95))
        #expect(2 * ReturnedShare(winter.map(\.life), by: 90).chanceOfAtLeast(0.2) < 0.05)
        let unseen = try #require(found(winter))
        let seen = try #require(found(wholeYear))
        #expect(seen.name == .removesCause)
        #expect(unseen.name == .undecided)
        #expect(unseen.evidence.circumstancesUpper > 2)
    }

    @Test("A season is not taken for wear") func aSeasonIsNotTakenFor() {
        // Every repair of the quiet months comes back when the busy ones begin: a hump of lives that no part explains.
        let all = seasonal("quiet", in: 0..<2, count: 60) + seasonal("all", in: 0..<12, count: 240)
        #expect(WearTest.chanceOfAtMost(1, all.filter { $0.action == "quiet" }.map(\.life)) < 1e-4)
        #expect(found(all, "quiet")?.name != .wearsOut)
    }

    /// Asset "bad" sees new causes every few weeks, whatever is done; the others hardly ever.
    private func onAssets(_ action: String, bad: Int, good: Int) -> [RepairCase] {
        repairs(action, weibull(bad, shape: 1, scale: 50), assets: ["bad"])
            + repairs(action, weibull(good, shape: 1, scale: 3000), assets: ["b", "c", "d", "e"])
    }

    @Test("An action used mostly on a bad asset is not named worse for it") func anActionUsedMostlyOnA() throws {
        let all = onAssets("x", bad: 60, good: 8) + onAssets("y", bad: 40, good: 300)
        let own = all.filter { $0.action == "x" }
        #expect(ReturnedShare(own.map(\.life), by: 90).chanceOfAtMost(0.5) < 1e-3)
        let verdict = try #require(found(all))
        #expect(verdict.name == .undecided)
        #expect(verdict.evidence.circumstancesLower > 1.5)
        let comparison = try #require(verdict.evidence.comparison)
        #expect(comparison.isByAsset)
        #expect(comparison.p > 0.2)
        #expect(abs(Double(comparison.observed) - comparison.expected) < 8)
    }

    @Test("An action used mostly on good assets is not named better for it") func anActionUsedMostlyOnGood() throws {
        let all = onAssets("x", bad: 2, good: 80) + onAssets("y", bad: 300, good: 40)
        let own = all.filter { $0.action == "x" }
        #expect(ReturnedShare(own.map(\.life), by: 90).chanceOfAtLeast(0.2) < 1e-3)
        let verdict = try #require(found(all))
        #expect(verdict.name != .removesCause)
    }

    @Test("On one asset the action is judged by that assets repairs") func onOneAssetTheActionIs() {
        let all = onAssets("x", bad: 40, good: 200)
        #expect(found(all, asset: "bad")?.name == .symptomOnly)
        #expect(found(all, asset: "b")?.name == .removesCause)
        #expect(judge(all, VerdictLimits(judgesAssets: false)).allSatisfy { $0.asset == nil })
    }

    @Test("A technician who closes late changes no verdict") func aTechnicianWhoClosesLateChanges() {
        // Up to twenty days of the life have passed unseen; what came back before is there on the day after the closing.
        func late(_ lives: [Lifetime]) -> [Lifetime] {
            lives.enumerated().map {
                Lifetime(time: max(1, $0.element.time - Double($0.offset * 5 % 21)), isEvent: $0.element.isEvent)
            }
        }
        #expect(found(repairs("x", late(weibull(40, shape: 1, scale: 15))))?.name == .symptomOnly)
        #expect(found(repairs("x", late(kept(60, returned: 2))))?.name == .removesCause)
        #expect(found(repairs("x", late(weibull(40, shape: 3, scale: 67))))?.name == .wearsOut)
    }

    @Test(
        "Whole days with ties and any order give the same verdict",
        arguments: [("symptom", 1.0, 12.0), ("wear", 3.0, 67.0)])
    func wholeDaysWithTiesAndAny(_: String, shape: Double, scale: Double) throws {
        let exact = weibull(60, shape: shape, scale: scale)
        let whole = exact.map { Lifetime(time: $0.time.rounded(.down), isEvent: $0.isEvent) }
        #expect(Set(whole.map(\.time)).count < 60)
        let verdict = try #require(found(repairs("x", whole)))
        #expect(verdict.name == found(repairs("x", exact))?.name)
        let reversed = try #require(found(repairs("x", whole).reversed()))
        #expect(verdict.name == reversed.name)
        #expect(verdict.sentence == reversed.sentence)
    }

    @Test("A return on the day of the repair counts") func aReturnOnTheDayOf() throws {
        let verdict = try #require(found(repairs("x", (0..<30).map { .event(Double($0 % 3)) })))
        #expect(verdict.name == .symptomOnly)
        #expect(verdict.evidence.share == 1)
        #expect(verdict.evidence.upper == 1)
    }

    @Test("The more actions are judged the more evidence a name needs") func theMoreActionsAreJudgedThe() throws {
        let own = repairs("x", kept(30, returned: 0))
        #expect(found(own)?.name == .removesCause)
        let others = (0..<60).flatMap { number in
            repairs("other-\(number)", (0..<20).map { Lifetime(time: $0 % 3 == 0 ? 40 : 200, isEvent: $0 % 3 == 0) })
                .map { repair in
                    var repair = repair
                    repair.defect = "class-\(number)"
                    return repair
                }
        }
        let verdict = try #require(found(own + others))
        #expect(verdict.name == .undecided)
        #expect(verdict.evidence.error > 0.05)
    }

    @Test("Times that are none are left out and nothing gives nothing") func timesThatAreNoneAreLeft() {
        let odd = [Lifetime.event(-3), .event(.nan), .censored(.infinity)]
        #expect(found(repairs("x", kept(60, returned: 2) + odd))?.evidence.cases == 60)
        #expect(judge([]).isEmpty)
        #expect(judge(repairs("x", odd)).isEmpty)
    }
}
