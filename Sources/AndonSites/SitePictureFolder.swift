import AndonLedger
import AndonModel
import Crypto
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the pictures of sites lie, each under the SHA-256 of its bytes, and those that have come in part.
///
/// A part is believed by its length alone, and the whole by its digest: a part that a power cut spoilt makes a whole with
/// another digest, which is dropped and asked for again.
public final class SitePictureFolder: Sendable {
    private let folder: String
    private let bytesMax: Int64
    /// Names of parts that somebody writes to.
    private let busy = Mutex<Set<String>>([])

    public init(folder: String, bytesMax: Int) throws {
        self.folder = folder
        self.bytesMax = Int64(bytesMax)
        try FileManager.default.createDirectory(
            atPath: folder + "/parts", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    }

    public func path(of picture: SitePicture) -> String {
        "\(folder)/\(picture.sha256.prefix(2))/\(picture.sha256).\(picture.mediaType.fileExtension)"
    }

    private func part(_ sha256: String) -> String { "\(folder)/parts/\(sha256)" }

    private static func size(_ path: String) -> Int64? {
        var found = stat()
        return stat(path, &found) == 0 ? Int64(found.st_size) : nil
    }

    /// Bytes that are there of a picture that is wanted. Of one that is whole already and that nobody wrote down, the last byte
    /// is asked for once more.
    func have(of picture: SitePicture) -> Int64 {
        min(Self.size(path(of: picture)) ?? Self.size(part(picture.sha256)) ?? 0, max(0, picture.bytes - 1))
    }

    /// Takes a piece of a picture.
    ///
    /// - Returns: the bytes that are there now, and whether the picture is whole and durable.
    /// - Throws: ``Problem`` 409 where the piece does not follow what is there, 422 where the whole is another picture.
    func take(_ piece: [UInt8], at offset: Int64, of picture: SitePicture) throws -> (have: Int64, isWhole: Bool) {
        guard picture.bytes <= bytesMax else {
            throw Problem(
                status: 413, type: "picture-too-large", title: "The picture is too large",
                detail: "At most \(bytesMax) bytes are taken (intake.pictureBytesMax here).")
        }
        guard busy.withLock({ $0.insert(picture.sha256).inserted }) else { throw Self.other(have(of: picture)) }
        defer { busy.withLock { _ = $0.remove(picture.sha256) } }
        if Self.size(path(of: picture)) != nil { return (picture.bytes, true) }
        let before = Self.size(part(picture.sha256)) ?? 0
        if before < picture.bytes {
            guard offset == before, offset + Int64(piece.count) <= picture.bytes else { throw Self.other(before) }
            try append(piece, to: part(picture.sha256))
            guard before + Int64(piece.count) == picture.bytes else { return (before + Int64(piece.count), false) }
        }
        try finish(picture)
        return (picture.bytes, true)
    }

    private static func other(_ have: Int64) -> Problem {
        Problem(
            status: 409, type: "other-offset", title: "The piece does not follow what is there",
            detail: "\(have) bytes of the picture are here; send it from there on, within its size.")
    }

    private func append(_ piece: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw Self.disk("a part of a picture cannot be opened") }
        defer { close(file) }
        try piece.withUnsafeBytes { raw in
            var rest = raw
            while !rest.isEmpty {
                let written = write(file, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw Self.disk("a part of a picture cannot be written") }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private func finish(_ picture: SitePicture) throws {
        let part = part(picture.sha256)
        guard let file = FileHandle(forUpdatingAtPath: part) else { throw Self.disk("a picture cannot be read again") }
        defer { try? file.close() }
        var hash = SHA256()
        while let piece = try file.read(upToCount: 256 << 10), !piece.isEmpty { hash.update(data: piece) }
        let digest = Hex.text(hash.finalize())
        guard digest == picture.sha256 else {
            unlink(part)
            throw Problem(
                status: 422, type: "digest-mismatch", title: "The picture is not the one that was announced",
                detail: "The bytes have the SHA-256 \(digest). Nothing of it was kept; send the picture again.")
        }
        guard fsync(file.fileDescriptor) == 0 else { throw Self.disk("a picture cannot be synced") }
        let path = path(of: picture)
        let shelf = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        guard rename(part, path) == 0 else { throw Self.disk("a picture cannot be named") }
        for name in [shelf, folder] {
            let handle = open(name, O_RDONLY | O_CLOEXEC)
            guard handle >= 0 else { throw Self.disk("the folder of pictures cannot be opened") }
            defer { close(handle) }
            guard fsync(handle) == 0 else { throw Self.disk("the folder of pictures cannot be synced") }
        }
    }

    private static func disk(_ words: String) -> StoreError {
        let code = errno
        let reason = "\(words): \(String(cString: strerror(code)))"
        return code == ENOSPC || code == EDQUOT ? .full(reason) : .notDurable(reason)
    }

    func remove(_ picture: SitePicture) { unlink(path(of: picture)) }

    /// Parts that nobody went on with for a day.
    func removeOldParts(before time: Timestamp) {
        let parts = folder + "/parts"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parts)) ?? [] {
            var found = stat()
            guard stat("\(parts)/\(name)", &found) == 0 else { continue }
            if Int64(found.st_mtim.tv_sec) * 1_000_000 < time.microseconds { unlink("\(parts)/\(name)") }
        }
    }
}
