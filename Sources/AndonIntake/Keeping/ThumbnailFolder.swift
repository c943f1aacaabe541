import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the small copies of pictures lie, by the picture's digest and the width. They follow from the pictures, and go
/// with them.
public struct ThumbnailFolder: Sendable {
    public let folder: String
    /// The widths that there are, in pixels: few, so that a picture has few copies.
    public static let widths = [160, 320, 640]

    public init(folder: String) {
        self.folder = folder
    }

    /// Of a picture in 256 shelves, as the pictures themselves.
    public func path(of sha256: String, width: Int) -> String { "\(shelf(of: sha256))/\(sha256)-\(width).jpg" }

    public func shelf(of sha256: String) -> String { "\(folder)/\(sha256.prefix(2))" }

    /// Removes all copies of a picture; what is not there is fine.
    public func remove(_ sha256: String) {
        for width in Self.widths { unlink(path(of: sha256, width: width)) }
    }
}
