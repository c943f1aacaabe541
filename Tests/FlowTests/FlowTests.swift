import AndonClose
import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Testing

@Suite("From a report to an order in the CMMS")
struct FlowTests {
    @Test("A report becomes one acknowledged order with a complete transmission log")
    func oneOrder() async throws {
        let flow = try await Harness()
        let accepted = try await flow.report("r-1")
        let reference = try #require(accepted.detections.first?.reference)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        #expect(flow.cmms.kept.orders == [reference.text])
        let attempts = try await flow.store.read { try $0.attempts(of: reference) }
        #expect(attempts.map(\.answer?.outcome) == ["done"])
        let kinds = try await flow.store.read { try $0.ledgerEntries(of: reference.text) }.map(\.kind)
        #expect(kinds == ["order.raised", "attempt.sent", "attempt.answered", "order.acknowledged"])
        try await flow.end()
    }

    @Test("An answer lost after the commit does not make a second order")
    func lostAnswer() async throws {
        let flow = try await Harness(FakeCMMS(faults: [.dropAfter]))
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        #expect(flow.cmms.kept.orders == [reference.text])
        let attempts = try await flow.store.read { try $0.attempts(of: reference) }
        #expect(attempts.map(\.answer?.outcome) == ["answer-lost", "found"])
        try await flow.end()
    }

    @Test("An answer lost before the commit is looked for twice, then the order is sent again")
    func lostRequest() async throws {
        let flow = try await Harness(FakeCMMS(faults: [.dropBefore]))
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        let attempts = try await flow.store.read { try $0.attempts(of: reference) }
        #expect(attempts.map(\.answer?.outcome) == ["answer-lost", "not-found", "not-found", "done"])
        #expect(flow.cmms.kept.orders == [reference.text])
        try await flow.end()
    }

    @Test("Under a storm of faults every report has one order, with its picture and no double", arguments: 1...5)
    func storm(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let faults = (0..<400).map { _ -> FakeCMMS.Fault in
            [.dropBefore, .dropAfter, .busy, .unreachable, .dropAfter][Int(random.next() % 5)]
        }
        let flow = try await Harness(FakeCMMS(faults: faults))
        let picture = try keep(flow)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask { _ = try await flow.report("r-\(index)", asset: "A-\(index % 20)", picture: picture) }
            }
            try await group.waitForAll()
        }
        try await flow.until("the outbox did not empty, seed \(seed)") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
                && $0.count("SELECT COUNT(*) FROM work_order WHERE noted <> occurrences") == 0
        }
        let kept = flow.cmms.kept
        #expect(Set(kept.orders).count == kept.orders.count)
        #expect(kept.orders.count == 20)
        #expect(Set(kept.files).count == kept.files.count)
        #expect(Set(kept.notes).count == kept.notes.count)
        try await flow.end()
    }

    private func keep(_ flow: Harness) throws -> Picture {
        let incoming = try flow.pictures.receive(limits: IntakeLimits(), bytesMax: 1 << 20)
        // The smallest whole PNG: one grey pixel.
        let png =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
        try incoming.feed(Array(try #require(Data(base64Encoded: png))))
        let picture = try incoming.seal(claimedDigest: nil)
        try incoming.keep(picture)?.end(isKept: true)
        return picture
    }

    @Test("A refused order is a loud dead letter, and one command sends it again")
    func deadLetter() async throws {
        let flow = try await Harness(FakeCMMS(faults: [.refuse]))
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await flow.until("not dead") { try $0.order(reference)?.delivery == .dead }
        let alarms = try await flow.store.read { try $0.alarms().map(\.detail) }
        #expect(alarms.first?.contains("BMXAA0090E: asset not operating") == true)
        #expect(try await flow.store.read { try $0.reconcile() }.dead == 1)
        #expect(try await flow.store.write { try $0.revive(reference, connector: nil, by: "planner") } == 1)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        #expect(try await flow.store.read { try $0.alarms().isEmpty })
        try await flow.end()
    }

    @Test(
        "A refused note waits for a person, and goes then unless a newer one has told the same",
        arguments: [false, true])
    func refusedNote(isNewer: Bool) async throws {
        let flow = try await Harness(attachments: [])
        func settled() async throws {
            try await flow.until("something waits") {
                try $0.count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')") == 0
            }
        }
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await settled()
        flow.cmms.refuseNext()
        _ = try await flow.report("r-2")
        try await settled()
        // Nothing new: the same is not told again by itself.
        try await flow.store.write { try $0.enqueueNoteIfDue(reference, policy: QueuePolicy(noteEvery: .zero)) }
        try await settled()
        #expect(flow.cmms.kept.notes.isEmpty)
        if isNewer { _ = try await flow.report("r-3") }
        try await settled()
        #expect(try await flow.store.write { try $0.revive(reference, connector: nil, by: "planner") } == 1)
        try await settled()
        #expect(flow.cmms.kept.notes == ["\(reference)/\(isNewer ? 3 : 2)"])
        let superseded = try await flow.store.read {
            try $0.count("SELECT COUNT(*) FROM ledger WHERE kind = 'outbox.superseded'")
        }
        #expect(superseded == (isNewer ? 1 : 0))
        let noted = try await flow.store.read {
            try $0.count("SELECT COUNT(*) FROM work_order WHERE noted = occurrences")
        }
        #expect(noted == 1)
        #expect(try await flow.store.read { try $0.alarms().isEmpty })
        try await flow.end()
    }

    @Test("The same report again answers the first result; the same id with other content is refused")
    func idempotency() async throws {
        let flow = try await Harness()
        let at = flow.store.time.now()
        let inspection = Inspection(id: "x", detectedAt: at, camera: "C", defects: [Defect(defectClass: "scratch")])
        let first = try await flow.accept.accept(inspection, picture: nil)
        let second = try await flow.accept.accept(inspection, picture: nil)
        #expect(!first.isRepeated && second.isRepeated)
        #expect(first.detections.first?.reference == second.detections.first?.reference)
        var other = inspection
        other.lot = "L-1"
        let error = await #expect(throws: Problem.self) { try await flow.accept.accept(other, picture: nil) }
        #expect(error?.status == 409)
        try await flow.end()
    }

    @Test("What was seen after its order had ended in the CMMS, and joined it, is said until a new order is there")
    func seenAfterEnd() async throws {
        let flow = try await Harness()
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        let settings = FollowSettings(name: "cmms", connector: flow.cmms, makeWire: { NoWire() })
        let close = CloseStep(
            store: flow.store, time: SystemTime(), followed: [settings], logger: Logger(label: "test"))
        let end = flow.store.time.now()
        #expect(try await flow.report("r-2").detections.first?.reference == reference, "nobody has heard of the end")
        flow.cmms.set(
            RemoteOrder(
                remoteID: "R-\(reference)", reference: reference, state: .done, vendorState: "COMP",
                closure: Closure(closedAt: end)))
        await close.poll(settings)
        let alarms = try await flow.store.read { try $0.alarms() }
        #expect(alarms.map(\.kind) == ["seen-after-end"] && alarms.map(\.subject) == [reference.text])
        #expect(alarms.first?.detail.contains("was seen on PRESS-07 once after") == true, "\(alarms)")
        #expect(try await flow.report("r-3").detections.first?.outcome == .raised)
        await close.poll(settings)
        #expect(try await flow.store.read { try $0.alarms().isEmpty })
        try await flow.end()
    }

    @Test("Closure, cancellation, reopening and deletion in the CMMS come back")
    func closing() async throws {
        let flow = try await Harness()
        let reference = try #require(try await flow.report("r-1").detections.first?.reference)
        try await flow.until("not acknowledged") { try $0.order(reference)?.delivery == .acknowledged }
        let settings = FollowSettings(name: "cmms", connector: flow.cmms, makeWire: { NoWire() })
        let close = CloseStep(
            store: flow.store, time: SystemTime(), followed: [settings], logger: Logger(label: "test"))
        let closure = Closure(
            technician: "WILSON", closedAt: flow.store.time.now(), labourHours: 1.5,
            parts: [.init(code: "DIE-4", quantity: 1)], causeCode: "WEAR", notes: "die changed")
        let id = "R-\(reference)"
        func state(_ state: OrderState, _ vendor: String, closure: Closure? = nil) async throws -> OrderRecord? {
            flow.cmms.set(
                RemoteOrder(remoteID: id, reference: reference, state: state, vendorState: vendor, closure: closure))
            await close.poll(settings)
            return try await flow.store.read { try $0.order(reference) }
        }
        let closed = try await state(.closed, "CLOSE", closure: closure)
        #expect(closed?.closure == closure)
        #expect(closed?.endedAt == closure.closedAt)
        #expect(try await state(.open, "WAPPR")?.endedAt == nil)
        flow.cmms.remove(id)
        await close.census(settings)
        #expect(try await flow.store.read { try $0.order(reference) }?.state == .missing)
        #expect(try await state(.cancelled, "CAN")?.state == .cancelled)
        let kinds = try await flow.store.read { try $0.ledgerEntries(of: reference.text) }.map(\.kind)
        #expect(
            kinds.suffix(6).filter { $0.hasPrefix("order.") }
                == ["order.closed", "order.reopened", "order.missing", "order.cancelled"])
        // Its work goes on under another order of the CMMS: which one is kept.
        flow.cmms.set(
            RemoteOrder(
                remoteID: id, reference: reference, state: .merged, vendorState: "MERGED", mergedInto: "R-OTHER"))
        await close.poll(settings)
        let merged = try await flow.store.read { try $0.order(reference) }
        #expect(merged?.state == .merged && merged?.mergedInto == "R-OTHER" && merged?.endedAt != nil)
        // An ended order takes no further occurrence: the next detection raises a new one.
        #expect(try await flow.report("r-2").detections.first?.outcome == .raised)
        try await flow.end()
    }
}
