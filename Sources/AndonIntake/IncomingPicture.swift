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

    init(store: PictureStore, limits: IntakeLimits, bytesMax: Int) throws {
        self.store = store
        self.bytesMax = bytesMax
        probe = PictureProbe(limits: limits)
        temporaryPath = "\(store.folder)/incoming/\(UUID().uuidString)"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw StoreError.disk("a file for the picture cannot be made") }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
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
                throw StoreError.disk("the picture cannot be written")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Ends the picture and says what it is; nothing is kept yet.
    ///
    /// - Throws: `Problem` 415 for no picture, 422 when the digest is not the claimed one.
    public func seal(claimedDigest: String?) throws -> Picture {
        let probed = try probe.finish()
        let digest = Hex.text(hash.finalize())
        if let claimedDigest, claimedDigest.lowercased() != digest {
            throw Problem(
                status: 422, type: "digest-mismatch", title: "The picture is not the one that was announced",
                detail:
                    "The bytes have the SHA-256 \(digest), the report says \(claimedDigest). Send the picture again.",
                errors: [.init(pointer: "/picture/sha256", detail: "does not match the bytes")])
        }
        return Picture(
            sha256: digest, bytes: bytes, mediaType: probed.mediaType, width: probed.size?.width,
            height: probed.size?.height, damage: probed.damage)
    }

    /// Makes the sealed picture durable under its digest. Blocks while the disk syncs: to be called from a thread
    /// that may wait.
    public func keep(_ picture: Picture) throws -> PictureLease {
        let path = store.path(of: picture)
        if access(path, F_OK) != 0 {
            guard fdatasync(descriptor) == 0 else { throw StoreError.disk("the picture cannot be synced") }
        }
        let lease = try store.keep(picture, temporary: temporaryPath)
        close(descriptor)
        descriptor = -1
        do {
            // Also when the file was there: the one who named it may not have synced the folder yet.
            try syncFolder(of: path)
        } catch {
            lease.end(isKept: true)
            throw error
        }
        return lease
    }

    private func syncFolder(of path: String) throws {
        let shelf = open(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]), O_RDONLY | O_CLOEXEC)
        guard shelf >= 0 else { throw StoreError.disk("the picture's folder cannot be opened") }
        defer { close(shelf) }
        guard fsync(shelf) == 0 else { throw StoreError.disk("the picture's folder cannot be synced") }
    }
}
