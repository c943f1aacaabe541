import AndonLedger
import AndonModel
import Foundation

/// Brings the pictures of a data folder into the folder that all backups share: those that are not there yet.
struct PicturePool {
    private let data: String
    private let folder: BackupFolder
    private(set) var tally = BackupManifest.PictureTally()
    /// Pictures that were not in the shared folder.
    private(set) var copied = 0
    /// Of the list of files.
    private(set) var lines: [FileSums.Line] = []
    private var shelves: Set<String> = []

    init(data: String, folder: BackupFolder) { (self.data, self.folder) = (data, folder) }

    /// - Parameters:
    ///   - isLast: whether these are the tables that the backup has: what is missing now, it misses.
    ///   - live: says whether a picture was removed since.
    mutating func gather(from reader: Reader, isLast: Bool, live: Store? = nil) throws {
        let isElsewhere = try reader.picturePlace() != nil
        try reader.eachKeptPicture { picture in
            let name = "\(picture.sha256.prefix(2))/\(picture.sha256).\(picture.mediaType.fileExtension)"
            let isThere = try bring(name, of: "pictures", digest: picture.sha256, bytes: picture.bytes)
            guard isLast else { return }
            if isThere {
                note(name, of: "pictures", digest: picture.sha256, bytes: picture.bytes)
            } else if !isElsewhere {
                let isKept = try live?.readNow { try $0.isPictureKept(picture.sha256) } ?? true
                if !isKept {
                    tally.removedMeanwhile += 1
                } else if tally.missing.count < BackupManifest.PictureTally.missingMax {
                    tally.missing.append(picture.sha256)
                }
            }
        }
    }

    /// Pictures that sites forwarded: whatever lies there whole.
    mutating func gatherSites() throws {
        let pool = BackupFolder.pools[1]
        for name in FileCopy.files(below: "\(data)/\(pool)") where !name.hasPrefix("parts/") {
            let digest = String(name.split(separator: "/").last?.split(separator: ".").first ?? "")
            let bytes = FileCopy.size("\(data)/\(pool)/\(name)") ?? 0
            guard try bring(name, of: pool, digest: digest, bytes: bytes) else { continue }
            note(name, of: pool, digest: digest, bytes: bytes)
        }
    }

    private mutating func note(_ name: String, of pool: String, digest: String, bytes: Int) {
        lines.append(FileSums.Line(digest: digest, path: "../../\(pool)/\(name)"))
        tally.count += 1
        tally.bytes += bytes
    }

    /// - Returns: whether it is in the shared folder now.
    private mutating func bring(_ name: String, of pool: String, digest: String, bytes: Int) throws -> Bool {
        let (source, target) = ("\(data)/\(pool)/\(name)", "\(folder.path)/\(pool)/\(name)")
        if FileCopy.size(target) == bytes { return true }
        guard FileCopy.isFile(source) else { return false }
        let shelf = (target as NSString).deletingLastPathComponent
        if shelves.insert(shelf).inserted { try FileCopy.makeFolder(shelf) }
        do {
            try FileCopy.copy(source, to: target, expecting: digest)
        } catch is FileCopy.DigestDiffers {
            return false
        } catch {
            // It may have been removed in this moment.
            guard FileCopy.isFile(source) else { return false }
            throw error
        }
        copied += 1
        return true
    }

    /// What was named survives a power cut when this returns.
    func sync() throws {
        for shelf in shelves { try FileCopy.sync(shelf) }
        for pool in BackupFolder.pools { try FileCopy.sync("\(folder.path)/\(pool)") }
        try FileCopy.sync(folder.path)
    }
}
