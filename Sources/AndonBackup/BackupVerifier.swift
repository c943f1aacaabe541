import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// Verifies one backup with nothing but itself, and a public key where one was noted elsewhere.
public struct BackupVerifier {
    let folder: BackupFolder
    let name: String

    /// - Parameter place: a backup, or the folder of all, whose newest is meant.
    public init(_ place: String) throws {
        (folder, name) = try BackupFolder.find(place)
    }

    init(_ folder: BackupFolder, _ name: String) { (self.folder, self.name) = (folder, name) }

    public var path: String { folder.backup(name) }

    func manifest() throws -> BackupManifest {
        try BackupManifest(parsing: try bytes(BackupFolder.manifest), of: name)
    }

    func sums() throws -> FileSums {
        let bytes = try bytes(BackupFolder.sums)
        guard Hex.sha256(bytes) == (try manifest().sumsDigest) else {
            throw BackupError.damaged(name, "\(BackupFolder.sums) is not the list that it was made with")
        }
        return try FileSums(parsing: String(decoding: bytes, as: UTF8.self), of: name)
    }

    private func bytes(_ file: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(file)") else {
            throw BackupError.damaged(name, "\(file) is not there")
        }
        return Array(data)
    }

    /// Reads every file of it, the tables page by page, the ledger entry by entry, and holds them against each other.
    ///
    /// - Parameters:
    ///   - trusted: a public key of the ledger that was noted elsewhere.
    ///   - programs: where PostgreSQL's are.
    /// - Returns: what was found right, in words.
    /// - Throws: ``BackupError`` with the first thing that is not.
    public func verify(
        trusted: VerifierKey? = nil, programs: String? = nil, progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> String {
        let manifest = try manifest()
        let sums = try sums()
        for (number, line) in sums.lines.enumerated() {
            progress(Int64(number), Int64(sums.lines.count))
            try check(line)
        }
        progress(Int64(sums.lines.count), Int64(sums.lines.count))
        var words = "\(path): \(sums.lines.count) files are what they were"
        switch manifest.engine {
        case .sqlite:
            let faults = SQLiteFile.faults(at: "\(path)/\(BackupFolder.database)")
            guard faults.isEmpty else {
                throw BackupError.damaged(name, "\(BackupFolder.database): \(faults.joined(separator: "; "))")
            }
            let copy = try Store.reading(folder: path, time: SystemTime())
            defer { try? copy.close() }
            words += "\n" + (try Self.check(copy, manifest, Set(sums.lines.map(\.path)), name, trusted: trusted))
        case .postgres:
            try PostgresTools(programs: programs).look(at: "\(path)/\(BackupFolder.dump)")
            words += "\nthe tables are a dump of PostgreSQL: its ledger is verified when it is restored"
        }
        if !manifest.pictures.missing.isEmpty {
            words += "\n\(manifest.pictures.missing.count) pictures were missing when it was taken"
        }
        return words
    }

    private func check(_ line: FileSums.Line) throws {
        let file = "\(path)/\(line.path)"
        let shown = line.path.hasPrefix("../../") ? String(line.path.dropFirst(6)) : line.path
        guard FileCopy.isFile(file) else { throw BackupError.damaged(name, "\(shown) is not there") }
        guard try FileCopy.digest(file) == line.digest else {
            throw BackupError.damaged(name, "\(shown) has other bytes than when it was taken")
        }
    }

    /// The ledger is whole and the one of the manifest, the tables are what it says, and every picture that they keep is here.
    ///
    /// - Parameter paths: the files of the backup.
    static func check(
        _ store: Store, _ manifest: BackupManifest, _ paths: Set<String>, _ name: String, trusted: VerifierKey?
    ) throws -> String {
        func damaged(_ reason: String) -> BackupError { .damaged(name, reason) }
        let (ledger, facts, root) = try store.readNow { reader in
            let ledger = try reader.verifyLedger(VerificationRequest(trusted: trusted))
            return (ledger, try reader.verifyFacts(), try reader.ledgerRoot(size: manifest.entries))
        }
        if let fault = ledger.fault { throw damaged("entry \(fault.index) of its ledger: \(fault.reason)") }
        guard ledger.entries == manifest.entries, Hex.text(root) == manifest.root else {
            throw damaged(
                "its ledger of \(ledger.entries) entries is not the one of its \(BackupFolder.manifest) (\(manifest.entries))"
            )
        }
        if let fault = facts.faults.first { throw damaged("its tables are not what its ledger says: \(fault)") }
        var words = "the ledger of \(ledger.entries) entries is whole, and \(facts.rows) rows are what it says"
        if let text = manifest.checkpoint {
            do {
                let checkpoint = try SignedNote(parsing: text).checkpoint(by: ledger.keys.links.map(\.key)).0
                guard try store.readNow({ try $0.ledgerRoot(size: checkpoint.size) }) == checkpoint.root else {
                    throw damaged("its ledger is not the one that its checkpoint signs for")
                }
                words += "\nsigned for \(checkpoint.size) entries as \(checkpoint.origin)"
            } catch let error as TransparencyError {
                throw damaged("its checkpoint: \(error)")
            }
        }
        try checkPictures(store, manifest, paths, name)
        return words
    }

    private static func checkPictures(
        _ store: Store, _ manifest: BackupManifest, _ paths: Set<String>, _ name: String
    ) throws {
        guard manifest.objectStorage == nil else { return }
        let missing = Set(manifest.pictures.missing)
        var absent = 0
        try store.readNow { reader in
            try reader.eachKeptPicture { picture in
                let file = "\(picture.sha256.prefix(2))/\(picture.sha256).\(picture.mediaType.fileExtension)"
                guard !paths.contains("../../pictures/\(file)"), !missing.contains(picture.sha256) else { return }
                absent += 1
                guard absent > manifest.pictures.removedMeanwhile,
                    manifest.pictures.missing.count < BackupManifest.PictureTally.missingMax
                else { return }
                throw BackupError.damaged(name, "the picture \(picture.sha256) is not in it")
            }
        }
    }
}
