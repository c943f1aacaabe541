import AndonLedger
import AndonModel
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder of kept pictures, each named by the SHA-256 of its bytes.
///
/// A picture is written under a temporary name, synced, linked to its own name, and the folder synced: no partial
/// file is ever visible under a digest, and a picture that was accepted is there after a power cut. The same bytes
/// are kept once. A picture whose report is refused in the end is removed again, unless another report has it.
///
/// Whoever brings bytes has a **lease** on their digest from before the file is looked for until the report's outcome
/// is durable; whoever removes a file does so only while nobody has a lease, and after the tables have said, without a
/// lease in between, that the bytes are not wanted.
///
/// Other processes may have the same folder, and do not see these leases. Whoever takes a file away puts it aside first and asks
/// the tables then; whoever had a report accepted looks for the file after the commit, and names it once more from its own
/// link where it is not there. One of the two comes later, and finds what the other did.
///
/// With a ``PictureVault`` the pictures are in object storage, and the folder, which is this process's own, holds copies of those
/// that were wanted lately: what it has is durable elsewhere, and goes when it is old or takes too much room.
public final class PictureStore: Sendable {
    public let folder: String
    /// Small copies of the pictures, which go with them.
    public let thumbnails: ThumbnailFolder
    /// Where the pictures are, when that is not the folder.
    public let vault: PictureVault?
    /// A folder that was the pictures' own before they were in object storage, and still has some.
    let former: String?
    private let digests = Mutex<[String: Digest]>([:])
    /// Whether the tables say that the bytes of a digest are kept; nil where no other process has the folder.
    private let isKeptByAnyone: (@Sendable (_ sha256: String) throws -> Bool)?
    /// Held for as long as the folder is used.
    private let lock: FolderLock?
    /// What lies in `incoming` for so long is nobody's any more, where other processes have the folder.
    private static let abandonedAfter: TimeInterval = 86_400

    /// What is under way for one digest.
    private struct Digest {
        /// Requests that bring the bytes.
        var leases = 0
        /// Whether one of them was accepted: then the refusal of another does not matter.
        var isKept = false
        var isRefused = false
        /// Somebody asks the tables whether the file may go; a lease puts an end to that.
        var isLeaving = false
    }

    /// Makes the folder and its 256 shelves.
    ///
    /// - Parameters:
    ///   - former: the pictures' own folder, where `folder` holds copies; it need not be there.
    ///   - isKept: asks the tables; to be given where other processes have the folder too.
    ///   - lock: what says that `folder`, which is new, is this process's.
    public init(
        folder: String, vault: PictureVault? = nil, former: String? = nil,
        sharedBy isKept: (@Sendable (_ sha256: String) throws -> Bool)? = nil, lock: FolderLock? = nil
    ) throws {
        self.folder = folder
        self.vault = vault
        self.former = former
        isKeptByAnyone = isKept
        self.lock = lock
        // A copy is not synced: after a power cut it may not be what its name says.
        if vault != nil, lock == nil { try? FileManager.default.removeItem(atPath: folder) }
        let data = URL(fileURLWithPath: folder).deletingLastPathComponent().path
        thumbnails = ThumbnailFolder(folder: data + "/derived/thumbnails")
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder + "/incoming", withIntermediateDirectories: true)
        for shelf in 0...255 {
            try manager.createDirectory(
                atPath: folder + "/" + Hex.text([UInt8(shelf)]), withIntermediateDirectories: true)
        }
    }

    /// Removes what an interrupted intake left behind. To be called before the first picture is received.
    ///
    /// - Parameter isKept: whether the tables say that the bytes of this digest are kept.
    public func recover(isKept: (_ sha256: String) throws -> Bool) throws {
        let incoming = folder + "/incoming"
        for name in try FileManager.default.contentsOfDirectory(atPath: incoming) {
            let file = "\(incoming)/\(name)"
            guard isKeptByAnyone == nil || isAbandoned(file) else { continue }
            let parts = name.split(separator: ".").map(String.init)
            if parts.count == 3, let type = Picture.MediaType(fileExtension: parts[1]) {
                let path = path(sha256: parts[0], mediaType: type)
                if try isKept(parts[0]) { link(file, path) } else { _ = try takeAway(path, sha256: parts[0]) }
            }
            unlink(file)
        }
    }

    private func isAbandoned(_ file: String) -> Bool {
        let changed = try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
        return changed.map { -$0.timeIntervalSinceNow > Self.abandonedAfter } ?? false
    }

    /// Unlinks a picture's file, unless another process had a report with its bytes accepted meanwhile.
    ///
    /// - Returns: false where the file stays.
    private func takeAway(_ path: String, sha256: String) throws -> Bool {
        func refuse() throws -> Bool {
            guard errno == ENOENT else { throw StoreError.disk("the picture \(sha256) cannot be removed") }
            return true
        }
        guard let isKeptByAnyone else { return try unlink(path) == 0 || refuse() }
        let type = path.split(separator: ".").last ?? ""
        let aside = "\(folder)/incoming/\(sha256).\(type).\(UUID().uuidString)"
        guard rename(path, aside) == 0 else { return try refuse() }
        defer { unlink(aside) }
        // In doubt it stays.
        guard (try? isKeptByAnyone(sha256)) == false else {
            link(aside, path)
            return false
        }
        return true
    }

    /// Another process may have taken the file away before the report was accepted.
    private func nameAgain(_ picture: Picture, from trace: String) {
        guard isKeptByAnyone != nil, link(trace, path(of: picture)) == 0 else { return }
        let file = open(trace, O_RDONLY | O_CLOEXEC)
        if file >= 0 {
            fsync(file)
            close(file)
        }
        try? syncShelf(of: picture)
    }

    /// Where a picture's bytes lie.
    public func path(of picture: Picture) -> String {
        path(sha256: picture.sha256, mediaType: picture.mediaType)
    }

    func path(sha256: String, mediaType: Picture.MediaType) -> String { Self.path(in: folder, sha256, mediaType) }

    static func path(in folder: String, _ sha256: String, _ mediaType: Picture.MediaType) -> String {
        "\(folder)/\(sha256.prefix(2))/\(sha256).\(mediaType.fileExtension)"
    }

    /// Begins to receive a picture.
    public func receive(limits: IntakeLimits, bytesMax: Int) throws -> IncomingPicture {
        try IncomingPicture(store: self, limits: limits, bytesMax: bytesMax)
    }

    /// Gives the file at `temporary` the picture's own name; it stays under a name in `incoming` until the lease
    /// ends, so that a start after a crash knows whose acceptance is not certain.
    ///
    /// - Parameter sync: called when the picture is not there yet, before it gets its name.
    /// - Throws: `DiskRefusal`.
    func keep(_ picture: Picture, temporary: String, sync: () throws -> Void) throws -> PictureLease {
        let trace = "\(folder)/incoming/\(picture.sha256).\(picture.mediaType.fileExtension).\(UUID().uuidString)"
        let path = path(of: picture)
        digests.withLock { digests in
            digests[picture.sha256, default: Digest()].leases += 1
            digests[picture.sha256]?.isLeaving = false
        }
        do {
            // With the lease, a file that is there stays there.
            if vault == nil, access(path, F_OK) != 0 { try sync() }
            guard rename(temporary, trace) == 0 else { throw DiskRefusal("the picture cannot be named") }
            guard link(trace, path) == 0 || errno == EEXIST else {
                throw DiskRefusal("the picture cannot be named")
            }
        } catch {
            release(picture, trace: trace, isKept: nil)
            throw error
        }
        return PictureLease(store: self, picture: picture, trace: trace)
    }

    /// The last one out removes the file when a report was refused and none was accepted. `nil` brought no file.
    func release(_ picture: Picture, trace: String, isKept: Bool?) {
        if isKept == true { nameAgain(picture, from: trace) }
        digests.withLock { digests in
            var digest = digests[picture.sha256] ?? Digest(leases: 1)
            digest.leases -= 1
            digest.isKept = digest.isKept || isKept == true
            digest.isRefused = digest.isRefused || isKept == false
            if digest.leases <= 0, digest.isRefused, !digest.isKept {
                _ = try? takeAway(path(of: picture), sha256: picture.sha256)
            }
            digests[picture.sha256] = digest.leases > 0 ? digest : nil
        }
        unlink(trace)
    }

    /// Unlinks a picture that the tables say is removed.
    ///
    /// - Parameter isKept: asks the tables once more. A report with the same bytes that begins meanwhile wins.
    /// - Returns: false when the file was left where it is: it is kept again, or a report with its bytes is under way.
    func remove(_ picture: Picture, isKept: () throws -> Bool) throws -> Bool {
        let begins = digests.withLock { digests in
            guard digests[picture.sha256] == nil else { return false }
            digests[picture.sha256] = Digest(isLeaving: true)
            return true
        }
        guard begins else { return false }
        let outcome = Result { try !isKept() }
        return try digests.withLock { digests in
            guard digests[picture.sha256]?.isLeaving == true else { return false }
            digests[picture.sha256] = nil
            guard try outcome.get() else { return false }
            guard try takeAway(path(of: picture), sha256: picture.sha256) else { return false }
            if let former { unlink(Self.path(in: former, picture.sha256, picture.mediaType)) }
            // Behind the picture: who makes a copy in this moment looks whether the picture is still there.
            thumbnails.remove(picture.sha256)
            return true
        }
    }

    /// Makes what was named or unlinked on the shelf of this picture survive a power cut.
    func syncShelf(of picture: Picture) throws {
        let shelf = open("\(folder)/\(picture.sha256.prefix(2))", O_RDONLY | O_CLOEXEC)
        guard shelf >= 0 else { throw StoreError.disk("the picture's folder cannot be opened") }
        defer { close(shelf) }
        guard fsync(shelf) == 0 else { throw StoreError.disk("the picture's folder cannot be synced") }
    }
}

/// A disk's refusal, with the system's own words.
struct DiskRefusal: Error {
    let error: StoreError
    /// Whether there was no room: on the disk, or in a quota.
    let isFull: Bool

    init(_ words: String) {
        let code = errno
        isFull = code == ENOSPC || code == EDQUOT
        let reason = "\(words): \(String(cString: strerror(code)))"
        error = isFull ? .full(reason) : .notDurable(reason)
    }
}

extension StoreError {
    static func disk(_ words: String) -> StoreError { DiskRefusal(words).error }
}
