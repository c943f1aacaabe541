#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The clock, handed to every part that asks for the time, so that a simulation can own it.
public protocol TimeSource: Sendable {
    /// The time of day in UTC. May jump when the machine's clock is set.
    func now() -> Timestamp
    /// Time since some fixed moment; never jumps. For latencies.
    func uptime() -> Duration
    /// Returns after `duration`, or throws `CancellationError` when the task ends first.
    func sleep(for duration: Duration) async throws
}

/// The source of randomness, handed in for the same reason.
public protocol RandomSource: Sendable {
    /// Sixty-four uniform bits.
    func next() -> UInt64
}

extension RandomSource {
    /// Uniform in 0..<1.
    public func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform bytes.
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { withUnsafeBytes(of: next().bigEndian) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }
}

/// The machine's clock.
public struct SystemTime: TimeSource {
    private let start = ContinuousClock.now

    public init() {}

    public func now() -> Timestamp {
        var value = timespec()
        clock_gettime(CLOCK_REALTIME, &value)
        return Timestamp(microseconds: Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000)
    }

    public func uptime() -> Duration { ContinuousClock.now - start }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}

/// The machine's random numbers (`getrandom`).
public struct SystemRandom: RandomSource {
    public init() {}

    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
