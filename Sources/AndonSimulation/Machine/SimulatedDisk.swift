import CSimulatedDisk

/// The disk of a simulated machine, below SQLite.
// The C part has no locks of its own: one thread uses a disk, that of its world's schedule.
final class SimulatedDisk: @unchecked Sendable {
    enum Call: Sendable {
        case write
        case sync

        var mask: Int32 {
            switch self {
            case .write: Int32(SIMULATED_WRITE)
            case .sync: Int32(SIMULATED_SYNC)
            }
        }
    }

    struct TooMany: Error {}

    private let disk: OpaquePointer

    /// - Parameter original: whose files it begins with.
    init(seed: UInt64, original: SimulatedDisk? = nil) throws {
        guard let disk = simulated_disk_make(original?.disk, seed) else { throw TooMany() }
        self.disk = disk
    }

    deinit { simulated_disk_free(disk) }

    /// Of a file, for the process that runs now.
    func path(_ name: String) -> String { String(cString: simulated_disk_path(disk, name)) }

    func die(atCall calls: Int, isBehind: Bool) { simulated_disk_die_at(disk, Int32(calls), isBehind ? 1 : 0) }

    var isDead: Bool { simulated_disk_is_dead(disk) != 0 }

    /// SQLite's codes: SQLITE_FULL is 13, SQLITE_IOERR_WRITE 778, SQLITE_IOERR_FSYNC 1034.
    func fail(_ call: Call, atCall calls: Int, times: Int = 1) {
        simulated_disk_fail(disk, call.mask, Int32(calls), Int32(times), call == .sync ? 1034 : 778)
    }

    func setFull(_ isFull: Bool) { simulated_disk_set_full(disk, isFull ? 1 : 0) }

    func setLying(_ isLying: Bool) { simulated_disk_set_lying(disk, isLying ? 1 : 0) }

    /// Nothing that was to fail or to die does.
    func heal() {
        simulated_disk_fail(disk, 0, 0, 0, 0)
        if !isDead { simulated_disk_die_at(disk, 0, 0) }
    }

    var failed: Int { Int(simulated_disk_failed(disk)) }

    /// All handles are dead behind it, and with a power cut what was not synced is kept, lost or torn.
    ///
    /// - Returns: changes that were lost or torn.
    @discardableResult
    func restart(isPowerCut: Bool) -> Int {
        let loss = simulated_disk_restart(disk, isPowerCut ? 1 : 0)
        return Int(loss.dropped + loss.torn)
    }
}
