/// Checks proofs without the tree. Every check throws `TransparencyError` when the proof does not hold, and says why.
public enum MerkleVerifier {
    /// That the leaf with this hash stands at `index` of the tree with `size` leaves and this root (RFC 9162 section
    /// 2.1.3.2). The number of hashes must be exactly the one that index and size call for.
    public static func checkInclusion(
        of leaf: [UInt8], at index: Int64, size: Int64, root: [UInt8], proof: [[UInt8]]
    ) throws(TransparencyError) {
        guard index >= 0, size >= 0, index < size else {
            throw .untrue("there is no entry \(index) in a tree of \(size)")
        }
        try checkHashes(proof + [leaf, root])
        var (node, last) = (index, size - 1)
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { throw .untrue("the inclusion proof has more hashes than its place calls for") }
            if node & 1 == 1 || node == last {
                hash = MerkleHash.node(sibling, hash)
                while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash = MerkleHash.node(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        guard last == 0 else { throw .untrue("the inclusion proof has fewer hashes than its place calls for") }
        guard hash == root else { throw .untrue("the inclusion proof of entry \(index) does not lead to the root") }
    }

    /// That the tree of `size` leaves begins with the whole tree of `old` leaves (RFC 9162 section 2.1.4.2).
    public static func checkConsistency(
        from old: Int64, oldRoot: [UInt8], to size: Int64, root: [UInt8], proof: [[UInt8]]
    ) throws(TransparencyError) {
        guard old >= 0, old <= size else {
            throw .untrue("a tree of \(size) leaves does not begin with one of \(old)")
        }
        try checkHashes(proof + [oldRoot, root])
        guard old > 0, old < size else {
            guard proof.isEmpty else { throw .untrue("the consistency proof should be empty") }
            guard oldRoot == (old == 0 ? MerkleHash.empty : root) else {
                throw .untrue("two trees of \(old) leaves have different roots")
            }
            guard size > 0 || root == MerkleHash.empty else { throw .untrue("the empty tree has another root") }
            return
        }
        try walk(from: old, oldRoot, to: size, root, proof)
    }

    private static func walk(
        from old: Int64, _ oldRoot: [UInt8], to size: Int64, _ root: [UInt8], _ proof: [[UInt8]]
    ) throws(TransparencyError) {
        let path = old.nonzeroBitCount == 1 ? [oldRoot] + proof : proof
        guard let first = path.first else { throw .untrue("the consistency proof has no hashes") }
        var (node, last) = (old - 1, size - 1)
        while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
        var (oldHash, hash) = (first, first)
        for sibling in path.dropFirst() {
            guard last > 0 else { throw .untrue("the consistency proof has more hashes than its sizes call for") }
            if node & 1 == 1 || node == last {
                oldHash = MerkleHash.node(sibling, oldHash)
                hash = MerkleHash.node(sibling, hash)
                while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash = MerkleHash.node(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        guard last == 0 else { throw .untrue("the consistency proof has fewer hashes than its sizes call for") }
        guard oldHash == oldRoot else { throw .untrue("the consistency proof does not lead to the earlier root") }
        guard hash == root else { throw .untrue("the consistency proof does not lead to the later root") }
    }

    private static func checkHashes(_ hashes: [[UInt8]]) throws(TransparencyError) {
        guard hashes.allSatisfy({ $0.count == 32 }) else { throw .untrue("a hash does not have 32 bytes") }
    }
}
