import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether returns come late in the lives, as they do for wear, or early, with those still watched counted as such.
///
/// On the scale of the total time on test, the returns of lives without wear are a Poisson process, so Laplace's test
/// applies (Barlow and Proschan, in Bickel and Doksum, Annals of Mathematical Statistics 40(4), 1969). It holds for a
/// handful of returns, where the interval of a fitted shape is too narrow, and one early return does not upset it.
enum WearTest {
    /// The p-value against a shape of at most `shape`.
    static func chanceOfAtMost(_ shape: Double, _ lives: [Lifetime]) -> Double {
        laplace(shape, lives).map { Normal.cumulative(-$0) } ?? 1
    }

    /// The p-value against a shape of at least `shape`.
    static func chanceOfAtLeast(_ shape: Double, _ lives: [Lifetime]) -> Double {
        laplace(shape, lives).map(Normal.cumulative) ?? 1
    }

    /// About standard normal for lives of that shape; above 0 returns come later than that.
    private static func laplace(_ shape: Double, _ lives: [Lifetime]) -> Double? {
        guard let longest = lives.map(\.time).max(), longest > 0 else { return nil }
        // A life of this shape is one without wear on the scale of its power.
        let powers = lives.map { Lifetime(time: pow($0.time / longest, shape), isEvent: $0.isEvent) }
            .sorted { ($0.time, $0.isEvent ? 0 : 1) < ($1.time, $1.isEvent ? 0 : 1) }
        var total = 0.0
        var before = 0.0
        var times: [Double] = []
        for (index, life) in powers.enumerated() {
            total += (life.time - before) * Double(powers.count - index)
            before = life.time
            if life.isEvent { times.append(total) }
        }
        let ending: FailureProcess.Ending = powers.last?.isEvent == true ? .failure : .time(total)
        return FailureProcess(times: times, ending: ending).flatMap(Laplace.init)?.u
    }
}
