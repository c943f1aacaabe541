import AndonModel

/// Where a model's picture lies in the frame that it was made of: undoes a stretch, a letterbox, and a crop.
public struct Placement: Sendable, Hashable {
    /// Pixels of the frame.
    public let frameWidth: Int
    public let frameHeight: Int
    /// Where the top left corner of the model's picture lies in the frame; outside of it where there are bars.
    public let origin: Point
    /// Pixels of the frame for a pixel of the model, more than 0.
    public let scaleX: Double
    public let scaleY: Double

    public init(frameWidth: Int, frameHeight: Int, origin: Point, scaleX: Double, scaleY: Double) {
        self.frameWidth = frameWidth
        self.frameHeight = frameHeight
        self.origin = origin
        self.scaleX = scaleX
        self.scaleY = scaleY
    }

    /// A place in the model's picture as one of the frame, brought to its edge where it lies outside.
    public func framePoint(x: Double, y: Double) -> Point {
        Point(
            x: min(max(origin.x + x * scaleX, 0), Double(frameWidth)),
            y: min(max(origin.y + y * scaleY, 0), Double(frameHeight)))
    }

    /// The part of a box that lies in the frame; nil where none does.
    ///
    /// - Parameters: the top left corner and the sides in pixels of the model.
    public func frameBox(x: Double, y: Double, width: Double, height: Double) -> Box? {
        let corner = framePoint(x: x, y: y)
        let opposite = framePoint(x: x + width, y: y + height)
        let box = Box(x: corner.x, y: corner.y, width: opposite.x - corner.x, height: opposite.y - corner.y)
        return box.width > 0 && box.height > 0 ? box : nil
    }
}

/// How a frame of one size becomes a model's picture.
struct Fit: Hashable {
    /// The part of the frame that is used. 32-bit, because Pillow's box is.
    var left: Float = 0
    var top: Float = 0
    var right: Float
    var bottom: Float
    /// Where it goes in the model's picture.
    var x = 0
    var y = 0
    var width: Int
    var height: Int

    init(_ input: ModelCard.InputSpec, frameWidth: Int, frameHeight: Int) {
        (right, bottom) = (Float(frameWidth), Float(frameHeight))
        (width, height) = (input.width, input.height)
        let ratioX = Double(input.width) / Double(frameWidth)
        let ratioY = Double(input.height) / Double(frameHeight)
        switch input.resize {
        case .stretch: break
        case .letterbox:
            let ratio = min(ratioX, ratioY)
            width = min(input.width, max(1, Int((Double(frameWidth) * ratio).rounded())))
            height = min(input.height, max(1, Int((Double(frameHeight) * ratio).rounded())))
            (x, y) = ((input.width - width) / 2, (input.height - height) / 2)
        case .centreCrop:
            let ratio = max(ratioX, ratioY)
            let (cropWidth, cropHeight) = (Double(input.width) / ratio, Double(input.height) / ratio)
            left = Float((Double(frameWidth) - cropWidth) / 2)
            top = Float((Double(frameHeight) - cropHeight) / 2)
            right = min(Float(Double(left) + cropWidth), right)
            bottom = min(Float(Double(top) + cropHeight), bottom)
        }
    }

    func placement(frameWidth: Int, frameHeight: Int) -> Placement {
        let scaleX = Double(right - left) / Double(width)
        let scaleY = Double(bottom - top) / Double(height)
        return Placement(
            frameWidth: frameWidth, frameHeight: frameHeight,
            origin: Point(x: Double(left) - Double(x) * scaleX, y: Double(top) - Double(y) * scaleY),
            scaleX: scaleX, scaleY: scaleY)
    }
}
