import AndonLedger
import AndonModel
import AndonSQL
import Foundation
import Synchronization

/// Runs plans, each in a world of its own.
public final class Simulation: Sendable {
    private let original: SimulatedDisk
    private let folders: Mutex<[String]>
    private let root: String
    private let made = Mutex(0)

    /// Makes the disk that each world begins with: a store with no report in it.
    ///
    /// - Parameter folder: for pictures; best in memory. It is made, and goes with the simulation.
    public init(folder: String) throws {
        root = folder
        folders = Mutex([])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let disk = try SimulatedDisk(seed: 1)
        let schedule = Schedule(seed: 1)
        let life = Life()
        let time = ProcessTime(schedule: schedule, clock: WallClock(), life: life)
        let engine = try SimulatedEngine(
            path: disk.path("andon.sqlite"), schedule: schedule, life: life,
            database: SimulatedDatabase(schedule: schedule),
            hooks: .init(latency: { .zero }, beforeCommit: nil, written: { _ in }))
        let store = try Store(folder: folder, engine: engine, time: time, random: SystemRandom())
        // Its clean end folds the log into the database.
        try store.close()
        disk.restart(isPowerCut: false)
        original = disk
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Runs a seed's plan.
    public func run(seed: UInt64, mutant: Mutant? = nil, isTraced: Bool = false) throws -> Run {
        try run(Plan(seed: seed), mutant: mutant, isTraced: isTraced)
    }

    public func run(_ plan: Plan, mutant: Mutant? = nil, isTraced: Bool = false) throws -> Run {
        let folder = try borrowFolder()
        defer { giveBack(folder) }
        return try World(plan, mutant: mutant, folder: folder, original: original, isTraced: isTraced).live()
    }

    // MARK: Folders, one for each world that lives at the same time

    private func borrowFolder() throws -> String {
        if let folder = folders.withLock({ $0.popLast() }) { return folder }
        let number = made.withLock { made in
            made += 1
            return made
        }
        let folder = "\(root)/\(number)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func giveBack(_ folder: String) {
        let pictures = "\(folder)/pictures"
        for shelf in (try? FileManager.default.contentsOfDirectory(atPath: pictures)) ?? [] {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: "\(pictures)/\(shelf)")) ?? [] {
                try? FileManager.default.removeItem(atPath: "\(pictures)/\(shelf)/\(file)")
            }
        }
        folders.withLock { $0.append(folder) }
    }
}
