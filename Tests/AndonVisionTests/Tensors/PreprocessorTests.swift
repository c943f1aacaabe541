import AndonModel
import Testing

@testable import AndonVision

@Suite("From a frame to a model's input")
struct PreprocessorTests {
    private static func pixels(_ picture: Reference.Picture) -> Pixels {
        Pixels(
            width: picture.width, height: picture.height, colour: picture.rgb ? .rgb : .grey,
            samples: Array(picture.samples))
    }

    private static func noise(_ width: Int, _ height: Int, _ colour: Pixels.Colour, _ dice: inout Dice) -> Pixels {
        Pixels(
            width: width, height: height, colour: colour,
            samples: (0..<width * height * colour.rawValue).map { _ in .random(in: 0...255, using: &dice) })
    }

    @Test("A resize is Pillow's, byte for byte, in every way and both layouts")
    func pillow() throws {
        let cases = try Reference.load().resize
        #expect(cases.count >= 12)
        for (index, one) in cases.enumerated() {
            let channels = one.target.rgb ? 3 : 1
            for layout in ModelCard.InputSpec.Layout.allCases {
                let input = ModelCard.InputSpec(
                    name: "x", layout: layout, width: one.target.width, height: one.target.height,
                    colour: one.target.rgb ? .rgb : .grey, scale: 1,
                    resize: try #require(ModelCard.InputSpec.Resize(rawValue: one.resize)))
                let tensor = Preprocessor(input).prepare(Self.pixels(one.source)).tensor
                #expect(tensor.shape == input.shape)
                let plane = one.target.width * one.target.height
                let interleaved =
                    layout == .interleaved
                    ? tensor.values
                    : (0..<plane * channels).map { tensor.values[$0 % channels * plane + $0 / channels] }
                let bytes = interleaved.map { UInt8($0) }
                let areEqual = bytes == Array(one.target.samples)
                #expect(areEqual, "case \(index), \(layout)")
            }
        }
    }

    @Test("A large picture goes through the same sums as a plain double-precision resize, within one step")
    func large() {
        var dice = Dice(state: 7)
        let frame = Self.noise(320, 181, .rgb, &dice)
        let input = ModelCard.InputSpec(name: "x", width: 100, height: 50, scale: 1)
        let values = Preprocessor(input).prepare(frame).tensor.values
        let across = ResizeFilter(length: 320, from: 0, to: 320, output: 100)
        let down = ResizeFilter(length: 181, from: 0, to: 181, output: 50)
        for (x, y, channel) in [(0, 0, 0), (99, 49, 2), (50, 25, 1), (13, 40, 2)] {
            var sum = 0.0
            for (i, row) in (down.offsets[y]..<down.offsets[y + 1]).enumerated() {
                for (j, column) in (across.offsets[x]..<across.offsets[x + 1]).enumerated() {
                    let place = ((down.firsts[y] + i) * 320 + across.firsts[x] + j) * 3 + channel
                    sum += Double(frame.samples[place]) * Double(down.weights[row]) * Double(across.weights[column])
                }
            }
            #expect(abs(Double(values[channel * 5_000 + y * 100 + x]) - sum / 0x1p44) <= 1)
        }
    }

    @Test("Weights are never negative and sum to one, so that a sum of samples stays below 2^31")
    func weights() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for _ in 0..<200 {
            let length = Int.random(in: 1...5_000, using: &dice)
            let output = Int.random(in: 1...4_096, using: &dice)
            let from = Float.random(in: 0..<Float(length) / 2, using: &dice)
            let filter = ResizeFilter(length: length, from: from, to: Float(length), output: output)
            for index in 0..<output {
                let weights = filter.weights[filter.offsets[index]..<filter.offsets[index + 1]]
                let sum = weights.reduce(UInt64(0)) { $0 + UInt64($1) }
                #expect(abs(Int(sum) - 1 << 22) <= weights.count && sum * 255 + 1 << 21 < 1 << 31)
                #expect(filter.firsts[index] >= 0 && filter.firsts[index] + weights.count <= length)
            }
        }
    }

    @Test("Samples become numbers by scale, mean and std; a grey picture goes to each channel")
    func numbers() {
        let input = ModelCard.InputSpec(
            name: "x", width: 2, height: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
        let grey = Pixels(width: 2, height: 1, colour: .grey, samples: [0, 200])
        let values = Preprocessor(input).prepare(grey).tensor.values
        for (channel, (mean, std)) in zip(input.mean, input.std).enumerated() {
            for (x, sample) in [0.0, 200].enumerated() {
                #expect(abs(Double(values[channel * 2 + x]) - (sample / 255 - mean) / std) < 1e-6)
            }
        }
    }

    @Test("A box goes from the frame to the model and back, in every way of resizing")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for _ in 0..<500 {
            let (width, height) = (Int.random(in: 2...4_000, using: &dice), Int.random(in: 2...4_000, using: &dice))
            let resize = try #require(ModelCard.InputSpec.Resize.allCases.randomElement(using: &dice))
            let input = ModelCard.InputSpec(
                name: "x", width: .random(in: 1...1_024, using: &dice), height: .random(in: 1...1_024, using: &dice),
                resize: resize)
            let fit = Fit(input, frameWidth: width, frameHeight: height)
            let placement = fit.placement(frameWidth: width, frameHeight: height)
            let box = Box(
                x: dice.unit() * Double(width) / 2, y: dice.unit() * Double(height) / 2,
                width: dice.unit() * Double(width) / 2 + 0.1, height: dice.unit() * Double(height) / 2 + 0.1)
            let back = try #require(
                placement.frameBox(
                    x: (box.x - placement.origin.x) / placement.scaleX,
                    y: (box.y - placement.origin.y) / placement.scaleY,
                    width: box.width / placement.scaleX, height: box.height / placement.scaleY))
            #expect(abs(back.x - box.x) < 1e-6 && abs(back.y - box.y) < 1e-6)
            #expect(abs(back.width - min(box.width, Double(width) - box.x)) < 1e-6)
            #expect(fit.x >= 0 && fit.x + fit.width <= input.width && fit.y >= 0 && fit.y + fit.height <= input.height)
            // The corners of what the model sees are those of what was used of the frame.
            let corner = placement.framePoint(x: Double(fit.x), y: Double(fit.y))
            #expect(abs(corner.x - Double(fit.left)) < 1e-6 && abs(corner.y - Double(fit.top)) < 1e-6)
        }
    }

    @Test("What lies beside the frame is cut off, and a box that lies there whole is none")
    func clamped() {
        let input = ModelCard.InputSpec(name: "x", width: 100, height: 100, resize: .letterbox)
        let frame = Pixels(width: 200, height: 100, colour: .grey, samples: Array(repeating: 9, count: 20_000))
        let placement = Preprocessor(input).prepare(frame).placement
        #expect(placement.frameBox(x: 10, y: 0, width: 10, height: 20) == nil)
        #expect(
            placement.frameBox(x: -5, y: 20, width: 15, height: 10) == Box(x: 0, y: 0, width: 20, height: 10))
        #expect(placement.framePoint(x: 100, y: 100) == Point(x: 200, y: 100))
    }
}
