import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite(
    "Object storage that fails",
    .enabled(if: !SharedS3.isMissing, Comment(rawValue: RealS3.missing)))
struct ObjectFaultTests {
    private static func prefix() -> String { "\(UUID().uuidString.lowercased())/" }

    private static func slowDown(_ status: Int = 503) -> StandInFault {
        .answer(
            status: status,
            body: "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
    }

    /// - Returns: the reason that the report was refused for.
    private static func refusal(_ bench: ObjectBench, _ id: String = "r-1") async -> String? {
        do {
            try await bench.report(id, KeepingBench.png(1))
        } catch StoreError.picturesAway(let reason) {
            return reason
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    private static func expectNothing(_ bench: ObjectBench, _ id: String = "r-1") async throws {
        #expect(try await bench.store.read { try $0.inspection(id) } == nil)
        #expect(try await bench.store.read { try $0.pictureTotals().kept } == 0)
        #expect(try bench.incoming().isEmpty)
    }

    @Test("A busy server, a broken one and an answer that is lost are asked again, and the picture is kept once")
    func again() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let faults = FaultPlan()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix, faults: faults))
        faults.queue(Self.slowDown(), .answer(status: 500), .dropBefore, nil)
        try await bench.report("r-1", KeepingBench.png(1))
        // It was kept, and the answer was lost: the next attempt finds it there.
        faults.queue(.dropAfter)
        try await bench.report("r-2", KeepingBench.png(2))
        #expect(try await server.keys(below: prefix).count == 2)
        // The same of reading.
        try await bench.forgetCopies()
        faults.queue(.dropAfter, Self.slowDown())
        let digest = Hex.sha256(KeepingBench.png(2))
        let picture = try #require(try await bench.store.read { try $0.picture(digest) })
        #expect(try await bench.pictures.bytes(of: picture) == KeepingBench.png(2))
        #expect(try await bench.audit().isWhole)
    }

    @Test(
        "A server that stays busy for as long as a picture may take refuses the report, clearly and with nothing kept")
    func busy() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let faults = FaultPlan()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix, faults: faults, time: LeapingTime()))
        faults.byChance(percent: 100, seed: 1, [Self.slowDown()])
        let reason = await Self.refusal(bench)
        #expect(reason?.contains("503 SlowDown, Please reduce your request rate.") == true, "\(reason ?? "")")
        try await Self.expectNothing(bench)
        #expect(try await server.keys(below: prefix).isEmpty)
        faults.clear()
        try await bench.report("r-1", KeepingBench.png(1))
        #expect(try await bench.audit().isWhole)
    }

    @Test(
        "A server that knows no conditional writes gets plain ones, and one that is full has no picture and its report")
    func older() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let faults = FaultPlan()
        let bench = try ObjectBench(S3Objects.test(server, prefix: prefix, faults: faults))
        faults.queue(.answer(status: 501, body: "<Error><Code>NotImplemented</Code></Error>"))
        try await bench.report("r-1", KeepingBench.png(1))
        try await bench.report("r-2", KeepingBench.png(1))
        #expect(try await server.keys(below: prefix).count == 1)
        #expect(try await bench.audit().isWhole)
        // As on a full disk: a report that makes no order goes in without its picture.
        faults.queue(.answer(status: 507, body: "<Error><Code>XMinioStorageFull</Code></Error>"))
        let accepted = try await bench.report("r-3", KeepingBench.png(3))
        #expect(!accepted.isPictureKept)
        #expect(try await bench.audit().kept.count == 1)
        #expect(try bench.incoming().isEmpty)
    }

    @Test("A wrong key, a wrong secret and a bucket that is not there are refused with what to do")
    func wrong() async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let key = try ObjectBench(S3Objects.test(server, prefix: prefix, accessKey: "AKIANOBODY0000000000"))
        let secret = try ObjectBench(S3Objects.test(server, prefix: prefix, secretKey: "wrong"))
        let bucket = try ObjectBench(S3Objects.test(server, prefix: prefix, bucket: "not-there"))
        for (bench, words) in [
            (key, ["403 InvalidAccessKeyId", "check server.pictures.accessKey"]),
            (secret, ["403 SignatureDoesNotMatch", "check server.pictures.secretKey"]),
            (bucket, ["404 NoSuchBucket", "make the bucket not-there"]),
        ] {
            let reason = await Self.refusal(bench) ?? ""
            for word in words { #expect(reason.contains(word), "\(reason)") }
            #expect(!reason.contains(server.secretKey))
            try await Self.expectNothing(bench)
        }
        #expect(try await server.keys(below: prefix).isEmpty)
    }

    @Test("What is no S3 server, and an address that nobody listens at, are told apart from an empty bucket")
    func other() async throws {
        let server = try SharedS3.server.get()
        let page = try await StandInServer { _ in .answer(status: 200, body: Array("<html></html>".utf8)) }
        await #expect(throws: StoreError.self) {
            try await S3Objects.test(server, prefix: "", port: page.port, timeout: .milliseconds(500)).probe()
        }
        try await page.stop()
        await #expect(throws: StoreError.self) {
            try await S3Objects.test(server, prefix: "", port: page.port, timeout: .milliseconds(500)).probe()
        }
        try await S3Objects.test(server, prefix: "").probe()
    }

    @Test("A server that says nothing is given up after its time")
    func silent() async throws {
        let server = try SharedS3.server.get()
        let silence = try await StandInServer { _ in .hang }
        let bench = try ObjectBench(
            S3Objects.test(server, prefix: Self.prefix(), port: silence.port, timeout: .milliseconds(400)))
        let reason = await Self.refusal(bench)
        #expect(reason?.contains("no answer") == true, "\(reason ?? "")")
        try await Self.expectNothing(bench)
        try await silence.stop()
    }

    @Test(
        "A line that is cut while pictures are on it: what was answered is there, what was refused can come again",
        arguments: 1...2)
    func cut(seed: Int) async throws {
        let server = try SharedS3.server.get()
        let prefix = Self.prefix()
        let relay = try await CuttableRelay(to: server.port)
        let bench = try ObjectBench(
            S3Objects.test(server, prefix: prefix, port: relay.port, timeout: .seconds(8)))
        // What is looked at afterwards goes by another line, and has time.
        let after = try ObjectBench(S3Objects.test(server, prefix: prefix), store: bench.store)
        var random = SeededRandom(seed: UInt64(seed))
        var (answered, refused): ([String], [String]) = ([], [])
        for round in 0..<6 {
            let pause = random.int(0...40)
            let isLast = round == 5
            if isLast { relay.part() }
            await withTaskGroup(of: (String, Bool)?.self) { group in
                for number in 0..<6 {
                    let id = "\(round)-\(number)"
                    let bytes = KeepingBench.png(round * 10 + number, padding: 300_000)
                    group.addTask {
                        do {
                            try await bench.report(id, bytes)
                            return (id, true)
                        } catch StoreError.picturesAway {
                            return (id, false)
                        } catch {
                            Issue.record("\(error), seed \(seed)")
                            return nil
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<3 where !isLast {
                        try? await bench.store.time.sleep(for: .milliseconds(pause))
                        relay.cut()
                    }
                    return nil
                }
                for await outcome in group {
                    guard let (id, isAnswered) = outcome else { continue }
                    if isAnswered { answered.append(id) } else { refused.append(id) }
                }
            }
        }
        print("object storage cut: \(answered.count) answered, \(refused.count) refused, seed \(seed)")
        #expect(!answered.isEmpty && refused.count >= 6 && bench.store.failure == nil)
        let whole = try await after.audit()
        #expect(whole.isWhole && whole.kept.count == answered.count, "seed \(seed): \(whole)")
        for id in refused {
            let parts = id.split(separator: "-").compactMap { Int($0) }
            let bytes = KeepingBench.png(parts[0] * 10 + parts[1], padding: 300_000)
            #expect(try await !after.report(id, bytes).isRepeated, "\(id)")
        }
        let end = try await after.audit()
        #expect(end.isWhole && end.orphanCount.count == 0 && end.kept.count == 36)
        #expect(try bench.incoming().isEmpty && after.incoming().isEmpty)
        await relay.close()
    }
}
