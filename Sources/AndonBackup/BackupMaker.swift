import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Takes a backup of a data folder, beside the server that works on it or without one.
///
/// The tables are copied in one snapshot. Pictures are copied before it, so that few are left for after it, and those that
/// only the snapshot knows are copied then: what a picture's retention removes in between is the only thing that can be missing.
public struct BackupMaker {
    public struct Options: Sendable {
        /// How many whole backups stay; nil for all of them.
        public var keep: Int?
        /// Whether the private keys are in it.
        public var withKeys = false
        /// The configuration file that goes along.
        public var configuration: String?
        /// Where PostgreSQL's programs are, when the PATH does not have them.
        public var programs: String?

        public init() {}
    }

    public struct Report: Sendable {
        public var name: String
        public var text: String
        /// Whether every picture that the tables keep is there.
        public var isWhole: Bool
    }

    /// What goes along of a data folder beside tables and pictures. Left out: what is made anew (`derived`, `drawing`,
    /// `picture-copies`), what is of a moment (`lock`, the log of the database), and keys.
    static let kept = ["plans", "configurations", "histories", "validation"]
    static let keys = ["ledger.key", "witness.key", "pki"]

    let store: Store
    let folder: BackupFolder
    let options: Options

    /// - Parameter data: the data folder.
    public init(data: String, into place: String, _ options: Options) throws {
        store = try Store.reading(folder: data, time: SystemTime())
        folder = BackupFolder(path: URL(fileURLWithPath: place).standardizedFileURL.path)
        self.options = options
        guard !"\(folder.path)/".hasPrefix(URL(fileURLWithPath: data).standardizedFileURL.path + "/") else {
            throw BackupError.unusable("a backup within the data folder is lost with it; name another place")
        }
    }

    public func run() throws -> Report {
        try FileCopy.makeFolder(folder.backups)
        for pool in BackupFolder.pools { try FileCopy.makeFolder("\(folder.path)/\(pool)") }
        let lock = try Self.alone(in: folder.path)
        defer { lock.release() }
        try removeUnfinished()
        var pool = PicturePool(data: store.folder, folder: folder)
        try store.readNow { try pool.gather(from: $0, isLast: false) }
        let name = BackupFolder.name(at: store.time.now())
        let unfinished = folder.backup(BackupFolder.unfinished + name)
        try FileCopy.makeFolder(unfinished)
        let manifest = try fill(unfinished, &pool)
        try FileCopy.sync(unfinished)
        guard rename(unfinished, folder.backup(name)) == 0 else {
            throw FileCopy.refusal("\(folder.backup(name)) cannot be named")
        }
        try FileCopy.sync(folder.backups)
        let removed = try options.keep.map(prune) ?? 0
        return Report(
            name: name, text: Self.words(folder.backup(name), manifest, pool, removed: removed),
            isWhole: manifest.pictures.missing.isEmpty)
    }

    private static func alone(in path: String) throws -> FolderLock {
        do { return try FolderLock(folder: path) } catch StoreError.inUse {
            throw BackupError.unusable("another backup is being taken into \(path)")
        }
    }

    private func removeUnfinished() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.backups)
        where name.hasPrefix(BackupFolder.unfinished) {
            try FileManager.default.removeItem(atPath: folder.backup(name))
        }
    }

    // MARK: What is in it

    private func fill(_ unfinished: String, _ pool: inout PicturePool) throws -> BackupManifest {
        var sums = FileSums()
        var manifest: BackupManifest
        switch try StoreDatabase.noted(in: store.folder) {
        case .file:
            manifest = try copyFile(to: unfinished, &pool)
            sums.add(try FileCopy.digest("\(unfinished)/\(BackupFolder.database)"), BackupFolder.database)
        case .postgres(let address, let schema):
            manifest = try dump(address, schema, to: unfinished, &pool)
            sums.add(try FileCopy.digest("\(unfinished)/\(BackupFolder.dump)"), BackupFolder.dump)
        }
        try copyFiles(to: unfinished, &sums)
        try pool.gatherSites()
        try pool.sync()
        for line in pool.lines { sums.add(line.digest, line.path) }
        manifest.pictures = pool.tally
        try DurableFile.write(sums.text, to: "\(unfinished)/\(BackupFolder.sums)", mode: 0o600)
        manifest.sumsDigest = Hex.sha256(Array(sums.text.utf8))
        try DurableFile.write(
            manifest.json.canonicalText, to: "\(unfinished)/\(BackupFolder.manifest)", mode: 0o600)
        return manifest
    }

    private func copyFile(to unfinished: String, _ pool: inout PicturePool) throws -> BackupManifest {
        let path = "\(unfinished)/\(BackupFolder.database)"
        try store.copyFile(to: path)
        chmod(path, 0o600)
        try FileCopy.sync(path)
        let faults = SQLiteFile.faults(at: path)
        guard faults.isEmpty else {
            throw BackupError.unusable(
                "\(StoreDatabase.path(of: store.folder)) is damaged, and no backup was made of it: "
                    + "\(faults.prefix(3).joined(separator: "; ")). Restore the newest backup: "
                    + "andon restore \(folder.path) --data \(store.folder) --replace")
        }
        let copy = try Store.reading(folder: unfinished, time: store.time)
        defer { try? copy.close() }
        return try copy.readNow { reader in
            try pool.gather(from: reader, isLast: true, live: store)
            return try manifest(reader, .sqlite, schema: nil)
        }
    }

    private func dump(
        _ address: String, _ schema: String, to unfinished: String, _ pool: inout PicturePool
    ) throws -> BackupManifest {
        try store.readNow { reader in
            // The dump reads the very snapshot that the checkpoint is made of.
            guard let snapshot: String = try reader.row("SELECT pg_export_snapshot() AS name")?["name"] else {
                throw BackupError.program("the database exports no snapshot")
            }
            try PostgresTools(programs: options.programs).dump(
                address, schema: schema, snapshot: snapshot, to: "\(unfinished)/\(BackupFolder.dump)")
            try FileCopy.sync("\(unfinished)/\(BackupFolder.dump)")
            try pool.gather(from: reader, isLast: true, live: store)
            return try manifest(reader, .postgres, schema: schema)
        }
    }

    private func manifest(
        _ reader: Reader, _ engine: BackupManifest.Engine, schema: String?
    ) throws -> BackupManifest {
        let size = try reader.ledgerSize()
        let root = try reader.ledgerRoot(size: size)
        return BackupManifest(
            takenAt: store.time.now(), engine: engine, schema: schema, entries: size, root: Hex.text(root),
            checkpoint: try checkpoint(reader, size, root)?.description, pictures: .init(),
            holdsKeys: options.withKeys, objectStorage: try reader.picturePlace(), sumsDigest: "")
    }

    /// Signed for the snapshot by the ledger's key, where this user may read it; else the last that was signed.
    private func checkpoint(_ reader: Reader, _ size: Int64, _ root: [UInt8]) throws -> SignedNote? {
        let newest = try reader.newestCheckpoint()
        if let newest, newest.checkpoint.size == size { return newest.note }
        guard let inForce = try reader.keyChain().links.last?.key,
            let key = try? KeyFile(store.folder + "/ledger.key").read(), key.verifier == inForce
        else { return newest?.note }
        if let newest { try reader.checkConsistency(from: newest.checkpoint) }
        return try Checkpoint(origin: inForce.name, size: size, root: root).signed(by: key)
    }

    private func copyFiles(to unfinished: String, _ sums: inout FileSums) throws {
        let wanted = Self.kept + (options.withKeys ? Self.keys : [])
        for name in wanted {
            let place = "\(store.folder)/\(name)"
            let within = FileCopy.isFile(place) ? [""] : FileCopy.files(below: place).map { "/\($0)" }
            for file in within { try copy(place + file, as: "files/\(name)\(file)", to: unfinished, &sums) }
        }
        guard let configuration = options.configuration else { return }
        let name = (configuration as NSString).lastPathComponent
        try copy(configuration, as: "configuration/\(name)", to: unfinished, &sums)
    }

    private func copy(_ file: String, as name: String, to unfinished: String, _ sums: inout FileSums) throws {
        guard FileSums.stays(name) else {
            throw BackupError.unusable("\(file) has a name that no list of files can hold; rename it")
        }
        let target = "\(unfinished)/\(name)"
        try FileCopy.makeFolder((target as NSString).deletingLastPathComponent)
        sums.add(try FileCopy.copy(file, to: target).digest, name)
        try DurableFile.syncFolder(of: target)
    }

    // MARK: What goes

    /// Removes the oldest backups, and pictures that none of the others needs.
    ///
    /// - Returns: how many backups.
    private func prune(to keep: Int) throws -> Int {
        let old = folder.names().dropLast(max(1, keep))
        guard !old.isEmpty else { return 0 }
        for name in old {
            // Under another name first: half of a backup must not be taken for one.
            let going = folder.backup(BackupFolder.unfinished + name)
            guard rename(folder.backup(name), going) == 0 else { throw FileCopy.refusal("\(name) cannot be removed") }
            try FileManager.default.removeItem(atPath: going)
        }
        var needed: Set<String> = []
        for name in folder.names() {
            let sums = try BackupVerifier(folder, name).sums()
            for line in sums.lines where line.path.hasPrefix("../../") { needed.insert(String(line.path.dropFirst(6))) }
        }
        for pool in BackupFolder.pools {
            for file in FileCopy.files(below: "\(folder.path)/\(pool)") where !needed.contains("\(pool)/\(file)") {
                unlink("\(folder.path)/\(pool)/\(file)")
            }
        }
        return old.count
    }

    private static func words(
        _ path: String, _ manifest: BackupManifest, _ pool: PicturePool, removed: Int
    ) -> String {
        var lines = [
            "\(path)",
            "ledger: \(manifest.entries) entries, root \(manifest.root)",
        ]
        let signed = manifest.checkpoint.flatMap { try? Checkpoint(parsing: SignedNote(parsing: $0).text) }
        lines.append(
            signed.map { "signed for \($0.size) of them as \($0.origin)" }
                ?? "not signed: there is no checkpoint yet, and the ledger's key is not at hand")
        if let place = manifest.objectStorage {
            lines.append(
                "pictures: in object storage (\(place)), whose backup is its own; what is still here is in this one")
        }
        lines.append(
            "pictures: \(manifest.pictures.count) (\(manifest.pictures.bytes) bytes), of which \(pool.copied) were copied now"
        )
        if manifest.pictures.removedMeanwhile > 0 {
            lines.append("removed by their retention meanwhile: \(manifest.pictures.removedMeanwhile) pictures")
        }
        if !manifest.pictures.missing.isEmpty {
            lines.append(
                "MISSING: \(manifest.pictures.missing.count) pictures are not there, or not what their names say, such as "
                    + "\(manifest.pictures.missing[0]); see andon pictures verify --bytes")
        }
        lines.append(
            manifest.holdsKeys
                ? "with the private keys: whoever reads it can sign as this server"
                : "without the private keys (--with-keys)")
        if removed > 0 { lines.append("removed: \(removed) older backups") }
        return lines.joined(separator: "\n")
    }
}
