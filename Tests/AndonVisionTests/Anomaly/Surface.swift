import AndonModel
import AndonVision

/// A brushed surface with a pattern that stands still, grain that differs in every picture, and light that varies a little.
struct Surface {
    static let side = 64
    private let random: Seeded

    init(seed: UInt64) {
        random = Seeded(seed)
    }

    /// - Parameter defect: where a scratch or a stain is painted.
    func picture(defect: (x: Int, y: Int, width: Int, height: Int)? = nil, isDark: Bool = true) -> Pixels {
        let side = Self.side
        let light = 1 + 0.03 * random.normal()
        let grain = (0..<256).map { _ in random.normal() }
        let offset = random.int(0...255)
        var samples = [UInt8](repeating: 0, count: side * side)
        for y in 0..<side {
            for x in 0..<side {
                var value = 120 + 30 * Double((x / 8 + y / 16) % 2) + 6 * grain[(offset + 37 * y + x) & 255]
                if let defect, (defect.x..<defect.x + defect.width).contains(x),
                    (defect.y..<defect.y + defect.height).contains(y)
                {
                    value += isDark ? -45 : ((x + y) % 2 == 0 ? 40 : -40)
                }
                samples[y * side + x] = UInt8(min(255, max(0, value * light)))
            }
        }
        return Pixels(width: side, height: side, colour: .grey, samples: samples)
    }
}

func overlap(_ a: Box, _ b: Box) -> Double {
    let width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    let height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    let both = max(0, width) * max(0, height)
    return both / (a.width * a.height + b.width * b.height - both)
}
