import AndonLedger
import AndonModel
import Crypto
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files as backups read and write them: piece by piece, with their SHA-256.
enum FileCopy {
    private static let piece = 1 << 20

    /// The SHA-256 of a file, in hexadecimal.
    static func digest(_ path: String) throws -> String {
        let file = try opened(path)
        defer { close(file) }
        var hash = SHA256()
        try eachPiece(of: file, path) { hash.update(bufferPointer: $0) }
        return Hex.text(hash.finalize())
    }

    /// Copies a file under a temporary name, syncs it, and gives it its name; the folder is the caller's to sync.
    ///
    /// - Parameter expected: the digest that the bytes must have; nothing is kept of others.
    /// - Returns: the digest, and bytes.
    /// - Throws: `DigestDiffers`, ``BackupError``.
    @discardableResult
    static func copy(
        _ source: String, to target: String, expecting expected: String? = nil, mode: mode_t = 0o600
    ) throws -> (digest: String, bytes: Int) {
        let from = try opened(source)
        defer { close(from) }
        let part = target + ".part"
        let into = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard into >= 0 else { throw refusal("\(part) cannot be made") }
        var isNamed = false
        defer {
            close(into)
            if !isNamed { unlink(part) }
        }
        var hash = SHA256()
        var bytes = 0
        try eachPiece(of: from, source) { piece in
            hash.update(bufferPointer: piece)
            bytes += piece.count
            guard writeAll(piece, to: into) else { throw refusal("\(target) cannot be written") }
        }
        let digest = Hex.text(hash.finalize())
        guard expected == nil || expected == digest else { throw DigestDiffers(path: source) }
        guard fchmod(into, mode) == 0, fsync(into) == 0, rename(part, target) == 0 else {
            throw refusal("\(target) cannot be written")
        }
        isNamed = true
        return (digest, bytes)
    }

    /// A file's bytes are not those that they should be.
    struct DigestDiffers: Error { let path: String }

    static func sync(_ path: String) throws {
        let file = try opened(path)
        defer { close(file) }
        guard fsync(file) == 0 else { throw refusal("\(path) cannot be synced") }
    }

    /// Makes a folder that its owner alone may read.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupError.unusable("the folder \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Files below a folder, by their paths within it, sorted; links are none.
    static func files(below folder: String) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: folder) else { return [] }
        return found.compactMap { $0 as? String }.filter { isFile("\(folder)/\($0)") }.sorted()
    }

    static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }

    static func size(_ path: String) -> Int? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    static func refusal(_ words: String) -> BackupError {
        .unusable("\(words): \(String(cString: strerror(errno)))")
    }

    private static func opened(_ path: String) throws -> Int32 {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw refusal("\(path) cannot be opened") }
        return file
    }

    private static func eachPiece(
        of file: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(file, buffer.baseAddress, piece)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw refusal("\(path) cannot be read") }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private static func writeAll(_ piece: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = piece
        while !rest.isEmpty {
            let count = write(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }
}
