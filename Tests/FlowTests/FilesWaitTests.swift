import AndonIntake
import AndonLedger
import AndonModel
import Testing

@Suite("New orders go before the files of earlier ones")
struct FilesWaitTests {
    private static func picture(_ number: Int) -> Picture {
        Picture(sha256: Hex.sha256(Array("\(number)".utf8)), bytes: 100, mediaType: .png)
    }

    /// Orders with a picture each, of which all files wait at the gate or behind it.
    private static func burst(_ harness: Harness, _ count: Int) async throws {
        for number in 0..<count {
            _ = try await harness.report("burst-\(number)", asset: "ASSET-\(number)", picture: picture(number))
        }
    }

    private static func reference(_ accepted: Accepted) throws -> Reference {
        try #require(accepted.detections.first?.reference)
    }

    @Test(
        "With every file stuck in the CMMS, a new order still goes out, also of an asset whose files wait",
        arguments: [2, 4])
    func placeLeft(_ places: Int) async throws {
        let gate = Gate()
        let harness = try await Harness(gate: gate, maxInFlight: places)
        try await Self.burst(harness, 12)
        try await harness.until("all orders are there, and no more files have left than may") { reader in
            try reader.count("SELECT COUNT(*) FROM outbox WHERE effect = 'create' AND state <> 'done'") == 0
                && reader.count("SELECT COUNT(*) FROM outbox WHERE effect = 'attach' AND state = 'sending'")
                    == places - 1
        }
        let waiting = try await harness.store.read { reader in
            try (0..<12).map { "ASSET-\($0)" }.first { asset in
                try reader.count(
                    "SELECT COUNT(*) FROM outbox WHERE state = 'pending' AND ordering_key = 'asset:\(asset)'") > 0
            }
        }
        let asset = try #require(waiting)
        for new in ["NEW", asset] {
            let reference = try Self.reference(try await harness.report("new-\(new)", asset: new, defects: 3))
            try await harness.until("the order of \(new) is out while all files wait") {
                try $0.order(reference)?.delivery == .acknowledged
            }
        }
        let done = await gate.done
        #expect(done.allSatisfy { $0 == .create })
        await gate.open()
        try await harness.until("all is done") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        let books = harness.cmms.kept
        #expect(books.files.count == 12 && Set(books.orders).count == books.orders.count)
        try await harness.end()
    }

    @Test("With a single place, a new order is the next but one at the latest")
    func onePlace() async throws {
        let gate = Gate()
        let harness = try await Harness(gate: gate, maxInFlight: 1)
        try await Self.burst(harness, 12)
        // Orders go before files; the gate has the first file once they are all out.
        while await gate.isBefore(12) {
            await gate.letOne()
            try await harness.store.time.sleep(for: .milliseconds(2))
        }
        _ = try await harness.report("new", asset: "NEW")
        let before = await gate.done.count
        let orders = await gate.done.filter { $0 == .create }.count
        #expect(orders == 12)
        while await gate.done.count < before + 3 {
            await gate.letOne()
            try await harness.store.time.sleep(for: .milliseconds(2))
        }
        let done = await gate.done
        #expect(done[before..<before + 3].contains(.create), "\(done)")
        await gate.open()
        try await harness.until("all is done") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        try await harness.end()
    }
}
