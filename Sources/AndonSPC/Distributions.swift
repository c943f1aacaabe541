#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Probabilities and quantiles that charts, capability and trends are made of. All to about 1e-13 relative.
public enum Normal {
    /// Density at `x`.
    public static func density(_ x: Double) -> Double { exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }

    /// P(Z <= x).
    public static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The `x` with P(Z <= x) = p, for 0 < p < 1; infinite at the ends, NaN outside.
    ///
    /// Acklam's rational approximation (relative error 1.2e-9) with one step of Halley's method.
    public static func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
        let x = approximate(p)
        let error = cumulative(x) - p
        let step = error / density(x)
        return x - step / (1 + x * step / 2)
    }

    private static func approximate(_ p: Double) -> Double {
        let a = [
            -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
            -3.066479806614716e+01, 2.506628277459239e+00,
        ]
        let b = [
            -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
            -1.328068155288572e+01, 1,
        ]
        let c = [
            -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
            4.374664141464968e+00, 2.938163982698783e+00,
        ]
        let d = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1]
        func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
            coefficients.reduce(0) { $0 * x + $1 }
        }
        if p < 0.02425 {
            let q = (-2 * log(p)).squareRoot()
            return polynomial(c, q) / polynomial(d, q)
        }
        if p > 1 - 0.02425 {
            let q = (-2 * log(1 - p)).squareRoot()
            return -polynomial(c, q) / polynomial(d, q)
        }
        let q = p - 0.5
        return polynomial(a, q * q) * q / polynomial(b, q * q)
    }
}

/// Student's t with `degrees` of freedom.
public struct StudentT: Sendable {
    public var degrees: Double

    public init(degrees: Double) { self.degrees = degrees }

    /// P(T > x) for x >= 0.
    private func tail(_ x: Double) -> Double { 0.5 * Special.beta(degrees / (degrees + x * x), degrees / 2, 0.5) }

    public func cumulative(_ x: Double) -> Double { x > 0 ? 1 - tail(x) : tail(-x) }

    /// The `x` with P(T <= x) = p. Found by its tail, which keeps its digits where 1 - p has none left.
    public func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
        let wanted = min(p, 1 - p)
        let x = Special.root(from: 0, start: 1) { wanted - tail($0) }
        return p < 0.5 ? -x : x
    }
}

/// Chi-squared with `degrees` of freedom.
public struct ChiSquared: Sendable {
    public var degrees: Double

    public init(degrees: Double) { self.degrees = degrees }

    public func cumulative(_ x: Double) -> Double { x <= 0 ? 0 : Special.gamma(x / 2, degrees / 2) }

    /// P(X > x), with its digits where `cumulative` is 1 but for the last of them.
    public func upperTail(_ x: Double) -> Double { x <= 0 ? 1 : Special.upperGamma(x / 2, degrees / 2) }

    public func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? 0 : p == 1 ? .infinity : .nan }
        return Special.root(from: 0, start: max(1, degrees)) { cumulative($0) - p }
    }
}

/// Beta with the shapes `a` and `b`, both above 0.
public struct Beta: Sendable {
    public var a: Double
    public var b: Double

    public init(a: Double, b: Double) {
        self.a = a
        self.b = b
    }

    public func cumulative(_ x: Double) -> Double { Special.beta(x, a, b) }

    /// The `x` with P(X <= x) = p, in 0...1.
    public func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? 0 : p == 1 ? 1 : .nan }
        return Special.root(from: 0, start: 1) { cumulative($0) - p }
    }
}

/// A share that was counted: `hits` of `trials`.
public enum Share {
    /// The share that the true one is above with at least `confidence`, 0..<1; 0 without a hit.
    ///
    /// One-sided and exact (Clopper and Pearson, Biometrika 26(4), 1934).
    public static func lowerBound(hits: Int, trials: Int, confidence: Double) -> Double {
        guard hits > 0, trials >= hits else { return 0 }
        return Beta(a: Double(hits), b: Double(trials - hits + 1)).quantile(1 - confidence)
    }

    /// How many trials are needed for the bound to reach `share` when all of them are hits; nil where none suffice.
    public static func trialsNeeded(share: Double, confidence: Double) -> Int? {
        guard share > 0 else { return 1 }
        guard share < 1, confidence < 1 else { return nil }
        // The bound of n of n is (1 - confidence)^(1/n).
        return max(1, Int((log(1 - confidence) / log(share) - 1e-9).rounded(.up)))
    }
}

/// The incomplete functions (Press et al., Numerical Recipes, 3rd edition, sections 6.2 and 6.4).
enum Special {
    private static let tiny = 1e-300

    static func logGamma(_ x: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(x, &sign)
    }

    /// Regularised lower incomplete gamma P(a, x).
    static func gamma(_ x: Double, _ a: Double) -> Double {
        guard x > 0 else { return 0 }
        return x < a + 1 ? gammaSeries(x, a) : 1 - gammaFraction(x, a)
    }

    /// Regularised upper incomplete gamma Q(a, x).
    static func upperGamma(_ x: Double, _ a: Double) -> Double {
        guard x > 0 else { return 1 }
        return x < a + 1 ? 1 - gammaSeries(x, a) : gammaFraction(x, a)
    }

    /// P(a, x), fast for x < a + 1.
    private static func gammaSeries(_ x: Double, _ a: Double) -> Double {
        var term = 1 / a
        var sum = term
        var n = a
        repeat {
            n += 1
            term *= x / n
            sum += term
        } while abs(term) > abs(sum) * 1e-17
        return sum * exp(-x + a * log(x) - logGamma(a))
    }

    /// Q(a, x), fast for x >= a + 1.
    private static func gammaFraction(_ x: Double, _ a: Double) -> Double {
        guard x.isFinite else { return 0 }
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var h = d
        for i in 1..<10_000 {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = 1 / clear(an * d + b)
            c = clear(b + an / c)
            h *= d * c
            if abs(d * c - 1) < 1e-16 { break }
        }
        return h * exp(-x + a * log(x) - logGamma(a))
    }

    private static func clear(_ x: Double) -> Double { abs(x) < tiny ? tiny : x }

    /// Regularised incomplete beta I_x(a, b).
    static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
        if x < (a + 1) / (a + b + 2) { return front * fraction(x, a, b) / a }
        return 1 - front * fraction(1 - x, b, a) / b
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        var c = 1.0
        var d = 1 / clear(1 - (a + b) * x / (a + 1))
        var h = d
        for m in 1..<10_000 {
            let m = Double(m)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / clear(1 + even * d)
            c = clear(1 + even / c)
            h *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / clear(1 + odd * d)
            c = clear(1 + odd / c)
            h *= d * c
            if abs(d * c - 1) < 1e-16 { break }
        }
        return h
    }

    /// Where a rising function that is below zero at `low` crosses it: widened, then halved to the last bit.
    static func root(from low: Double, start: Double, _ function: (Double) -> Double) -> Double {
        var low = low
        var high = start
        while function(high) < 0, high.isFinite {
            low = high
            high *= 2
        }
        while true {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { return middle }
            if function(middle) < 0 { low = middle } else { high = middle }
        }
    }
}
