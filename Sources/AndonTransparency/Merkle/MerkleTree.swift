import Crypto

/// The hashes of the Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1.1) with SHA-256. A hash is 32 bytes.
public enum MerkleHash {
    /// SHA-256(0x00 || entry).
    public static func leaf(_ entry: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [0x00])
        hash.update(data: Array(entry))
        return Array(hash.finalize())
    }

    /// SHA-256(0x01 || left || right).
    public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        SHA256.hash(data: [0x01] + left + right).withUnsafeBytes { Array($0) }
    }

    /// The root of the empty tree: SHA-256 of nothing.
    public static let empty: [UInt8] = SHA256.hash(data: [UInt8]()).withUnsafeBytes { Array($0) }
}

/// The right edge of a growing Merkle tree: all that is needed to append, and to know the root.
///
/// It keeps one hash for each complete subtree, the largest first: at most 64, whatever the size of the tree.
public struct MerkleFrontier: Equatable, Sendable {
    public private(set) var size: Int64
    /// Roots of the complete subtrees whose sizes are the set bits of `size`, from the highest bit down.
    public private(set) var peaks: [[UInt8]]

    public init() {
        size = 0
        peaks = []
    }

    /// Nil when the number of peaks does not fit the size.
    public init?(size: Int64, peaks: [[UInt8]]) {
        guard size >= 0, peaks.count == size.nonzeroBitCount, peaks.allSatisfy({ $0.count == 32 }) else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// Appends a leaf's hash and returns the roots of the subtrees that it completes, from the lowest level (two
    /// leaves) up: none for an even index, on average one.
    @discardableResult
    public mutating func append(_ leaf: [UInt8]) -> [[UInt8]] {
        var completed: [[UInt8]] = []
        var hash = leaf
        for _ in 0..<size.trailingOneBitCount {
            hash = MerkleHash.node(peaks.removeLast(), hash)
            completed.append(hash)
        }
        peaks.append(hash)
        size += 1
        return completed
    }

    /// The Merkle tree hash of all leaves so far.
    public var root: [UInt8] {
        guard var hash = peaks.last else { return MerkleHash.empty }
        for peak in peaks.dropLast().reversed() { hash = MerkleHash.node(peak, hash) }
        return hash
    }
}

extension Int64 {
    fileprivate var trailingOneBitCount: Int { (~self).trailingZeroBitCount }
}
