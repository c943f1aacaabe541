import AndonConfiguration
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("Who is let in with a report")
struct AdmissionTests {
    private struct Failure: Error {}

    private static func admission(
        reports: Int = 10, memory: Int = 1000, disk: Int = 5000, time: any TimeSource = TestTime(), seed: UInt64 = 1
    ) -> Admission {
        Admission(
            Admission.Limits(reports: reports, bytes: Admission.Need(memory: memory, disk: disk)), time: time,
            random: SeededSource(seed: seed))
    }

    private static func refusal(_ admission: Admission, _ need: Admission.Need = Admission.Need()) async -> Problem? {
        do {
            try await admission.admit(need) { _ in }
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test(
        "However reports come, grow, fail and go: never more than there is room for, and in the end all of it is free again",
        arguments: [1, 2, 3, UInt64.random(in: 4 ... .max)])
    func bounds(seed: UInt64) async throws {
        let admission = Self.admission(seed: seed)
        let limits = admission.limits
        @Sendable func isWithin() -> Bool {
            let standing = admission.standing
            return (0...limits.reports).contains(standing.underWay)
                && (0...limits.bytes.memory).contains(standing.taken.memory)
                && (0...limits.bytes.disk).contains(standing.taken.disk)
        }
        await withTaskGroup(of: (taken: Int, refused: Int).self) { group in
            for sender in 0..<40 {
                group.addTask {
                    var random = SeededRandom(seed: seed ^ UInt64(sender))
                    var counts = (taken: 0, refused: 0)
                    for _ in 0..<50 {
                        let need = Admission.Need(
                            memory: Int.random(in: 0...400, using: &random),
                            disk: Int.random(in: 0...2000, using: &random))
                        let grown = Admission.Need(
                            memory: Int.random(in: 0...600, using: &random),
                            disk: Int.random(in: 0...3000, using: &random))
                        let fails = Bool.random(using: &random)
                        do {
                            try await admission.admit(need) { place in
                                counts.taken += 1
                                #expect(isWithin(), "seed \(seed)")
                                await Task.yield()
                                try place.grow(to: grown)
                                #expect(isWithin(), "seed \(seed)")
                                await Task.yield()
                                if fails { throw Failure() }
                            }
                        } catch let problem as Problem {
                            counts.refused += 1
                            #expect(problem.status == 429, "seed \(seed)")
                            #expect(problem.retryAfter.map { (.seconds(1) ... .seconds(60)).contains($0) } == true)
                        } catch {
                            #expect(error is Failure)
                        }
                    }
                    return counts
                }
            }
            var sums = (taken: 0, refused: 0)
            for await counts in group { sums = (sums.taken + counts.taken, sums.refused + counts.refused) }
            let standing = admission.standing
            #expect(standing.underWay == 0 && standing.taken == Admission.Need(), "seed \(seed)")
            #expect(sums.taken > 0 && standing.refusals == sums.refused, "seed \(seed)")
        }
    }

    @Test("What there is no room in is said, and the option that makes more of it")
    func words() async throws {
        let admission = Self.admission(reports: 2)
        #expect(
            await Self.refusal(admission, Admission.Need(memory: 1001))?.detail.contains("underWayBytesMax") == true)
        #expect(await Self.refusal(admission, Admission.Need(disk: 5001))?.detail.contains("arrivingBytesMax") == true)
        try await admission.admit(Admission.Need()) { _ in
            try await admission.admit(Admission.Need()) { _ in
                let problem = await Self.refusal(admission)
                #expect(problem?.type == "too-many-reports" && problem?.detail.contains("intake.underWayMax") == true)
                #expect(problem?.detail.hasPrefix("2 reports are under way") == true)
            }
        }
        #expect(await Self.refusal(admission) == nil)
        #expect(admission.standing.refused == [.reports: 1, .memory: 1, .disk: 1])
        let lines = admission.metrics.split(separator: "\n")
        #expect(lines.contains("andon_intake_refused_total{room=\"disk\"} 1"))
        #expect(lines.contains("andon_intake_under_way 0") && lines.contains("andon_intake_under_way_limit 2"))
    }

    @Test("Limits that are put while reports are under way count for the next one")
    func put() async throws {
        let admission = Self.admission(reports: 1)
        try await admission.admit(Admission.Need()) { _ in
            #expect(await Self.refusal(admission) != nil)
            var limits = admission.limits
            limits.reports = 2
            admission.put(limits)
            #expect(await Self.refusal(admission) == nil)
        }
        var limits = admission.limits
        limits.reports = 0
        admission.put(limits)
        #expect(await Self.refusal(admission) != nil)
    }

    @Test("When to come again follows from who is there and was told so before, and from how fast reports are finished")
    func wait() {
        var spell = Admission.BusySpell(since: .zero)
        for tenth in 1...50 { spell.finish(at: .milliseconds(tenth * 100)) }
        // Ten a second.
        #expect(spell.refuse(underWay: 20, at: .seconds(5)) == 2)
        #expect(spell.refuse(underWay: 20, at: .seconds(5)) == 2.1)
        spell.admit()
        #expect(spell.refuse(underWay: 20, at: .seconds(5)) == 2.1)
        // Nothing is finished any more.
        let later = spell.refuse(underWay: 20, at: .seconds(50))
        #expect(later > 20, "\(later)")
        // What was long ago counts less than what is now.
        var changed = Admission.BusySpell(since: .zero)
        for second in 1...100 { changed.finish(at: .seconds(second)) }
        for hundredth in 1...1000 { changed.finish(at: .seconds(100) + .milliseconds(hundredth * 10)) }
        let wait = changed.refuse(underWay: 100, at: .seconds(110))
        #expect((1...3).contains(wait), "100 of 100 a second, and \(wait) s")
        // Nothing was ever finished: a guess from how long that has been so.
        var begun = Admission.BusySpell(since: .zero)
        #expect(begun.refuse(underWay: 128, at: .seconds(1)) == 128)
    }

    @Test("A second at least and a minute at most, spread over half as much again")
    func spread() {
        #expect(Admission.BusySpell.seconds(0, 0) == 1 && Admission.BusySpell.seconds(0, 0.999) == 1)
        #expect(Admission.BusySpell.seconds(0.5, 0) == 1 && Admission.BusySpell.seconds(0.5, 0.999) == 2)
        #expect(Admission.BusySpell.seconds(10, 0) == 11 && Admission.BusySpell.seconds(10, 0.999) == 15)
        for unit in stride(from: 0.0, to: 1, by: 0.01) {
            #expect((41...60).contains(Admission.BusySpell.seconds(1e9, unit)))
        }
        #expect(Set(stride(from: 0.0, to: 1, by: 0.01).map { Admission.BusySpell.seconds(1e9, $0) }).count > 10)
    }

    @Test("When half of the room is free again, who was told to come is not counted any more")
    func over() async throws {
        let time = TestTime()
        let admission = Self.admission(reports: 2, time: time)
        func told() async throws -> Duration {
            try await admission.admit(Admission.Need()) { _ in
                try await admission.admit(Admission.Need()) { _ in
                    time.advance(by: .seconds(1))
                    var last: Duration?
                    for _ in 0..<20 { last = await Self.refusal(admission)?.retryAfter }
                    return try #require(last)
                }
            }
        }
        let first = try await told()
        #expect(first > .seconds(15))
        #expect(try await told() < first + .seconds(15))
    }

    @Test("Reports that are told to come again raise an alarm, which goes a minute after the last one")
    func alarm() async throws {
        let time = TestTime()
        let folder = try TemporaryFolder("andon-admission")
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: time, random: SeededSource(seed: 1))
        let admission = Self.admission(reports: 0)
        let service = Task { try await AdmissionService(admission: admission, store: store).run() }
        func alarmsBecome(_ expected: [String]) async throws -> Bool {
            try await eventually {
                time.advance(by: .milliseconds(500))
                return try await store.read { try $0.alarms().map { "\($0.kind) of \($0.subject)" } } == expected
            }
        }
        #expect(await Self.refusal(admission) != nil)
        let begun = time.uptime()
        #expect(try await alarmsBecome(["intake-overloaded of intake"]))
        #expect(time.uptime() - begun < .seconds(30))
        #expect(try await alarmsBecome([]))
        #expect(time.uptime() - begun >= .seconds(60))
        service.cancel()
        time.advance(by: .seconds(2))
        try? await service.value
    }

    @Test("Of the largest body there is room for one, and connections leave files for everything else")
    func limits() {
        var settings = IntakeSettings()
        #expect(Admission.Limits(settings).reports == 128)
        #expect(Admission.Limits(settings).bytes == Admission.Need(memory: 256 << 20, disk: 1 << 30))
        (settings.pictureBytesMax, settings.underWayBytesMax) = (1_000_000_000, 1000)
        #expect(Admission.Limits(settings).bytes.memory == settings.eventBytesMax)
        #expect(Admission.Limits(settings).bytes.disk == 2 * settings.eventBytesMax)
        #expect(Connections.most(of: 1024, reports: 128) == 512 && Connections.most(of: 64, reports: 128) == 64)
        #expect(Connections.most(of: 16_384, reports: 100_000) == 12_032)
        // Pages that follow what comes in stay open.
        #expect(Connections.most(of: 1024, reports: 128) > 2 * NowFeed.subscribersMax)
    }
}
