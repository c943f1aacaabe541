import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonIdentity

@Suite("A signing key behind a password")
struct SealedKeyTests {
    private func made(_ password: String) throws -> SealedKey {
        try SealedKey.make(
            name: "log/account/1", password: password, cost: IdentityFixture.cheap, random: SeededSource(seed: 7))
    }

    @Test("Only the password opens it, and what it opens signs for the public key")
    func opens() throws {
        let sealed = try made("tausend kleine Fische")
        let opened = try #require(try sealed.open("tausend kleine Fische"))
        #expect(opened.key.verifier == sealed.key)
        let note = try SignedNote(text: "x\n", signatures: [opened.key.sign("x\n")])
        #expect(try note.verified(by: [sealed.key]).count == 1)
        for wrong in ["tausend kleine Fisch", "Tausend kleine Fische", "", " tausend kleine Fische"] {
            #expect(try sealed.open(wrong) == nil, "\(wrong)")
        }
    }

    @Test("A letter with its accent is the same typed in one or in two")
    func normalised() throws {
        #expect(try made("caf\u{E9} am Morgen").open("cafe\u{301} am Morgen") != nil)
    }

    @Test("A new password opens the same key, and the old one opens it no more")
    func resealed() throws {
        let sealed = try made("first of two words")
        let seed = try #require(try sealed.open("first of two words")).seed
        let again = try sealed.resealed(
            seed: seed, from: "first of two words", to: "second of two words", random: SeededSource(seed: 8))
        #expect(again.key == sealed.key && again.salt != sealed.salt)
        #expect(try again.open("second of two words")?.key.verifier == sealed.key)
        #expect(try again.open("first of two words") == nil)
        #expect(try again.had("first of two words") && !again.had("second of two words"))
        let kept = try #require(SealedKey(JSON(parsing: again.json.canonicalBytes)))
        #expect(kept == again)
    }

    @Test("Any changed byte of what is stored keeps it shut", arguments: 0..<120)
    func altered(_ number: Int) throws {
        let sealed = try made("tausend kleine Fische")
        var random = SeededRandom(seed: UInt64(number))
        var json = try #require(sealed.json.object)
        let member = random.pick(["salt", "box"])
        var bytes = try #require(json[member]?.string.flatMap(Base64.bytes))
        bytes[random.int(0...bytes.count - 1)] ^= UInt8(random.int(1...255))
        json[member] = .string(Base64.text(bytes))
        #expect(try SealedKey(.object(json))?.open("tausend kleine Fische") == nil, "seed \(number)")
    }

    @Test("A row that asks for more work than the server has is not read")
    func limits() throws {
        for (member, value) in [("rounds", 1 << 24), ("blockSize", 4096), ("parallelism", 1000), ("rounds", 0)] {
            var json = try #require(try made("tausend kleine Fische").json.object)
            json[member] = .integer(value)
            #expect(SealedKey(.object(json)) == nil, "\(member) \(value)")
        }
    }

    /// The same by Python's hashlib.scrypt and the package cryptography: what is stored is in no form of our own.
    @Test("Another implementation of scrypt and ChaCha20-Poly1305 opens it as well")
    func counterpart() throws {
        let sealed = try SealedKey.make(
            name: "log/account/1", password: "tausend kleine Fische",
            cost: .init(rounds: 1024, blockSize: 8, parallelism: 2), random: SeededSource(seed: 9))
        let script = """
            import base64, hashlib, json, sys
            from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
            from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
            s = json.loads(sys.stdin.read())
            key = hashlib.scrypt("tausend kleine Fische".encode(), salt=base64.b64decode(s["salt"]), n=s["rounds"],
                                 r=s["blockSize"], p=s["parallelism"], dklen=32)
            box = base64.b64decode(s["box"])
            seed = ChaCha20Poly1305(key).decrypt(box[:12], box[12:], s["key"].encode())
            public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            sys.stdout.write(base64.b64encode(b"\\1" + public).decode())
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        input.fileHandleForWriting.write(Data(sealed.json.canonicalBytes))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect("\(sealed.key)".hasSuffix("+\(text)"), "\(text)")
    }
}
