import AndonTesting
import AndonTransparency
import Foundation
import Testing

@Suite("Proof files and requests to witnesses")
struct LogProofTests {
    private static func proof(_ index: Int64 = 5) throws -> LogProof {
        let leaves = MerkleTreeTests.entries.map { MerkleHash.leaf($0) }
        return LogProof(
            index: index, hashes: try MerkleProver(MerkleNodesInMemory(leaves: leaves)).inclusion(of: index, in: 8),
            entry: MerkleTreeTests.entries[Int(index)], note: try SignedNote(parsing: NoteTests.checkpoint))
    }

    @Test("A proof is written as C2SP has it, read back, and holds")
    func format() throws {
        let proof = try Self.proof()
        let path = [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ].map { Base64.text(bytes($0)) }
        let lines = ["c2sp.org/tlog-proof@v1", "extra QEFCQw==", "index 5"] + path
        #expect("\(proof)" == lines.joined(separator: "\n") + "\n\n" + NoteTests.checkpoint)
        let read = try LogProof(parsing: "\(proof)")
        let keys = [try VerifierKey(parsing: NoteTests.logKey)]
        #expect(try read.verified(by: keys).checkpoint.size == 8)
        #expect(try read.verified(entry: MerkleTreeTests.entries[5], by: keys).checkpoint.size == 8)
        #expect(throws: TransparencyError.self) { try read.verified(entry: MerkleTreeTests.entries[4], by: keys) }
        #expect(throws: TransparencyError.self) { try read.verified(by: []) }
    }

    @Test("A tree of one entry has a proof without hashes")
    func single() throws {
        let key = try SigningKey(name: "a", algorithm: .ed25519, seed: Array(0..<32))
        let root = MerkleHash.leaf([7])
        let note = try Checkpoint(origin: "a", size: 1, root: root).signed(by: key)
        let proof = LogProof(index: 0, hashes: [], entry: [7], note: note)
        let read = try LogProof(parsing: "\(proof)")
        #expect(read.hashes.isEmpty && "\(read)" == "\(proof)")
        #expect(try read.verified(by: [key.verifier]).checkpoint.root == root)
    }

    @Test("Every single-byte change of a proof is found, whatever the byte and its place; the unaltered one holds")
    func mutations() throws {
        let seed: UInt64 = 20_261_127
        var random = SeededRandom(seed: seed)
        let keys = [try VerifierKey(parsing: NoteTests.logKey)]
        for index in 0..<8 {
            let original = Array("\(try Self.proof(Int64(index)))".utf8)
            for _ in 0..<400 {
                var altered = original
                let place = random.int(0...original.count - 1)
                altered[place] = UInt8(random.int(0...255))
                guard altered != original, let text = String(bytes: altered, encoding: .utf8) else { continue }
                let read = try? LogProof(parsing: text)
                // A text that means the same must be the same text.
                let holds = (try? read?.verified(by: keys)) != nil && read.map { "\($0)" == text } == true
                #expect(!holds, "byte \(place) as \(altered[place]), proof \(index), seed \(seed)")
            }
            let whole = try LogProof(parsing: String(decoding: original, as: UTF8.self))
            #expect(try whole.verified(by: keys).checkpoint.size == 8)
        }
    }

    @Test(
        "What is not a proof is refused",
        arguments: [
            "", "c2sp.org/tlog-proof@v2\nindex 0\n\n", "c2sp.org/tlog-proof@v1\n\n",
            "c2sp.org/tlog-proof@v1\nindex 05\n\n",
            "c2sp.org/tlog-proof@v1\nextra !\nindex 5\n\n", "c2sp.org/tlog-proof@v1\nindex 5\nAAAA\n\n",
        ])
    func malformed(head: String) {
        #expect(throws: TransparencyError.self) { try LogProof(parsing: head + NoteTests.checkpoint) }
    }

    @Test("A request to a witness is read as it was written")
    func request() throws {
        let hash = MerkleHash.leaf([1])
        let request = WitnessRequest(old: 3, proof: [hash], note: try SignedNote(parsing: NoteTests.checkpoint))
        let text = "old 3\n\(Base64.text(hash))\n\n\(NoteTests.checkpoint)"
        #expect("\(request)" == text)
        let read = try WitnessRequest(parsing: text)
        #expect(read.old == 3 && read.proof == [hash] && "\(read)" == text)
        for head in ["old 03\n\n", "old -1\n\n", "old 3\nAAAA\n\n", "new 3\n\n", "\n\n"] {
            #expect(throws: TransparencyError.self) { try WitnessRequest(parsing: head + NoteTests.checkpoint) }
        }
        let long = "old 3\n" + String(repeating: "\(Base64.text(hash))\n", count: 64) + "\n\(NoteTests.checkpoint)"
        #expect(throws: TransparencyError.self) { try WitnessRequest(parsing: long) }
    }
}
