import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC

extension AcceptStep {
    /// With each new point of a stream whose trend is followed: estimate, and raise, move or take back its predictive
    /// order. What the estimate and the plan make of it is pure; here it is carried out, in the point's own transaction.
    func follow(
        _ trending: Folded.Trending, from cause: ChartCause, _ current: InForce, in transaction: Transaction
    ) throws {
        let chart = trending.chart
        let trend = trending.trend
        let reader = transaction.reader
        guard let stream = try reader.chartStream(chart.name, trending.stratum) else {
            throw StoreError.inconsistent("the stream \(chart.name) was kept and is not there")
        }
        let points = try reader.chartPoints(chart.name, trending.stratum, last: trend.window, after: stream.begunAt)
            .filter { !$0.isLate }.compactMap(chart.value)
        let prediction = Prediction(chart, trending.stratum, trend, number: trending.point.number, points: points)
        var plan = RepairPlan(stream.planned)
        let order = try plan.reference.flatMap { try reader.order($0) }
        let date = current.rules.repairDate(
            for: prediction, at: cause.place,
            stops: prediction.calls ? current.plant.plannedStops(at: cause.place, after: transaction.now) : [],
            now: transaction.now)
        let step = plan.step(prediction, order: order?.state, date: date, trend: trend, now: transaction.now)
        switch step {
        case .wait: break
        case .raise:
            let reference = try report(ChartEvent(trending, prediction), from: cause, current, in: transaction)
            try plan.took(reference.flatMap { try reader.order($0) })
        case .move(let date):
            let reason = "\(prediction.sentence). Planned for \(date.at.toTheSecond): \(date.reason)."
            try change(order, to: date.at, plan, reason: reason, current, in: transaction)
        case .takeBack(let reason):
            try change(order, to: nil, plan, reason: reason, current, in: transaction)
        }
        try transaction.putPlan(plan.json, chart: chart.name, stratum: trending.stratum)
    }

    private func change(
        _ order: OrderRecord?, to date: Timestamp?, _ plan: RepairPlan, reason: String, _ current: InForce,
        in transaction: Transaction
    ) throws {
        guard let order else { return }
        let change = DateChange(
            reference: order.reference, number: plan.changes, from: order.document.scheduledAt, to: date,
            reason: reason)
        try transaction.apply(change, to: order, policy: current.queues[order.connector] ?? QueuePolicy())
    }
}

extension RepairPlan {
    /// Follows the order that an event raised or joined, if it is a predictive one.
    fileprivate mutating func took(_ order: OrderRecord?) {
        guard let order, order.kind == .predictive else { return }
        reference = order.reference
        scheduledAt = order.document.scheduledAt
        changes = 0
        calm = 0
    }
}
