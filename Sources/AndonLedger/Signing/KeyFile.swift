import AndonModel
import AndonTransparency
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A signing key in a file that only its owner may read.
public struct KeyFile: Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// - Throws: `LedgerKeyError` when others may read the file, or it holds no key.
    public func read() throws -> SigningKey {
        var status = stat()
        guard stat(path, &status) == 0 else { throw LedgerKeyError.unreadable(path, Self.systemReason) }
        guard status.st_mode & 0o077 == 0 else { throw LedgerKeyError.open(path) }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LedgerKeyError.unreadable(path, "it is not a text that this user may read")
        }
        do {
            return try SigningKey(parsing: text.trimmingCharacters(in: .newlines))
        } catch {
            throw LedgerKeyError.unreadable(path, error.description)
        }
    }

    /// Makes a key and its file, mode 0600, durable before this returns. An end of the process on the way leaves no half of
    /// a key under this name.
    public func make(name: String, algorithm: NoteAlgorithm, random: any RandomSource) throws -> SigningKey {
        let key = try SigningKey(name: name, algorithm: algorithm, seed: random.bytes(32))
        guard !exists else { throw LedgerKeyError.unwritable(path, "there is a key already") }
        let part = path + ".part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LedgerKeyError.unwritable(path, Self.systemReason) }
        defer { close(file) }
        let bytes = Array((key.secretText + "\n").utf8)
        guard fchmod(file, 0o600) == 0, DurableFile.writeAll(bytes, to: file), fsync(file) == 0,
            rename(part, path) == 0
        else { throw LedgerKeyError.unwritable(path, Self.systemReason) }
        try DurableFile.syncFolder(of: path)
        return key
    }

    /// Takes the place of `other`.
    func replace(_ other: KeyFile) throws {
        guard rename(path, other.path) == 0 else { throw LedgerKeyError.unwritable(other.path, Self.systemReason) }
        try DurableFile.syncFolder(of: other.path)
    }

    func remove() throws {
        guard unlink(path) == 0 else { throw LedgerKeyError.unwritable(path, Self.systemReason) }
    }

    private static var systemReason: String { String(cString: strerror(errno)) }
}

/// A small file that is there whole, or as it was before.
public enum DurableFile {
    /// - Parameter mode: of a new file.
    /// - Throws: ``StoreError``.
    public static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// The same for bytes.
    public static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
        let part = path + ".part"
        let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard writeAll(bytes, to: file), fsync(file) == 0, rename(part, path) == 0 else { throw failure(path) }
        try syncFolder(of: path)
    }

    /// All bytes to a descriptor, in as many steps as the system takes.
    /// - Returns: false, and the reason in `errno`, when it takes no more.
    public static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Makes what was named in the folder of `path`, or taken out of it, survive a power cut.
    public static func syncFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        let file = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> StoreError {
        .unusable("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}

/// What is wrong with the keys of the ledger, and what to do.
public enum LedgerKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    case open(String)
    case unreadable(String, String)
    case unwritable(String, String)
    case lost(String, vkey: String)
    case otherKey(String, found: String, inForce: String)
    case otherOrigin(String, configured: String, key: String)

    public var description: String {
        switch self {
        case .open(let path):
            "others may read the signing key \(path): run chmod 600 \(path), and if somebody may have read it, "
                + "`andon ledger rotate-key` once the server runs"
        case .unreadable(let path, let reason): "the signing key \(path) cannot be used: \(reason)"
        case .unwritable(let path, let reason): "the signing key \(path) cannot be written: \(reason)"
        case .lost(let path, let vkey):
            "the ledger's signing key \(path) is missing; restore it from the backup (its public half is \(vkey)), or "
                + "begin a new log over the same entries with `andon serve --accept-rollback WHO WHY`"
        case .otherKey(let path, let found, let inForce):
            "\(path) holds the key \(found), but the ledger was last signed for by \(inForce); restore that one"
        case .otherOrigin(let path, let configured, let key):
            "ledger.origin is \(configured), but the key \(path) signs for \(key), and a log keeps its name: "
                + "set ledger.origin to \(key)"
        }
    }
}
