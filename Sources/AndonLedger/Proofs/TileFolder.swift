import AndonModel
import AndonTransparency
import Foundation

/// A log as a folder of files in the layout of c2sp.org/tlog-tiles: complete, and to be verified anywhere.
public struct TileFolder: Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    static let checkpointName = "checkpoint"

    /// Brings the folder up to the newest checkpoint. Full tiles that are there stay, so that a later call writes what is
    /// new; the checkpoint is written last.
    ///
    /// - Throws: `TransparencyError` when the folder has a checkpoint that the ledger does not continue: it is of another
    ///   log, or the ledger was rewritten.
    /// - Returns: the checkpoint, and how many files were written.
    public func update(
        from reader: Reader, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> (checkpoint: Checkpoint, written: Int) {
        guard let newest = try reader.newestCheckpoint(withCosignatures: true) else {
            throw TransparencyError.untrue("the ledger has no checkpoint yet; `andon serve` makes the first one")
        }
        let size = newest.checkpoint.size
        try checkContinuation(to: size, reader)
        let tiles = Tile.all(size: size)
        var written = 0
        for (done, tile) in tiles.enumerated() {
            if done % 64 == 0 { progress(done, tiles.count) }
            let isThere = FileManager.default.fileExists(atPath: "\(path)/\(tile.path)")
            guard !isThere || tile.width < Tile.widthMax else { continue }
            guard let bytes = try reader.bytes(of: tile) else {
                throw StoreError.inconsistent("the ledger lacks what \(tile.path) is made of")
            }
            try write(bytes, to: tile.path)
            written += 1
        }
        try removePartial(except: Set(tiles.filter { $0.width < Tile.widthMax }.map(\.path)))
        try write(Array(newest.note.description.utf8), to: Self.checkpointName)
        progress(tiles.count, tiles.count)
        return (newest.checkpoint, written + 1)
    }

    private func checkContinuation(to size: Int64, _ reader: Reader) throws {
        guard let text = try? String(contentsOfFile: "\(path)/\(Self.checkpointName)", encoding: .utf8) else { return }
        let old = try Checkpoint(parsing: SignedNote(parsing: text).text)
        guard old.size <= size, try reader.ledgerRoot(size: old.size) == old.root else {
            throw TransparencyError.untrue(
                "\(path) has a checkpoint of \(old.origin) with \(old.size) entries that this ledger does not continue; "
                    + "choose another folder")
        }
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file, options: .atomic)
    }

    /// Partial tiles that a wider one has taken the place of.
    private func removePartial(except kept: Set<String>) throws {
        for name in try files() where name.contains(".p/") && !kept.contains(name) {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    /// Every file below the folder, by its path from there.
    func files() throws -> [String] {
        guard let found = FileManager.default.enumerator(atPath: path) else { return [] }
        var names: [String] = []
        for case let name as String in found {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue { names.append(name) }
        }
        return names.sorted()
    }
}
