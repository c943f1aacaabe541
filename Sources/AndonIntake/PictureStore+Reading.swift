import AndonLedger
import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PictureStore {
    /// A file with the picture's bytes, for whoever opens it within a minute. Brought from the object storage where it is
    /// there alone; where the bytes are nowhere, no file is at this path.
    ///
    /// - Throws: `StoreError.picturesAway`; ``Problem`` when the object's bytes are not the picture's.
    public func file(of picture: Picture) async throws -> String {
        let path = path(of: picture)
        guard let vault else { return path }
        // Its time says when it was wanted last.
        if utimes(path, nil) == 0 { return path }
        if let former {
            let before = Self.path(in: former, picture.sha256, picture.mediaType)
            if access(before, F_OK) == 0 { return before }
        }
        let temporary = "\(folder)/incoming/\(UUID().uuidString)"
        defer { unlink(temporary) }
        if try await vault.fetch(picture, to: temporary) { rename(temporary, path) }
        return path
    }

    /// The picture's bytes; nil where they are nowhere.
    ///
    /// - Throws: as ``file(of:)``.
    public func bytes(of picture: Picture) async throws -> [UInt8]? {
        FileManager.default.contents(atPath: try await file(of: picture)).map { Array($0) }
    }

    /// Whether ``file(of:)`` has a file.
    public func hasFile(of picture: Picture) async throws -> Bool {
        access(try await file(of: picture), F_OK) == 0
    }

    /// How long a copy stays that nobody wants, and how long one is safe from being removed.
    static let copyStays: Duration = .seconds(86_400)
    static let copyIsSafe: Duration = .seconds(60)

    /// Removes copies of what is in object storage: old ones, and the oldest beyond `bytesMax`.
    ///
    /// - Returns: what was removed.
    @discardableResult
    public func trimCopies(to bytesMax: Int, now: Timestamp) async throws -> PictureCount {
        guard vault != nil else { return PictureCount() }
        return try await offThread { [folder] in
            var copies = Self.copies(in: folder).sorted { $0.wantedAt < $1.wantedAt }
            copies = Array(copies.prefix { $0.wantedAt < now - Self.copyIsSafe })
            var rest = copies.reduce(0) { $0 + $1.bytes }
            var removed = PictureCount()
            for copy in copies where rest > bytesMax || copy.wantedAt < now - Self.copyStays {
                rest -= copy.bytes
                if unlink(copy.path) == 0 { removed += PictureCount(count: 1, bytes: copy.bytes) }
            }
            return removed
        }
    }

    private struct Copy {
        var path: String
        var bytes: Int
        var wantedAt: Timestamp
    }

    private static func copies(in folder: String) -> [Copy] {
        (0...255).flatMap { shelf -> [Copy] in
            let path = "\(folder)/\(Hex.text([UInt8(shelf)]))"
            return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).compactMap { name in
                var facts = stat()
                guard lstat("\(path)/\(name)", &facts) == 0 else { return nil }
                let wanted = Int64(facts.st_mtim.tv_sec) * 1_000_000 + Int64(facts.st_mtim.tv_nsec / 1000)
                return Copy(
                    path: "\(path)/\(name)", bytes: Int(facts.st_size), wantedAt: Timestamp(microseconds: wanted))
            }
        }
    }
}
