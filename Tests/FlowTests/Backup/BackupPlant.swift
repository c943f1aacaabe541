import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

/// A real server with a CMMS that takes an order twice when it is sent twice, and the commands that back it up.
final class BackupPlant: Sendable {
    let folder: TemporaryFolder
    let maximo = MaximoStandIn(setup: Campaign.setup)
    let standIn: StandInServer
    let config: String
    let reports = Reports()

    /// - Parameters:
    ///   - server: lines of the section `server`.
    ///   - connector: further lines of the connector.
    ///   - further: other sections.
    ///   - certificates: with which the CMMS speaks TLS.
    init(
        server: String = "", connector: String = "", further: String = "",
        certificates: StandInServer.Certificates? = nil
    ) async throws {
        folder = try TemporaryFolder("andon-backup")
        standIn = try await maximo.serve(certificates: certificates)
        config = folder.path + "/andon.yaml"
        let key = folder.path + "/key"
        try Data(maximo.setup.apiKey.utf8).write(to: URL(fileURLWithPath: key))
        let yaml =
            Campaign.plant(
                maximo: standIn.address, key: key, server: server, connector: "    timeout: 2s\n" + connector)
            + further
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    func start(
        _ data: String = "data", arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> AndonProcess {
        try AndonProcess(config: config, data: path(data), arguments: arguments, environment: environment)
    }

    /// Runs a command that must succeed.
    @discardableResult
    func run(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let (status, output) = try await AndonProcess.run(arguments)
        #expect(status == 0, "\(arguments): \(output)", sourceLocation: sourceLocation)
        return output
    }

    /// Runs a command that must be refused, with these words.
    func refused(
        _ arguments: [String], _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let (status, output) = try await AndonProcess.run(arguments)
        #expect(
            status != 0 && output.contains(words), "\(arguments) does not say \"\(words)\": \(output)",
            sourceLocation: sourceLocation)
    }

    @discardableResult
    func backUp(_ data: String = "data", _ further: [String] = []) async throws -> String {
        try await run(["backup", path("backup"), "--data", path(data)] + further)
    }

    func restore(_ data: String, _ further: [String] = []) -> [String] {
        ["restore", path("backup"), "--data", path(data), "--by", "A. Nowak", "--reason", "the disk broke"] + further
    }

    /// Puts the ledger's key where the backup has none, as people do.
    func bringKey(to restored: String) throws {
        try FileManager.default.copyItem(atPath: path("data/ledger.key"), toPath: path("\(restored)/ledger.key"))
    }

    /// Waits until nothing is on its way to the CMMS.
    func drain(_ server: AndonProcess) async throws {
        let client = TestClient(server.address)
        #expect(
            try await eventually(within: .seconds(120)) {
                let answer = try await client.get("/api/v1/reconciliation").json
                return answer["waiting"]?.integer == 0 && answer["queued"]?.integer == 0
            })
    }

    /// What the CMMS has more than once: orders, files of an order, notes of one.
    var twice: [String] {
        func repeated(_ names: [String]) -> [String] {
            Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.map(\.key)
        }
        let records = maximo.records
        return repeated(records.compactMap { $0.fields["externalrefid"]?.string })
            + records.flatMap { record in
                repeated(record.files.map(\.name))
                    + repeated((record.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string })
            }
    }

    func expectNothingTwice(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(twice.isEmpty, "there more than once", sourceLocation: sourceLocation)
    }

    /// Reports that were answered with 202, and are not there.
    func lost(_ data: String) throws -> Int {
        let store = try Store.reading(folder: path(data), time: SystemTime())
        defer { try? store.close() }
        return try store.readNow { reader in try reports.answered.filter { try reader.inspection($0) == nil }.count }
    }

    /// The sums hold, the ledger is whole, and the facts are what it says.
    func expectWhole(_ data: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let store = try Store.reading(folder: path(data), time: SystemTime())
        defer { try? store.close() }
        let (sum, ledger, facts) = try store.readNow {
            (try $0.reconcile(), try $0.verifyLedger(), try $0.verifyFacts())
        }
        #expect(sum.holds, "\(sum.text)", sourceLocation: sourceLocation)
        #expect(ledger.isWhole, "\(ledger)", sourceLocation: sourceLocation)
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)", sourceLocation: sourceLocation)
    }

    func entries(_ data: String, _ kind: String) throws -> [JSON] {
        let store = try Store.reading(folder: path(data), time: SystemTime())
        defer { try? store.close() }
        return try store.readNow { reader in
            try reader.rows("SELECT entry FROM ledger WHERE kind = ? ORDER BY idx", [kind]).map {
                try JSON(parsing: $0["entry"] as String)
            }
        }
    }
}
