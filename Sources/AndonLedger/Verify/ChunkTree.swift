import AndonTransparency
import Crypto
import Foundation

/// The growing tree over one chunk of the ledger: 2^level entries from a multiple of that on, so that all of them are
/// one complete subtree. The hashes lie in one piece of memory: a million entries make no million arrays. Hashes as in
/// `MerkleHash`.
final class ChunkTree {
    private let level: Int
    /// Entries of the chunk so far.
    private var size: Int64 = 0
    /// 32 bytes for each peak, the largest subtree first; room for one more.
    private let peaks: UnsafeMutableRawBufferPointer
    private var depth = 0
    /// The stored hashes of the subtrees that are larger than the chunk and end with it: for whoever has what is before it.
    private(set) var above: [UInt8] = []
    /// What is hashed, behind its prefix: one call for a hash.
    private var scratch: UnsafeMutableRawBufferPointer

    enum Mismatch: Equatable {
        case leaf
        case nodes
    }

    init(level: Int) {
        self.level = level
        peaks = .allocate(byteCount: (level + 2) * 32, alignment: 8)
        scratch = .allocate(byteCount: 4096, alignment: 8)
    }

    deinit {
        peaks.deallocate()
        scratch.deallocate()
    }

    /// Begins with what the chunk had before: the peaks of `size` entries.
    func begin(size: Int64, peaks before: [[UInt8]]) {
        self.size = size
        above = []
        depth = before.count
        for (place, peak) in before.enumerated() {
            UnsafeMutableRawBufferPointer(rebasing: peaks[place * 32..<place * 32 + 32]).copyBytes(from: peak)
        }
    }

    /// The peaks of the chunk's entries so far, the largest subtree first; the whole chunk is one.
    var frontier: [[UInt8]] { (0..<depth).map { Array(peaks[$0 * 32..<($0 + 1) * 32]) } }

    /// Appends an entry, and compares its hash and those of the subtrees that it completes with the stored ones.
    func append(
        _ index: Int64, entry: UnsafeRawBufferPointer, leaf: UnsafeRawBufferPointer, nodes: UnsafeRawBufferPointer
    ) -> Mismatch? {
        hash(prefix: 0, entry, to: depth)
        guard peak(depth).equals(leaf) else { return .leaf }
        guard nodes.count == (~index).trailingZeroBitCount * 32 else { return .nodes }
        let merges = min(level, (~size).trailingZeroBitCount)
        for merge in 0..<merges {
            let left = depth - 1 - merge
            hash(prefix: 1, UnsafeRawBufferPointer(rebasing: peaks[left * 32..<left * 32 + 64]), to: left)
            guard peak(left).equals(UnsafeRawBufferPointer(rebasing: nodes[merge * 32..<merge * 32 + 32])) else {
                return .nodes
            }
        }
        if nodes.count > merges * 32 { above = Array(nodes[(merges * 32)...]) }
        depth += 1 - merges
        size += 1
        return nil
    }

    private func peak(_ place: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: peaks[place * 32..<place * 32 + 32])
    }

    private func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer, to place: Int) {
        if scratch.count <= bytes.count {
            scratch.deallocate()
            scratch = .allocate(byteCount: bytes.count + 1, alignment: 8)
        }
        scratch[0] = prefix
        UnsafeMutableRawBufferPointer(rebasing: scratch[1...]).copyMemory(from: bytes)
        var hash = SHA256()
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: scratch[...bytes.count]))
        hash.finalize().withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: peaks[place * 32..<place * 32 + 32]).copyMemory(from: $0)
        }
    }
}
