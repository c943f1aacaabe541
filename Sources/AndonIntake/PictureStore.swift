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

/// The folder of kept pictures, each named by the SHA-256 of its bytes.
///
/// A picture is written under a temporary name, synced, renamed to its own name, and the folder synced: no partial
/// file is ever visible under a digest, and a picture that was accepted is there after a power cut. The same bytes
/// are kept once.
public struct PictureStore: Sendable {
    public let folder: String

    /// Makes the folder and its 256 shelves, and removes what an interrupted intake left in `incoming`.
    public init(folder: String) throws {
        self.folder = folder
        let manager = FileManager.default
        try? manager.removeItem(atPath: folder + "/incoming")
        try manager.createDirectory(atPath: folder + "/incoming", withIntermediateDirectories: true)
        for shelf in 0...255 {
            try manager.createDirectory(
                atPath: folder + "/" + Hex.text([UInt8(shelf)]), withIntermediateDirectories: true)
        }
    }

    /// Where a picture's bytes lie.
    public func path(of picture: Picture) -> String {
        path(sha256: picture.sha256, mediaType: picture.mediaType)
    }

    func path(sha256: String, mediaType: Picture.MediaType) -> String {
        "\(folder)/\(sha256.prefix(2))/\(sha256).\(mediaType.fileExtension)"
    }

    /// Begins to receive a picture.
    public func receive(limits: IntakeLimits, bytesMax: Int) throws -> IncomingPicture {
        try IncomingPicture(store: self, limits: limits, bytesMax: bytesMax)
    }
}

/// A picture on its way to the disk: fed piece by piece, hashed and looked at as it passes, never whole in memory.
/// Not to be used from two tasks at once.
public final class IncomingPicture {
    private let store: PictureStore
    private let temporaryPath: String
    private var descriptor: Int32
    private var hash = SHA256()
    private var probe: PictureProbe
    private let bytesMax: Int
    private var bytes = 0

    fileprivate init(store: PictureStore, limits: IntakeLimits, bytesMax: Int) throws {
        self.store = store
        self.bytesMax = bytesMax
        probe = PictureProbe(limits: limits)
        temporaryPath = "\(store.folder)/incoming/\(UUID().uuidString)"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Self.failure("a file for the picture cannot be made") }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    private static func failure(_ words: String) -> StoreError {
        StoreError.notDurable("\(words): \(String(cString: strerror(errno)))")
    }

    /// - Throws: `Problem` 413 beyond the size, 415 when the bytes are no picture; `StoreError` from the disk.
    public func feed(_ piece: some Collection<UInt8>) throws {
        bytes += piece.count
        guard bytes <= bytesMax else {
            throw Problem(
                status: 413, type: "picture-too-large", title: "The picture is too large",
                detail: "At most \(bytesMax) bytes are taken (intake.pictureBytesMax); send a smaller picture.",
                errors: [.init(pointer: "/picture", detail: "more than \(bytesMax) bytes")])
        }
        try probe.feed(piece)
        let done: Void? = try piece.withContiguousStorageIfAvailable { try append(UnsafeRawBufferPointer($0)) }
        if done == nil { try Array(piece).withUnsafeBytes { try append($0) } }
    }

    private func append(_ raw: UnsafeRawBufferPointer) throws {
        hash.update(bufferPointer: raw)
        var rest = raw
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.failure("the picture cannot be written")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Makes the picture durable under its digest. Blocks while the disk syncs: to be called from a thread that
    /// may wait.
    ///
    /// - Throws: `Problem` 415 for no picture, 422 when the digest is not the claimed one; `StoreError`.
    public func finish(claimedDigest: String?) throws -> Picture {
        let probed = try probe.finish()
        let digest = Hex.text(hash.finalize())
        if let claimedDigest, claimedDigest != digest {
            throw Problem(
                status: 422, type: "digest-mismatch", title: "The picture is not the one that was announced",
                detail:
                    "The bytes have the SHA-256 \(digest), the report says \(claimedDigest). Send the picture again.",
                errors: [.init(pointer: "/picture/sha256", detail: "does not match the bytes")])
        }
        let path = store.path(sha256: digest, mediaType: probed.mediaType)
        if access(path, F_OK) != 0 {
            guard fdatasync(descriptor) == 0 else { throw Self.failure("the picture cannot be synced") }
            guard rename(temporaryPath, path) == 0 else { throw Self.failure("the picture cannot be named") }
        } else {
            unlink(temporaryPath)
        }
        // Also when the file was there: the one who renamed it may not have synced the folder yet.
        try syncFolder(of: path)
        close(descriptor)
        descriptor = -1
        return Picture(
            sha256: digest, bytes: bytes, mediaType: probed.mediaType, width: probed.size?.width,
            height: probed.size?.height, damage: probed.damage)
    }

    private func syncFolder(of path: String) throws {
        let shelf = open(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), O_RDONLY | O_CLOEXEC)
        guard shelf >= 0 else { throw Self.failure("the picture's folder cannot be opened") }
        defer { close(shelf) }
        guard fsync(shelf) == 0 else { throw Self.failure("the picture's folder cannot be synced") }
    }
}
