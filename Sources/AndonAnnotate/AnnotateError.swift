/// Why a picture has no annotated copy. The picture itself stays as it was received.
public enum AnnotateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither JPEG nor PNG.
    case unknownType
    /// More pixels than are decoded.
    case tooLarge(width: Int, height: Int, pixelsMax: Int)
    /// The decoder's own words.
    case damaged(String)
    /// Whole, but of a kind that is not drawn on.
    case unsupported(String)
    /// The drawing or encoding itself failed.
    case failed(String)

    static func require(_ size: (width: Int, height: Int), within pixelsMax: Int) throws(AnnotateError) {
        guard size.width * size.height <= pixelsMax else {
            throw .tooLarge(width: size.width, height: size.height, pixelsMax: pixelsMax)
        }
    }

    public var description: String {
        switch self {
        case .unknownType: "the picture is neither JPEG nor PNG"
        case .tooLarge(let width, let height, let pixelsMax):
            "the picture has \(width) x \(height) pixels, and no more than \(pixelsMax) are decoded"
                + " (intake.picturePixelsMax)"
        case .damaged(let words): "the picture is damaged: \(words)"
        case .unsupported(let words): "the picture cannot be drawn on: \(words)"
        case .failed(let words): "drawing failed: \(words)"
        }
    }
}
