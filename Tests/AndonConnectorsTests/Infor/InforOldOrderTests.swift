import AndonConnectors
import AndonModel
import AndonTesting
import Testing

@Suite("Infor EAM: orders of people")
struct InforOldOrderTests {
    /// The day in Berlin that is 25 hours long.
    private static let start = Timestamp("2026-10-24T22:00:00Z") ?? Timestamp(microseconds: 0)
    private static let end = start + .seconds(25 * 3600)

    /// An order of people that was made at that time; returns its number.
    private func made(
        _ time: Timestamp, in bench: InforBench, with members: [String: JSON] = [:]
    ) async throws -> String {
        let order = SampleOrder.make(Reference.fresh().text)
        let receipt = try await bench.connector.perform(.create(order), over: bench.wire)
        bench.standIn.change(order.reference) { record in
            record.createdAt = time
            record.body = .object((record.body.object ?? [:]).merging(members) { $1 })
        }
        bench.disown(order.reference)
        return receipt.remoteID
    }

    private func listed(_ bench: InforBench) async throws -> [OldOrder] {
        let page = try await bench.connector.oldOrders(madeIn: Self.start..<Self.end, page: nil, over: bench.wire)
        #expect(page.next == nil)
        return page.orders
    }

    @Test("The first moment of the time is in it and its end is not, also on the day that clocks change")
    func range() async throws {
        let bench = try await InforBench(options: ["department": "MAINT"])
        let first = try await made(Self.start, in: bench)
        let lastSecond = Self.end - .seconds(1)
        let last = try await made(lastSecond, in: bench)
        _ = try await made(Self.start - .seconds(1), in: bench)
        _ = try await made(Self.end, in: bench)
        let orders = try await listed(bench)
        #expect(orders.map(\.number) == [first, last])
        #expect(orders.map(\.createdAt) == [Self.start, lastSecond])
        let order = try #require(orders.first)
        #expect(order.asset == "PRESS-07" && order.crew == "MAINT" && order.remote.reference == nil)
        #expect(order.reportedAt == Timestamp("2026-11-23T21:09:00Z"))
        try await bench.stop()
    }

    @Test("Turns of a plan, parts of another order and orders of other organizations do not come")
    func others() async throws {
        let bench = try await InforBench()
        let time = Self.start + .seconds(3600)
        let own = try await made(time, in: bench, with: ["PPM": ["PPMCODE": nil], "TYPE": ["TYPECODE": "BRKD"]])
        let others: [[String: JSON]] = [
            ["PPM": ["PPMCODE": "PM-7"]], ["PPM": ["PPMID": ["PPMCODE": "PM-7"]]], ["TYPE": ["TYPECODE": "PPM"]],
            ["TYPE": ["TYPECODE": "MEC"]], ["STATUS": ["STATUSCODE": "A"]],
            ["WORKORDERID": ["JOBNUM": "1", "ORGANIZATIONID": ["ORGANIZATIONCODE": "LUTON"]]],
        ]
        for members in others { _ = try await made(time, in: bench, with: members) }
        #expect(try await listed(bench).map(\.number) == [own])
        try await bench.stop()
    }

    @Test("Filters are written in the form of the account's dates; another is refused in EAM's words")
    func dateFormat() async throws {
        var setup = InforStandIn.Setup()
        setup.dateFormat = "MM/dd/yyyy"
        let bench = try await InforBench(setup: setup, options: ["dateFormat": "MM/dd/yyyy"])
        let number = try await made(Self.start, in: bench)
        #expect(try await listed(bench).map(\.number) == [number])
        try await bench.stop()
        let wrong = try await InforBench(setup: setup)
        let error = await #expect(throws: ConnectorError.self) { _ = try await listed(wrong) }
        #expect(
            error?.name == "refused" && error?.detail.contains("24-Oct-2026") == true, "\(String(describing: error))")
        try await wrong.stop()
    }
}
