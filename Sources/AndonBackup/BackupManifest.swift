import AndonLedger
import AndonModel

/// What a backup says of itself.
package struct BackupManifest: Sendable, Equatable {
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

    package var json: JSON {
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
    package init(parsing bytes: [UInt8], of backup: String) throws {
        func damaged(_ reason: String) -> BackupError { .damaged(backup, "\(BackupFolder.manifest) \(reason)") }
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw damaged("cannot be read: \(error)") }
        guard let format = json["format"]?.integer else { throw damaged("has no format") }
        guard format == Self.format else { throw BackupError.newer(backup) }
        guard let takenAt = json["takenAt"]?.string.flatMap({ Timestamp($0) }), let entries = json["entries"]?.integer,
            let engine = json["engine"]?.string.flatMap({ Engine(rawValue: $0) }), let root = json["root"]?.string,
            let sums = json["sumsSha256"]?.string, let version = json["version"]?.string
        else { throw damaged("lacks members") }
        guard entries >= 0, Self.isDigest(root), Self.isDigest(sums) else { throw damaged("has members that are none") }
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

    private static func isDigest(_ text: String) -> Bool { Hex.bytes(text)?.count == 32 }
}
