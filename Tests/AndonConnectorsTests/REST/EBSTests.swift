import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

/// E-Business Suite described by `Examples/oracle-ebs.yaml` alone, beside its stand-in.
final class EBSBench: Bench {
    let standIn: EBSStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }
    var takesCopies: Bool { false }

    init(variables: String = "{ organization: \"204\" }") async throws {
        standIn = EBSStandIn()
        place = try await BenchPlace.make(standIn)
        let mapping = try Repository.text("Examples/oracle-ebs.yaml")
        connector = try restConnector(
            """
                url: \(place.url)/webservices/rest
                mappingFile: oracle-ebs.yaml
                signIn: basic
                user: andon
                password: { env: KEY }
                variables: \(variables)
            """, files: { $0 == "oracle-ebs.yaml" ? mapping : nil })
    }

    func copies(_ reference: Reference) -> Int { standIn.orders(reference).count }
    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { [] }
    func notes(_ reference: Reference) -> [String] { [] }

    func repair(_ reference: Reference) {
        standIn.change(
            reference,
            [
                "status_type": 12, "technician": "R. Wilson", "date_completed": "2026-11-24T12:30:00",
                "cause_code": "WEAR",
                "labour": [["hours": 1.0], ["hours": 0.5]], "materials": [["item": "DIE-4", "quantity": 1]],
                "comments": "Die changed",
            ])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        standIn.orders(reference).first?["scheduled_start_date"]?.string.flatMap { Timestamp($0) }
    }

    func facts(_ reference: Reference) -> JSON {
        standIn.orders(reference).first?.without("scheduled_start_date", "last_update_date") ?? .null
    }

    func disown(_ reference: Reference) {
        let id = standIn.orders(reference).first?["wip_entity_id"]?.integer ?? 0
        standIn.change(
            reference,
            ["wip_entity_name": .string("M\(id)"), "attribute1": "", "attribute2": "", "description": "Scratch"])
    }

    func cancel(_ reference: Reference) { standIn.change(reference, ["status_type": 7]) }
    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() {}
    func stop() async throws { try await place.stop() }
}

@Suite("Oracle E-Business Suite by its mapping file")
struct EBSTests {
    @Test("It keeps the contract of all connectors, as far as the procedure can")
    func contract() async throws {
        let bench = try await EBSBench()
        do { try await Contract(bench: bench).all() } catch { Issue.record("\(error)") }
        try await bench.stop()
    }

    @Test("On a bad day every order is there once: its name is ours and unique")
    func once() async throws {
        let bench = try await EBSBench()
        try await OnceOnly(bench: bench).storm()
        try await bench.stop()
    }

    @Test("The work orders of people come with number and department, without those of a schedule")
    func people() async throws {
        let bench = try await EBSBench()
        var ids: [String] = []
        for fields: [String: JSON] in [["priority": 2], ["pm_schedule_id": 5]] {
            let reference = Reference.fresh()
            let receipt = try await bench.connector.perform(
                .create(SampleOrder.make(reference.text)), over: bench.wire)
            bench.standIn.change(reference, fields)
            bench.disown(reference)
            ids.append(receipt.remoteID)
        }
        let now = bench.wire.now()
        let times = now - .seconds(3600)..<now + .seconds(3600)
        let orders = try await bench.connector.oldOrders(madeIn: times, page: nil, over: bench.wire).orders
        #expect(orders.map(\.remote.remoteID) == [ids[0]])
        let order = try #require(orders.first)
        #expect(order.number == "M\(ids[0])" && order.crew == "PRESSES" && order.asset == "PRESS-07")
        try await bench.stop()
    }

    @Test("A wrong responsibility waits for a person, a wrong organization is refused in the procedure's words")
    func errors() async throws {
        func error(_ variables: String) async throws -> ConnectorError? {
            let bench = try await EBSBench(variables: variables)
            let error = await #expect(throws: ConnectorError.self) {
                try await bench.connector.perform(.create(SampleOrder.make()), over: bench.wire)
            }
            try await bench.stop()
            return error
        }
        #expect(try await error("{ organization: \"204\", responsibility: OTHER }")?.name == "unauthorized")
        let organization = try await error("{ organization: \"999\" }")
        #expect(organization?.name == "refused" && organization?.detail.contains("EAM_WO_ORG_ID") == true)
    }
}
