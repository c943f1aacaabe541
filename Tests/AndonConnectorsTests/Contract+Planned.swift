import AndonModel
import AndonTesting
import Synchronization
import Testing

extension Contract {
    /// A predictive order's date moves in the fields that its creation put it into, and nothing else of it changes.
    func movesThePlannedDate() async throws {
        let reference = Reference.fresh()
        var order = SampleOrder.make(reference.text, kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        guard connector.traits.reschedules else {
            await expect("refused") { try await connector.reschedule(order, remoteID: "1", over: wire) }
            return
        }
        let receipt = try await connector.perform(.create(order), over: wire)
        #expect(bench.plannedDate(reference) == order.scheduledAt, "the creation says when")
        if connector.traits.takesOccurrences {
            let note = Occurrence(
                reference: reference, count: 2, added: 1, lastSeenAt: wire.now(), worstSeverity: nil, priority: 1,
                timeZone: "UTC"
            ).note
            _ = try await connector.perform(.append(note, to: receipt.remoteID), over: wire)
        }
        let others = bench.facts(reference)
        #expect(others != .null, "the bench shows the rest of the record")
        // The year's first days and the hour of winter: what a calendar there may get wrong.
        order.scheduledAt = Timestamp("2027-01-01T00:15:00Z")
        let counting = CountingWire(wire)
        for _ in 0..<2 {
            counting.begin()
            try await connector.reschedule(order, remoteID: receipt.remoteID, over: counting)
            #expect(bench.plannedDate(reference) == order.scheduledAt)
            expectSame(bench.facts(reference), others)
        }
        #expect(bench.copies(reference) == 1)
        try await movesItThoughAnswersAreLost(order, receipt, exchanges: counting.count)
        expectSame(bench.facts(reference), others)
        try await keepsItsOwnNoteApart(reference, receipt)
        guard bench.seesRemoval else { return }
        bench.remove(reference)
        await expect("gone") { try await connector.reschedule(order, remoteID: receipt.remoteID, over: wire) }
    }

    /// Each exchange's answer in turn is lost after it was carried out; the attempt is simply made again.
    private func movesItThoughAnswersAreLost(
        _ order: WorkOrder, _ receipt: Receipt, exchanges: Int
    ) async throws {
        var order = order
        var wasDoneAndLost = false
        for position in 0..<exchanges {
            order.scheduledAt = order.scheduledAt.map { $0 + .seconds(86_400 * 30) }
            for _ in 0..<position { bench.faults.queue(nil) }
            bench.faults.queue(.dropAfter)
            do throws(ConnectorError) {
                try await connector.reschedule(order, remoteID: receipt.remoteID, over: wire)
            } catch {
                #expect(["answer-lost", "unreachable"].contains(error.name), "exchange \(position): \(error)")
                let isDone = bench.plannedDate(order.reference) == order.scheduledAt
                wasDoneAndLost = wasDoneAndLost || (isDone && error.name == "answer-lost")
            }
            bench.faults.clear()
            try await connector.reschedule(order, remoteID: receipt.remoteID, over: wire)
            #expect(bench.plannedDate(order.reference) == order.scheduledAt, "exchange \(position)")
            #expect(bench.copies(order.reference) == 1)
        }
        #expect(wasDoneAndLost, "of \(exchanges) exchanges none moved the date and lost its answer")
    }

    /// The note that goes with a move is ours: it does not come back as the technician's.
    private func keepsItsOwnNoteApart(_ reference: Reference, _ receipt: Receipt) async throws {
        guard connector.traits.takesOccurrences else { return }
        let change = DateChange(
            reference: reference, number: 1, from: nil, to: wire.now(), reason: "the trend is steeper than it was")
        let effect = Effect.append(change.note, to: receipt.remoteID)
        #expect(try await connector.find(effect, over: wire).isEmpty)
        _ = try await connector.perform(effect, over: wire)
        #expect(try await connector.find(effect, over: wire).count == 1)
        bench.repair(reference)
        let closure = try await connector.read(receipt.remoteID, over: wire)?.closure
        #expect(closure?.notes?.contains("Die changed") == true)
        #expect(closure?.notes?.contains("Planned") == false, "\(closure?.notes ?? "")")
    }

    private func expectSame(_ now: JSON, _ before: JSON, sourceLocation: SourceLocation = #_sourceLocation) {
        guard now != before else { return }
        let names = Set((now.object ?? [:]).keys).union((before.object ?? [:]).keys)
        let changed = names.filter { now[$0] != before[$0] }.sorted()
        Issue.record("a move of the date changed \(changed)", sourceLocation: sourceLocation)
    }
}

/// Somebody else is quick: `action` runs before each request of a method.
struct InterruptedWire: Wire {
    private let wire: any Wire
    private let method: String
    private let action: @Sendable () -> Void

    init(_ wire: any Wire, before method: String, _ action: @escaping @Sendable () -> Void) {
        self.wire = wire
        self.method = method
        self.action = action
    }

    func now() -> Timestamp { wire.now() }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        if request.method == method { action() }
        return try await wire.exchange(request)
    }
}

/// Counts what goes over another wire.
private final class CountingWire: Wire {
    private let wire: any Wire
    private let exchanges = Mutex(0)

    init(_ wire: any Wire) { self.wire = wire }

    var count: Int { exchanges.withLock { $0 } }
    func begin() { exchanges.withLock { $0 = 0 } }
    func now() -> Timestamp { wire.now() }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        exchanges.withLock { $0 += 1 }
        return try await wire.exchange(request)
    }
}
