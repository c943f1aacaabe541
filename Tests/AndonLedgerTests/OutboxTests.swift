import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("Turns in the outbox")
struct OutboxTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)")
        .path

    @Test("A note that waits for its time holds up no other order of the asset, and is not forgotten")
    func waitingNote() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let references = try ["AAAAAAAAA1", "AAAAAAAAA2"].map { try #require(Reference($0)) }
        try await store.write { transaction in
            func enqueue(_ effect: Effect.Kind, _ order: Int, after delay: Duration = .zero) throws {
                try transaction.enqueue(
                    effect, of: references[order], connector: "c", orderingKey: "asset:P", payload: ["count": 2],
                    after: delay)
            }
            try enqueue(.append, 0, after: .seconds(60))
            try enqueue(.create, 1)
            try enqueue(.attach, 1)
            for expected in [Effect.Kind.create, .attach] {
                let claims = try transaction.claim(connector: "c", limit: 5)
                #expect(claims.map(\.row.effect) == [expected])
                for claim in claims { try transaction.finish(claim.row) }
            }
            #expect(try transaction.claim(connector: "c", limit: 5).isEmpty)
            let due = try transaction.reader.nextDue(connector: "c")
            #expect(due == transaction.now + .seconds(60), "the note has the turn again, and its time")
        }
        try store.close()
    }

    @Test("What is due keeps its order: a note whose time has come is not overtaken")
    func dueNote() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reference = try #require(Reference("AAAAAAAAA1"))
        try await store.write { transaction in
            for effect in [Effect.Kind.append, .create] {
                try transaction.enqueue(
                    effect, of: reference, connector: "c", orderingKey: "asset:P", payload: ["count": 2])
            }
            #expect(try transaction.claim(connector: "c", limit: 5).map(\.row.effect) == [.append])
        }
        try store.close()
    }

    @Test(
        "An order that is raised again leaves its old files behind: those that wait, and those that were dead letters")
    func raisedAgain() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = SampleOrder.make()
        try await store.write { transaction in
            try transaction.raise(order, policy: QueuePolicy())
            func claimed() throws -> [OutboxRow] { try transaction.claim(connector: "cmms", limit: 5).map(\.row) }
            let create = try #require(try claimed().first)
            try transaction.acknowledge(order.reference, Receipt(remoteID: "R-1"))
            try transaction.enqueue(
                .attach, of: order.reference, connector: create.connector, orderingKey: create.orderingKey,
                payloads: [["role": "original"], ["role": "crop"]])
            try transaction.finish(create)
            let file = try #require(try claimed().first)
            try transaction.finish(file, dead: "404: there is no such order")
            try transaction.alarm("dead-letter", subject: order.reference.text, "404: there is no such order")

            let record = try #require(try transaction.reader.order(order.reference))
            try transaction.raiseAgain(record, policy: QueuePolicy())
            #expect(try transaction.reader.alarms().isEmpty, "it is nobody's business any more")
            let again = try claimed()
            #expect(again.map(\.effect) == [.create])
            for row in again { try transaction.finish(row) }
            #expect(try claimed().isEmpty, "the files come with the new order, and not once more")
        }
        try store.close()
    }

    @Test("An order that is to be taken back, and was deleted meanwhile, is not raised again")
    func takenBack() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = SampleOrder.make()
        try await store.write { transaction in
            try transaction.raise(order, policy: QueuePolicy())
            let create = try #require(try transaction.claim(connector: "cmms", limit: 5).first).row
            try transaction.acknowledge(order.reference, Receipt(remoteID: "R-1"))
            try transaction.finish(create)
            try transaction.enqueue(
                .withdraw, of: order.reference, connector: create.connector, orderingKey: create.orderingKey,
                payload: ["reason": "the trend is gone"])
            let record = try #require(try transaction.reader.order(order.reference))
            try transaction.raiseAgain(record, policy: QueuePolicy())
            #expect(try transaction.claim(connector: "cmms", limit: 5).map(\.row.effect) == [.withdraw])
            #expect(try transaction.reader.order(order.reference)?.delivery == .acknowledged)
        }
        try store.close()
    }

    @Test(
        "A note for the record that is gone holds nothing up, whether it waits or is under way, and changes nothing when it ends",
        arguments: [false, true])
    func raisedAgainBehindANote(isUnderWay: Bool) async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let order = SampleOrder.make()
        try await store.write { transaction in
            try transaction.raise(order, policy: QueuePolicy())
            func claimed() throws -> [Claim] { try transaction.claim(connector: "cmms", limit: 5) }
            let create = try #require(try claimed().first).row
            try transaction.acknowledge(order.reference, Receipt(remoteID: "R-1"))
            try transaction.finish(create)
            try transaction.enqueue(
                .append, of: order.reference, connector: create.connector, orderingKey: create.orderingKey,
                payload: ["count": 2])
            let underWay = isUnderWay ? try claimed() : []

            let record = try #require(try transaction.reader.order(order.reference))
            try transaction.raiseAgain(record, policy: QueuePolicy())
            #expect(try claimed().map(\.row.effect) == [.create], "the new record has its turn")
            guard isUnderWay else { return }
            let held = try transaction.held(try #require(underWay.first))
            #expect(!held.isOwn && held.isOver, "what the old record was told counts for nothing")
        }
        try store.close()
    }
}
