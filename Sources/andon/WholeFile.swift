import AndonLedger
import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that appears under its name when it is whole, and takes the place of one that is there then.
///
/// Until then it has no name where the file system can do that (`O_TMPFILE`): whatever becomes of this process, nothing is
/// left of it. Elsewhere it lies beside its name, with `.partial` behind it, and the next one overwrites it.
final class WholeFile {
    private let path: String
    private let partial: String
    private let descriptor: Int32
    private let isNamed: Bool

    init(_ path: String) throws {
        self.path = path
        partial = path + ".partial"
        let folder = (path as NSString).deletingLastPathComponent
        #if os(Linux)
            // Glibc defines O_TMPFILE as this bit and O_DIRECTORY, in a form that Swift does not import.
            let nameless = open(folder.isEmpty ? "." : folder, 0o20_000_000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o644)
        #else
            let nameless: Int32 = -1
        #endif
        isNamed = nameless < 0
        descriptor = isNamed ? open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) : nameless
        guard descriptor >= 0 else { throw Self.failure("\(path) cannot be written") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: some Collection<UInt8>) throws {
        guard DurableFile.writeAll(Array(bytes), to: descriptor) else {
            throw Self.failure("\(path) cannot be written")
        }
    }

    /// Gives the file its name; durable when this returns.
    func finish() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) cannot be written") }
        if !isNamed {
            unlink(partial)
            guard linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, partial, AT_SYMLINK_FOLLOW) == 0 else {
                throw Self.failure("\(path) cannot be named")
            }
        }
        guard rename(partial, path) == 0 else { throw Self.failure("\(path) cannot be named") }
    }

    func discard() { if isNamed { unlink(partial) } }

    private static func failure(_ words: String) -> any Error {
        CleanExit.failure("\(words): \(String(cString: strerror(errno)))")
    }
}
