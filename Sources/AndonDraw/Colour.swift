/// A colour in sRGB, 0...1 each.
struct Colour: Hashable, Sendable {
    var red: Double
    var green: Double
    var blue: Double
    var alpha: Double

    /// - Parameter hex: 0xRRGGBB.
    init(_ hex: UInt32, alpha: Double = 1) {
        red = Double(hex >> 16 & 0xFF) / 255
        green = Double(hex >> 8 & 0xFF) / 255
        blue = Double(hex & 0xFF) / 255
        self.alpha = alpha
    }

    func faded(_ alpha: Double) -> Colour {
        var other = self
        other.alpha = alpha
        return other
    }
}

/// The colours of every picture, after Okabe and Ito (Color Universal Design, 2008): people with any of the common
/// colour blindnesses tell them apart. No meaning rests on a colour alone; shape or dash always says it too.
extension Colour {
    static let paper = Colour(0xFFFFFF)
    static let ink = Colour(0x1B1F24)
    static let quiet = Colour(0x4F5965)
    static let rule = Colour(0x98A2AE)
    static let grid = Colour(0xE4E8ED)
    static let shade = Colour(0xEDF0F4)
    static let data = Colour(0x0072B2)
    static let centre = Colour(0x00704F)
    static let limit = Colour(0xB34700)
    static let signal = Colour(0xD55E00)
    static let mark = Colour(0x8E1B8E)
    static let specification = Colour(0x6A5200)
    static let forecastBand = Colour(0x56B4E9, alpha: 0.28)
}
