import AndonSQL
import AndonTransparency
import Foundation

/// The complete subtrees of the ledger as they are stored: the hash of the 2^level leaves that end before index n
/// stands in the row n - 1, at place level - 1 of its nodes (or is its leaf, for level 0).
struct StoredNodes: MerkleNodes {
    let db: Database

    func node(level: Int, index: Int64) throws -> [UInt8] {
        let entry = ((index + 1) << Int64(level)) - 1
        guard let row = try db.row("SELECT leaf, nodes FROM ledger WHERE idx = ?", [entry]) else {
            throw StoreError.inconsistent("the ledger's entry \(entry) is missing")
        }
        guard let hash = Self.hash(row, level) else {
            throw StoreError.inconsistent("the ledger's entry \(entry) lacks its hashes")
        }
        return hash
    }

    private static func hash(_ row: Row, _ level: Int) -> [UInt8]? {
        guard let leaf = Data.fromDatabaseValue(row["leaf"]), let nodes = Data.fromDatabaseValue(row["nodes"]) else {
            return nil
        }
        let start = (level - 1) * 32
        guard level > 0 else { return leaf.count == 32 ? Array(leaf) : nil }
        return nodes.count >= start + 32 ? Array(nodes[start..<start + 32]) : nil
    }

    /// The right edge of the stored tree.
    func frontier() throws -> MerkleFrontier {
        let size: Int64 = try db.value("SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger") ?? 0
        var peaks: [[UInt8]] = []
        var end: Int64 = 0
        for level in stride(from: 62, through: 0, by: -1) where size & (1 << Int64(level)) != 0 {
            peaks.append(try node(level: level, index: end >> Int64(level)))
            end += 1 << Int64(level)
        }
        guard let frontier = MerkleFrontier(size: size, peaks: peaks) else {
            throw StoreError.inconsistent("the ledger's hashes do not fit its size")
        }
        return frontier
    }
}

extension Reader {
    /// Makes inclusion and consistency proofs; a few reads for each level of the tree.
    var prover: MerkleProver<StoredNodes> { MerkleProver(StoredNodes(db: db)) }
}
