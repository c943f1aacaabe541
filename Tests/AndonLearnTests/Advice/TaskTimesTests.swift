import AndonSPC
import AndonTesting
import Testing

@testable import AndonLearn

@Suite("Lives between renewals")
struct TaskTimesTests {
    private static let day: Int64 = 86_400_000_000

    /// By the definition, for each renewal alone.
    private func plain(_ failures: [Int64], _ renewals: [Int64], _ end: Int64) -> [Lifetime] {
        Set(renewals).sorted().compactMap { born in
            guard born <= end else { return nil }
            let failure = failures.filter { $0 > born && $0 <= end }.min()
            let renewal = renewals.filter { $0 > born && $0 <= end }.min()
            if let failure, failure <= renewal ?? .max { return .event(Double(failure - born) / 86_400e6) }
            if let renewal { return .censored(Double(renewal - born) / 86_400e6) }
            return end > born ? .censored(Double(end - born) / 86_400e6) : nil
        }
    }

    @Test(
        "They are those of the definition, with ties, in any order and with what comes after the end",
        arguments: 1...200)
    func bruteForce(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var times = TaskTimes()
        var (failures, renewals) = ([Int64](), [Int64]())
        for _ in 0..<random.int(0...40) {
            let time = Int64(random.int(0...60)) * Self.day / 4
            if random.int(0...1) == 0 {
                failures.append(time)
                times.failed(at: time)
            } else {
                renewals.append(time)
                times.renewed(at: time)
            }
        }
        times.close()
        let end = Int64(random.int(0...60)) * Self.day / 4
        #expect(times.lives(until: end) == plain(failures, renewals, end), "seed \(seed)")
    }

    @Test("The first failure begins the watch of the trend test")
    func process() {
        var times = TaskTimes()
        for day in [9, 3, 5, 5] { times.failed(at: Int64(day) * Self.day) }
        times.close()
        let process = times.process(until: 13 * Self.day)
        #expect(process?.times == [2, 6] && process?.end == 10)
        #expect(times.process(until: 8 * Self.day)?.times == [2])
        #expect(TaskTimes().process(until: Self.day) == nil)
    }
}
