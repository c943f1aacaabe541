import AndonLedger
import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What grows with the number of records and has to wait for the end of a package: on the disk, in a file without a name,
/// so that nothing is left of it whatever becomes of the process.
public final class SpillFile {
    private let descriptor: Int32
    private var waiting: [UInt8] = []
    public private(set) var count = 0

    /// Bytes that are held in memory.
    private static let chunk = 1 << 20

    /// - Parameter folder: on the disk that has room; the system's folder for temporary files by default.
    public init(in folder: String = FileManager.default.temporaryDirectory.path) throws {
        var template = Array("\(folder)/andon-package-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure("a temporary file cannot be made in \(folder)") }
        unlink(template)
    }

    deinit { close(descriptor) }

    public func append(_ bytes: some Sequence<UInt8>) throws {
        let before = waiting.count
        waiting += bytes
        count += waiting.count - before
        if waiting.count >= Self.chunk { try flush() }
    }

    private func flush() throws {
        guard DurableFile.writeAll(waiting, to: descriptor) else {
            throw Self.failure("a temporary file cannot be written")
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// All bytes from the first on, part by part; may be read more than once.
    public func read(_ body: ([UInt8]) async throws -> Void) async throws {
        try flush()
        var place = 0
        var part = [UInt8](repeating: 0, count: Self.chunk)
        while place < count {
            let length = part.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(place)) }
            guard length > 0 else { throw Self.failure("a temporary file cannot be read") }
            place += length
            try await body(Array(part[..<length]))
        }
    }

    private static func failure(_ words: String) -> Problem {
        Problem(
            status: 507, type: "package", title: "The package cannot be made",
            detail: "\(words): \(String(cString: strerror(errno))). Make room there, or set TMPDIR to another folder.")
    }
}
