import AndonTesting
import AndonTransparency
import Testing

@Suite("Proofs of the Merkle tree of RFC 6962")
struct MerkleProofTests {
    private static let leaves = MerkleTreeTests.entries.map { MerkleHash.leaf($0) }

    private static func root(_ size: Int) -> [UInt8] { bytes(MerkleTreeTests.roots[size]) }

    @Test(
        "The published inclusion proofs are made, and hold",
        arguments: [
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]), (0, 1, []),
        ] as [(Int64, Int, [String])])
    func publishedInclusion(index: Int64, size: Int, path: [String]) throws {
        let prover = MerkleProver(MerkleNodesInMemory(leaves: Array(Self.leaves.prefix(size))))
        #expect(try prover.inclusion(of: index, in: Int64(size)).map { hex($0) } == path)
        try MerkleVerifier.checkInclusion(
            of: Self.leaves[Int(index)], at: index, size: Int64(size), root: Self.root(size), proof: path.map(bytes))
    }

    @Test(
        "The published consistency proofs are made, and hold",
        arguments: [
            (
                6, 8,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (
                2, 5,
                [
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(Int64, Int64, [String])])
    func publishedConsistency(old: Int64, size: Int64, path: [String]) throws {
        let prover = MerkleProver(MerkleNodesInMemory(leaves: Self.leaves))
        #expect(try prover.consistency(from: old, to: size).map { hex($0) } == path)
        try MerkleVerifier.checkConsistency(
            from: old, oldRoot: Self.root(Int(old)), to: size, root: Self.root(Int(size)), proof: path.map(bytes))
    }

    /// The definitions of RFC 6962, word for word.
    private static func hash(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return leaves.first ?? MerkleHash.empty }
        let (left, right) = split(leaves)
        return MerkleHash.node(hash(left), hash(right))
    }

    private static func split(_ leaves: ArraySlice<[UInt8]>) -> (ArraySlice<[UInt8]>, ArraySlice<[UInt8]>) {
        var power = 1
        while power * 2 < leaves.count { power *= 2 }
        return (leaves.prefix(power), leaves.dropFirst(power))
    }

    private static func path(_ index: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let (left, right) = split(leaves)
        return index < left.count
            ? path(index, left) + [hash(right)] : path(index - left.count, right) + [hash(left)]
    }

    private static func subproof(_ old: Int, _ leaves: ArraySlice<[UInt8]>, _ isWhole: Bool) -> [[UInt8]] {
        guard old < leaves.count else { return isWhole ? [] : [hash(leaves)] }
        let (left, right) = split(leaves)
        return old <= left.count
            ? subproof(old, left, isWhole) + [hash(right)]
            : subproof(old - left.count, right, false) + [hash(left)]
    }

    @Test("Every proof of every tree of up to 40 leaves is the one that the RFC defines, and holds")
    func definition() throws {
        let leaves = (0..<40).map { MerkleHash.leaf([UInt8($0)]) }
        let prover = MerkleProver(MerkleNodesInMemory(leaves: leaves))
        for size in 1...40 {
            let root = Self.hash(leaves.prefix(size))
            #expect(try prover.root(size: Int64(size)) == root)
            for index in 0..<size {
                let proof = try prover.inclusion(of: Int64(index), in: Int64(size))
                #expect(proof == Self.path(index, leaves.prefix(size)))
                try MerkleVerifier.checkInclusion(
                    of: leaves[index], at: Int64(index), size: Int64(size), root: root, proof: proof)
            }
            for old in 0...size {
                let proof = try prover.consistency(from: Int64(old), to: Int64(size))
                #expect(proof == (old == 0 ? [] : Self.subproof(old, leaves.prefix(size), true)))
                try MerkleVerifier.checkConsistency(
                    from: Int64(old), oldRoot: Self.hash(leaves.prefix(old)), to: Int64(size), root: root, proof: proof)
            }
        }
    }

    @Test("A proof of ten million leaves takes few reads")
    func reads() throws {
        final class Counting: MerkleNodes {
            var reads = 0

            func node(level: Int, index: Int64) -> [UInt8] {
                reads += 1
                return MerkleHash.leaf("\(level)/\(index)".utf8)
            }
        }
        let nodes = Counting()
        let prover = MerkleProver(nodes)
        _ = try prover.inclusion(of: 7_777_777, in: 10_000_000)
        #expect(nodes.reads < 50)
        nodes.reads = 0
        _ = try prover.consistency(from: 6_543_210, to: 10_000_000)
        #expect(nodes.reads < 70)
    }

    /// Each way in which a list of hashes can be wrong.
    private static func wrong(_ proof: [[UInt8]], _ random: inout SeededRandom) -> [(String, [[UInt8]])] {
        var changes = [("too long", proof + [MerkleHash.empty]), ("too long in front", [MerkleHash.empty] + proof)]
        if let last = proof.last {
            changes.append(("its last hash twice", proof + [last]))
            changes.append(("too short", Array(proof.dropLast())))
            changes.append(("without its first hash", Array(proof.dropFirst())))
            var flipped = proof
            let place = random.int(0...proof.count - 1)
            flipped[place][random.int(0...31)] ^= 1 << UInt8(random.int(0...7))
            changes.append(("a bit flipped", flipped))
            changes.append(("a trailing byte", proof.dropLast() + [last + [0]]))
            changes.append(("a byte less", proof.dropLast() + [Array(last.dropLast())]))
        }
        if proof.count > 1 { changes.append(("reordered", proof.reversed())) }
        return changes
    }

    @Test("Proofs that are too long, too short, reordered or altered are refused, and so are other sizes and places")
    func refusals() throws {
        let seed: UInt64 = 20_261_126
        var random = SeededRandom(seed: seed)
        let leaves = (0..<70).map { MerkleHash.leaf([UInt8($0)]) }
        let prover = MerkleProver(MerkleNodesInMemory(leaves: leaves))
        for _ in 0..<300 {
            let size = Int64(random.int(1...70))
            let index = Int64(random.int(0...Int(size) - 1))
            let root = try prover.root(size: size)
            let proof = try prover.inclusion(of: index, in: size)
            func include(_ proof: [[UInt8]], at place: Int64, size: Int64) -> TransparencyError? {
                do throws(TransparencyError) {
                    try MerkleVerifier.checkInclusion(
                        of: leaves[Int(index)], at: place, size: size, root: root, proof: proof)
                    return nil
                } catch {
                    return error
                }
            }
            for (what, altered) in Self.wrong(proof, &random) {
                #expect(include(altered, at: index, size: size) != nil, "\(what), \(index) of \(size), seed \(seed)")
            }
            #expect(include(proof, at: size, size: size) != nil)
            #expect(include(proof, at: -1, size: size) != nil)
            #expect(include(proof, at: index, size: 0) != nil)
            if size > 1 { #expect(include(proof, at: index == 0 ? 1 : index - 1, size: size) != nil) }

            let old = Int64(random.int(1...Int(size)))
            let oldRoot = try prover.root(size: old)
            let grown = try prover.consistency(from: old, to: size)
            func grows(_ proof: [[UInt8]], from: Int64, _ fromRoot: [UInt8], to: Int64, _ toRoot: [UInt8]) -> Bool {
                (try? MerkleVerifier.checkConsistency(
                    from: from, oldRoot: fromRoot, to: to, root: toRoot, proof: proof)) != nil
            }
            for (what, altered) in Self.wrong(grown, &random) {
                #expect(!grows(altered, from: old, oldRoot, to: size, root), "\(what), \(old) to \(size), seed \(seed)")
            }
            guard old < size else { continue }
            #expect(!grows(grown, from: size, root, to: old, oldRoot), "sizes swapped, \(old) to \(size)")
            #expect(!grows(grown, from: old, root, to: size, oldRoot), "roots swapped, \(old) to \(size)")
            #expect(!grows(grown, from: old, oldRoot, to: old, root))
        }
    }

    @Test("Of the empty tree only the empty proof holds")
    func empty() throws {
        let root = MerkleHash.leaf([1])
        try MerkleVerifier.checkConsistency(from: 0, oldRoot: MerkleHash.empty, to: 1, root: root, proof: [])
        #expect(throws: TransparencyError.self) {
            try MerkleVerifier.checkConsistency(from: 0, oldRoot: root, to: 1, root: root, proof: [])
        }
        #expect(throws: TransparencyError.self) {
            try MerkleVerifier.checkConsistency(from: 0, oldRoot: MerkleHash.empty, to: 1, root: root, proof: [root])
        }
        #expect(throws: TransparencyError.self) {
            try MerkleVerifier.checkConsistency(from: 0, oldRoot: MerkleHash.empty, to: 0, root: root, proof: [])
        }
    }
}
