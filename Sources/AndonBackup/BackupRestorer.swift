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

/// Makes a data folder of a backup, after it was found whole.
///
/// The folder is made under another name, and gets its own when every file in it is durable. A folder that is there is put
/// aside and never deleted; one that a server works on is refused.
public struct BackupRestorer {
    public struct Options: Sendable {
        public var person: String
        public var reason: String
        /// The server had ended before the backup, and has not run since.
        public var isMove = false
        /// Puts a folder aside that is there.
        public var replaces = false
        /// A public key of the ledger that was noted elsewhere.
        public var trusted: VerifierKey?
        /// Where a dump of PostgreSQL goes to.
        public var database: String?
        public var programs: String?

        public init(person: String, reason: String) { (self.person, self.reason) = (person, reason) }
    }

    private let verifier: BackupVerifier
    private let target: String
    private let options: Options

    /// - Parameters:
    ///   - place: a backup, or the folder of all, whose newest is meant.
    ///   - data: the data folder to be.
    public init(_ place: String, data: String, _ options: Options) throws {
        verifier = try BackupVerifier(place)
        target = URL(fileURLWithPath: data).standardizedFileURL.path
        self.options = options
    }

    /// - Returns: what was done, in words.
    public func run(progress: (Int64, Int64) -> Void = { _, _ in }) throws -> String {
        let manifest = try verifier.manifest()
        guard manifest.engine == .sqlite || options.database != nil else {
            throw BackupError.unusable(
                "this backup is of PostgreSQL: name the database that it goes to by --database postgresql://…; the schema "
                    + "\(manifest.schema ?? "") must not be there yet")
        }
        let lock = try takePlace()
        defer { lock?.release() }
        var words = try verifier.verify(trusted: options.trusted, programs: options.programs, progress: progress)
        let made = target + ".restoring"
        if FileManager.default.fileExists(atPath: made) { try FileManager.default.removeItem(atPath: made) }
        try FileCopy.makeFolder(made)
        chmod(made, 0o750)
        try copyFiles(to: made)
        if manifest.engine == .postgres { words += "\n" + (try restoreTables(manifest, in: made)) }
        try RestoredNote(
            id: UUID().uuidString, backup: verifier.name, entries: manifest.entries, person: options.person,
            reason: options.reason, isMove: options.isMove
        ).write(to: made)
        if let aside = try putAside() { words += "\nwhat was there is in \(aside) now" }
        guard rename(made, target) == 0 else { throw FileCopy.refusal("\(target) cannot be named") }
        try DurableFile.syncFolder(of: target)
        return words + "\n\(target) is what it was at \(manifest.takenAt)\n" + advice(manifest)
    }

    // MARK: The place

    /// - Returns: the right to write the folder that is there.
    private func takePlace() throws -> FolderLock? {
        let there = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
        guard !there.isEmpty else { return nil }
        guard options.replaces else {
            // Who has it is the better word, and asking leaves a file behind where there was none.
            if there.contains("lock") { try FolderLock(folder: target).release() }
            throw BackupError.occupied(target)
        }
        return try FolderLock(folder: target)
    }

    private func putAside() throws -> String? {
        guard FileManager.default.fileExists(atPath: target) else { return nil }
        if rmdir(target) == 0 { return nil }
        guard options.replaces else { throw BackupError.occupied(target) }
        let aside = "\(target).before-\(BackupFolder.name(at: SystemTime().now()))"
        guard rename(target, aside) == 0 else { throw FileCopy.refusal("\(target) cannot be put aside") }
        return aside
    }

    // MARK: What goes there

    private func copyFiles(to made: String) throws {
        var folders: Set<String> = [made]
        for line in try verifier.sums().lines {
            guard let name = Self.name(line.path) else { continue }
            let place = "\(made)/\(name)"
            let folder = (place as NSString).deletingLastPathComponent
            if folders.insert(folder).inserted {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            }
            let isSecret = BackupMaker.keys.contains { name == $0 || name.hasPrefix("\($0)/") }
            do {
                try FileCopy.copy(
                    "\(verifier.path)/\(line.path)", to: place, expecting: line.digest, mode: isSecret ? 0o600 : 0o640)
            } catch is FileCopy.DigestDiffers {
                throw BackupError.damaged(verifier.name, "\(line.path) changed while it was read")
            }
        }
        for folder in folders { try FileCopy.sync(folder) }
    }

    /// Where a file of the backup belongs in a data folder; nil for what does not.
    private static func name(_ path: String) -> String? {
        if path == BackupFolder.database { return path }
        for prefix in ["../../", "files/"] where path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
        return nil
    }

    private func restoreTables(_ manifest: BackupManifest, in made: String) throws -> String {
        let (address, schema) = (options.database ?? "", manifest.schema ?? "")
        let engine = PostgresEngine(address: address, schema: schema, isServer: false)
        let isThere = try engine.readNow { db in
            try db.row("SELECT 1 AS one FROM pg_namespace WHERE nspname = ?", [schema]) != nil
        }
        try engine.close()
        guard !isThere else {
            throw BackupError.unusable(
                "the database has a schema \(schema) already, and nothing in it was touched; name another database, or "
                    + "rename that schema (ALTER SCHEMA \(schema) RENAME TO …)")
        }
        try PostgresTools(programs: options.programs).restore(
            "\(verifier.path)/\(BackupFolder.dump)", schema: schema, to: address,
            by: "\(made)/restore.sql")
        try StoreDatabase.postgres(address: address, schema: schema).note(in: made)
        let store = try Store.reading(folder: made, time: SystemTime())
        defer { try? store.close() }
        let paths = Set(try verifier.sums().lines.map(\.path))
        return try BackupVerifier.check(store, manifest, paths, verifier.name, trusted: options.trusted)
    }

    private func advice(_ manifest: BackupManifest) -> String {
        var lines: [String] = []
        if !manifest.holdsKeys {
            lines.append(
                options.isMove
                    ? "put ledger.key into it from where it is kept, mode 0600, before the start"
                    : "its keys are not in the backup: put ledger.key into it, mode 0600, where it is at hand, so that it "
                        + "vouches for the new one")
        }
        if let place = manifest.objectStorage {
            lines.append("its pictures are in object storage (\(place)): the bucket's own backup has them")
        }
        lines.append(
            options.isMove
                ? "the ledger goes on under its name"
                : "at the first start the ledger goes on as a new log, with a new key to be noted (andon ledger keys)")
        lines.append(
            "whatever waits for a CMMS is looked for there before it is sent; reports since the backup are not in it: their "
                + "senders may send them again")
        return lines.joined(separator: "\n")
    }
}
