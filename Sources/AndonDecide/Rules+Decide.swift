import AndonModel

extension Rules {
    /// What `decide` must know of the past of this detection's class on its asset.
    public func factsWanted(for detection: Detection) -> FactsWanted {
        effectiveRule(class: detection.defect.defectClass, at: detection.place).factsWanted
    }

    /// Decides what a detection calls for: exactly one outcome, with its reason.
    ///
    /// The same detection, facts and rules always give the same decision; there is no clock but the detection's.
    /// Windows and cool-downs are measured at `detectedAt`, because that is when the defect was there; the person
    /// on call is looked up at `receivedAt`, because that is when someone must come.
    ///
    /// The checks, in this order, and the first that says something ends it:
    ///
    /// 1. **Thresholds.** Equality passes. A confidence or severity that nobody stated is not compared. A process
    ///    that is out of control passes them where `whenOutOfControl` says so; a chart's own signal and a predicted
    ///    crossing always do, and they wait for no frequency either.
    /// 2. **The open order.** A qualifying detection joins it even when the frequency is not reached: the
    ///    frequency asks whether there is a fault at all, and the open order has answered that. Held back, the
    ///    detection would be missing from the order's count, and the technician would think it had stopped.
    ///    For the same reason an order that is raised because things got worse waits for no frequency or cool-down.
    /// 3. **The cancelled order.** Before the frequency, so that the reason names the person's judgement.
    ///    After it the chart: routine variation of a process in control, where `whenInControl` says so.
    /// 4. **Frequency.** Counts this detection and the earlier ones in the window.
    /// 5. **The closed order.** A detection after the repair raises an order that says so. It passes the
    ///    cool-down, which exists so that one fault does not make two orders; after a repair it is another fault.
    /// 6. **Cool-down.**
    ///
    /// A span of time is over at exactly its length: at `coolDown` an order may be raised, at `reopenWithin` the
    /// repair has held. Late detections (taken before the last order was raised or cancelled, and received after)
    /// are as near to it as they are before it.
    public func decide(_ detection: Detection, facts: Facts) -> Decision {
        let view = DetectionView(detection, rules: self)
        let verdict = view.verdict(facts)
        let raised = verdict.outcome == .raised
        let date = detection.prediction.flatMap {
            repairDate(for: $0, at: detection.place, stops: facts.stops, now: detection.receivedAt)
        }
        return Decision(
            outcome: verdict.outcome, joins: verdict.joins,
            kind: detection.prediction == nil ? view.rule.kind : .predictive, priority: view.priority,
            severity: view.severity.value, severityBand: view.band, criticality: view.criticality,
            className: view.className, classCode: view.classCode, classKnown: view.rule.isKnown,
            action: view.rule.fields.action, orderType: view.rule.fields.orderType,
            scheduledAt: date?.at,
            route: raised
                ? routing.route(priority: view.priority, criticality: view.criticality, at: detection.receivedAt)
                : Route(target: .backlog),
            reason: Reason(view: view, verdict: verdict, date: date).sentence, rule: verdict.path(in: view),
            rulesVersion: version)
    }
}

extension DetectionView {
    /// The check that decides, without the sentence: what a replay asks a million times.
    func verdict(_ facts: Facts) -> Verdict {
        let chart = facts.chart
        let signal = chart.flatMap { chart in
            chart.isOut && (detection.isSignal || rule.whenOutOfControl == .raise) ? chart : nil
        }
        let isBeyondDoubt = signal != nil || detection.isSignal
        if !(confidence.passes && severity.passes), !isBeyondDoubt {
            return .below([confidence, severity].filter { !$0.passes })
        }

        if let order = facts.openOrder {
            if rule.whenWorse == .raise, priority < order.priority { return .moreUrgent(than: order) }
            switch rule.whileOpen {
            case .join: return .joins(order.reference)
            case .record: return .keptBeside(order.reference)
            case .raise: break
            }
        }

        let ended = facts.lastEnded.map { (order: $0, passed: detection.detectedAt - $0.at) }
        if let ended, ended.order.state == .cancelled, rule.afterCancel == .record,
            ended.passed.distance < rule.afterCancelFor
        {
            return .cancelled(ended.order.reference, passed: ended.passed)
        }

        if let chart, chart.isIn, rule.whenInControl == .record, !isBeyondDoubt { return .routine(chart) }

        // Saturating: a count that a caller made up must not trap.
        let count = max(0, min(facts.countInWindow, Int.max - 1)) + 1
        if rule.frequency.isOn, count < rule.frequency.count, !isBeyondDoubt { return .tooFew(count) }

        if !detection.isSignal, let ended, [.done, .closed].contains(ended.order.state), ended.passed >= .zero,
            ended.passed < rule.reopenWithin
        {
            return .didNotHold(ended.order.reference, passed: ended.passed, count: count)
        }

        if let last = facts.lastRaisedAt {
            let passed = detection.detectedAt - last
            if passed.distance < rule.coolDown { return .coolingDown(passed: passed) }
        }
        if let prediction = detection.prediction {
            return .predicted(prediction, beside: facts.openOrder?.reference)
        }
        if let signal { return .signalled(signal, beside: facts.openOrder?.reference) }
        return .raised(beside: facts.openOrder?.reference, count: count)
    }
}

extension Duration {
    /// Without its sign.
    var distance: Duration { self < .zero ? .zero - self : self }
}
