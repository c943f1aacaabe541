import AndonDecide
import AndonModel
import AndonSPC
import Testing

@Suite("Dates of predicted repairs")
struct RepairPlanTests {
    private let now = Timestamp.at("2026-11-25T12:00:00Z")
    private let day = Duration.seconds(86_400)

    private func prediction(_ standing: Prediction.Standing, first days: Double? = nil) -> Prediction {
        var prediction = Prediction(
            chart: "chips", stratum: "", point: 30, points: 30, standing: standing, threshold: 6, isRising: true,
            confidence: 0.9)
        prediction.first = days.map { now + .seconds($0 * 86_400) }
        prediction.expected = prediction.first.map { $0 + day }
        return prediction
    }

    private var trend: Chart.TrendRule {
        Chart.TrendRule(
            forecast: ForecastSettings(threshold: 6), orderClass: "wear",
            leadTimes: ["A": 5, "B": 3, "C": 1].mapValues { $0 * 86_400_000_000 }, calmPoints: 3)
    }

    private var rules: Rules {
        Rules(charts: [Chart(name: "chips", kind: .u, quantity: .defects, trend: trend)])
    }

    private func place(_ criticality: String?) -> Place { Detection.sample(criticality: criticality).place }

    private func date(
        _ prediction: Prediction, _ criticality: String? = "B", stops: [PlannedStop] = []
    ) -> RepairDate? {
        rules.repairDate(for: prediction, at: place(criticality), stops: stops, now: now)
    }

    @Test("The lower bound less the lead time of the criticality; nothing without a date; now when it is past")
    func dates() {
        for (criticality, days) in [("A", 5.0), ("B", 7), ("C", 9)] {
            #expect(date(prediction(.dated, first: 10), criticality)?.at == now + .seconds(days * 86_400))
        }
        #expect(date(prediction(.dated, first: 10), nil)?.at == now + day * 7, "nobody ranked it: as the second lowest")
        #expect(date(prediction(.degrading)) == nil && date(prediction(.fast)) == nil)
        #expect(date(prediction(.dated, first: 2))?.at == now)
        #expect(date(prediction(.dated, first: -1))?.at == now)
        #expect(date(prediction(.crossed))?.at == now)
    }

    @Test("Inside a planned stop the date stays; before it lies the last stop; none of it is a reason to be late")
    func stops() {
        func stop(_ name: String, _ from: Double, _ to: Double) -> PlannedStop {
            PlannedStop(name: name, from: now + .seconds(from * 86_400), to: now + .seconds(to * 86_400))
        }
        let stops = [stop("running", -0.5, 0.25), stop("first", 2, 2.5), stop("second", 6, 6.5), stop("late", 20, 21)]
        // Wanted at day 7.
        let before = date(prediction(.dated, first: 10), stops: stops)
        #expect(before?.at == now + day * 6 && before?.reason.contains("\"second\"") == true)
        // Wanted at day 6.25: inside the second.
        let inside = date(prediction(.dated, first: 9.25), stops: stops)
        #expect(inside?.at == now + .seconds(6.25 * 86_400) && inside?.reason.contains("in the planned stop") == true)
        // Wanted at day 1: the stop that runs now began before it.
        #expect(date(prediction(.dated, first: 4), stops: stops)?.at == now)
        #expect(date(prediction(.dated, first: 4), stops: [stop("late", 20, 21)])?.at == now + day)
    }

    @Test("Weekly stops follow the clock on the wall over the change to winter time, and hold for their line alone")
    func windows() {
        let plant = Plant(
            name: "P", timeZone: "Europe/Berlin",
            maintenance: [
                MaintenanceWindow(name: "Sunday", lines: ["L1"], span: .weekly(days: [6], from: 60, to: 240)),
                MaintenanceWindow(name: "night", assets: ["X"], span: .weekly(days: [0], from: 1320, to: 120)),
            ])
        var place = place("A")
        place.line = "L1"
        let from = Timestamp.at("2026-10-24T00:00:00Z")
        let found = plant.plannedStops(at: place, after: from, days: 9)
        #expect(found.map(\.name) == ["Sunday", "Sunday"])
        // On 25 October the clock shows two o'clock twice: the stop is an hour longer.
        #expect(found.first?.from == .at("2026-10-24T23:00:00Z") && found.first?.to == .at("2026-10-25T03:00:00Z"))
        #expect(found.last?.from == .at("2026-11-01T00:00:00Z") && found.last?.to == .at("2026-11-01T03:00:00Z"))
        place.line = "L2"
        #expect(plant.plannedStops(at: place, after: from).isEmpty)
    }

    @Test("A plan asks once, moves only by enough, and lets go only when the trend has been gone for long enough")
    func steps() {
        var plan = RepairPlan()
        func step(_ prediction: Prediction, _ state: OrderState?, at time: Timestamp) -> RepairPlan.Step {
            plan.step(
                prediction, order: state,
                date: rules.repairDate(for: prediction, at: place("B"), stops: [], now: time), trend: trend, now: time)
        }
        #expect(step(prediction(.level), nil, at: now) == .wait)
        #expect(step(prediction(.degrading), nil, at: now) == .wait)
        #expect(step(prediction(.dated, first: 20), nil, at: now) == .raise)
        // The rules recorded it only: it is asked for again after a day, not with every point.
        #expect(step(prediction(.dated, first: 20), nil, at: now + .seconds(3600)) == .wait)
        #expect(step(prediction(.dated, first: 20), nil, at: now + day) == .raise)
        plan.reference = .first
        plan.scheduledAt = now + day * 17
        #expect(step(prediction(.dated, first: 20.5), .open, at: now + day) == .wait, "half a day is no move")
        guard case .move(let date) = step(prediction(.dated, first: 15), .open, at: now + day) else {
            Issue.record("five days are a move")
            return
        }
        #expect(date.at == now + day * 12 && plan.scheduledAt == date.at && plan.changes == 1)
        #expect(step(prediction(.level), .open, at: now + day) == .wait)
        #expect(step(prediction(.away), .open, at: now + day) == .wait)
        #expect(step(prediction(.degrading), .open, at: now + day) == .wait, "the trend is back: counted anew")
        for _ in 0..<2 { #expect(step(prediction(.level), .open, at: now + day) == .wait) }
        #expect(step(prediction(.tooFew), .open, at: now + day) == .wait)
        guard case .takeBack(let reason) = step(prediction(.level), .open, at: now + day) else {
            Issue.record("three calm points take it back")
            return
        }
        #expect(reason.contains("trend is gone"))
        #expect(step(prediction(.dated, first: 10), .open, at: now + day * 3) == .wait, "it is on its way out")
        #expect(step(prediction(.dated, first: 10), .cancelled, at: now + day * 3) == .raise)
    }

    @Test("Work that has begun is never taken back, and a date that is due does not run away")
    func begun() {
        var plan = RepairPlan()
        plan.reference = .first
        plan.scheduledAt = now - day
        for _ in 0..<10 {
            #expect(plan.step(prediction(.level), order: .inProgress, date: nil, trend: trend, now: now) == .wait)
        }
        let later = RepairDate(at: now + day * 30, reason: "")
        #expect(plan.step(prediction(.dated, first: 40), order: .open, date: later, trend: trend, now: now) == .wait)
    }

    @Test("A plan is kept and read again as it was")
    func kept() {
        var plan = RepairPlan()
        plan.reference = .first
        plan.scheduledAt = now
        (plan.changes, plan.calm, plan.askedAt, plan.isTakenBack) = (3, 2, now - day, true)
        #expect(RepairPlan(plan.json) == plan)
        #expect(RepairPlan(nil) == RepairPlan())
    }
}
