import AndonModel
import AndonTesting
import Foundation
import Testing

/// Real faults against the real server under load. After each, both sides are counted: nothing that was answered is lost, and
/// nothing is in the CMMS twice.
///
/// `ANDON_FAULTS_TIMES` sets how often each is done (2 here, more by `make faults`).
@Suite(
    "Faults below the server", .serialized,
    .disabled(if: TestDatabase.isPostgres, "of SQLite's disk"),
    .disabled(if: FaultControl.compiler == nil, "there is no C compiler to make the faults with"))
struct FaultTests {
    static let times = ProcessInfo.processInfo.environment["ANDON_FAULTS_TIMES"].flatMap { Int($0) } ?? 2

    @Test("A sync that fails once is fatal: nothing more is answered until a restart has read what is on the disk")
    func sync() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "fsync fails once (EIO)")
        var server = try plant.start()
        for _ in 0..<Self.times {
            let done = plant.control.done
            try await plant.load(server) { try plant.control.failSyncs(1) }
            #expect(plant.control.done > done)
            let ready = try await TestClient(server.address).get("/readyz")
            #expect(ready.status == 503 && ready.json["type"]?.string?.contains("not-durable") == true, "\(ready.text)")
            let before = plant.plant.reports.answered.count
            for _ in 0..<5 { await plant.plant.reports.send(to: server.address, atMost: 1) }
            #expect(plant.plant.reports.answered.count == before, "answered although nobody knows what is on the disk")
            try plant.control.failSyncs(0)
            try await plant.restart(&server, &row)
        }
        try await plant.count(server, &row)
    }

    @Test("A picture whose sync fails is not kept, and its report is refused; the next one is taken")
    func picture() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "fsync of a picture fails (EIO)")
        let server = try plant.start()
        for _ in 0..<Self.times {
            let done = plant.control.done
            try await plant.load(server) { try plant.control.failFileSyncs(3) }
            #expect(plant.control.done > done)
            try plant.control.failFileSyncs(0)
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
    }

    @Test("A disk that takes 200 ms for each sync makes it slow, and nothing else")
    func slow() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "slow disk (each fsync 200 ms longer)")
        let server = try plant.start()
        for _ in 0..<Self.times {
            let done = plant.control.done
            try await plant.load(server, reports: 16) { try plant.control.delaySyncs(200) }
            #expect(plant.control.done > done)
            try plant.control.delaySyncs(0)
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
    }

    @Test(
        "A file system that is read-only, or that refuses, is not answered over; after a restart it goes on",
        arguments: [EROFS, EIO])
    func refuses(error: Int32) async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: error == EROFS ? "the disk turns read-only (EROFS)" : "the disk refuses writes (EIO)")
        var server = try plant.start()
        for _ in 0..<Self.times {
            let done = plant.control.done
            try await plant.load(server) { try plant.control.failWrites(error) }
            let before = plant.plant.reports.answered.count
            for _ in 0..<5 { await plant.plant.reports.send(to: server.address, atMost: 1) }
            #expect(plant.control.done > done)
            #expect(plant.plant.reports.answered.count == before, "answered without being kept")
            #expect(try await TestClient(server.address).get("/readyz").status == 503)
            try plant.control.failWrites(0)
            try await plant.restart(&server, &row)
        }
        try await plant.count(server, &row)
    }

    @Test("A full disk refuses, and goes on by itself when there is room")
    func full() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "the disk is full (ENOSPC)")
        let server = try plant.start()
        for _ in 0..<Self.times {
            let done = plant.control.done
            try await plant.load(server) { try plant.control.failWrites(ENOSPC) }
            let before = plant.plant.reports.answered.count
            for _ in 0..<5 { await plant.plant.reports.send(to: server.address, atMost: 1) }
            #expect(plant.control.done > done)
            #expect(plant.plant.reports.answered.count == before, "answered without being kept")
            try plant.control.failWrites(0)
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
    }

    @Test("A wall clock that jumps by an hour, or by a day, and back changes nothing")
    func clock() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "the clock jumps (hour, day, back)")
        let server = try plant.start()
        for round in 0..<Self.times {
            for seconds: Int64 in [3600, -3600, round.isMultiple(of: 2) ? 86_400 : -86_400, 0] {
                try await plant.load(server, reports: 16) { try plant.control.moveClock(seconds) }
                row.recovery.append(try await plant.untilServed(server))
                row.times += 1
            }
        }
        try await plant.count(server, &row)
    }

    @Test(
        "A process without free file descriptors refuses, or ends as by SIGKILL, loses nothing, and goes on when there are some"
    )
    func descriptors() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "no file descriptor is free")
        var server = try plant.start()
        var ends = 0
        func limit(_ count: Int) async throws -> Bool {
            let set = try await runProgram(
                URL(fileURLWithPath: "/usr/bin/prlimit"), ["--pid", "\(server.identifier)", "--nofile=\(count):"])
            return set.status == 0
        }
        for _ in 0..<Self.times {
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.identifier)/fd").count
            try await plant.load(server) {
                let isSet = try await limit(open)
                #expect(isSet)
            }
            for _ in 0..<5 { await plant.plant.reports.send(to: server.address, atMost: 1) }
            // The system's threads are counted by files of the system: where libdispatch cannot open one, it ends the process.
            if try await limit(1024) {
                row.recovery.append(try await plant.untilServed(server))
                row.times += 1
            } else {
                #expect(!server.isRunning)
                ends += 1
                try await plant.restart(&server, &row)
            }
        }
        row.name += ", ended by it \(ends) times"
        try await plant.count(server, &row)
    }

    @Test(
        "A process that gets no more memory may end, and loses nothing",
        .enabled(if: ProcessInfo.processInfo.environment["ANDON_FAULTS_TIMES"] != nil, "it takes half a minute"))
    func memory() async throws {
        let plant = try await FaultPlant()
        var row = FaultRow(name: "no more memory (RLIMIT_AS)")
        var server = try plant.start()
        var ends = 0
        for _ in 0..<Self.times {
            let status = try String(contentsOfFile: "/proc/\(server.identifier)/status", encoding: .utf8)
            let size = status.firstMatch(of: /VmSize:\s+(\d+)/).flatMap { Int($0.1) } ?? 0
            try await plant.load(server) { [server] in
                let set = try await runProgram(
                    URL(fileURLWithPath: "/usr/bin/prlimit"), ["--pid", "\(server.identifier)", "--as=\(size * 1024):"])
                #expect(set.status == 0, "\(set.output)")
            }
            if !server.isRunning { ends += 1 }
            try await plant.restart(&server, &row)
        }
        row.name += ", ended by it \(ends) times"
        try await plant.count(server, &row)
    }
}
