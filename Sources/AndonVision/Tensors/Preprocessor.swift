import AndonModel
import Synchronization

/// Makes a model's input of a picture: colour, size, and numbers, as the card says.
///
/// The picture comes out as Pillow makes it, byte for byte: `convert("L")` or `convert("RGB")` first, then `resize` with
/// `BILINEAR` (and its `box` for a crop); up to Pillow 12, for later ones resize some tall pictures down first, which
/// changes a sample by one step here and there. Shared by all cameras of a model.
public final class Preprocessor: Sendable {
    public struct Prepared: Sendable {
        /// `[1, channels, height, width]` or `[1, height, width, channels]`.
        public let tensor: Tensor
        public let placement: Placement
    }

    /// What depends on nothing but the size of a frame.
    private struct Plan {
        var fit: Fit
        var across: ResizeFilter
        var down: ResizeFilter
    }

    private struct Size: Hashable {
        var width: Int
        var height: Int
    }

    /// Sizes of frames whose plans are kept; cameras of one model seldom have more.
    private static let plansMax = 16

    private let input: ModelCard.InputSpec
    private let plans = Mutex<[Size: Plan]>([:])

    public init(_ input: ModelCard.InputSpec) {
        self.input = input
    }

    public func prepare(_ pixels: Pixels) -> Prepared {
        let plan = self.plan(Size(width: pixels.width, height: pixels.height))
        // A grey picture is resized once, whatever the model takes.
        let channels = min(pixels.colour.rawValue, input.colour.rawValue)
        let bytes = Resize(
            across: plan.across, down: plan.down, channels: channels, width: pixels.width, samples: pixels.samples,
            isReduced: pixels.colour.rawValue > channels)
        let tensor = Tensor(
            shape: input.shape,
            values: Array(unsafeUninitializedCapacity: input.shape.reduce(1, *)) { values, count in
                fillBars(values, around: plan.fit)
                bytes.rows { row, channel, samples in
                    write(samples, row: row, channel: channel, isOnly: channels == 1, fit: plan.fit, to: values)
                }
                count = values.count
            })
        return Prepared(
            tensor: tensor, placement: plan.fit.placement(frameWidth: pixels.width, frameHeight: pixels.height))
    }

    private func plan(_ size: Size) -> Plan {
        if let known = plans.withLock({ $0[size] }) { return known }
        let fit = Fit(input, frameWidth: size.width, frameHeight: size.height)
        let plan = Plan(
            fit: fit,
            across: ResizeFilter(length: size.width, from: fit.left, to: fit.right, output: fit.width),
            down: ResizeFilter(length: size.height, from: fit.top, to: fit.bottom, output: fit.height))
        plans.withLock {
            if $0.count >= Self.plansMax { $0.removeAll() }
            $0[size] = plan
        }
        return plan
    }

    /// A sample's number is `sample * factor + term`.
    private func line(of channel: Int) -> (factor: Float, term: Float) {
        (Float(input.scale / input.std[channel]), Float(-input.mean[channel] / input.std[channel]))
    }

    private func fillBars(_ values: UnsafeMutableBufferPointer<Float>, around fit: Fit) {
        guard fit.width < input.width || fit.height < input.height else { return }
        let channels = input.colour.rawValue
        let bars = (0..<channels).map { Float(input.padding) * line(of: $0).factor + line(of: $0).term }
        if input.layout == .planar {
            let plane = input.width * input.height
            for channel in 0..<channels {
                values[channel * plane..<(channel + 1) * plane].initialize(repeating: bars[channel])
            }
        } else {
            for index in values.indices { values.initializeElement(at: index, to: bars[index % channels]) }
        }
    }

    /// One row of one channel; of a grey picture (`isOnly`) the row goes to every channel of the model.
    private func write(
        _ samples: UnsafeBufferPointer<UInt8>, row: Int, channel: Int, isOnly: Bool, fit: Fit,
        to values: UnsafeMutableBufferPointer<Float>
    ) {
        guard let base = values.baseAddress, let source = samples.baseAddress else { return }
        let channels = input.colour.rawValue
        let step = input.layout == .planar ? 1 : channels
        for target in isOnly ? 0..<channels : channel..<channel + 1 {
            let (factor, term) = line(of: target)
            let place = (fit.y + row) * input.width + fit.x
            let start =
                input.layout == .planar ? target * input.width * input.height + place : place * channels + target
            let out = base + start
            if step == 1 {
                for x in 0..<fit.width { out[x] = Float(source[x]) * factor + term }
            } else {
                for x in 0..<fit.width { out[x * step] = Float(source[x]) * factor + term }
            }
        }
    }
}
