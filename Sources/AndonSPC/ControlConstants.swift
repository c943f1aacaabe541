#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The constants of charts for subgroups of `n` values, computed and not copied from a table.
///
/// c4(n) = sqrt(2/(n-1)) Γ(n/2)/Γ((n-1)/2); d2 and d3 are the mean and standard deviation of the range of `n` standard
/// normal values, by integration.
public struct ControlConstants: Sendable, Hashable {
    public let n: Int
    public let c4: Double
    public let d2: Double
    public let d3: Double

    public var a2: Double { 3 / (d2 * Double(n).squareRoot()) }
    public var a3: Double { 3 / (c4 * Double(n).squareRoot()) }
    public var b3: Double { max(0, 1 - 3 * (1 - c4 * c4).squareRoot() / c4) }
    public var b4: Double { 1 + 3 * (1 - c4 * c4).squareRoot() / c4 }
    public var d3Lower: Double { max(0, 1 - 3 * d3 / d2) }
    public var d4: Double { 1 + 3 * d3 / d2 }

    /// - Parameter n: 2...1000; nil outside.
    public init?(_ n: Int) {
        guard (2...1000).contains(n) else { return nil }
        if n <= Self.known.count + 1 { self = Self.known[n - 2] } else { self = Self.computed(n) }
    }

    /// Of moving ranges of two values.
    public static let ofTwo = known[0]

    private static let known = (2...25).map { computed($0) }

    private init(n: Int, c4: Double, d2: Double, d3: Double) {
        self.n = n
        self.c4 = c4
        self.d2 = d2
        self.d3 = d3
    }

    private static func computed(_ n: Int) -> ControlConstants {
        let size = Double(n)
        let c4 =
            (2 / (size - 1)).squareRoot() * exp(Special.logGamma(size / 2) - Special.logGamma((size - 1) / 2))
        let mean = integral(-9, 9, 720) { x in
            let below = Normal.cumulative(x)
            return 1 - pow(1 - below, size) - pow(below, size)
        }
        let square = integral(0, 18, 240) { width in 2 * width * (1 - rangeCumulative(width, n)) }
        return ControlConstants(n: n, c4: c4, d2: mean, d3: (square - mean * mean).squareRoot())
    }

    /// P(range <= width) of `n` standard normal values.
    private static func rangeCumulative(_ width: Double, _ n: Int) -> Double {
        Double(n)
            * integral(-9, 9, 360) { x in
                Normal.density(x) * pow(Normal.cumulative(x + width) - Normal.cumulative(x), Double(n - 1))
            }
    }

    /// Simpson's rule with an even number of steps.
    private static func integral(_ from: Double, _ to: Double, _ steps: Int, _ f: (Double) -> Double) -> Double {
        let width = (to - from) / Double(steps)
        var sum = f(from) + f(to)
        for step in 1..<steps { sum += f(from + Double(step) * width) * (step.isMultiple(of: 2) ? 2 : 4) }
        return sum * width / 3
    }
}
