import AndonDecide
import AndonModel
import Testing

@Suite("The calendar of who is on call")
struct RosterTests {
    private static let day = CivilDate(year: 2026, month: 12, day: 24)

    private static func schedule(_ overrides: [OnCallSchedule.Override]) -> OnCallSchedule {
        OnCallSchedule(
            timeZone: "Europe/Berlin",
            shifts: [
                .init(name: "day", days: [.mon, .tue, .wed, .thu, .fri], from: 360, to: 1080, assignee: "A"),
                .init(name: "night", from: 1080, to: 360, assignee: "B"),
                .init(name: "weekend", days: [.sat, .sun], from: 360, to: 1080, assignee: "C"),
            ], overrides: overrides)
    }

    @Test("A date has the shifts that start on it, with other people where an override says so")
    func turns() throws {
        // A Thursday.
        let day = try #require(Self.day)
        let plain = Self.schedule([]).turns(on: day)
        #expect(plain.map(\.shift.name) == ["day", "night"] && plain.map(\.assignee) == ["A", "B"])
        let changed = Self.schedule([
            .init(date: day, shift: "weekend", assignee: "D"), .init(date: day, shift: "night", assignee: nil),
        ]).turns(on: day)
        #expect(changed.map(\.shift.name) == ["day", "night", "weekend"])
        #expect(changed.map(\.assignee) == ["A", nil, "D"] && changed.map(\.isOverridden) == [false, true, true])
        let all = Self.schedule([.init(date: day, assignee: "E")]).turns(on: day)
        #expect(all.map(\.assignee) == ["E", "E"], "a shift that does not run is none")
    }

    @Test("Where shifts do not overlap the calendar says who the decisions call", arguments: 0..<200)
    func asDecided(_ seed: Int) throws {
        var random = Seeded(seed)
        let first = try #require(Self.day).daysSinceEpoch
        let overrides = (0..<3).map { _ in
            OnCallSchedule.Override(
                date: CivilDate(daysSinceEpoch: first + Int64.random(in: 0..<7, using: &random)),
                shift: random.maybe(0.5) { $0.one(of: ["day", "night"]) }, assignee: random.maybe(0.8) { _ in "X" })
        }
        let schedule = Self.schedule(overrides)
        for offset in 0..<7 {
            let date = CivilDate(daysSinceEpoch: first + Int64(offset))
            for turn in schedule.turns(on: date) where turn.shift.name == "night" {
                let start = schedule.moment(of: date, minutes: turn.shift.from)
                #expect(schedule.duty(at: start)?.assignee == turn.assignee, "seed \(seed), day \(offset)")
                #expect(schedule.date(at: start) == date)
            }
        }
    }
}
