import AndonDecide
import AndonModel
import Testing

@Suite("A decision and the past")
struct PastTests {
    @Test("A further detection joins the open order")
    func joins() {
        let decision = Rules.scratch(Rule()).decide(.sample(), facts: .open(priority: 1))
        #expect(decision.outcome == .grouped && decision.joins == .first)
        #expect(decision.reason == "Joined order A7K2M9QX3F, open for scratch on PRESS-07.")
        #expect(decision.rule == "defaults.whileOpen")
    }

    @Test("A qualifying detection joins the open order even when the frequency is not reached")
    func joinsBeforeFrequency() {
        let rules = Rules.scratch(Rule(frequency: Frequency(count: 5, within: .time(.seconds(60)))))
        #expect(rules.decide(.sample(), facts: .open()).outcome == .grouped)
    }

    @Test("A detection below the thresholds does not join")
    func belowDoesNotJoin() {
        let rules = Rules.scratch(Rule(minConfidence: 0.99))
        #expect(rules.decide(.sample(), facts: .open()).outcome == .recorded)
    }

    @Test("While an order is open: record keeps the detection, raise makes another order")
    func whileOpen() {
        let kept = Rules.scratch(Rule(whileOpen: .record)).decide(.sample(), facts: .open())
        #expect(kept.outcome == .recorded && kept.joins == nil)
        #expect(kept.reason == "Recorded only: order A7K2M9QX3F is open for scratch on PRESS-07.")
        let raised = Rules.scratch(Rule(whileOpen: .raise)).decide(.sample(), facts: .open())
        #expect(raised.outcome == .raised && raised.reason.hasSuffix("beside the open order A7K2M9QX3F."))
    }

    @Test("A more urgent detection raises a second order only where the rule says so")
    func whenWorse() {
        let worse = Rules.scratch(
            Rule(
                frequency: Frequency(count: 9, within: .parts(10)), coolDown: .seconds(9000), whileOpen: .record,
                whenWorse: .raise))
        let raised = worse.decide(.sample(), facts: .open(priority: 3))
        #expect(raised.outcome == .raised && raised.rule == "classes.scratch.whenWorse")
        #expect(raised.reason.hasSuffix("more urgent (priority 1) than the open order A7K2M9QX3F (priority 3)."))
        #expect(worse.decide(.sample(), facts: .open(priority: 1)).outcome == .recorded)
        #expect(Rules.scratch(Rule()).decide(.sample(), facts: .open(priority: 3)).outcome == .grouped)
    }

    @Test("The frequency counts this detection, and asks only for what it needs")
    func frequency() {
        let rule = Rule(minConfidence: 0.8, frequency: Frequency(count: 3, within: .time(.seconds(600))))
        let rules = Rules.scratch(rule)
        #expect(
            rules.factsWanted(for: .sample())
                == FactsWanted(window: .time(.seconds(600)), minConfidence: 0.8, countMax: 2))
        #expect(Rules.scratch(Rule()).factsWanted(for: .sample()) == FactsWanted())
        let second = rules.decide(.sample(), facts: Facts(countInWindow: 1))
        #expect(second.outcome == .recorded && second.rule == "classes.scratch.frequency")
        #expect(
            second.reason
                == "Recorded only: 2 of the 3 detections within 10m that make an order for scratch on PRESS-07.")
        let third = rules.decide(.sample(), facts: Facts(countInWindow: 2))
        #expect(third.outcome == .raised)
        #expect(third.reason.contains("3 detections within 10m (3 make an order), no open order"))
    }

    @Test("A detection exactly one window old no longer counts", arguments: [0, 1])
    func windowEdge(_ sooner: Int64) {
        let window = Duration.seconds(600)
        let rules = Rules.scratch(Rule(frequency: Frequency(count: 2, within: .time(window))))
        var history = History(rules: rules)
        #expect(history.take(.sample(at: .noon)).outcome == .recorded)
        let next = history.take(.sample(at: .noon + window - .microseconds(sooner)))
        #expect(next.outcome == (sooner == 0 ? .recorded : .raised))
    }

    @Test("The third of three within five parts raises, the fourth part later does not count", arguments: [4, 5])
    func partsEdge(_ distance: Int) {
        let rules = Rules.scratch(Rule(frequency: Frequency(count: 2, within: .parts(5))))
        var history = History(rules: rules)
        _ = history.take(.sample(), part: 1)
        #expect(history.take(.sample(), part: 1 + distance).outcome == (distance < 5 ? .raised : .recorded))
    }

    @Test("The cool-down is over at exactly its length, and holds for detections that arrive late")
    func coolDown() {
        let rules = Rules.scratch(Rule(coolDown: .seconds(3600)))
        func outcome(_ seconds: Int64, _ microseconds: Int64 = 0) -> Outcome {
            let last = Timestamp.noon - .seconds(seconds) - .microseconds(microseconds)
            return rules.decide(.sample(), facts: Facts(lastRaisedAt: last)).outcome
        }
        #expect(outcome(3600) == .raised && outcome(3600, -1) == .recorded && outcome(0) == .recorded)
        #expect(outcome(-3600) == .raised && outcome(-3600, 1) == .recorded)
        let reason = rules.decide(.sample(), facts: Facts(lastRaisedAt: .noon - .seconds(720))).reason
        #expect(
            reason
                == "Recorded only: the last order for scratch on PRESS-07 was raised 12m before,"
                + " and the cool-down is 1h."
        )
    }

    @Test("A detection soon after the closing says that the repair did not hold, whatever the cool-down")
    func reopen() {
        let rules = Rules.scratch(Rule(coolDown: .seconds(86_400), reopenWithin: .seconds(86_400)))
        var facts = Facts.ended(.closed, at: .noon - .seconds(7500))
        facts.lastRaisedAt = .noon - .seconds(9000)
        let decision = rules.decide(.sample(), facts: facts)
        #expect(decision.outcome == .raised && decision.rule == "classes.scratch.reopenWithin")
        #expect(decision.reason.hasSuffix("; the repair of order A7K2M9QX3F, closed 2h 5m before, did not hold."))
        let held = Rules.scratch(Rule(reopenWithin: .seconds(60)))
        #expect(!held.decide(.sample(), facts: facts).reason.contains("did not hold"))
        let early = Facts.ended(.closed, at: .noon + .seconds(60))
        #expect(!rules.decide(.sample(), facts: early).reason.contains("did not hold"))
    }

    @Test("After a closing the frequency still decides whether there is a fault")
    func reopenNeedsFrequency() {
        let rules = Rules.scratch(
            Rule(frequency: Frequency(count: 2, within: .parts(10)), reopenWithin: .seconds(86_400)))
        var facts = Facts.ended(.closed, at: .noon - .seconds(60))
        #expect(rules.decide(.sample(), facts: facts).outcome == .recorded)
        facts.countInWindow = 1
        #expect(rules.decide(.sample(), facts: facts).reason.contains("did not hold"))
    }

    @Test("After a cancelling the rule may keep detections for a while, to its exact end")
    func afterCancel() {
        let rules = Rules.scratch(Rule(afterCancel: .record, afterCancelFor: .seconds(3600)))
        let soon = rules.decide(.sample(), facts: .ended(.cancelled, at: .noon - .seconds(600)))
        #expect(soon.outcome == .recorded && soon.rule == "classes.scratch.afterCancel")
        #expect(
            soon.reason
                == "Recorded only: order A7K2M9QX3F for scratch on PRESS-07 was cancelled 10m before, and detections"
                + " within 1h of that make no order.")
        #expect(rules.decide(.sample(), facts: .ended(.cancelled, at: .noon - .seconds(3600))).outcome == .raised)
        #expect(rules.decide(.sample(), facts: .ended(.closed, at: .noon - .seconds(600))).outcome == .raised)
        #expect(Rules.scratch(Rule()).decide(.sample(), facts: .ended(.cancelled, at: .noon)).outcome == .raised)
    }

    @Test("Five hundred detections of one fault make one order")
    func fiveHundred() {
        var history = History(rules: Rules.scratch(Rule(minConfidence: 0.8)))
        let outcomes = (0..<500).map { history.take(.sample(at: .noon + .seconds($0))).outcome }
        #expect(outcomes.count { $0 == .raised } == 1 && outcomes.count { $0 == .grouped } == 499)
    }
}
