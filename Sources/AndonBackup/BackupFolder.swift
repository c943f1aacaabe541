import AndonModel
import Foundation

/// Where backups lie: each whole by itself under the time of its snapshot, and the pictures of all of them once.
///
///     pictures/ab/abcd….jpg             every picture that one of the backups needs
///     pictures-of-sites/…               the same of sites that forward here
///     backups/20261129T224500.123456Z/  andon.sqlite or andon.dump, files/, SHA256SUMS, manifest.json
///
/// A backup is made under another name, and gets its own when every file of it is durable: what is there under its name is
/// whole. `sha256sum -c SHA256SUMS` within it says so without this program.
struct BackupFolder: Sendable {
    let path: String

    static let sums = "SHA256SUMS"
    static let manifest = "manifest.json"
    static let database = "andon.sqlite"
    static let dump = "andon.dump"
    /// Folders of pictures, under their digests, that all backups share.
    static let pools = ["pictures", "pictures-of-sites"]
    /// Before the name of a backup that is being made.
    static let unfinished = ".unfinished-"

    var backups: String { path + "/backups" }

    func backup(_ name: String) -> String { "\(backups)/\(name)" }

    /// The whole backups, the oldest first.
    func names() -> [String] {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: backups)) ?? []
        return found.filter { name in
            !name.hasPrefix(".") && FileManager.default.fileExists(atPath: "\(backup(name))/\(Self.manifest)")
        }.sorted()
    }

    /// A name that says when, and that sorts as the times do.
    static func name(at time: Timestamp) -> String {
        "\(time)".replacing("-", with: "").replacing(":", with: "")
    }

    /// The backup that `place` names: one of them, or the newest where it is the folder of all.
    ///
    /// - Throws: ``BackupError/none(_:)``.
    static func find(_ place: String) throws -> (folder: BackupFolder, name: String) {
        let place = URL(fileURLWithPath: place).standardizedFileURL.path
        if FileManager.default.fileExists(atPath: "\(place)/\(manifest)") {
            let backups = (place as NSString).deletingLastPathComponent
            let folder = BackupFolder(path: (backups as NSString).deletingLastPathComponent)
            return (folder, (place as NSString).lastPathComponent)
        }
        let folder = BackupFolder(path: place)
        guard let newest = folder.names().last else { throw BackupError.none(place) }
        return (folder, newest)
    }
}

/// Why there is no backup, or none that could be restored.
package enum BackupError: Error, CustomStringConvertible, Equatable {
    case none(String)
    case damaged(String, String)
    case newer(String)
    case unusable(String)
    case occupied(String)
    case program(String)

    package var description: String {
        switch self {
        case .none(let place): "\(place) holds no whole backup; name the folder that andon backup wrote to"
        case .damaged(let backup, let reason):
            "the backup \(backup) is not whole: \(reason). Take an earlier one, and find out what became of this one"
        case .newer(let backup):
            "the backup \(backup) was written by a newer version; install the version of andon that wrote it, or a later one"
        case .unusable(let reason): reason
        case .occupied(let folder):
            "the folder \(folder) is not empty, and nothing in it was touched; name another one, or say --replace: then it "
                + "is put aside under another name"
        case .program(let reason): reason
        }
    }
}
