import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonAudit

/// Packages whose makers hold the ledger's key, and still cannot say what the entries do not say.
@Suite("A package that its own maker altered")
struct PackageForgeryTests {
    /// The data folder of a server that has ended, with what a package is made by.
    private final class Site {
        let made: ExportTests.Made
        let store: Store
        let signer: LedgerSigner

        init() async throws {
            made = try await ExportTests.Made()
            try await made.server.end()
            store = try Store(
                folder: try TestDatabase.folder(made.server.data), time: SystemTime(),
                steps: DeskSchema.steps + IdentitySchema.steps)
            signer = try await LedgerSigner.open(store, .init())
        }

        func package(_ name: String, checkpoint: StoredCheckpoint, linesMax: Int = 1000) async throws -> String {
            let path = "\(made.server.folder.path)/\(name).zip"
            let signer = signer
            var exporter = Exporter(
                standard: try Standard(named: "iso-9001"),
                query: try PackageQuery(
                    from: Timestamp(microseconds: 0), to: Timestamp(microseconds: 4_000_000_000_000_000)),
                store: store, checkpoint: checkpoint, keys: try await signer.chain().links.map(\.key),
                system: SystemSettings(
                    folder: store.folder, version: Software.version, now: store.time.now(),
                    cameras: ["CAM-01", "CAM-02"]),
                sign: { try await signer.sign($0) }, original: { _ in nil }, annotated: { _ in nil })
            exporter.registerLinesMax = linesMax
            let query = exporter.query
            let references = try await store.read { try $0.references(of: query) }
            let bytes = Collected()
            try await exporter.write(references) { bytes.all += $0 }
            try Data(bytes.all).write(to: URL(fileURLWithPath: path))
            return path
        }

        /// The package once more, with altered files, a manifest that fits them, and the ledger's own signature.
        func forged(_ path: String, _ alter: (String, [UInt8]) throws -> [UInt8]) async throws -> String {
            let bytes = Collected()
            var package = try PackageWriter { bytes.all += $0 }
            let reader = try PackageReader(path: path)
            var manifest: [String: JSON] = [:]
            while let (name, content) = try reader.next() {
                if name == "manifest.json" {
                    manifest = try JSON(parsing: content, limits: .package).object ?? [:]
                } else if name != "manifest.sig" {
                    try await package.add(name, try alter(name, content))
                }
            }
            let line = try await package.addManifest("manifest.json", manifest)
            let signature = try await signer.sign(Exporter.signedText(line.sha256))
            try await package.add("manifest.sig", Array(signature.description.utf8))
            try await package.finish()
            let out = path + ".forged.zip"
            try Data(bytes.all).write(to: URL(fileURLWithPath: out))
            return out
        }

        func key() async throws -> VerifierKey { try #require(try await signer.chain().links.last?.key) }

        /// What the program, and the archive's own verifiers in Python and in a browser say.
        func verdicts(_ path: String, witness: VerifierKey? = nil) async throws -> [String] {
            let keys = [try await key()]
            let own: String
            do {
                let result = try PackageVerifier.verify(path, keys: keys, witnesses: [witness].compactMap { $0 })
                own = "right, witnesses \(result.witnesses), unchecked \(result.unchecked)"
            } catch let fault as PackageFault {
                own = "NOT RIGHT: \(fault)"
            }
            let script = try #require(Bundle.auditVerifier)
            let run = try await runProgram(
                URL(fileURLWithPath: "/usr/bin/env"),
                ["/usr/bin/python3", script, path] + (keys + [witness].compactMap { $0 }).map { "\($0)" })
            let words = (keys + [witness].compactMap { $0 }).map { "\($0)" }.joined(separator: " ")
            let page = try await BrowserVerdict.of(path, keys: words)
            return [own, run.output, page.replacing("NOT right", with: "NOT RIGHT")]
        }
    }

    /// A sink's bytes; one task writes at a time.
    private static func altered(_ bytes: [UInt8], _ from: String, _ to: String) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).replacing(from, with: to).utf8)
    }

    @Test("Another name, another trail, a trail with less, another earlier checkpoint: each is found by all verifiers")
    func contents() async throws {
        let site = try await Site()
        let witness = try SigningKey(name: "quality/witness", algorithm: .cosignature, seed: Array(1...32))
        let first = try await site.signer.checkpoint()
        let line = "\(try witness.sign(first.note.text, time: 1_795_000_000))\n"
        _ = try await site.signer.keepCosignatures(line, size: first.checkpoint.size, witnesses: [witness.verifier])
        _ = try await site.store.write { try $0.record("test.note", of: "ledger", ["more": true]) }
        let path = try await site.package("good", checkpoint: try await site.signer.checkpoint())
        for verdict in try await site.verdicts(path) {
            #expect(verdict.lowercased().contains("right") && verdict.contains("quality/witness"), "\(verdict)")
        }
        let cases: [(String, String, (String, [UInt8]) throws -> [UInt8])] = [
            (
                "another name", "commits to",
                {
                    $0.hasPrefix("proofs/")
                        ? Self.altered($1, "\"value\":\"K. Sommer\"", "\"value\":\"K. Winter\"") : $1
                }
            ),
            (
                "another trail", "trail says other",
                { $0.hasPrefix("records/") ? Self.altered($1, "\"by\":\"K. Sommer\"", "\"by\":\"K. Winter\"") : $1 }
            ),
            (
                "a trail with less", "its trail has",
                { name, bytes in
                    guard name.hasPrefix("records/"), name.hasSuffix(".json"),
                        var record = try JSON(parsing: bytes, limits: .package).object
                    else { return bytes }
                    record["trail"] = .array(Array((record["trail"]?.array ?? []).dropLast()))
                    return JSON.object(record).canonicalBytes
                }
            ),
            (
                "another root before", "does not continue",
                { name, bytes in
                    guard name == "system/ledger.json" else { return bytes }
                    let root = Base64.text(first.checkpoint.root)
                    // The witness's key is not given: the note is only held against the tree.
                    var text = Self.altered(bytes, root, Base64.text([UInt8](repeating: 7, count: 32)))
                    let own = first.note.signatures[0].description
                    text = Self.altered(text, own, own.replacing("\u{2014} ", with: "\u{2014} x"))
                    return text
                }
            ),
        ]
        for (what, words, alter) in cases {
            let forged = try await site.forged(path, alter)
            for verdict in try await site.verdicts(forged) {
                #expect(verdict.contains("NOT RIGHT") && verdict.contains(words), "\(what): \(verdict)")
            }
        }
        try site.store.close()
    }

    @Test(
        "A witness's signature is verified with its key, named as not checked without it, and refused when it does not fit"
    )
    func cosignatures() async throws {
        let site = try await Site()
        let witness = try SigningKey(name: "quality/witness", algorithm: .cosignature, seed: Array(1...32))
        let made = try await site.signer.checkpoint()
        let size = made.checkpoint.size
        let line = "\(try witness.sign(made.note.text, time: 1_795_000_000))\n"
        _ = try await site.signer.keepCosignatures(line, size: size, witnesses: [witness.verifier])
        let cosigned = try #require(try await site.store.read { try $0.checkpoint(size: size, withCosignatures: true) })
        let path = try await site.package("cosigned", checkpoint: cosigned)
        let without = try await site.verdicts(path)
        #expect(without[0].contains("unchecked [\"quality/witness\"]"), "\(without)")
        #expect(without[1].contains("not checked, for want of the key: the signature of quality/witness"))
        let with = try await site.verdicts(path, witness: witness.verifier)
        #expect(with[0].contains("witnesses [\"quality/witness\"]") && with[1].contains("witnessed by quality/witness"))
        #expect(without[2].contains("Not checked, for want of the key: the signature of quality/witness"), "\(without)")
        #expect(with[2].contains("Witnessed by quality/witness"), "\(with)")
        var other = cosigned
        other.note.signatures[1].bytes[40] ^= 1
        let wrong = try await site.package("wrong", checkpoint: other)
        for verdict in try await site.verdicts(wrong, witness: witness.verifier) {
            #expect(verdict.contains("NOT RIGHT") && verdict.contains("quality/witness"), "\(verdict)")
        }
        // Without its key nobody can tell, but one byte less than the manifest's file is found.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("quality/witness".utf8)))
        bytes[place.lowerBound] ^= 2
        try bytes.write(to: URL(fileURLWithPath: path))
        for verdict in try await site.verdicts(path) { #expect(verdict.contains("NOT RIGHT"), "\(verdict)") }
        try site.store.close()
    }

    @Test("A long register goes into several documents; how far a package has come is told as it arrives")
    func volumes() async throws {
        let site = try await Site()
        let path = try await site.package("volumes", checkpoint: try await site.signer.checkpoint(), linesMax: 1)
        var names: [String] = []
        let reader = try PackageReader(path: path)
        while let (name, _) = try reader.next() { names.append(name) }
        #expect(names.filter { $0.hasPrefix("register-") } == ["register-1.pdf", "register-2.pdf"], "\(names)")
        for verdict in try await site.verdicts(path) { #expect(!verdict.contains("NOT RIGHT"), "\(verdict)") }

        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let seed = UInt64.random(in: .min ... .max)
        print("PackageForgeryTests.volumes seed \(seed)")
        var random = SeededRandom(seed: seed)
        var (walk, place, seen) = (ZipWalk(), 0, [0])
        while place < bytes.count {
            #expect(!walk.isWhole)
            let end = min(bytes.count, place + Int.random(in: 1...5000, using: &random))
            walk.add(bytes[place..<end])
            if walk.records != seen.last { seen.append(walk.records) }
            place = end
        }
        #expect(walk.isWhole && seen == [0, 1, 2], "\(seen), seed \(seed)")
        try site.store.close()
    }

    @Test("Time stamps lie beside what they are of, and openssl verifies them from the package alone")
    func stamps() async throws {
        let site = try await Site()
        let authority = try await TimestampAuthority()
        let (size, request) = try #require(try await site.signer.stampRequest())
        _ = try await site.signer.keep(try await authority.answer(request.bytes), to: request, size: size)
        _ = try await site.store.write { try $0.record("test.note", of: "ledger", ["more": true]) }
        let path = try await site.package("stamped", checkpoint: try await site.signer.checkpoint())
        for verdict in try await site.verdicts(path) { #expect(!verdict.contains("NOT RIGHT"), "\(verdict)") }
        var files: [String: [UInt8]] = [:]
        let reader = try PackageReader(path: path)
        while let (name, bytes) = try reader.next() { files[name] = bytes }
        let reply = try #require(files["timestamps/\(size).tsr"])
        let note = try #require(files["timestamps/\(size).checkpoint"])
        #expect(try await authority.verifies(reply, of: note))
        #expect(try await !authority.verifies(reply, of: note + [10]))
        #expect(files["timestamps/\(size).tsq"] == request.bytes)
        let ledger = try JSON(parsing: try #require(files["system/ledger.json"]))
        #expect(ledger["earlier"]?.array?.map { $0["size"] } == [.integer(size)])
        try site.store.close()
    }
}

extension Bundle {
    /// In the sources: the program's resources belong to another module.
    fileprivate static var auditVerifier: String? {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/AndonAudit/Verifiers/verify.py").path
    }
}

/// Bytes that came one after the other.
final class Collected {
    var all: [UInt8] = []
}
