import AndonLedger
import AndonModel
import AndonTesting
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// What campaigns against the real server have in common: the plant, the load, and the count on both sides afterwards.
struct Campaign {
    var name: String
    var seed: UInt64
    /// With fewer reports that were answered nothing is proven.
    var answeredMin: Int
    /// What was done to the servers, for the report.
    var subject: String

    static var setup: MaximoStandIn.Setup {
        var setup = MaximoStandIn.Setup()
        // It would refuse a second create by itself for a while; here only asking first may prevent it.
        setup.remembersTransactions = false
        return setup
    }

    /// - Parameters:
    ///   - server: lines of the section `server`.
    ///   - connector: further lines of the connector.
    static func plant(maximo: String, key: String, server: String = "", connector: String = "") -> String {
        """
        plant:
          name: Crash campaign
          site: BEDFORD
          timeZone: UTC
          defaultConnector: maximo
          defaultLocation: PLANT
        rules:
          unmapped:
            minConfidence: 0
        \(server)
        connectors:
          maximo:
            url: \(maximo)/maximo
            apiKey: { file: \(key) }
            searchAgainAfter: 10ms
            retryBase: 10ms
            retryCap: 50ms
            breakerFailures: 1000
            breakerProbeAfter: 10ms
            appendAtMostEvery: 10ms
            poll: 1s
        \(connector)

        """
    }

    /// - Parameter row: the campaign's row in the table of faults.
    func count(
        _ answered: Set<String>, _ records: [MaximoStandIn.Record], data: String, row: FaultRow? = nil
    ) throws {
        let store = try Store.reading(folder: data, time: SystemTime())
        try store.readNow { reader in
            let lost = try answered.filter { try reader.inspection($0) == nil }
            #expect(lost.isEmpty, "answered with 202 and not there: \(lost.prefix(5)), seed \(seed)")
            let sum = try reader.reconcile()
            #expect(sum.holds, "\(sum.text)")
            #expect(sum.waiting == 0 && sum.dead == 0, "\(sum.text)")
            let references = records.compactMap { $0.fields["externalrefid"]?.string }
            #expect(Set(references).count == references.count, "an order is there twice, seed \(seed)")
            #expect(references.count == sum.raised, "\(sum.raised) raised, \(references.count) in the CMMS")
            try compare(records, reader)
            let ledger = try reader.verifyLedger()
            #expect(ledger.isWhole, "\(ledger)")
            let facts = try reader.verifyFacts()
            #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
            #expect(answered.count > answeredMin, "the load was too small to prove anything")
            let found = try reader.count("SELECT COUNT(*) FROM attempt WHERE outcome IN ('found', 'not-found')")
            let lostAnswers = try reader.count("SELECT COUNT(*) FROM attempt WHERE outcome = 'answer-lost'")
            let files = records.reduce(0) { $0 + $1.files.count }
            if var row {
                (row.answered, row.orders, row.lost) = (answered.count, references.count, lost.count)
                row.twice = references.count - Set(references).count
                row.show()
            }
            print(
                "\(name): \(subject), \(answered.count) answered, \(sum.raised) orders, "
                    + "\(sum.grouped) grouped, \(files) pictures, \(lostAnswers) lost answers, \(found) searches")
        }
    }

    /// What the CMMS has of each order against what the store says it must have.
    private func compare(_ records: [MaximoStandIn.Record], _ reader: Reader) throws {
        for record in records {
            let reference = try #require(record.fields["externalrefid"]?.string.flatMap { Reference($0) })
            let order = try #require(try reader.order(reference), "an order that nobody raised: \(reference)")
            let names = record.files.map(\.name)
            #expect(Set(names).count == names.count, "a picture is there twice: \(names)")
            if let picture = order.document.picture {
                let file = record.files.first { $0.name.contains("-original-") }
                #expect(file.map { Hex.sha256($0.bytes) } == picture.sha256, "the picture of \(reference)")
            }
            let notes = (record.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string }
            #expect(Set(notes).count == notes.count, "a note is there twice: \(notes)")
            let last = notes.last.map { $0.contains("\(reference)/\(order.occurrences)]") } ?? (order.occurrences == 1)
            #expect(last, "\(reference) has \(order.occurrences) occurrences, the CMMS was told \(notes)")
        }
    }
}

/// The reports of the campaign: each id is sent until it is answered, over all deaths of the server.
final class Reports: Sendable {
    private struct State {
        var next = 0
        var unanswered: [String] = []
        var answered: Set<String> = []
    }

    private let state = Mutex(State())

    /// Not Foundation's client: under thousands of connections that die it has ended the whole process of the tests.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        // Of a server that is gone one wants to know at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    var answered: Set<String> { state.withLock { $0.answered } }

    /// Sends one report after another until the server is gone, or so many have been sent.
    func send(to address: String, atMost count: Int = .max) async {
        for _ in 0..<count {
            let id = state.withLock { state -> String in
                if let id = state.unanswered.popLast() { return id }
                state.next += 1
                return "crash-\(state.next)"
            }
            guard await Self.post(id, to: address) else {
                return state.withLock { $0.unanswered.append(id) }
            }
            state.withLock { _ = $0.answered.insert(id) }
        }
    }

    private static func post(_ id: String, to address: String) async -> Bool {
        let number = Int(id.drop { !$0.isNumber }) ?? 0
        // Every third report is about one of twenty machines: those join open orders.
        let asset = number % 3 == 0 ? "SHARED-\(number % 20)" : "A-\(number)"
        let body: JSON = [
            "id": .string(id), "detectedAt": "2026-11-24T02:00:00Z", "camera": "CAM-1", "asset": .string(asset),
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.9]],
        ]
        var request = HTTPClientRequest(url: address + "/api/v1/inspections")
        request.method = .POST
        if number % 2 == 0 {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.canonicalBytes)
        } else {
            request.headers.add(name: "Content-Type", value: TestClient.formType)
            request.body = .bytes(
                TestClient.form(body, picture: picture(number), type: "image/png", fileName: "p.png"))
        }
        guard let answer = try? await client.execute(request, timeout: .seconds(60)) else { return false }
        // What is left unread would hold the connection.
        _ = try? await answer.body.collect(upTo: 1 << 20)
        return answer.status == .accepted
    }

    /// A PNG of one grey pixel, made another by what follows it.
    private static func picture(_ number: Int) -> Data {
        let png =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
        return (Data(base64Encoded: png) ?? Data()) + Data("#\(number)".utf8)
    }
}
