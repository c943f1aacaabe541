import AndonModel
import AndonSQL
import AndonTransparency

extension Reader {
    /// A proof that the entry stands where it stands, under the newest checkpoint, with the entry in it.
    ///
    /// - Throws: `TransparencyError` when there is no such entry, or none that a checkpoint has.
    public func logProof(of index: Int64) throws -> LogProof {
        guard let bytes = try ledgerBytes(of: index) else {
            throw TransparencyError.untrue("the ledger has no entry \(index)")
        }
        guard let newest = try bestCheckpoint(), newest.checkpoint.size > index else {
            throw TransparencyError.untrue(
                "no checkpoint has entry \(index) yet; the server signs every minute, and `andon ledger checkpoint` now"
            )
        }
        return LogProof(
            index: index, hashes: try prover.inclusion(of: index, in: newest.checkpoint.size), entry: bytes,
            note: newest.note)
    }

    /// An entry's bytes and the hashes from its leaf to the root of the ledger's first `size` entries.
    public func inclusion(of index: Int64, in size: Int64) throws -> (entry: [UInt8], path: [[UInt8]]) {
        guard let bytes = try ledgerBytes(of: index) else {
            throw TransparencyError.untrue("the ledger has no entry \(index)")
        }
        return (bytes, try prover.inclusion(of: index, in: size))
    }

    /// The newest checkpoint, with what witnesses signed of it.
    private func bestCheckpoint() throws -> StoredCheckpoint? { try newestCheckpoint(withCosignatures: true) }

    /// The proof that the ledger of `size` entries begins with the one of `old`.
    public func consistencyProof(from old: Int64, to size: Int64) throws -> [[UInt8]] {
        try prover.consistency(from: old, to: size)
    }

    /// The entries that an id means: its own number, all about an order, a report or a detection.
    public func ledgerIndices(meantBy id: String) throws -> [Int64] {
        if let index = Int64(plainDecimal: id) { return index < (try ledgerSize()) ? [index] : [] }
        return try ledgerIndices(of: id)
    }
}

extension Reader {
    /// The bytes of a tile; nil when the ledger does not have it (yet).
    public func bytes(of tile: Tile) throws -> [UInt8]? {
        guard tile.isIn(treeOf: try ledgerSize()) else { return nil }
        let first = tile.index * Int64(Tile.widthMax)
        switch tile.kind {
        case .entries:
            let entries = try rows(
                "SELECT entry FROM ledger WHERE idx >= ? ORDER BY idx LIMIT ?", [first, tile.width])
            return try EntryBundle.bytes(entries.map { Array(($0["entry"] as String).utf8) })
        case .hashes(let level):
            let nodes = StoredNodes(db: db)
            var bytes: [UInt8] = []
            for place in 0..<Int64(tile.width) { bytes += try nodes.node(level: 8 * level, index: first + place) }
            return bytes
        }
    }
}
