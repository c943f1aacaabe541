import AndonModel
import AndonTesting
import Foundation
import Testing

/// What can go wrong below the server, as the preloaded library of `scripts/lib/faults.c` does it.
final class FaultControl: Sendable {
    private let path: String
    private let library: String
    private let folder: String

    static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/lib/faults.c").path

    /// Whether there is a compiler to make the library with.
    static let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// - Parameters:
    ///   - place: where the library and the control file go.
    ///   - data: the folder whose files the faults of writing are about.
    init(in place: String, data: String) async throws {
        (path, library, folder) = (place + "/control", place + "/faults.so", data)
        try Data(count: 64).write(to: URL(fileURLWithPath: path))
        let compiler = URL(fileURLWithPath: try #require(Self.compiler))
        let made = try await runProgram(
            compiler, ["-shared", "-fPIC", "-O1", "-o", library, Self.source, "-ldl"])
        #expect(made.status == 0, "\(made.output)")
    }

    var environment: [String: String] {
        ["LD_PRELOAD": library, "ANDON_FAULTS_CONTROL": path, "ANDON_FAULTS_FOLDER": folder]
    }

    private func put<Value: FixedWidthInteger>(_ value: Value, at place: UInt64) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: place)
        try file.write(contentsOf: withUnsafeBytes(of: value) { Data($0) })
        try file.close()
    }

    func failSyncs(_ count: Int32) throws { try put(count, at: 0) }
    func failFileSyncs(_ count: Int32) throws { try put(count, at: 24) }
    func delaySyncs(_ milliseconds: Int32) throws { try put(milliseconds, at: 4) }
    func moveClock(_ seconds: Int64) throws { try put(seconds, at: 8) }
    func failWrites(_ error: Int32) throws { try put(error, at: 16) }

    /// Faults that were done.
    var done: Int {
        let bytes = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(count: 64)
        return bytes[20..<24].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

/// A row of the table: what was done to a server under load, and what came of it.
struct FaultRow {
    var name: String
    var times = 0
    var answered = 0
    var orders = 0
    /// Answered with 202, and not there in the end.
    var lost = 0
    /// Orders, files and notes that the CMMS has more than once.
    var twice = 0
    /// Damage that a checksum found.
    var found = 0
    /// From the end of the fault until a report was answered again.
    var recovery: [Double] = []

    /// As `scripts/faults` gathers it.
    func show() {
        let sorted = recovery.sorted()
        let (median, most) = (sorted.isEmpty ? 0 : sorted[sorted.count / 2], sorted.last ?? 0)
        print(
            "FAULT | \(name) | \(times) | \(answered) | \(orders) | \(lost) | \(twice) | \(found) | "
                + String(format: "%.2f | %.2f", median, most))
    }
}

/// A real server, what goes wrong with it, and the count on both sides afterwards.
final class FaultPlant: Sendable {
    let plant: BackupPlant
    let control: FaultControl
    let time = SystemTime()

    init(
        server: String = "", connector: String = "", further: String = "", data: String? = nil,
        certificates: StandInServer.Certificates? = nil
    ) async throws {
        plant = try await BackupPlant(
            server: server, connector: connector, further: further, certificates: certificates)
        control = try await FaultControl(in: plant.folder.path, data: data ?? plant.path("data"))
        plant.maximo.faults.byChance(percent: 10, seed: 1, [.dropBefore, .dropAfter])
    }

    func start() throws -> AndonProcess { try plant.start(environment: control.environment) }

    /// Four senders; each goes on until a report of its own is not answered.
    func load(_ server: AndonProcess, reports: Int = 40, during fault: () async throws -> Void) async throws {
        let (sender, address) = (plant.reports, server.address)
        // Some are on their way when it begins.
        await sender.send(to: address, atMost: 8)
        let load = Task {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { await sender.send(to: address, atMost: reports / 4) } }
            }
        }
        try await fault()
        await load.value
    }

    /// Waits until a report is answered.
    ///
    /// - Returns: how long it took, in seconds.
    func untilServed(_ server: AndonProcess) async throws -> Double {
        let start = time.uptime()
        let before = plant.reports.answered.count
        let address = server.address
        let isBack = try await eventually(within: .seconds(60)) { [plant] in
            await plant.reports.send(to: address, atMost: 1)
            return plant.reports.answered.count > before
        }
        #expect(isBack, "it does not serve again")
        return (time.uptime() - start).seconds
    }

    /// Ends the server where it is, and starts another one, which serves.
    func restart(_ server: inout AndonProcess, _ row: inout FaultRow) async throws {
        let start = time.uptime()
        server.kill()
        server = try self.start()
        _ = try await untilServed(server)
        row.recovery.append((time.uptime() - start).seconds)
        row.times += 1
    }

    /// Everything that was accepted reaches the CMMS; then both sides are counted.
    func count(_ server: AndonProcess, _ row: inout FaultRow, data: String = "data") async throws {
        plant.maximo.faults.clear()
        try await plant.drain(server)
        try await server.stop()
        row.answered = plant.reports.answered.count
        row.lost = try plant.lost(data)
        row.twice = plant.twice.count
        row.orders = plant.maximo.records.count
        #expect(row.lost == 0 && row.twice == 0 && row.answered > 0, "\(row) \(plant.twice)")
        try plant.expectWhole(data)
        try await plant.standIn.stop()
        row.show()
    }
}
