import AndonTransparency
import Crypto

/// The growing tree of a verification: the peaks in one piece of memory, so that a million entries make no million
/// arrays. Hashes as in `MerkleHash`.
struct FastTree {
    private(set) var size: Int64
    /// 32 bytes for each peak, the largest subtree first; room for one more.
    private var bytes: [UInt8]
    private var depth: Int

    init(_ tree: MerkleFrontier) {
        size = tree.size
        bytes = tree.peaks.joined() + [UInt8](repeating: 0, count: (65 - tree.peaks.count) * 32)
        depth = tree.peaks.count
    }

    /// Nil only if the code is wrong: the peaks always fit the size.
    var frontier: MerkleFrontier? {
        MerkleFrontier(size: size, peaks: (0..<depth).map { Array(bytes[$0 * 32..<($0 + 1) * 32]) })
    }

    enum Mismatch: Equatable {
        case leaf
        case nodes
    }

    /// Appends an entry, and compares its hash and those of the subtrees that it completes with the stored ones.
    mutating func append(
        entry: UnsafeRawBufferPointer, leaf: UnsafeRawBufferPointer, nodes: UnsafeRawBufferPointer
    ) -> Mismatch? {
        let merges = (~size).trailingZeroBitCount
        let place = depth * 32
        var hash = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: entry)
        store(hash.finalize(), at: place)
        guard equals(place, leaf) else { return .leaf }
        guard nodes.count == merges * 32 else { return .nodes }
        for merge in 0..<merges {
            let left = (depth - 1 - merge) * 32
            var hash = SHA256()
            withUnsafeBytes(of: UInt8(1)) { hash.update(bufferPointer: $0) }
            bytes.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[left..<left + 64])) }
            store(hash.finalize(), at: left)
            guard equals(left, UnsafeRawBufferPointer(rebasing: nodes[merge * 32..<merge * 32 + 32])) else {
                return .nodes
            }
        }
        depth += 1 - merges
        size += 1
        return nil
    }

    private mutating func store(_ digest: SHA256Digest, at place: Int) {
        bytes.withUnsafeMutableBytes { target in
            digest.withUnsafeBytes { target[place..<place + 32].copyBytes(from: $0) }
        }
    }

    private func equals(_ place: Int, _ other: UnsafeRawBufferPointer) -> Bool {
        guard other.count == 32 else { return false }
        return bytes.withUnsafeBytes { $0[place..<place + 32].elementsEqual(other) }
    }
}
