import AndonTesting
import AndonTransparency
import Foundation
import Testing

@Suite("Signed notes, checkpoints and cosignatures of C2SP")
struct NoteTests {
    private static let vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    private static let note = """
        This is an example message.

        — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

        """

    static let logKey = "andon.example/plant-a+e9f411ed+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    static let checkpoint = """
        andon.example/plant-a
        8
        XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

        — andon.example/plant-a 6fQR7V0oJwFfdGP0ObkVJ9ropN53zwpItrQu91duLc2VjmJuMpgM44S2C1eQzEPrX+jS640h6AnOKugx2rKCmFyxogg=

        """
    private static let cosignature =
        "— witness.example/w1 IDJKvgAAAABo53gAcC+NK23inlwqDPP4R/RD6q+Fwfq3u+T4uHh9VY0cMovnv6PefPbhQAyseeZ0v0lnJQ8k2CNCZopayh/poQgADQ=="

    @Test("The note of the specification verifies, and is written as it was read")
    func specification() throws {
        let key = try VerifierKey(parsing: Self.vkey)
        #expect(key.name == "example.com/foo" && key.id == 0x530d_903a && "\(key)" == Self.vkey)
        let note = try SignedNote(parsing: Self.note)
        #expect(note.text == "This is an example message.\n")
        #expect(try note.verified(by: [key]).map(\.key) == [key])
        #expect("\(note)" == Self.note)
    }

    @Test("The checkpoints of size 8 and of the empty tree are signed as in the reference")
    func checkpoints() throws {
        let key = try SigningKey(name: "andon.example/plant-a", algorithm: .ed25519, seed: Array(0x00...0x1F))
        #expect("\(key.verifier)" == Self.logKey)
        let size8 = try Checkpoint(origin: "andon.example/plant-a", size: 8, root: bytes(MerkleTreeTests.roots[8]))
        #expect("\(try size8.signed(by: key))" == Self.checkpoint)
        let empty = try Checkpoint(origin: "andon.example/plant-a", size: 0, root: MerkleHash.empty)
        let signature = "6fQR7QyTzDollVufqk20im2tF5tM+O9l7r6lErXtmHjDHDCc5Fe93b88Ur91nlm5Nct1njpmPVqbHIyUnP/RuN8SWwg="
        #expect("\(try empty.signed(by: key))".contains("\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"))
        #expect("\(try empty.signed(by: key))".hasSuffix(" \(signature)\n"))
        let (read, _) = try SignedNote(parsing: Self.checkpoint).checkpoint(by: [key.verifier])
        #expect(read == size8)
        #expect(throws: TransparencyError.self) {
            try Checkpoint(origin: "other", size: 0, root: MerkleHash.empty).signed(by: key)
        }
    }

    @Test("The witness's cosignature is made and verified as in the reference, with its time")
    func cosignatures() throws {
        let key = try SigningKey(name: "witness.example/w1", algorithm: .cosignature, seed: Array(0x20...0x3F))
        #expect(key.verifier.id == 0x2032_4abe)
        #expect(
            hex(key.verifier.publicKey) == "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7")
        var note = try SignedNote(parsing: Self.checkpoint)
        #expect("\(try key.sign(note.text, time: 1_760_000_000))" == Self.cosignature)
        note.signatures.append(try NoteSignature(parsing: Self.cosignature))
        let log = try VerifierKey(parsing: Self.logKey)
        let found = try note.checkpoint(by: [log], witnesses: [key.verifier]).signatures
        #expect(found.map(\.key) == [log, key.verifier] && found.last?.time == 1_760_000_000)
        #expect(throws: TransparencyError.self) { try note.checkpoint(by: [], witnesses: [key.verifier]) }
    }

    @Test("A signature key is read back from its own text, and only from that")
    func secretText() throws {
        let key = try SigningKey(name: "a/b", algorithm: .ed25519, seed: Array(0..<32))
        #expect(try SigningKey(parsing: key.secretText).verifier == key.verifier)
        for text in ["", "PRIVATE+KEY+a/b", key.secretText.replacing("a/b", with: "a/c"), "\(key.verifier)"] {
            #expect(throws: TransparencyError.self) { try SigningKey(parsing: text) }
        }
    }

    @Test("Signatures by unknown keys are passed over; one by a known key that fails is an error")
    func unknownKeys() throws {
        let other = try SigningKey(name: "example.com/bar", algorithm: .ed25519, seed: Array(0..<32))
        var note = try SignedNote(parsing: Self.note)
        let key = try VerifierKey(parsing: Self.vkey)
        for _ in 0..<15 { note.signatures.append(try other.sign(note.text)) }
        #expect(try SignedNote(parsing: "\(note)").verified(by: [key]).map(\.key) == [key])
        note.signatures[0].bytes[5] ^= 1
        #expect(throws: TransparencyError.self) { try note.verified(by: [key]) }
        #expect(try note.verified(by: [other.verifier]).count == 1, "one key counts once, however often it signs")
    }

    @Test(
        "What is not a note is refused",
        arguments: [
            "", "\n", "text\n", "text\n\n", "text\n\n— example.com/foo", "text\n\nexample.com/foo AAAA\n",
            "text\n\n- example.com/foo Uw2QOkn8\n", "text\n\n— example.com/foo Uw2Q\n", "text\n\n— a b Uw2QOkn8\n",
            "text\n\n— a+b Uw2QOkn8\n", "te\rxt\n\n— a Uw2QOkn8\n", "te\u{0}xt\n\n— a Uw2QOkn8\n",
            "text\n\n— a Uw2QOkn8=\n", "text\n\n— a Uw2QOkn8\n\n",
        ])
    func malformedNotes(text: String) {
        #expect(throws: TransparencyError.self) { try SignedNote(parsing: text) }
    }

    @Test(
        "What is not a checkpoint is refused",
        arguments: [
            "a\n8\n", "a\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
            "a\n-1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
            "a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n", "a\n8\nXcna\n",
            "a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
            "a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n",
            "a\n8 \nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
            "a\n99999999999999999999\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        ])
    func malformedCheckpoints(text: String) {
        #expect(throws: TransparencyError.self) { try Checkpoint(parsing: text) }
    }

    @Test("What is not a key is refused")
    func malformedKeys() throws {
        for text in [
            "", "a", "a+b", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/fooo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "a+530d903a+AekyeRrm",
            "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        ] {
            #expect(throws: TransparencyError.self) { try VerifierKey(parsing: text) }
        }
    }

    @Test("No single byte of a signed checkpoint can be another one")
    func mutations() throws {
        let keys = [try VerifierKey(parsing: Self.logKey)]
        let original = Array(Self.checkpoint.utf8)
        for place in original.indices {
            for value in [original[place] ^ 1, original[place] ^ 0x20, 0x0A, UInt8(ascii: "A")]
            where value != original[place] {
                var altered = original
                altered[place] = value
                guard let text = String(bytes: altered, encoding: .utf8) else { continue }
                let read = try? SignedNote(parsing: text).checkpoint(by: keys)
                #expect(read == nil, "byte \(place) as \(value)")
            }
        }
    }
}
