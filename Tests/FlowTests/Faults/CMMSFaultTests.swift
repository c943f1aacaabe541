import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// A CMMS that is not what it should be, before the real server under load. Counted as in `FaultTests`.
@Suite(
    "Faults of the CMMS", .serialized, .disabled(if: TestDatabase.isPostgres, "of the other side"),
    .disabled(if: FaultControl.compiler == nil, "there is no C compiler to make the faults with"))
struct CMMSFaultTests {
    @Test(
        "A CMMS that hangs, answers garbage, or fails behind its commit gets each order once",
        arguments: [
            ("the CMMS hangs", [StandInFault.hang]),
            ("the CMMS answers garbage", [.answer(status: 200, body: "<html>\u{0}"), .answer(status: 201, body: "{")]),
            ("the CMMS drops, before and behind its commit", [.dropBefore, .dropAfter]),
            ("the CMMS is overloaded", [.answer(status: 503), .answer(status: 502), .answer(status: 429)]),
        ])
    func cmms(name: String, kinds: [StandInFault]) async throws {
        let plant = try await FaultPlant()
        plant.plant.maximo.faults.clear()
        var row = FaultRow(name: name)
        let server = try plant.start()
        for round in 0..<FaultTests.times {
            plant.plant.maximo.faults.byChance(percent: 60, seed: UInt64(round + 1), kinds)
            try await plant.load(server, reports: 16) {}
            row.recovery.append(try await plant.untilServed(server))
            plant.plant.maximo.faults.clear()
            row.times += 1
        }
        try await plant.count(server, &row)
    }

    @Test(
        "Orders that the CMMS says it has made, and has not, are found missing by name and raised again, with their picture"
    )
    func lies() async throws {
        let plant = try await FaultPlant(connector: "    onMissing: raiseAgain\n    census: 1s\n")
        let maximo = plant.plant.maximo
        var row = FaultRow(name: "the CMMS says that it has made an order, and has not")
        let server = try plant.start()
        for _ in 0..<FaultTests.times {
            maximo.lie(aboutOrders: 5)
            try await plant.load(server, reports: 16) {}
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        let client = TestClient(server.address)
        let isAllThere = try await eventually(within: .seconds(120)) {
            guard maximo.liesLeft == 0, try await client.get("/api/v1/reconciliation").json["waiting"]?.integer == 0
            else { return false }
            let orders = try await client.get("/api/v1/orders?limit=500").json["orders"]?.array ?? []
            return !orders.isEmpty
                && orders.allSatisfy { order in
                    order["reference"]?.string.flatMap { Reference($0) }.flatMap { maximo.record($0) } != nil
                }
        }
        #expect(isAllThere, "orders are missing in the CMMS")
        try await plant.count(server, &row)
        let again = try plant.plant.entries("data", "order.raised-again").count
        #expect(again >= 5 * FaultTests.times, "\(again) were raised again")
    }

    @Test("A CMMS whose certificate changes gets nothing while nobody we trust has signed it, and all of it once then")
    func certificate() async throws {
        let (own, strange) = (try await PlantCertificates(), try await PlantCertificates())
        let plant = try await FaultPlant(
            further: "network:\n  trustedCertificates: [\(own.authority)]\n",
            certificates: .init(certificate: own.server.certificate, key: own.server.key))
        let (maximo, standIn) = (plant.plant.maximo, plant.plant.standIn)
        var row = FaultRow(name: "the certificate of the CMMS changes")
        let server = try plant.start()
        let client = TestClient(server.address)
        func lastError() async throws -> String {
            try await client.get("/api/v1/connectors").json["connectors"]?.array?.first?["lastError"]?.string ?? ""
        }
        // Polls may have been on their way when it changed; orders were not.
        let told = Mutex(0)
        maximo.onArrival { _ in told.withLock { $0 += 1 } }
        for _ in 0..<FaultTests.times {
            try await plant.plant.drain(server)
            try standIn.present(.init(certificate: strange.server.certificate, key: strange.server.key))
            let before = told.withLock { $0 }
            try await plant.load(server, reports: 16) {}
            #expect(told.withLock { $0 } == before, "who nobody vouches for was told of orders")
            let isSaid = try await eventually(within: .seconds(60)) {
                try await lastError().lowercased().contains("certificate")
            }
            let words = try await lastError()
            #expect(isSaid, "\(words)")
            // Signed by the same authority as ever, with another key.
            let renewed = try await own.renewedServer()
            try standIn.present(.init(certificate: renewed.certificate, key: renewed.key))
            #expect(try await eventually(within: .seconds(60)) { told.withLock { $0 } > before })
            row.recovery.append(try await plant.untilServed(server))
            row.times += 1
        }
        try await plant.count(server, &row)
    }
}
