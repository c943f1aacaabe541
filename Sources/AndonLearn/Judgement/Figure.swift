/// Figures as they stand in a sentence.
enum Figure {
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
