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
///
/// On a full disk it goes on hashing without its bytes: whether they may be missed depends on what the report calls for.
public final class IncomingPicture {
    private let store: PictureStore
    private let temporaryPath: String
    private var descriptor: Int32
    private var hash = SHA256()
    private var probe: PictureProbe
    private let bytesMax: Int
    private var bytes = 0
    private var isFull = false

    init(store: PictureStore, limits: IntakeLimits, bytesMax: Int) throws {
        self.store = store
        self.bytesMax = bytesMax
        probe = PictureProbe(limits: limits)
        temporaryPath = "\(store.folder)/incoming/\(UUID().uuidString)"
        descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if descriptor < 0 { try giveUp(DiskRefusal("a file for the picture cannot be made")) }
    }

    /// Whether `keep` can be called: false when the disk had no room.
    public var hasBytes: Bool { !isFull }

    /// Takes a full disk as it is, gives back what it had, and throws every other refusal.
    private func giveUp(_ refusal: DiskRefusal) throws {
        guard refusal.isFull else { throw refusal.error }
        isFull = true
        if descriptor >= 0 { ftruncate(descriptor, 0) }
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
        while !rest.isEmpty, hasBytes {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                try giveUp(DiskRefusal("the picture cannot be written"))
                return
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

    /// The bytes so far.
    ///
    /// - Throws: `StoreError` where the disk had no room for them, or does not give them back.
    public func read() throws -> [UInt8] {
        guard hasBytes else { throw StoreError.full("there is no room for the picture") }
        return try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
            while count < bytes {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, bytes - count, off_t(count))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw StoreError.disk("the picture cannot be read again") }
                count += got
            }
        }
    }

    /// Makes the sealed picture durable under its digest. Blocks while the disk syncs: to be called from a thread
    /// that may wait.
    ///
    /// - Returns: nil when the disk has no room for it.
    public func keep(_ picture: Picture) throws -> PictureLease? {
        guard hasBytes else { return nil }
        let lease: PictureLease
        do {
            lease = try store.keep(picture, temporary: temporaryPath) {
                guard fdatasync(descriptor) == 0 else { throw DiskRefusal("the picture cannot be synced") }
            }
        } catch let refusal as DiskRefusal {
            try giveUp(refusal)
            return nil
        }
        guard store.vault == nil else {
            // The object storage reads it next, and has it when that is done.
            close(descriptor)
            descriptor = -1
            return lease
        }
        // Most pictures are never read again: they must not push the database out of the system's memory, nor make it grow by
        // 200 MB a second. Only advice: what does not take it is no worse off.
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close(descriptor)
        descriptor = -1
        do {
            // Also when the file was there: the one who named it may not have synced the folder yet.
            try store.syncShelf(of: picture)
        } catch {
            store.release(picture, trace: lease.trace, isKept: true)
            throw error
        }
        return lease
    }
}
