import AndonModel
import AndonTransparency
import Foundation

/// What a look at a folder of tiles, or at a proof, found.
public struct BundleVerification: Sendable {
    public var checkpoint: Checkpoint?
    public var witnesses: [VerifiedSignature] = []
    public var keys = KeyChain()
    /// The first thing that is not right.
    public var fault: Fault?

    public struct Fault: Sendable, Equatable {
        /// The file, by its path within the bundle.
        public var file: String
        /// The entry, where one can be named.
        public var entry: Int64?
        public var reason: String
    }
}

extension TileFolder {
    /// Recomputes the log from its entries with nothing but the folder and the keys, and compares every file: all bytes of
    /// the folder count, and the first file that is not right is named.
    ///
    /// - Parameters:
    ///   - trusted: one of the log's keys; the others are followed from the entries.
    ///   - witnesses: their signatures on the checkpoint are verified where they are there.
    public func verify(
        trusted: VerifierKey, witnesses: [VerifierKey] = [],
        progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> BundleVerification {
        var walk = TileWalk(folder: self, trusted: trusted, witnesses: witnesses)
        walk.run(progress)
        return walk.result
    }
}

private struct TileWalk {
    let folder: TileFolder
    let trusted: VerifierKey
    let witnesses: [VerifierKey]
    var result = BundleVerification()
    /// Roots of full tiles of the level below, from the left: what the tiles of the next level hold.
    private var level: [[UInt8]] = []
    private var tree = MerkleFrontier()

    init(folder: TileFolder, trusted: VerifierKey, witnesses: [VerifierKey]) {
        self.folder = folder
        self.trusted = trusted
        self.witnesses = witnesses
    }

    private struct Failure: Error {
        var fault: BundleVerification.Fault

        init(_ file: String, entry: Int64? = nil, _ reason: String) {
            fault = BundleVerification.Fault(file: file, entry: entry, reason: reason)
        }
    }

    mutating func run(_ progress: (Int64, Int64) -> Void) {
        do {
            let (note, checkpoint) = try readCheckpoint()
            try checkFiles(checkpoint.size)
            try walkEntries(checkpoint.size, progress)
            for number in 1..<8 where !level.isEmpty { try walkLevel(number) }
            try checkSignatures(note, checkpoint)
        } catch let failure as Failure {
            result.fault = failure.fault
        } catch {
            result.fault = .init(file: folder.path, reason: "\(error)")
        }
    }

    private func read(_ name: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(folder.path)/\(name)") else {
            throw Failure(name, "the file is missing")
        }
        return Array(data)
    }

    private mutating func readCheckpoint() throws -> (SignedNote, Checkpoint) {
        let name = TileFolder.checkpointName
        let bytes = try read(name)
        do {
            guard let text = String(bytes: bytes, encoding: .utf8) else {
                throw TransparencyError.malformed("checkpoint", "it is not UTF-8")
            }
            let note = try SignedNote(parsing: text)
            let checkpoint = try Checkpoint(parsing: note.text)
            result.checkpoint = checkpoint
            return (note, checkpoint)
        } catch {
            throw Failure(name, "\(error)")
        }
    }

    /// Nothing but the files of this size is there: a file that nobody reads could hold anything.
    private func checkFiles(_ size: Int64) throws {
        let expected = Set(Tile.all(size: size).map(\.path) + [TileFolder.checkpointName])
        if let name = try folder.files().first(where: { !expected.contains($0) }) {
            throw Failure(name, "the file belongs to no log of \(size) entries")
        }
    }

    // MARK: Entries and leaves

    private mutating func walkEntries(_ size: Int64, _ progress: (Int64, Int64) -> Void) throws {
        var index: Int64 = 0
        while index < size {
            let width = Int(min(Int64(Tile.widthMax), size - index))
            let bundle = Tile(.entries, index: index / Int64(Tile.widthMax), width: width)
            let leaves = try leaves(of: bundle, from: index)
            try compare(leaves, Tile(.hashes(level: 0), index: bundle.index, width: width), bundle.path, from: index)
            for leaf in leaves { tree.append(leaf) }
            if width == Tile.widthMax { level.append(Self.root(leaves)) }
            index += Int64(width)
            progress(index, size)
        }
    }

    private mutating func leaves(of bundle: Tile, from index: Int64) throws -> [[UInt8]] {
        let entries: [[UInt8]]
        do {
            entries = try EntryBundle.entries(read(bundle.path))
        } catch let error as TransparencyError {
            throw Failure(bundle.path, entry: index, error.description)
        }
        guard entries.count == bundle.width else {
            throw Failure(bundle.path, entry: index, "it has \(entries.count) entries in place of \(bundle.width)")
        }
        for (place, entry) in entries.enumerated() { try follow(entry, index + Int64(place), bundle.path) }
        return entries.map { MerkleHash.leaf($0) }
    }

    private static let keyMark = Array(#","kind":"ledger."#.utf8)

    private mutating func follow(_ entry: [UInt8], _ index: Int64, _ file: String) throws {
        guard entry.withUnsafeBytes({ ByteSearch.place(of: Self.keyMark, in: $0, pivot: 2) }) != nil,
            let value = try? JSON(parsing: entry), let kind = value["kind"]?.string,
            KeyChain.Kind.all.contains(kind)
        else { return }
        if let reason = result.keys.follow(index, kind: kind, body: value["body"] ?? .null) {
            throw Failure(file, entry: index, reason)
        }
    }

    private func compare(_ leaves: [[UInt8]], _ tile: Tile, _ bundle: String, from index: Int64) throws {
        let hashes = try hashes(of: tile)
        guard let place = zip(leaves, hashes).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return }
        throw Failure(
            bundle, entry: index + Int64(place),
            "entry \(index + Int64(place)) does not have the hash that stands in \(tile.path)")
    }

    private func hashes(of tile: Tile) throws -> [[UInt8]] {
        let bytes = try read(tile.path)
        guard bytes.count == tile.width * 32 else {
            throw Failure(tile.path, "it has \(bytes.count) bytes in place of \(tile.width * 32)")
        }
        return stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<$0 + 32]) }
    }

    private static func root(_ hashes: [[UInt8]]) -> [UInt8] {
        var tree = MerkleFrontier()
        for hash in hashes { tree.append(hash) }
        return tree.root
    }

    // MARK: Above the leaves

    private mutating func walkLevel(_ number: Int) throws {
        let below = level
        level = []
        for start in stride(from: 0, to: below.count, by: Tile.widthMax) {
            let expected = Array(below[start..<min(start + Tile.widthMax, below.count)])
            let tile = Tile(
                .hashes(level: number), index: Int64(start / Tile.widthMax), width: expected.count)
            let found = try hashes(of: tile)
            if let place = zip(expected, found).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                throw Failure(tile.path, "its hash \(place) is not that of the tile below")
            }
            if expected.count == Tile.widthMax { level.append(Self.root(expected)) }
        }
    }

    private mutating func checkSignatures(_ note: SignedNote, _ checkpoint: Checkpoint) throws {
        let name = TileFolder.checkpointName
        guard tree.root == checkpoint.root else {
            throw Failure(name, "its root is not that of the \(checkpoint.size) entries")
        }
        guard let place = result.keys.links.firstIndex(where: { $0.key == trusted }) else {
            throw Failure(name, "the key \(trusted) is none of this log's")
        }
        if let link = result.keys.links[(place + 1)...].first(where: { !$0.isVouchedFor }) {
            throw Failure(name, entry: link.index, "the key \(link.key) was not vouched for by the one before")
        }
        guard let key = result.keys.key(forSize: checkpoint.size) else {
            throw Failure(name, "the log had no key at \(checkpoint.size) entries")
        }
        do {
            let (_, signatures) = try note.checkpoint(by: [key], witnesses: witnesses)
            result.witnesses = signatures.filter { $0.key.algorithm == .cosignature }
        } catch {
            throw Failure(name, error.description)
        }
        let known = Set(([key] + witnesses).map(\.id))
        // A line that no known key stands behind could be anything; it is not taken for evidence, and is said to be there.
        if let stranger = note.signatures.first(where: { !known.contains($0.keyID) }) {
            throw Failure(name, "its signature of \(stranger.name) is by no key that was given; name it with --witness")
        }
    }
}
