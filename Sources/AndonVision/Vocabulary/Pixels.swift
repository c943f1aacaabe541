/// A decoded picture: rows from the top, pixels from the left, without padding.
public struct Pixels: Sendable, Hashable {
    public enum Colour: Int, Sendable, Hashable {
        case grey = 1
        /// Red, green, blue.
        case rgb = 3
    }

    public let width: Int
    public let height: Int
    public let colour: Colour
    /// `width * height * colour.rawValue` samples, 0 black, 255 white.
    public let samples: [UInt8]

    /// - Precondition: `samples` has exactly that many, and both sides are at least 1.
    public init(width: Int, height: Int, colour: Colour, samples: [UInt8]) {
        precondition(width > 0 && height > 0 && samples.count == width * height * colour.rawValue)
        self.width = width
        self.height = height
        self.colour = colour
        self.samples = samples
    }
}

/// A picture as a file.
public struct EncodedPicture: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable { case jpeg, png }

    public let format: Format
    public let bytes: [UInt8]

    public init(format: Format, bytes: [UInt8]) {
        self.format = format
        self.bytes = bytes
    }
}
