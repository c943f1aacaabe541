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
public final class PictureStore: Sendable {
    public let folder: String
    /// Requests under way by the digest that they keep.
    private let leases = Mutex<[String: Int]>([:])

    /// Makes the folder and its 256 shelves.
    public init(folder: String) throws {
        self.folder = folder
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder + "/incoming", withIntermediateDirectories: true)
        for shelf in 0...255 {
            try manager.createDirectory(
                atPath: folder + "/" + Hex.text([UInt8(shelf)]), withIntermediateDirectories: true)
        }
    }

    /// Removes what an interrupted intake left behind. To be called before the first picture is received.
    ///
    /// - Parameter isKnown: whether a report with the picture of this digest was accepted.
    public func recover(isKnown: (_ sha256: String) throws -> Bool) throws {
        let incoming = folder + "/incoming"
        for name in try FileManager.default.contentsOfDirectory(atPath: incoming) {
            let parts = name.split(separator: ".").map(String.init)
            if parts.count == 3, let type = Picture.MediaType(fileExtension: parts[1]), try !isKnown(parts[0]) {
                unlink(path(sha256: parts[0], mediaType: type))
            }
            unlink("\(incoming)/\(name)")
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

    /// Gives the file at `temporary` the picture's own name; it stays under a name in `incoming` until the lease
    /// ends, so that a start after a crash knows whose acceptance is not certain.
    func keep(_ picture: Picture, temporary: String) throws -> PictureLease {
        let trace = "\(folder)/incoming/\(picture.sha256).\(picture.mediaType.fileExtension).\(UUID().uuidString)"
        guard rename(temporary, trace) == 0 else { throw StoreError.disk("the picture cannot be named") }
        let path = path(of: picture)
        try leases.withLock { leases in
            guard link(trace, path) == 0 || errno == EEXIST else {
                throw StoreError.disk("the picture cannot be named")
            }
            leases[picture.sha256, default: 0] += 1
        }
        return PictureLease(store: self, picture: picture, trace: trace)
    }

    fileprivate func release(_ picture: Picture, trace: String, isKept: Bool) {
        leases.withLock { leases in
            let others = (leases[picture.sha256] ?? 1) - 1
            leases[picture.sha256] = others > 0 ? others : nil
            if !isKept, others == 0 { unlink(path(of: picture)) }
        }
        unlink(trace)
    }
}

/// A picture that is durable while its report is still being decided on.
public struct PictureLease: Sendable {
    fileprivate let store: PictureStore
    public let picture: Picture
    fileprivate let trace: String

    /// Ends the lease. `isKept` says whether any accepted report has the picture; without one its bytes go.
    public func end(isKept: Bool) {
        store.release(picture, trace: trace, isKept: isKept)
    }
}

extension StoreError {
    /// A disk's refusal, with the system's own words.
    static func disk(_ words: String) -> StoreError {
        .notDurable("\(words): \(String(cString: strerror(errno)))")
    }
}
