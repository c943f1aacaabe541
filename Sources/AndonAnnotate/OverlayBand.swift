/// Some rows of an overlay: 0xAARRGGBB a pixel, colours multiplied by alpha, `width` pixels a row.
struct OverlayBand: ~Copyable {
    let pixels: UnsafeBufferPointer<UInt32>
    let width: Int
    /// The first row's number in the picture.
    let top: Int
    let height: Int
    /// Of a cell of eight by eight pixels: the bits that any of its pixels has, and those that all have.
    private let cells: [(any: UInt32, all: UInt32)]
    private let cellsAcross: Int

    init(_ pixels: UnsafeBufferPointer<UInt32>, width: Int, top: Int) {
        self.pixels = pixels
        self.width = width
        self.top = top
        height = pixels.count / max(1, width)
        cellsAcross = (width + 7) / 8
        var cells = [(any: UInt32, all: UInt32)](repeating: (0, .max), count: cellsAcross * ((height + 7) / 8))
        for row in 0..<height {
            for cell in 0..<cellsAcross {
                let start = row * width + cell * 8
                var (any, all): (UInt32, UInt32) = (0, .max)
                for index in start..<min(start + 8, (row + 1) * width) {
                    any |= pixels[index]
                    all &= pixels[index]
                }
                let place = row / 8 * cellsAcross + cell
                cells[place] = (cells[place].any | any, cells[place].all & all)
            }
        }
        self.cells = cells
    }

    /// A rectangle of the band that something is drawn in.
    struct Part {
        let pixels: UnsafeBufferPointer<UInt32>
        let width: Int
        let left: Int
        /// In the band, as `rows` is its height.
        let top: Int
        let rows: Int
        /// The one opaque colour that all of it has; nil where there are several, or something shines through.
        let colour: UInt32?

        /// Alpha (0...1) and the drawn colour's share of one row of eight samples, each the mean of `across` times
        /// `down` pixels. Beyond the right edge the last pixel goes on, so that the edge stays sharp.
        func samples(
            _ row: Int, _ across: Int, _ down: Int, _ colour: ComponentColour
        ) -> (alpha: SIMD8<Float>, drawn: SIMD8<Float>) {
            var (alpha, drawn) = (SIMD8<Float>(), SIMD8<Float>())
            let share = 1 / Float(across * down)
            for column in 0..<8 {
                var (opaque, red, green, blue): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
                for y in 0..<down {
                    let line = min(top + row * down + y, rows - 1) * width
                    for x in 0..<across {
                        let pixel = pixels[line + min(left + column * across + x, width - 1)]
                        opaque += pixel >> 24
                        red += pixel >> 16 & 0xFF
                        green += pixel >> 8 & 0xFF
                        blue += pixel & 0xFF
                    }
                }
                let covered = Float(opaque) * share / 255
                alpha[column] = covered
                drawn[column] =
                    (colour.red * Float(red) + colour.green * Float(green) + colour.blue * Float(blue)) * share
                    + colour.constant * covered
            }
            return (alpha, drawn)
        }
    }

    /// Nil when nothing is drawn there.
    func part(left: Int, top: Int, width across: Int, height down: Int) -> Part? {
        let start = top - self.top
        guard left < width else { return nil }
        var (any, all): (UInt32, UInt32) = (0, .max)
        for row in start / 8..<min((start + down + 7) / 8, (height + 7) / 8) {
            for cell in left / 8..<min((left + across + 7) / 8, cellsAcross) {
                any |= cells[row * cellsAcross + cell].any
                all &= cells[row * cellsAcross + cell].all
            }
        }
        guard any >> 24 != 0 else { return nil }
        return Part(
            pixels: pixels, width: width, left: left, top: start, rows: height,
            colour: any == all && all >> 24 == 255 ? all : nil)
    }
}
