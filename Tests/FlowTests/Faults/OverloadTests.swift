import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// What a server took up while it was overloaded.
private struct Footprint: Sendable {
    var filesMax = 0
    var bytesMax = 0
}

/// Ten times as much as the server can do, by senders that do not wait for each other: on a disk that is slow, where most of
/// them find no room; and on one that is fast, where the processor is what there is too little of, and some wait to be heard.
@Suite(
    "More than can be done", .serialized,
    .disabled(if: TestDatabase.isPostgres, "of SQLite's disk"),
    .disabled(if: FaultControl.compiler == nil, "there is no C compiler to make the disk slow with"))
struct OverloadTests {
    /// Reports at once, and bytes of pictures that arrive.
    private static let (underWay, arriving) = (16, 8_000_000)
    private static let intake = """
        intake:
          underWayMax: \(underWay)
          pictureBytesMax: 1MB
          bodyBytesMax: 100KB
          underWayBytesMax: 8MB
          arrivingBytesMax: \(arriving)

        """
    /// What more memory overload may take than the load that can be done: connections, and what they send.
    private static let moreMemory = 128 << 20

    @Test(
        "Ten times the load: refused in time, nothing accepted is lost, nothing refused is there, and then it goes on",
        arguments: [
            ("ten times what a slow disk takes, a connection for each report", 200, false),
            ("ten times what the processor does, a connection for each report", 0, false),
            ("ten times what the processor does, connections that stay", 0, true),
        ] as [(String, Int32, Bool)])
    func overload(name: String, syncDelay: Int32, keepsConnection: Bool) async throws {
        let plant = try await BackupPlant(connector: "    picturesPerOccurrenceNote: 0\n", further: Self.intake)
        let control = try await FaultControl(in: plant.folder.path, data: plant.path("data"))
        let server = try plant.start(environment: control.environment)
        try control.delaySyncs(syncDelay)
        let usual = OverloadLoad("usual", port: server.port)
        await usual.send(senders: Self.underWay, seconds: 2)
        let sustainable = Double(usual.counts.taken.count) / usual.counts.lastAt
        #expect(usual.counts.taken.count == usual.counts.answers.count, "\(usual.counts.others)")
        let memory = try Self.memory(of: server)

        let flood = OverloadLoad("flood", port: server.port, keepsConnection: keepsConnection)
        let isOver = Mutex(false)
        let incoming = plant.path("data/pictures/incoming")
        let footprint = Task { try await Self.watch(incoming) { isOver.withLock { $0 } } }
        let health = Task { try await TestClient(server.address).get("/healthz").status }
        await flood.send(senders: 200, rate: 10 * sustainable, seconds: 2.5)
        #expect(try await health.value == 200)
        let recovery = try await Self.untilTaken(server)
        isOver.withLock { $0 = true }
        try control.delaySyncs(0)
        let more = try Self.memory(of: server) - memory
        let disk = try await footprint.value

        let counts = flood.counts
        #expect(counts.others.isEmpty, "\(counts.others.count), such as \(counts.others.prefix(3))")
        #expect(
            !counts.waits.isEmpty && counts.waits.allSatisfy { (1...60).contains($0) }, "\(counts.waits.prefix(20))")
        #expect(!counts.taken.isEmpty)
        #expect(more < Self.moreMemory, "the process had \(more) bytes more than under the load that it can do")
        #expect(disk.bytesMax <= Self.arriving && disk.filesMax <= Self.underWay, "\(disk)")
        let rates = String(
            format: "%.0f a second can be done, %.0f a second came", sustainable,
            Double(counts.answers.count) / counts.lastAt)
        print(
            "overload: \(name): \(rates), \(counts.taken.count) taken, \(counts.waits.count) told to come again in "
                + "\(counts.waits.min() ?? 0) to \(counts.waits.max() ?? 0) s, \(more >> 20) MiB more memory, "
                + "\(disk.filesMax) pictures (\(disk.bytesMax) bytes) arriving at once")
        var row = FaultRow(name: name, times: 1)
        row.recovery = [recovery]
        try await Self.count(plant, server, [usual.counts, counts], &row)
    }

    /// The highest that the memory of the process was, in bytes.
    private static func memory(of server: AndonProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(server.identifier)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }) * 1024
    }

    /// What lies in a folder at most, until `isOver`.
    private static func watch(_ folder: String, until isOver: @Sendable () -> Bool) async throws -> Footprint {
        var most = Footprint()
        while !isOver() {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let sizes = files.compactMap {
                try? FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.size] as? Int
            }
            most.filesMax = max(most.filesMax, sizes.count)
            most.bytesMax = max(most.bytesMax, sizes.reduce(0, +))
            try await SystemTime().sleep(for: .milliseconds(5))
        }
        return most
    }

    /// - Returns: how long it takes until the same process takes a report again, in seconds.
    private static func untilTaken(_ server: AndonProcess) async throws -> Double {
        let time = SystemTime()
        let start = time.uptime()
        let after = OverloadLoad("after", port: server.port)
        await after.send(senders: 1, rate: 10, seconds: 0.15)
        #expect(after.counts.taken == ["after-1"], "\(after.counts)")
        return (time.uptime() - start).seconds
    }

    /// Everything that was taken is in the store once with its picture, and at the CMMS; nothing else is.
    private static func count(
        _ plant: BackupPlant, _ server: AndonProcess, _ loads: [OverloadLoad.Counts], _ row: inout FaultRow
    ) async throws {
        try await plant.drain(server)
        try await server.stop()
        let orders = Set(plant.maximo.records.compactMap { $0.fields["externalrefid"]?.string })
        let taken = loads.reduce(into: Set()) { $0.formUnion($1.taken) }
        let store = try Store.reading(folder: plant.path("data"), time: SystemTime())
        defer { try? store.close() }
        let (lost, total, sum) = try store.readNow { reader in
            let lost = try taken.filter { id in
                guard let record = try reader.inspection(id), record.picture == OverloadLoad.digest(id) else {
                    return true
                }
                let references = try reader.detections(of: record).compactMap(\.reference)
                return references.isEmpty || !references.allSatisfy { orders.contains($0.text) }
                    || !FileManager.default.fileExists(atPath: picture(OverloadLoad.digest(id), plant))
            }
            return (lost, try reader.count("SELECT COUNT(*) FROM inspection"), try reader.reconcile())
        }
        #expect(lost.isEmpty, "\(lost.prefix(5))")
        // The one that was sent when it was over is there as well.
        #expect(total == taken.count + 1, "what was refused is there")
        #expect(sum.holds && sum.waiting == 0 && sum.dead == 0, "\(sum.text)")
        plant.expectNothingTwice()
        (row.answered, row.orders, row.lost, row.twice) = (taken.count, orders.count, lost.count, plant.twice.count)
        try plant.expectWhole("data")
        let left = try FileManager.default.contentsOfDirectory(atPath: plant.path("data/pictures/incoming"))
        #expect(left.isEmpty, "\(left)")
        try await plant.standIn.stop()
        row.show()
    }

    private static func picture(_ digest: String, _ plant: BackupPlant) -> String {
        plant.path("data/pictures/\(digest.prefix(2))/\(digest).png")
    }
}
