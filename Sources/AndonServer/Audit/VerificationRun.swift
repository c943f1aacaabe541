import AndonLedger
import AndonModel
import Dispatch
import Foundation
import Logging
import Synchronization

/// The verification of the whole ledger beside the running server: one at a time, on a thread of its own.
final class VerificationRun: Sendable {
    /// How far it is, or what the last one found.
    enum State: Sendable {
        case never
        /// `of` is 0 until the first entries were read.
        case running(Running)
        case ended(Outcome)
    }

    struct Running: Sendable {
        var by: String
        var startedAt: Timestamp
        /// False while the entries are read, true while the tables are held against them.
        var isOfFacts = false
        var done: Int64 = 0
        var of: Int64 = 0
    }

    struct Outcome: Sendable {
        var by: String
        var startedAt: Timestamp
        var endedAt: Timestamp
        var entries: Int64
        /// Hexadecimal; nil where a fault was found before the end.
        var root: String?
        var checkpoints: Int
        var cosignatures: Int
        var withheld: Int
        /// Rows of the tables that are what their entries say.
        var rows: Int
        /// In words, the first one first; empty when everything is whole.
        var faults: [String]
    }

    private let store: Store
    private let logger: Logger
    private let state = Mutex(State.never)
    private static let queue = DispatchQueue(label: "andon.verification", qos: .utility)

    init(_ store: Store, logger: Logger) { (self.store, self.logger) = (store, logger) }

    var standing: State { state.withLock { $0 } }

    /// - Returns: false when one is under way.
    func start(by person: String) -> Bool {
        let running = Running(by: person, startedAt: store.time.now())
        let starts = state.withLock { state in
            if case .running = state { return false }
            state = .running(running)
            return true
        }
        guard starts else { return false }
        Self.queue.async { self.run(running) }
        return true
    }

    private func run(_ running: Running) {
        var outcome = Outcome(
            by: running.by, startedAt: running.startedAt, endedAt: running.startedAt, entries: 0, root: nil,
            checkpoints: 0, cosignatures: 0, withheld: 0, rows: 0, faults: [])
        do {
            try store.readNow { reader in try verify(reader, &outcome) }
        } catch {
            logger.error("the ledger could not be verified", metadata: ["error": "\(error)"])
            outcome.faults.append("It could not be read to its end: \(error)")
        }
        outcome.endedAt = store.time.now()
        state.withLock { [outcome] in $0 = .ended(outcome) }
        Task { [store, outcome, logger] in
            do {
                try await store.write { transaction in try Self.record(outcome, transaction) }
            } catch {
                logger.error("a verification could not be written down", metadata: ["error": "\(error)"])
            }
        }
    }

    private func verify(_ reader: Reader, _ outcome: inout Outcome) throws {
        var request = VerificationRequest()
        // The server goes on serving.
        request.workers = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)
        let result = try reader.verifyLedger(request, progress: { note($0, of: $1, isOfFacts: false) })
        outcome.entries = result.entries
        outcome.root = result.root
        (outcome.checkpoints, outcome.cosignatures) = (result.checkpoints, result.cosignatures)
        outcome.withheld = result.withheld
        if let fault = result.fault {
            outcome.faults.append("First altered entry: \(fault.index). \(fault.reason).")
            // What the entries say is of use only where they are what was written.
            return
        }
        let facts = try reader.verifyFacts { note($0, of: $1, isOfFacts: true) }
        outcome.rows = facts.rows
        outcome.faults += facts.faults.map(\.description)
    }

    private func note(_ done: Int64, of total: Int64, isOfFacts: Bool) {
        state.withLock { state in
            guard case .running(var running) = state else { return }
            (running.done, running.of, running.isOfFacts) = (done, total, isOfFacts)
            state = .running(running)
        }
    }

    private static func record(_ outcome: Outcome, _ transaction: Transaction) throws {
        try transaction.record(
            "ledger.verified", of: "ledger",
            .object(present: [
                "entries": .integer(outcome.entries), "root": outcome.root.map { .string($0) },
                "whole": .bool(outcome.faults.isEmpty), "faults": .integer(outcome.faults.count),
                "by": .string(outcome.by),
            ]), names: ["/by"])
    }

    /// For the page's script.
    var json: JSON {
        switch standing {
        case .never: ["state": "never"]
        case .running(let running):
            [
                "state": "running", "done": .integer(running.done), "of": .integer(running.of),
                "facts": .bool(running.isOfFacts),
            ]
        case .ended(let outcome): ["state": "ended", "whole": .bool(outcome.faults.isEmpty)]
        }
    }
}
