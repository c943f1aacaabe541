import AndonDecide
import AndonModel
import Foundation
import Testing

@Suite("Who is on call")
struct OnCallTests {
    static let threeShifts: [OnCallSchedule.Shift] = [
        .init(name: "early", from: 6 * 60, to: 14 * 60, assignee: "E"),
        .init(name: "late", from: 14 * 60, to: 22 * 60, assignee: "L"),
        .init(name: "night", from: 22 * 60, to: 6 * 60, assignee: "N"),
    ]

    func berlin(_ shifts: [OnCallSchedule.Shift], _ overrides: [OnCallSchedule.Override] = []) -> OnCallSchedule {
        OnCallSchedule(timeZone: "Europe/Berlin", shifts: shifts, overrides: overrides)
    }

    @Test("The start of a shift is inside, its end is the next one's")
    func edges() {
        let schedule = berlin(Self.threeShifts)
        // 06:00 in Berlin is 05:00 UTC in winter.
        #expect(schedule.duty(at: .at("2026-11-24T04:59:59.999999Z"))?.assignee == "N")
        #expect(schedule.duty(at: .at("2026-11-24T05:00:00Z"))?.assignee == "E")
        #expect(schedule.duty(at: .at("2026-11-24T12:59:59.999999Z"))?.assignee == "E")
        #expect(schedule.duty(at: .at("2026-11-24T13:00:00Z"))?.assignee == "L")
    }

    @Test(
        "Every minute of the days around a change of the clocks has one person, the one the wall clock names",
        arguments: [
            ("Europe/Berlin", "2026-03-28T00:00:00Z"), ("Europe/Berlin", "2026-10-24T00:00:00Z"),
            ("America/Detroit", "2026-03-07T12:00:00Z"), ("America/Detroit", "2026-10-31T12:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-03T20:00:00Z"), ("UTC", "2026-12-31T00:00:00Z"),
            ("America/Santiago", "2026-09-05T00:00:00Z"),
        ])
    func everyMinute(_ zone: String, _ start: String) throws {
        let schedule = OnCallSchedule(timeZone: zone, shifts: Self.threeShifts)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        for minute in 0..<(72 * 60) {
            let time = Timestamp.at(start) + .seconds(minute * 60)
            let hour = calendar.component(.hour, from: Date(timeIntervalSince1970: time.microseconds.asSeconds))
            let expected = hour < 6 || hour >= 22 ? "N" : hour < 14 ? "E" : "L"
            #expect(schedule.duty(at: time)?.assignee == expected, "\(time) in \(zone)")
        }
    }

    @Test("A night over the change of the clocks is one shift of seven or nine hours")
    func nightLengths() {
        let night = berlin([.init(name: "night", days: [.sat], from: 22 * 60, to: 6 * 60, assignee: "N")])
        func minutes(from start: String) -> Int {
            (0..<(24 * 60)).count { night.duty(at: .at(start) + .seconds($0 * 60)) != nil }
        }
        #expect(minutes(from: "2026-03-28T12:00:00Z") == 7 * 60)
        #expect(minutes(from: "2026-10-24T12:00:00Z") == 9 * 60)
        #expect(minutes(from: "2026-11-21T12:00:00Z") == 8 * 60)
        #expect(minutes(from: "2026-11-22T12:00:00Z") == 0)
    }

    @Test(
        "Shifts that meet inside the repeated or the skipped hour leave no gap and no overlap",
        arguments: ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"])
    func meetInsideTheHour(_ start: String) {
        let schedule = berlin([
            .init(name: "one", from: 12 * 60, to: 2 * 60 + 30, assignee: "1"),
            .init(name: "two", from: 2 * 60 + 30, to: 12 * 60, assignee: "2"),
        ])
        let names = (0..<(20 * 60)).map { schedule.duty(at: .at(start) + .seconds($0 * 60))?.assignee }
        #expect(!names.contains(nil))
        #expect(zip(names, names.dropFirst()).count { $0 != $1 } == 1 + 0, "one change of shift between noon and 10:00")
    }

    @Test("A shift belongs to the day on which it begins")
    func weekdays() {
        let friday = berlin([.init(name: "night", days: [.fri], from: 22 * 60, to: 6 * 60, assignee: "N")])
        #expect(friday.duty(at: .at("2026-11-28T04:00:00Z"))?.assignee == "N", "Saturday 05:00 is Friday's night")
        #expect(friday.duty(at: .at("2026-11-27T04:00:00Z")) == nil, "Friday 05:00 is Thursday's night")
    }

    @Test("A shift from six to six lasts a whole day, also from midnight to 24:00")
    func wholeDay() {
        let day = berlin([.init(name: "day", days: [.sun], from: 360, to: 360, assignee: "W")])
        #expect(day.duty(at: .at("2026-11-22T05:00:00Z")) != nil && day.duty(at: .at("2026-11-23T04:59:00Z")) != nil)
        #expect(day.duty(at: .at("2026-11-22T04:59:00Z")) == nil && day.duty(at: .at("2026-11-23T05:00:00Z")) == nil)
        let calendarDay = berlin([.init(name: "day", days: [.sun], from: 0, to: 1440, assignee: "W")])
        #expect(calendarDay.duty(at: .at("2026-11-21T23:00:00Z")) != nil)
        #expect(calendarDay.duty(at: .at("2026-11-22T23:00:00Z")) == nil)
    }

    @Test("An override changes the person for one date, for one shift or for all, and may say nobody")
    func overrides() throws {
        let eve = try #require(CivilDate(year: 2026, month: 12, day: 24))
        let time = Timestamp.at("2026-12-25T02:00:00Z")
        #expect(
            berlin(Self.threeShifts, [.init(date: eve, shift: "night", assignee: "X")]).duty(at: time)?.assignee == "X")
        #expect(
            berlin(Self.threeShifts, [.init(date: eve, shift: "late", assignee: "X")]).duty(at: time)?.assignee == "N")
        #expect(berlin(Self.threeShifts, [.init(date: eve, assignee: nil)]).duty(at: time) == nil)
        let weekend = OnCallSchedule.Shift(name: "extra", days: [.sun], from: 0, to: 1440, assignee: "W")
        let extra = OnCallSchedule.Override(date: eve, shift: "extra", assignee: "X")
        #expect(berlin([weekend], [extra]).duty(at: .at("2026-12-24T10:00:00Z"))?.assignee == "X")
    }

    @Test("Where shifts overlap the first in the list is on call, and the second when the first is overridden away")
    func overlap() throws {
        let both: [OnCallSchedule.Shift] = [
            .init(name: "first", from: 0, to: 1440, assignee: "1"),
            .init(name: "second", from: 0, to: 1440, assignee: "2"),
        ]
        #expect(berlin(both).duty(at: .noon)?.assignee == "1")
        let date = try #require(CivilDate(year: 2026, month: 11, day: 24))
        #expect(berlin(both, [.init(date: date, shift: "first", assignee: nil)]).duty(at: .noon)?.assignee == "2")
    }

    @Test("A critical order goes to the person on call; with nobody there it goes to the backlog with an alarm")
    func routes() {
        let day = OnCallSchedule.Shift(name: "day", days: [.tue], from: 360, to: 1080, assignee: "TECH-1")
        let rules = Rules.scratch(
            Rule(), routing: Routing(priorities: [1], criticalities: ["A"], schedule: berlin([day])))
        let onCall = rules.decide(.sample(), facts: Facts())
        #expect(onCall.priority == 1 && onCall.route == Route(target: .onCall, assignee: "TECH-1"))
        let night = rules.decide(.sample(at: .at("2026-11-24T22:30:00Z")), facts: Facts())
        #expect(
            night.route
                == Route(
                    target: .backlog, alarm: "nobody was on call at 2026-11-24 23:30 Europe/Berlin for priority 1"))
        #expect(rules.decide(.sample(severity: .score(0.1)), facts: Facts()).route == Route(target: .backlog))
        let critical = Detection.sample(severity: .score(1), criticality: "B")
        #expect(rules.decide(critical, facts: Facts()).route == Route(target: .backlog), "priority 1, but not on an A")
    }

    @Test("The person is the one on call when the report arrives, not when the picture was taken")
    func receivedAt() {
        let rules = Rules.scratch(Rule(), routing: Routing(schedule: berlin(Self.threeShifts)))
        let late = Detection.sample(at: .at("2026-11-24T04:59:00Z"), received: .at("2026-11-24T05:01:00Z"))
        #expect(rules.decide(late, facts: Facts()).route.assignee == "E")
    }

    @Test(
        "Over a whole day across the change of the clocks and midnight every detection is an order or joins one",
        arguments: ["2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z", "2026-12-31T12:00:00Z"])
    func wholeDaySimulation(_ start: String) {
        for seed in 1...5 {
            var random = Seeded(seed)
            var history = History(
                rules: Rules.scratch(
                    Rule(minConfidence: 0.5, minSeverity: 0.5),
                    routing: Routing(priorities: [1, 2, 3], schedule: berlin(Self.threeShifts))))
            var (above, raised, grouped, recorded) = (0, 0, 0, 0)
            var time = Timestamp.at(start)
            let end = time + .seconds(24 * 3600)
            while time < end {
                let (confidence, severity) = (random.tenth(), random.tenth())
                let detection = Detection.sample(
                    on: "P-\(Int.random(in: 0..<40, using: &random))", confidence: confidence,
                    severity: .score(severity), at: time)
                above += confidence >= 0.5 && severity >= 0.5 ? 1 : 0
                let decision = history.take(detection)
                switch decision.outcome {
                case .raised:
                    raised += 1
                    #expect(decision.route.target == .onCall && decision.route.alarm == nil, "seed \(seed) at \(time)")
                case .grouped: grouped += 1
                case .recorded: recorded += 1
                }
                time = time + .seconds(Int.random(in: 1...400, using: &random))
            }
            #expect(above == raised + grouped && raised > 0 && grouped > 0 && recorded > 0, "seed \(seed)")
        }
    }
}

extension Int64 {
    fileprivate var asSeconds: Double { Double(self) / 1e6 }
}
