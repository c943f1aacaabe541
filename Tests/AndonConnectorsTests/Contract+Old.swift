import AndonLearn
import AndonModel
import AndonTesting
import Testing

extension Contract {
    /// The orders of people come page by page, none twice, with their asset and what is known of their repair; one of
    /// ours is told by its reference; nothing comes of another time.
    func listsTheOrdersOfPeople() async throws {
        var people: Set<String> = []
        var repaired: Set<String> = []
        let ours = try await created(Reference.fresh()).remoteID
        for number in 0..<120 {
            let reference = Reference.fresh()
            let receipt = try await created(reference)
            people.insert(receipt.remoteID)
            if number < 3 {
                bench.repair(reference)
                repaired.insert(receipt.remoteID)
            }
            bench.disown(reference)
        }
        let day = Duration.seconds(86_400)
        let moments = [wire.now(), SampleOrder.make("A7K2M9QX3F").detectedAt].sorted()
        let found = try await listed(moments[0] - day..<moments[1] + day)
        #expect(Set(found.map(\.remote.remoteID)).count == found.count, "none comes twice")
        let byID = Dictionary(found.map { ($0.remote.remoteID, $0) }) { first, _ in first }
        #expect(people.isSubset(of: byID.keys))
        #expect(byID[ours]?.remote.reference != nil)
        for id in people {
            let order = try #require(byID[id])
            #expect(order.remote.reference == nil && order.asset == "PRESS-07" && !order.number.isEmpty)
            #expect(order.remote.state == .closed || !repaired.contains(id))
        }
        for id in repaired {
            let closure = try #require(byID[id]?.remote.closure)
            #expect(closure.causeCode == "WEAR" && closure.labourHours == 1.5 && closure.parts.map(\.code) == ["DIE-4"])
            #expect(try await connector.read(id, over: wire)?.closure == closure)
        }
        var findings = Findings()
        findings.missed = .init(cause: ["wear"])
        #expect(Set(found.map(\.remote).filter(findings.isMissed).map(\.remoteID)) == repaired)
        #expect(try await listed(moments[0] - .seconds(400 * 86_400)..<moments[0] - day).isEmpty)
        let text = HistoryFile.csv(found)
        #expect(text.split(separator: "\r\n").count == found.count { $0.remote.reference == nil } + 1)
    }

    private func listed(_ times: Range<Timestamp>) async throws -> [OldOrder] {
        var orders: [OldOrder] = []
        var page: String?
        repeat {
            let found = try await connector.oldOrders(madeIn: times, page: page, over: wire)
            orders += found.orders
            page = found.next
        } while page != nil
        return orders
    }
}
