import AndonDispatch
import AndonDraw
import AndonLedger
import AndonModel

/// A file that was drawn, with the digest of its bytes.
struct Drawn: Sendable {
    var content: DerivedFiles.Content
    /// Hexadecimal SHA-256 of the bytes.
    var digest: String

    init(_ content: DerivedFiles.Content) {
        self.content = content
        digest = Hex.sha256(content.bytes)
    }
}

/// Files that were drawn lately, by everything that they are drawn from: the same figure gives the same bytes, so a file is
/// never out of date, and what changes (a new floor plan, another good picture) is another figure.
///
/// Bounded in bytes; who was not asked for the longest goes first. Those who ask for the same file at once wait for one
/// drawing.
actor DrawnFiles {
    enum Key: Hashable, Sendable {
        /// By the picture's digest and the annotation as JSON.
        case annotated(picture: String, annotation: [UInt8])
        case crop(picture: String, box: Box, title: String, good: String?, goodTitle: String?)
        case chart(ChartFigure)
        case map(MapFigure)
        /// Its pictures stand for their bytes with their digests.
        case sheet(SheetFigure)
    }

    private struct Entry {
        var drawn: Drawn
        var usedAt: Int
    }

    static let bytesMax = 64 << 20
    private let bytesMax: Int
    private var kept: [Key: Entry] = [:]
    private var underWay: [Key: Task<Drawn, any Error>] = [:]
    private var asked = 0
    private(set) var bytes = 0

    init(bytesMax: Int = DrawnFiles.bytesMax) { self.bytesMax = bytesMax }

    /// - Parameter draw: makes the file where it is not kept; a failure is not kept.
    func file(
        _ key: Key, _ draw: @escaping @Sendable () async throws -> DerivedFiles.Content
    ) async throws -> Drawn {
        asked += 1
        if let drawn = kept[key]?.drawn {
            kept[key]?.usedAt = asked
            return drawn
        }
        if let task = underWay[key] { return try await task.value }
        let task = Task { Drawn(try await draw()) }
        underWay[key] = task
        defer { underWay[key] = nil }
        let drawn = try await task.value
        keep(drawn, as: key)
        return drawn
    }

    /// A file of more than half of the room would push out all others.
    private func keep(_ drawn: Drawn, as key: Key) {
        guard drawn.content.bytes.count <= bytesMax / 2 else { return }
        bytes += drawn.content.bytes.count
        kept[key] = Entry(drawn: drawn, usedAt: asked)
        while bytes > bytesMax, let oldest = kept.min(by: { $0.value.usedAt < $1.value.usedAt }) {
            kept[oldest.key] = nil
            bytes -= oldest.value.drawn.content.bytes.count
        }
    }
}
