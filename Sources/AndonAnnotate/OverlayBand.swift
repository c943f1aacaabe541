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
            var sum = Sums()
            for y in 0..<down {
                let line = min(top + row * down + y, rows - 1) * width
                let isInside = left + 8 * across <= width
                switch across {
                case 1 where isInside: sum.add(at(line + left))
                case 2 where isInside:
                    let (first, second) = (at(line + left), at(line + left + 8))
                    sum.add(SIMD8(lowHalf: first.evenHalf, highHalf: second.evenHalf))
                    sum.add(SIMD8(lowHalf: first.oddHalf, highHalf: second.oddHalf))
                default:
                    for x in 0..<across {
                        var pixel = SIMD8<UInt32>()
                        for column in 0..<8 {
                            pixel[column] = pixels[line + min(left + column * across + x, width - 1)]
                        }
                        sum.add(pixel)
                    }
                }
            }
            let share = 1 / Float(across * down)
            let alpha = SIMD8<Float>(sum.opaque) * share / 255
            let red = SIMD8<Float>(sum.red) * colour.red
            let green = SIMD8<Float>(sum.green) * colour.green
            let blue = SIMD8<Float>(sum.blue) * colour.blue
            return (alpha, (red + green + blue) * share + alpha * colour.constant)
        }

        private func at(_ index: Int) -> SIMD8<UInt32> {
            precondition(index >= 0 && index + 8 <= pixels.count)
            return UnsafeRawBufferPointer(pixels).loadUnaligned(fromByteOffset: index * 4, as: SIMD8<UInt32>.self)
        }
    }

    /// Of eight samples, what their pixels add up to.
    private struct Sums {
        var opaque = SIMD8<UInt32>()
        var red = SIMD8<UInt32>()
        var green = SIMD8<UInt32>()
        var blue = SIMD8<UInt32>()

        mutating func add(_ pixels: SIMD8<UInt32>) {
            opaque &+= pixels &>> 24
            red &+= (pixels &>> 16) & 0xFF
            green &+= (pixels &>> 8) & 0xFF
            blue &+= pixels & 0xFF
        }
    }

    func hasMark(left: Int, top: Int, width: Int, height: Int) -> Bool {
        part(left: left, top: top, width: width, height: height) != nil
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
