import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIntake

@Suite("A disk that is short of space")
struct SpaceTests {
    private static let size = KeepingBench.png(1, padding: 50_000).count

    private func report(_ bench: KeepingBench, _ number: Int, _ defectClass: String?) async throws -> Accepted {
        bench.time.advance(by: .seconds(60))
        return try await bench.report(
            "r-\(number)", KeepingBench.png(number % 10, padding: 50_000 + number / 10), defectClass: defectClass)
    }

    @Test("First the oldest good pictures go, then the oldest recorded ones; orders, held and newest good ones stay")
    func order() async throws {
        let bench = try KeepingBench()
        var digests: [String] = []
        for (number, kind) in ["dust", nil, "order", nil, "dust", nil].enumerated() {
            digests.append(try #require(try await report(bench, number, kind).inspection.picture))
        }
        let used = FakeDisk.used(bench.pictures.folder)
        func look(missing: Int) async throws -> SpaceStanding.State {
            // So much less than the tenth above the limit is free.
            bench.disk.resize(FakeDisk.used(bench.pictures.folder) + 110_000 - missing)
            let before = bench.disk.size - FakeDisk.used(bench.pictures.folder)
            #expect((before < 100_000) == (missing > 10_000))
            return try await bench.guardian.look().standing.state
        }
        #expect(try await look(missing: 10_000) == .enough)
        #expect(try bench.files().count == 6 && bench.alarms().isEmpty)
        #expect(try await look(missing: 20_000) == .shedding)
        #expect(try bench.files() == Set(digests).subtracting([digests[1]]))
        #expect(try bench.alarms() == ["disk-space"])
        #expect(try bench.removal(digests[1])?.reason == .space)
        #expect(try await look(missing: Self.size + 20_000) == .shedding)
        #expect(try bench.files() == [digests[2], digests[4], digests[5]], "the other good one, then the older dust")
        _ = try await bench.store.write { try $0.place(.lot("none"), by: "A", reason: "b") }
        #expect(try await look(missing: used) == .exhausted)
        #expect(try bench.files() == [digests[2], digests[5]])
        #expect(try Set(bench.alarms()) == ["disk-space", "disk-full"])
        let detail = try bench.store.readNow { try $0.alarms().last?.detail }
        #expect(detail?.contains("andon hold list") == true && detail?.contains("are not kept") == true)

        // Nothing that makes no order is kept now, and the record says so; an order's picture is.
        let dust = try await report(bench, 21, "dust")
        #expect(!dust.isPictureKept && dust.inspection.pictureRemovedAt != nil)
        let digest = try #require(dust.inspection.picture)
        #expect(try bench.removal(digest)?.reason == .notKept)
        let entries = try bench.store.readNow { try $0.ledgerEntries(of: "r-21").map(\.kind) }
        #expect(entries == ["inspection.accepted", "picture.not-kept"])
        let joined = try await report(bench, 22, "order")
        #expect(joined.isPictureKept)
        #expect(try bench.files() == [digests[2], digests[5], try #require(joined.inspection.picture)])
        // Bytes that are there for another reason are not counted twice, and so stay.
        #expect(try await bench.report("same", KeepingBench.png(2, padding: 50_000), defectClass: "dust").isPictureKept)

        // Room again: at once kept again, and the alarm goes.
        bench.disk.resize(10_000_000)
        #expect(try await bench.guardian.look().standing.state == .enough)
        #expect(try bench.alarms().isEmpty)
        #expect(try await report(bench, 23, "dust").isPictureKept)
        // The same bytes that were not kept come again.
        #expect(
            try await bench.report("r-21b", KeepingBench.png(1, padding: 50_002), defectClass: "dust").isPictureKept)
        #expect(try bench.rows().contains(digest) && bench.files().contains(digest) && bench.removal(digest) == nil)
        try await bench.sweeper.finish()
        #expect(try bench.files() == bench.rows())
        try bench.end()
    }

    @Test(
        "The alarm of a shortage stays for an hour after the last removal, and a search in vain is not repeated at once"
    )
    func calm() async throws {
        let bench = try KeepingBench()
        for number in 0..<4 { _ = try await report(bench, number, "dust") }
        bench.disk.resize(FakeDisk.used(bench.pictures.folder) + 90_000)
        #expect(try await bench.guardian.look().isNew)
        bench.time.advance(by: SpaceGuard.calmAfter - .seconds(1))
        #expect(try await bench.guardian.look().standing.state == .shedding)
        #expect(try bench.alarms() == ["disk-space"])
        bench.time.advance(by: .seconds(1))
        #expect(try await bench.guardian.look().standing.state == .enough)
        #expect(try bench.alarms().isEmpty)

        let hold = try await bench.store.write { try $0.place(.asset("PRESS-07"), by: "A", reason: "b") }
        bench.disk.resize(0)
        #expect(try await bench.guardian.look().standing.state == .exhausted)
        let left = try bench.files()
        _ = try await bench.store.write { try $0.releaseHold(hold.id, by: "A", reason: "c") }
        #expect(try await bench.guardian.look().isNew == false)
        #expect(try bench.files() == left)
        bench.time.advance(by: SpaceGuard.searchAgainAfter)
        try await bench.guardian.look()
        #expect(try bench.files().isEmpty)
        try bench.end()
    }

    @Test("The limit is the smaller of bytes and share, and zero bytes are none")
    func limit() {
        let disk = DiskSpace(free: 0, total: 1000)
        #expect(FreeSpaceLimit(bytes: 300, share: 0.1).bytes(of: disk) == 100)
        #expect(FreeSpaceLimit(bytes: 50, share: 0.1).bytes(of: disk) == 50)
        #expect(FreeSpaceLimit(bytes: 0, share: 0.1).bytesToReach(on: disk) == 0)
        let own = DiskSpace.gauge(of: "/")()
        #expect((own?.free ?? 0) > 0 && (own?.total ?? 0) >= (own?.free ?? 0))
        #expect(DiskSpace.gauge(of: "/not/there")() == nil)
    }

    @Test(
        "On a disk that is really full reports are taken without a picture, and orders are refused until there is room")
    func realDisk() async throws {
        let bench = try KeepingBench()
        let folder = bench.folder.path + "/pictures"
        let mount = URL(fileURLWithPath: "/bin/mount")
        guard
            try await runProgram(mount, ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).status == 0
        else {
            print("no tmpfs can be mounted here: a full disk is not tried")
            return
        }
        defer { _ = try? Process.run(URL(fileURLWithPath: "/bin/umount"), arguments: [folder]).waitUntilExit() }
        try bench.restart()
        let ballast = folder + "/incoming/ballast"
        try Data(repeating: 1, count: 1_500_000).write(to: URL(fileURLWithPath: ballast))
        let large = KeepingBench.png(1, padding: 1_040_000)
        let dust = try await bench.report("dust", large, defectClass: "dust")
        #expect(!dust.isPictureKept)
        #expect(try bench.removal(try #require(dust.inspection.picture))?.reason == .notKept)
        let refusal = await #expect(throws: Problem.self) {
            try await bench.report("order", large, defectClass: "order")
        }
        #expect(refusal?.status == 503 && refusal?.type == "disk-full")
        #expect(try await bench.store.read { try $0.inspection("order") } == nil)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/incoming")
        #expect(try names == ["ballast"] && bench.files().isEmpty)
        try FileManager.default.removeItem(atPath: ballast)
        let order = try await bench.report("order", large, defectClass: "order")
        #expect(try order.isPictureKept && bench.files().count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: try #require(FakeDisk.files(folder).first))) == Data(large))
        try bench.end()
    }
}
