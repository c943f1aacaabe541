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

/// What a backup says of itself.
struct BackupManifest: Sendable, Equatable {
    enum Engine: String, Sendable { case sqlite, postgres }

    /// Raised when a reader of before could not read it.
    static let format = 1

    /// The program's own.
    var version = Software.version
    var takenAt: Timestamp
    var engine: Engine
    /// In PostgreSQL.
    var schema: String?
    /// Of the ledger in the snapshot.
    var entries: Int64
    var root: String
    /// Signed for the ledger in the snapshot, or for as many of its entries as it was signed for last.
    var checkpoint: String?
    var pictures: PictureTally
    var holdsKeys: Bool
    /// Where the pictures are, when that is object storage: they are in no backup.
    var objectStorage: String?
    /// SHA-256 of the list of all files.
    var sumsDigest: String

    struct PictureTally: Sendable, Equatable {
        var count = 0
        var bytes = 0
        /// Removed by their retention while the backup was taken.
        var removedMeanwhile = 0
        /// Kept, as the tables say, and not there or not what their names say.
        var missing: [String] = []
        static let missingMax = 1000
    }

    var json: JSON {
        .object(present: [
            "format": .integer(Self.format), "version": .string(version), "takenAt": .time(takenAt),
            "engine": .string(engine.rawValue), "schema": schema.map { .string($0) },
            "entries": .integer(entries), "root": .string(root), "checkpoint": checkpoint.map { .string($0) },
            "pictures": [
                "count": .integer(pictures.count), "bytes": .integer(pictures.bytes),
                "removedMeanwhile": .integer(pictures.removedMeanwhile),
                "missing": .array(pictures.missing.map { .string($0) }),
            ],
            "holdsKeys": .bool(holdsKeys), "objectStorage": objectStorage.map { .string($0) },
            "sumsSha256": .string(sumsDigest),
        ])
    }

    /// - Throws: ``BackupError/damaged(_:_:)``.
    init(parsing bytes: [UInt8], of backup: String) throws {
        func damaged(_ reason: String) -> BackupError { .damaged(backup, "\(BackupFolder.manifest) \(reason)") }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw damaged("cannot be read: \(error)") }
        guard let format = json["format"]?.integer else { throw damaged("has no format") }
        guard format == Self.format else { throw BackupError.newer(backup) }
        guard let takenAt = json["takenAt"]?.string.flatMap({ Timestamp($0) }), let entries = json["entries"]?.integer,
            let engine = json["engine"]?.string.flatMap({ Engine(rawValue: $0) }), let root = json["root"]?.string,
            let sums = json["sumsSha256"]?.string, let version = json["version"]?.string
        else { throw damaged("lacks members") }
        let tally = json["pictures"]
        self.init(
            takenAt: takenAt, engine: engine, schema: json["schema"]?.string, entries: Int64(entries), root: root,
            checkpoint: json["checkpoint"]?.string,
            pictures: PictureTally(
                count: tally?["count"]?.integer ?? 0, bytes: tally?["bytes"]?.integer ?? 0,
                removedMeanwhile: tally?["removedMeanwhile"]?.integer ?? 0,
                missing: tally?["missing"]?.array?.compactMap(\.string) ?? []),
            holdsKeys: json["holdsKeys"] == true, objectStorage: json["objectStorage"]?.string, sumsDigest: sums)
        self.version = version
    }

    init(
        takenAt: Timestamp, engine: Engine, schema: String?, entries: Int64, root: String, checkpoint: String?,
        pictures: PictureTally, holdsKeys: Bool, objectStorage: String?, sumsDigest: String
    ) {
        (self.takenAt, self.engine, self.schema, self.entries) = (takenAt, engine, schema, entries)
        (self.root, self.checkpoint, self.pictures) = (root, checkpoint, pictures)
        (self.holdsKeys, self.objectStorage, self.sumsDigest) = (holdsKeys, objectStorage, sumsDigest)
    }
}

/// Why there is no backup, or none that could be restored.
enum BackupError: Error, CustomStringConvertible, Equatable {
    case none(String)
    case damaged(String, String)
    case newer(String)
    case unusable(String)
    case occupied(String)
    case program(String)

    var description: String {
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
