import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite(
    "Pictures on an S3 server that is not ours",
    .enabled(if: !SharedS3.isMissing, Comment(rawValue: RealS3.missing)))
struct ObjectStorageTests {
    private static func prefix() -> String { "\(UUID().uuidString.lowercased())/" }

    @Test("A picture is kept under its digest with its type, read back, removed when it is due, and kept again")
    func life() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let time = TestTime()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix), time: time)
        // Longer than one piece of reading.
        let bytes = KeepingBench.png(1, padding: 9 << 20)
        let accepted = try await bench.report("r-1", bytes)
        let digest = try #require(accepted.inspection.picture)
        let key = "\(prefix)\(digest.prefix(2))/\(digest)"
        #expect(try await server.keys(below: prefix) == [key])
        let kept = try await server.get(key)
        #expect(kept.sha256 == Hex.sha256(bytes) && kept.type == "image/png")
        #expect(try bench.incoming().isEmpty)
        let picture = try #require(try await bench.described(digest))
        let here = try await bench.pictures.file(of: picture)
        #expect(FileManager.default.fileExists(atPath: here))
        try await bench.forgetCopies()
        #expect(!FileManager.default.fileExists(atPath: here))
        #expect(try await bench.pictures.bytes(of: picture) == bytes)
        // The same bytes in another report are one object.
        try await bench.report("r-2", bytes)
        #expect(try await server.keys(below: prefix) == [key])
        time.advance(by: Retention.day * 91)
        #expect(try await bench.sweeper.sweep().count == 1)
        #expect(try await server.keys(below: prefix).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: here), "the copy goes with the picture")
        try await bench.report("r-3", bytes)
        #expect(try await server.keys(below: prefix) == ["\(key).1"])
        #expect(try await bench.pictures.bytes(of: picture) == bytes)
        #expect(try await bench.audit().isWhole)
        #expect(try await bench.store.read { try $0.verifyLedger() }.isWhole)
    }

    @Test("A refused report leaves nothing behind")
    func refused() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix))
        try await bench.report("r-1", KeepingBench.png(1))
        await #expect(throws: Problem.self) {
            try await bench.report("r-1", KeepingBench.png(2), defectClass: "other")
        }
        #expect(try await server.keys(below: prefix).count == 1)
        #expect(try await bench.audit().orphanCount.count == 0)
        #expect(try bench.incoming().isEmpty)
    }

    @Test("Missing, altered, shortened, foreign and unwanted objects are found, and the unwanted ones removed")
    func audit() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix))
        var digests: [String] = []
        for number in 0..<12 {
            digests.append(
                try #require(try await bench.report("r-\(number)", KeepingBench.png(number)).inspection.picture))
        }
        func key(_ digest: String) -> String { "\(prefix)\(digest.prefix(2))/\(digest)" }
        #expect(try await bench.audit().isWhole)
        try await server.delete(key(digests[1]))
        var altered = KeepingBench.png(2)
        altered[altered.count - 1] ^= 1
        try await server.put(key(digests[2]), altered)
        try await server.put(key(digests[3]), Array("short".utf8))
        let orphan = Hex.sha256(Array("nobody".utf8))
        try await server.put(key(orphan), Array("nobody".utf8))
        try await server.put(prefix + "readme.txt", Array("mine".utf8))
        let quick = try await bench.audit(readsBytes: false)
        #expect(quick.missing == [digests[1]] && quick.altered == [digests[3]] && quick.kept.count == 12)
        let deep = try await bench.audit()
        #expect(deep.missing == [digests[1]] && Set(deep.altered) == [digests[2], digests[3]])
        #expect(deep.orphans == ["\(orphan.prefix(2))/\(orphan)"] && deep.foreign == 1)
        // Whoever reads an altered one is told so, and does not get it.
        try await bench.forgetCopies()
        let picture = try #require(try await bench.described(digests[2]))
        await #expect(throws: Problem.self) { try await bench.pictures.bytes(of: picture) }
        let gone = try #require(try await bench.described(digests[1]))
        #expect(try await bench.pictures.bytes(of: gone) == nil)
        let trial = try await bench.vault.removeOrphans(olderThan: .seconds(-60), isTrial: true)
        #expect(trial == PictureCount(count: 1, bytes: 6))
        #expect(try await bench.vault.removeOrphans(olderThan: .seconds(3600), isTrial: false).count == 0, "too young")
        #expect(try await bench.vault.removeOrphans(olderThan: .seconds(-60), isTrial: false) == trial)
        let after = try await bench.audit()
        #expect(after.orphanCount.count == 0 && after.foreign == 1 && after.kept.count == 12)
        // Sent again, the lost and the shortened one are whole.
        try await bench.report("again-1", KeepingBench.png(1))
        try await bench.report("again-3", KeepingBench.png(3))
        #expect(try await bench.audit().altered == [digests[2]])
    }

    @Test("What was in the folder is moved, found meanwhile, and gone on with after an interruption")
    func move() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let old = try KeepingBench()
        var digests: [String] = []
        for number in 0..<9 {
            let accepted = try await old.report("r-\(number)", KeepingBench.png(number), defectClass: "dust")
            digests.append(try #require(accepted.inspection.picture))
        }
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix), store: old.store)
        let former = bench.folder.path + "/pictures"
        try FileManager.default.copyItem(atPath: old.pictures.folder, toPath: former)
        let picture = try #require(try await bench.described(digests[4]))
        #expect(try await bench.pictures.bytes(of: picture) == KeepingBench.png(4), "found where it was")
        #expect(try await bench.audit().waitingToMove == 9)
        let altered = "\(former)/\(digests[8].prefix(2))/\(digests[8]).png"
        try Data("other".utf8).write(to: URL(fileURLWithPath: altered))
        var left = 4
        let begun = try await bench.pictures.moveFormer(mayGoOn: {
            left -= 1
            return left >= 0
        })
        #expect(begun.moved.count + begun.altered.count == 4)
        let rest = try await bench.pictures.moveFormer()
        #expect(begun.moved.count + rest.moved.count == 8 && rest.altered == [altered])
        #expect(try await server.keys(below: prefix).count == 8)
        let findings = try await bench.audit()
        #expect(findings.altered == [digests[8]] && findings.missing.isEmpty && findings.waitingToMove == 1)
        #expect(try await bench.pictures.bytes(of: picture) == KeepingBench.png(4))
        try old.end()
    }
}
