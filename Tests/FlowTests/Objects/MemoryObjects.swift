import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization

/// Object storage in memory, over a network that delivers requests when it likes: a deletion, or a picture, may arrive long
/// after it was sent, as long as whoever sent it waits.
final class MemoryObjects: PictureObjects {
    private let kept = Mutex<[String: [UInt8]]>([:])
    private let random: Mutex<SeededRandom>
    let place = "memory:/"

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    private func dawdle() async {
        for _ in 0..<random.withLock({ $0.int(0...60) }) { await Task.yield() }
    }

    func put(_ name: ObjectName, _ picture: Picture, file path: String) async throws {
        await dawdle()
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StoreError.full("\(path) is not there")
        }
        kept.withLock { $0["\(name)"] = Array(data) }
        await dawdle()
    }

    func get(
        _ name: ObjectName, _ picture: Picture, to sink: (_ piece: [UInt8]) throws -> Void
    ) async throws -> Bool {
        await dawdle()
        guard let bytes = kept.withLock({ $0["\(name)"] }) else { return false }
        try sink(bytes)
        return true
    }

    func delete(_ name: ObjectName) async throws {
        await dawdle()
        kept.withLock { $0["\(name)"] = nil }
        await dawdle()
    }

    func probe() async throws {}

    func list(after place: String) async throws -> [ObjectListing] {
        let now = SystemTime().now()
        return kept.withLock { kept in
            kept.keys.sorted().drop { $0 <= place }.prefix(5).map {
                ObjectListing(place: $0, bytes: kept[$0]?.count ?? 0, writtenAt: now)
            }
        }
    }

    var names: Set<String> { kept.withLock { Set($0.keys) } }
}
