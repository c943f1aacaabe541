import AndonModel
import Foundation

/// Folders of files that follow from what is kept, and are made anew when they are asked for: drawn charts, texts of
/// orders. Old ones only take room.
public struct DerivedFolders: Sendable {
    public let folders: [String]

    public init(_ folders: [String]) {
        self.folders = folders
    }

    /// Removes files that were last written more than `age` ago.
    ///
    /// - Returns: what was removed. A file that goes away by itself meanwhile, or a folder that is not there, is fine.
    @discardableResult
    public func sweep(olderThan age: Duration, now: Timestamp) async throws -> PictureCount {
        let edge = Date(timeIntervalSince1970: Double((now - age).microseconds) / 1e6)
        return try await offThread { [folders] in
            var removed = PictureCount()
            for folder in folders {
                for file in Self.files(in: folder) where file.writtenAt < edge {
                    guard (try? FileManager.default.removeItem(atPath: file.path)) != nil else { continue }
                    removed += PictureCount(count: 1, bytes: file.bytes)
                }
            }
            return removed
        }
    }

    private struct File {
        var path: String
        var bytes: Int
        var writtenAt: Date
    }

    /// Regular files below `folder`; a link is no file of ours.
    private static func files(in folder: String) -> [File] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        return names.compactMap { name in
            guard let name = name as? String else { return nil }
            let path = "\(folder)/\(name)"
            guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
                facts[.type] as? FileAttributeType == .typeRegular, let writtenAt = facts[.modificationDate] as? Date
            else { return nil }
            return File(path: path, bytes: (facts[.size] as? Int) ?? 0, writtenAt: writtenAt)
        }
    }
}
