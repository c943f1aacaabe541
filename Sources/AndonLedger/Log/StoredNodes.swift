import AndonSQL
import AndonTransparency
import Foundation

/// The complete subtrees of the ledger as they are stored: the hash of the 2^level leaves that end before index n
/// stands in the row n - 1, at place level - 1 of its nodes (or is its leaf, for level 0).
struct StoredNodes: MerkleNodes {
    let db: Database

    func node(level: Int, index: Int64) throws -> [UInt8] {
        let entry = ((index + 1) << Int64(level)) - 1
        return try Self.hash(
            try db.row("SELECT leaf, nodes FROM ledger WHERE idx = ?", [entry]), level: level, of: entry)
    }

    private static func hash(_ row: Row?, level: Int, of entry: Int64) throws -> [UInt8] {
        guard let row else { throw StoreError.inconsistent("the ledger's entry \(entry) is missing") }
        guard let hash = hash(row, level) else {
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
        try frontier(size: try db.value("SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger") ?? 0)
    }

    /// The right edge as it was last written, where it is not the one that is known. What stands beside the root counts where it
    /// makes that root; if not, it is read from the entries.
    func frontier(known: MerkleFrontier) throws -> MerkleFrontier {
        guard let head = try db.row("SELECT size, root, peaks FROM ledger_head WHERE one = 1") else {
            return MerkleFrontier()
        }
        let size: Int64 = head["size"]
        if size == known.size { return known }
        guard let peaks = Data.fromDatabaseValue(head["peaks"]), let root = Data.fromDatabaseValue(head["root"]),
            let frontier = MerkleFrontier(size: size, joined: Array(peaks)), frontier.root == Array(root)
        else { return try frontier(size: size) }
        return frontier
    }

    /// The right edge of the first `size` entries, in one question.
    func frontier(size: Int64) throws -> MerkleFrontier {
        var places: [(level: Int, entry: Int64)] = []
        var end: Int64 = 0
        for level in stride(from: 62, through: 0, by: -1) where size & (1 << Int64(level)) != 0 {
            end += 1 << Int64(level)
            places.append((level, end - 1))
        }
        let entries = try rows(places.map(\.entry))
        let peaks = try places.map { try Self.hash(entries[$0.entry], level: $0.level, of: $0.entry) }
        guard let frontier = MerkleFrontier(size: size, peaks: peaks) else {
            throw StoreError.inconsistent("the ledger's hashes do not fit its size")
        }
        return frontier
    }

    /// By their index.
    private func rows(_ entries: [Int64]) throws -> [Int64: Row] {
        guard !entries.isEmpty else { return [:] }
        let marks = entries.map { _ in "?" }.joined(separator: ", ")
        let rows = try db.rows(
            "SELECT idx, leaf, nodes FROM ledger WHERE idx IN (\(marks))", StatementArguments(entries))
        return Dictionary(rows.map { ($0["idx"], $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension MerkleFrontier {
    fileprivate init?(size: Int64, joined: [UInt8]) {
        self.init(
            size: size,
            peaks: stride(from: 0, to: joined.count, by: 32).map { Array(joined[$0..<min($0 + 32, joined.count)]) })
    }
}

extension Reader {
    /// Makes inclusion and consistency proofs; a few reads for each level of the tree.
    var prover: MerkleProver<StoredNodes> { MerkleProver(StoredNodes(db: db)) }
}
