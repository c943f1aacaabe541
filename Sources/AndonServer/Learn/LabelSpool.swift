import AndonLedger
import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Texts that wait on the disk in their order, in a file without a name: written within one snapshot of the store, and read
/// when that is over.
final class LabelSpool: Sendable {
    private let descriptor: Int32

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/andon-labels-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure("a temporary file cannot be made") }
        unlink(template)
    }

    deinit { close(descriptor) }

    /// Adds a text behind the last one; one at a time.
    func append(_ bytes: [UInt8]) throws {
        let length = withUnsafeBytes(of: UInt64(bytes.count)) { Array($0) }
        guard DurableFile.writeAll(length + bytes, to: descriptor) else {
            throw Self.failure("a temporary file cannot be written")
        }
    }

    /// The text that begins at `place`, which moves behind it; nil behind the last.
    func next(_ place: inout Int) throws -> [UInt8]? {
        guard let head = try read(8, at: place) else { return nil }
        let length = Int(head.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) })
        guard let text = try read(length, at: place + 8) else { throw Self.failure("a temporary file ends early") }
        place += 8 + length
        return text
    }

    /// Nil at the end of the file.
    private func read(_ count: Int, at place: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let length = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, off_t(place + done))
            }
            guard length > 0 else {
                if length == 0, done == 0 { return nil }
                throw Self.failure("a temporary file cannot be read")
            }
            done += length
        }
        return bytes
    }

    private static func failure(_ words: String) -> Problem {
        Problem(
            status: 507, type: "package", title: "The archive cannot be made",
            detail: "\(words): \(String(cString: strerror(errno))). Make room there, or set TMPDIR to another folder.")
    }
}
