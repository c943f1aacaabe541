import AndonLedger
import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file without a name, for what has to wait on the disk: nothing is left of it whatever becomes of the process.
///
/// It takes one writer at a time; what was written may be read by anybody.
public final class NamelessFile: Sendable {
    private let descriptor: Int32
    private let subject: String

    /// - Parameters:
    ///   - subject: what it waits for, in the words of an error: `package`.
    ///   - folder: on the disk that has room; the system's folder for temporary files by default.
    public init(for subject: String, in folder: String = FileManager.default.temporaryDirectory.path) throws {
        self.subject = subject
        // mkstemp puts letters of its own in the place of the X.
        var path = Array("\(folder)/andon-\(subject)-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Self.failure(subject, "a temporary file cannot be made in \(folder)") }
        unlink(path)
    }

    deinit { close(descriptor) }

    public func append(_ bytes: [UInt8]) throws {
        guard DurableFile.writeAll(bytes, to: descriptor) else {
            throw Self.failure(subject, "a temporary file cannot be written")
        }
    }

    /// Bytes from `place` on; fewer than `count` at the end of the file.
    public func read(_ count: Int, at place: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let length = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, off_t(place + done))
            }
            guard length >= 0 else { throw Self.failure(subject, "a temporary file cannot be read") }
            if length == 0 { break }
            done += length
        }
        return Array(bytes[..<done])
    }

    /// - Throws: where the file ends before so many bytes.
    public func whole(_ count: Int, at place: Int) throws -> [UInt8] {
        let bytes = try read(count, at: place)
        guard bytes.count == count else { throw Self.failure(subject, "a temporary file ends early") }
        return bytes
    }

    private static func failure(_ subject: String, _ words: String) -> Problem {
        Problem(
            status: 507, type: "package", title: "The \(subject) cannot be made",
            detail: "\(words): \(String(cString: strerror(errno))). Make room there, or set TMPDIR to another folder.")
    }
}
