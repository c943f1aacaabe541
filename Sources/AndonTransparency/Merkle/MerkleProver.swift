/// The complete subtrees of a stored tree.
public protocol MerkleNodes {
    /// The hash of the subtree over the leaves `index * 2^level ..< (index + 1) * 2^level`, all of which are there.
    func node(level: Int, index: Int64) throws -> [UInt8]
}

/// Makes proofs of stored nodes: at most two reads for each level of the tree.
public struct MerkleProver<Nodes: MerkleNodes> {
    public let nodes: Nodes

    public init(_ nodes: Nodes) {
        self.nodes = nodes
    }

    /// The Merkle tree hash of the first `size` leaves (RFC 6962 section 2.1).
    public func root(size: Int64) throws -> [UInt8] {
        size == 0 ? MerkleHash.empty : try hash(0..<size)
    }

    /// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 section 2.1.1), from the leaf's sibling up.
    public func inclusion(of index: Int64, in size: Int64) throws -> [[UInt8]] {
        guard index >= 0, index < size else {
            throw TransparencyError.untrue("there is no entry \(index) in a tree of \(size)")
        }
        var path: [[UInt8]] = []
        var range = 0..<size
        while range.count > 1 {
            let middle = range.lowerBound + Self.split(Int64(range.count))
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            path.append(try hash(index < middle ? right : left))
            range = index < middle ? left : right
        }
        return path.reversed()
    }

    /// The proof that the tree of `old` leaves is the beginning of the tree of `size` (RFC 6962 section 2.1.2).
    public func consistency(from old: Int64, to size: Int64) throws -> [[UInt8]] {
        guard old >= 0, old <= size else {
            throw TransparencyError.untrue("a tree of \(size) leaves does not begin with one of \(old)")
        }
        guard old > 0, old < size else { return [] }
        var proof: [[UInt8]] = []
        var range = 0..<size
        // Whether the old tree's root is one that the verifier has: it is until the walk has gone right.
        var isRootKnown = true
        while range.upperBound != old {
            let middle = range.lowerBound + Self.split(Int64(range.count))
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            if old <= middle {
                proof.append(try hash(right))
                range = left
            } else {
                proof.append(try hash(left))
                range = right
                isRootKnown = false
            }
        }
        if !isRootKnown { proof.append(try hash(range)) }
        return proof.reversed()
    }

    private func hash(_ range: Range<Int64>) throws -> [UInt8] {
        let count = Int64(range.count)
        if count.nonzeroBitCount == 1 {
            let level = count.trailingZeroBitCount
            return try nodes.node(level: level, index: range.lowerBound >> Int64(level))
        }
        let middle = range.lowerBound + Self.split(count)
        return MerkleHash.node(try hash(range.lowerBound..<middle), try hash(middle..<range.upperBound))
    }

    /// The largest power of two below `count`, which is above 1.
    private static func split(_ count: Int64) -> Int64 { 1 << Int64(63 - (count - 1).leadingZeroBitCount) }
}

/// The nodes of a tree in memory, for tests and small trees.
public struct MerkleNodesInMemory: MerkleNodes {
    private let levels: [[[UInt8]]]

    public init(leaves: [[UInt8]]) {
        var levels = [leaves]
        while let below = levels.last, below.count > 1 {
            levels.append((0..<below.count / 2).map { MerkleHash.node(below[2 * $0], below[2 * $0 + 1]) })
        }
        self.levels = levels
    }

    public func node(level: Int, index: Int64) throws -> [UInt8] {
        guard levels.indices.contains(level), levels[level].indices.contains(Int(index)) else {
            throw TransparencyError.untrue("there is no node \(index) on level \(level)")
        }
        return levels[level][Int(index)]
    }
}
