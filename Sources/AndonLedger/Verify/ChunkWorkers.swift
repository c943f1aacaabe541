import AndonSQL
import Dispatch
import Foundation
import Synchronization

/// Reads the chunks of a ledger, each on whatever worker is free, and hands out what they found in the chunks' order.
/// A few chunks ahead at most, so that memory does not grow with the ledger.
final class ChunkWorkers: Sendable {
    private struct State {
        var next = 0
        var done: [Int: Result<ChunkFindings, any Error>] = [:]
        var failure: (any Error)?
        var isStopped = false
    }

    private let readers: any DatabaseReaders
    private let plan: ChunkPlan
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    private let arrived = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()

    /// Begins to read at once.
    ///
    /// - Parameter readers: each worker has one of them.
    init(_ readers: any DatabaseReaders, _ plan: ChunkPlan, workers: Int) {
        self.readers = readers
        self.plan = plan
        // Not its initial value: a semaphore may not end below that.
        for _ in 0..<4 * workers { room.signal() }
        // Threads of their own: they wait for each other, and for the disk.
        for _ in 0..<workers {
            ended.enter()
            Thread {
                self.work()
                self.ended.leave()
            }.start()
        }
    }

    /// What the chunk has; each is asked for once, in order.
    func findings(_ chunk: Int) throws -> ChunkFindings {
        while true {
            let found = try state.withLock { state -> Result<ChunkFindings, any Error>? in
                if let failure = state.failure { throw failure }
                return state.done.removeValue(forKey: chunk)
            }
            if let found {
                room.signal()
                return try found.get()
            }
            arrived.wait()
        }
    }

    /// Returns when no worker reads any more.
    func stop() {
        state.withLock { $0.isStopped = true }
        room.signal()
        ended.wait()
    }

    private func work() {
        do {
            // One snapshot for all of its chunks.
            try readers.read { db in
                let reader = try ChunkReader(Reader(db: db), level: plan.level)
                while let chunk = take() {
                    let found = Result { try reader.read(plan[chunk], before: chunk == 0 ? plan.before : []) }
                    state.withLock { $0.done[chunk] = found }
                    arrived.signal()
                }
            }
        } catch {
            state.withLock { $0.failure = error }
            arrived.signal()
        }
    }

    private func take() -> Int? {
        room.wait()
        let chunk = state.withLock { state -> Int? in
            guard !state.isStopped, state.next < plan.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
        // The others want to know it too.
        if chunk == nil { room.signal() }
        return chunk
    }
}

/// How the entries of a ledger are divided: at the multiples of 2^level.
struct ChunkPlan: Sendable {
    var level: Int
    /// Entries that are read.
    var range: Range<Int64>
    /// Peaks of the first chunk's entries before them.
    var before: [[UInt8]]

    var count: Int {
        range.isEmpty ? 0 : Int(((range.upperBound - 1) >> Int64(level)) - (range.lowerBound >> Int64(level)) + 1)
    }

    subscript(chunk: Int) -> Range<Int64> {
        let start = ((range.lowerBound >> Int64(level)) + Int64(chunk)) << Int64(level)
        return max(start, range.lowerBound)..<min(start + (1 << Int64(level)), range.upperBound)
    }
}
