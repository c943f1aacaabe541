/// Numbers as people read them: the same in every locale.
enum NumberText {
    /// Figures beyond this are drawn as if they were this; no plant measures more.
    static let largest = 1e300

    /// With `digits` significant digits, trailing zeros cut; `1.5e9` where plain digits would be long.
    static func significant(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return value.isNaN ? "no number" : value < 0 ? "-infinity" : "infinity" }
        guard value != 0 else { return "0" }
        let exponent = decade(value)
        if (-4..<7).contains(exponent) {
            return trimmed(fixed(value, decimals: min(12, max(0, digits - 1 - exponent))))
        }
        var power = exponent
        var mantissa = fixed(scaled(value, power), decimals: digits - 1)
        if mantissa.hasPrefix("10") || mantissa.hasPrefix("-10") {
            power += 1
            mantissa = fixed(scaled(value, power), decimals: digits - 1)
        }
        return trimmed(mantissa) + "e\(power)"
    }

    /// With its sign, plus too.
    static func signed(_ value: Double, digits: Int = 3) -> String {
        (value > 0 ? "+" : "") + significant(value, digits: digits)
    }

    /// With this many decimals, 0...12, as long as the number has fewer than 16 digits.
    static func fixed(_ value: Double, decimals: Int) -> String {
        let shift = power(decimals)
        let whole = (abs(value) * shift).rounded()
        guard whole < 9e15 else { return significant(value, digits: 6) }
        let digits = String(UInt64(whole))
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// The largest k with 10^k <= |value|; `value` is finite and not zero.
    static func decade(_ value: Double) -> Int {
        let size = abs(value)
        var power = Int((Double(size.exponent) * 0.301_029_995_663_981).rounded(.down))
        while power < 308, self.power(power + 1) <= size { power += 1 }
        while power > -324, self.power(power) > size { power -= 1 }
        return power
    }

    /// 10^k, exactly as the literal would be; 0 below -323 and infinity above 308.
    static func power(_ k: Int) -> Double { Double("1e\(k)") ?? (k > 0 ? .infinity : 0) }

    /// value / 10^k without underflow of the power.
    private static func scaled(_ value: Double, _ k: Int) -> Double {
        k < -200 ? value * 1e200 / power(k + 200) : value / power(k)
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains("."), !text.contains("e") else { return text }
        var rest = text[...]
        while rest.last == "0" { rest.removeLast() }
        if rest.last == "." { rest.removeLast() }
        return String(rest)
    }
}
