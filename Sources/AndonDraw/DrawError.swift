/// Why a picture could not be drawn.
public enum DrawError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The size asked for is outside ``Canvas/sides``, in pixels.
    case size(width: Int, height: Int)
    /// Cairo refused; `doing` says at what, `reason` is Cairo's own word.
    case refused(doing: String, reason: String)
    /// A picture that was to be put into the drawing; what is wrong with it, to be read after its name: `is no PNG file`.
    case picture(String)

    public var description: String {
        switch self {
        case .size(let width, let height):
            "a picture of \(width) x \(height) pixels cannot be drawn: "
                + "ask for \(Canvas.sides.lowerBound) to \(Canvas.sides.upperBound) pixels a side"
        case .refused(let doing, let reason):
            "\(doing) failed: \(reason); ask for a smaller picture or give the process more memory"
        case .picture(let fault): "the picture \(fault)"
        }
    }
}
