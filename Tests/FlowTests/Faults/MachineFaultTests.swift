import AndonModel
import AndonTesting
import Foundation
import Testing

/// Faults of a real file system and a real limit of memory, where the tests may make them (as root). Counted as in `FaultTests`,
/// where a library stands between the server and the system instead.
@Suite(
    "Faults of the machine", .serialized, .disabled(if: TestDatabase.isPostgres, "of SQLite's disk"),
    .disabled(if: FaultControl.compiler == nil, "there is no C compiler to make the plant's library with"))
struct MachineFaultTests {
    @Test(
        "A file system without room refuses, loses nothing, and goes on when there is room",
        .enabled("a file system can be mounted") { await RealDisk.isPossible() })
    func full() async throws {
        let plant = try await FaultPlant()
        let disk = try await RealDisk(at: plant.plant.path("data"), mebibytes: 64)
        var row = FaultRow(name: "the disk is full (ext4)")
        let server = try plant.start()
        let client = TestClient(server.address)
        for _ in 0..<FaultTests.times {
            try await plant.load(server) { try disk.fill() }
            // The log has room of its own until it is folded, or grows.
            let isRefused = try await eventually(within: .seconds(60)) {
                await plant.plant.reports.send(to: server.address, atMost: 1)
                let ready = try await client.get("/readyz")
                return ready.status == 503 && ready.json["type"]?.string?.contains("disk-full") == true
            }
            #expect(isRefused)
            try disk.makeRoom()
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
        disk.remove()
    }

    @Test(
        "A file system that turns read-only is not answered over, and has all that was answered when it is back",
        .enabled("a file system can be mounted") { await RealDisk.isPossible() })
    func readOnly() async throws {
        let plant = try await FaultPlant()
        let disk = try await RealDisk(at: plant.plant.path("data"), mebibytes: 64)
        var row = FaultRow(name: "the disk turns read-only (ext4, its journal aborted)")
        var server = try plant.start()
        for _ in 0..<FaultTests.times {
            try await plant.load(server) { try await disk.turnReadOnly() }
            let before = plant.plant.reports.answered.count
            for _ in 0..<5 { await plant.plant.reports.send(to: server.address, atMost: 1) }
            #expect(plant.plant.reports.answered.count == before, "answered without being kept")
            #expect(try await TestClient(server.address).get("/readyz").status == 503)
            server.kill()
            try await disk.repair()
            try await plant.restart(&server, &row)
        }
        try await plant.count(server, &row)
        disk.remove()
    }

    @Test(
        "A process that the system ends for want of memory loses nothing",
        .enabled(if: MemoryGroup.isPossible, "a group with a limit of memory can be made"))
    func memory() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "no more memory (cgroup), ended by the system")
        var server = try plant.start()
        for _ in 0..<FaultTests.times {
            let group = try MemoryGroup(bytesMax: 2 << 20)
            try await plant.load(server) { [server] in try group.add(server.identifier) }
            let hasEnded = try await eventually(within: .seconds(60)) { [server] in
                await plant.plant.reports.send(to: server.address, atMost: 20)
                return !server.isRunning
            }
            #expect(hasEnded)
            try await plant.restart(&server, &row)
        }
        try await plant.count(server, &row)
    }
}
