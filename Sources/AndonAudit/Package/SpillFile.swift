import Foundation

/// What grows with the number of records and has to wait for the end of a package: on the disk, written in large parts.
public final class SpillFile {
    private let file: NamelessFile
    private var waiting: [UInt8] = []
    public private(set) var count = 0

    /// Bytes that are held in memory.
    private static let chunk = 1 << 20

    /// - Parameter folder: on the disk that has room; the system's folder for temporary files by default.
    public init(in folder: String = FileManager.default.temporaryDirectory.path) throws {
        file = try NamelessFile(for: "package", in: folder)
    }

    public func append(_ bytes: some Sequence<UInt8>) throws {
        let before = waiting.count
        waiting += bytes
        count += waiting.count - before
        if waiting.count >= Self.chunk { try flush() }
    }

    private func flush() throws {
        try file.append(waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    /// All bytes from the first on, part by part; may be read more than once.
    public func read(_ body: ([UInt8]) async throws -> Void) async throws {
        try flush()
        var place = 0
        while place < count {
            let part = try file.whole(min(Self.chunk, count - place), at: place)
            place += part.count
            try await body(part)
        }
    }
}
