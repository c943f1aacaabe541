import AndonLedger
import Foundation

extension PictureStore {
    private static let prefix = "picture-copies-"

    /// Copies of this process alone, in a data folder that other processes have too: each has a folder of its own, locked
    /// for as long as it lives. What processes have left that are gone is removed.
    public convenience init(copiesIn data: String, vault: PictureVault, former: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: data) where name.hasPrefix(Self.prefix) {
            let folder = "\(data)/\(name)"
            guard let lock = try? FolderLock(folder: folder) else { continue }
            try? FileManager.default.removeItem(atPath: folder)
            lock.release()
        }
        let folder = "\(data)/\(Self.prefix)\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try self.init(folder: folder, vault: vault, former: former, lock: try FolderLock(folder: folder))
    }
}
