import AndonAudit
import AndonIdentity
import AndonModel
import AndonTransparency
import Foundation

/// What auditors, witnesses and time stamping authorities hand over.
extension FuzzTarget {
    static let proofs = [
        note, vkey, logProof, witnessRequest, entryBundle, timestampReply, signatureStatement, validationPack, package,
    ]

    private static let key = try? SigningKey(name: "log.example", algorithm: .ed25519, seed: [UInt8](1...32))

    private static func text(_ input: [UInt8]) -> String? { String(validating: input, as: UTF8.self) }

    private static var checkpoint: String {
        get throws {
            guard let key else { throw Finding("no key") }
            let body = "log.example\n1\n\(Data([UInt8](repeating: 7, count: 32)).base64EncodedString())\n"
            return try SignedNote(text: body, signatures: [key.sign(body)]).description
        }
    }

    /// What is read has one form; only the right key's signature holds.
    private static let note = FuzzTarget(
        "signed-note", seeds: { try [checkpoint, "a\n\n\u{2014} b AAAAAAA=\n"].asBytes },
        check: { input in
            guard let text = text(input), let key, let note = try? SignedNote(parsing: text) else { return }
            try promise(note.description == text, "a note is written otherwise than it was read")
            _ = try? Checkpoint(parsing: note.text)
            guard let verified = try? note.verified(by: [key.verifier]), !verified.isEmpty else { return }
            try promise(try note.text == SignedNote(parsing: checkpoint).text, "a signature holds for another text")
        })

    private static let vkey = FuzzTarget(
        "verifier-key", seeds: { [key.map { "\($0.verifier)" } ?? ""].asBytes },
        check: { input in
            guard let text = text(input), let key = try? VerifierKey(parsing: text) else { return }
            try promise("\(key)" == text, "a key is written otherwise than it was read")
        })

    private static let logProof = FuzzTarget(
        "tlog-proof",
        seeds: { try ["c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n\(checkpoint)", checkpoint].asBytes },
        check: { input in
            guard let text = text(input), let proof = try? LogProof(parsing: text) else { return }
            try promise(proof.description == text, "a proof is written otherwise than it was read")
        })

    private static let witnessRequest = FuzzTarget(
        "witness-request", seeds: { try ["old 0\n\n\(checkpoint)", "old 1\nAAAA\n\n\(checkpoint)"].asBytes },
        check: { input in
            guard let text = text(input), let request = try? WitnessRequest(parsing: text) else { return }
            try promise(request.description == text, "a request is written otherwise than it was read")
        })

    private static let entryBundle = FuzzTarget(
        "tile-entries", seeds: { [try EntryBundle.bytes([[1, 2, 3], [], [4]]), [0, 0]] },
        check: { input in
            guard let entries = try? EntryBundle.entries(input) else { return }
            try promise((try? EntryBundle.bytes(entries)) == input, "entries are written otherwise than they were read")
        })

    /// DER of RFC 3161; a request in its place is the nearest thing that is at hand without an authority.
    private static let timestampReply = FuzzTarget(
        "timestamp-reply",
        seeds: {
            [
                [0x30, 0x03, 0x02, 0x01, 0x00], [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02],
                TimestampRequest(of: [1, 2, 3], nonce: [9]).bytes,
            ]
        }, check: { input in _ = try? TimestampReply(parsing: input) })

    private static let signatureStatement = FuzzTarget(
        "signature-statement",
        seeds: {
            [
                SignatureStatement(
                    subject: "AB12CD34EF", thing: .closure, meaning: .approval, reason: "seen", account: 2,
                    at: Timestamp(microseconds: 1_760_000_000_000_000), entries: [4, 7, 8, 9],
                    digest: SignatureStatement.digest([])
                ).text
            ].asBytes
        },
        check: { input in
            guard let text = text(input), let statement = SignatureStatement(parsing: text) else { return }
            try promise(statement.text == text, "a statement is written otherwise than it was read")
            try promise(statement.entries == statement.entries.sorted(), "entries are out of order")
        })

    private static let validationPack = FuzzTarget(
        "validation-pack", shortCount: 500,
        seeds: {
            [
                #"""
                {"schema":"andon.validation/1","software":{"version":"1","commit":"ab"},"madeAt":"2026-11-27T00:00:00Z",
                "environment":{},"counts":{"requirements":1,"covered":1,"tests":1,"passed":1,"failed":0,"skipped":0},
                "requirements":[{"id":"A-1","group":"A","text":"x","risk":"low","why":"y","clauses":[],"tests":["S/t"],
                "result":"passed"}],"tests":[{"suite":"S","name":"t","result":"passed","seconds":0.1}]}
                """#
            ].asBytes
        }, check: { input in _ = try? ValidationPack(parsing: input) })

    /// No archive that nobody signed is right, and none ends the program.
    private static let package = FuzzTarget(
        "package", shortCount: 150,
        seeds: {
            // A stored file and the end of an archive (PKWARE APPNOTE 4.3).
            var bytes: [UInt8] = [0x50, 0x4B, 3, 4, 20, 0, 0, 8, 0, 0, 0, 0, 33, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]
            bytes += [13, 0, 0, 0] + Array("manifest.jsonabcd".utf8)
            return [bytes, bytes + [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)]
        },
        check: { input in
            guard let key else { return }
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("andon-fuzz-\(UUID()).zip").path
            guard FileManager.default.createFile(atPath: path, contents: Data(input)) else { return }
            defer { try? FileManager.default.removeItem(atPath: path) }
            let result = try? PackageVerifier.verify(path, keys: [key.verifier])
            try promise(result == nil, "an archive that nobody signed is right")
        })
}
