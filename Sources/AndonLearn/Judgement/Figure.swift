/// Figures as they stand in a sentence.
enum Figure {
    static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }

    static func times(_ count: Int) -> String {
        switch count {
        case 0: "never"
        case 1: "once"
        default: "\(count) times"
        }
    }

    static func days(_ days: Double) -> String {
        let text = days < 10 ? number(days) : whole(days)
        return "\(text) \(text == "1" ? "day" : "days")"
    }

    static func percent(_ share: Double) -> String { "\(whole(100 * share)) %" }

    static func p(_ p: Double) -> String { p < 0.001 ? "under 0.001" : decimals(p, p < 0.01 ? 3 : 2) }

    /// Two figures for small values, whole ones from 100.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        return abs(value) >= 100 ? whole(value) : decimals(value, abs(value) >= 10 ? 1 : 2)
    }

    static func whole(_ value: Double) -> String { decimals(value, 0) }

    /// With so many decimals at most; ends in no zero.
    static func decimals(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        var unit = 1.0
        for _ in 0..<places { unit *= 10 }
        let scaled = (abs(value) * unit).rounded()
        var text = "\(Int(scaled / unit))"
        var rest = scaled - (scaled / unit).rounded(.down) * unit
        if rest > 0 {
            text += "."
            for _ in 0..<places where rest > 0 {
                rest *= 10
                let digit = (rest / unit + 1e-9).rounded(.down)
                text += "\(Int(digit))"
                rest -= digit * unit
                if rest < 1e-6 { rest = 0 }
            }
        }
        return value < 0 && scaled > 0 ? "-\(text)" : text
    }
}
