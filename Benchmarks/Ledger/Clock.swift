import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What something took: by the clock, and of all processors together. On a machine with other work the second is steadier.
struct Took {
    var seconds: Double
    var processor: Double

    #if canImport(Glibc)
        private static let who = RUSAGE_SELF.rawValue
    #else
        private static let who = RUSAGE_SELF
    #endif

    private static var used: Double {
        var usage = rusage()
        getrusage(who, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    init(_ body: () throws -> Void) rethrows {
        let (start, before) = (ContinuousClock.now, Self.used)
        try body()
        seconds = (ContinuousClock.now - start).seconds
        processor = Self.used - before
    }

    private init(seconds: Double, processor: Double) {
        self.seconds = seconds
        self.processor = processor
    }

    /// Each in turn, for so many rounds, so that other work falls on all alike; the median of each.
    static func medians(_ rounds: Int, _ bodies: [() throws -> Void]) throws -> [Took] {
        var found: [[Took]] = bodies.map { _ in [] }
        for _ in 0..<rounds {
            for (place, body) in bodies.enumerated() { found[place].append(try Took(body)) }
        }
        return found.map { times in
            Took(
                seconds: times.map(\.seconds).sorted()[rounds / 2],
                processor: times.map(\.processor).sorted()[rounds / 2])
        }
    }
}
