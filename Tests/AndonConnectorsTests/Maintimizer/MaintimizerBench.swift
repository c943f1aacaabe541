import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation

/// The file exchange in a real folder, with the site's importer on the other side.
final class MaintimizerBench: Bench {
    let importer: MaintimizerImporter
    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    private let folder: TemporaryFolder
    private let live: LiveWire

    var takesCopies: Bool { false }
    var speaksHTTP: Bool { false }
    var seesRemoval: Bool { false }

    /// - Parameter isQuick: the importer looks right after each write; else when the test lets it.
    init(
        isQuick: Bool = true, equipment: Set<String>? = nil, options extra: [String: String] = [:]
    ) async throws {
        let folder = try TemporaryFolder("andon-drop")
        self.folder = folder
        let importer = try MaintimizerImporter(folder: folder.path, equipment: equipment)
        self.importer = importer
        let time = SystemTime()
        live = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        wire = FaultyWire(
            live, faults: faults, applies: { $0.method == "PUT" }, after: { if isQuick { try? importer.run() } })
        let faults = SettingsFaults()
        let settings = options(
            ["folder": folder.path, "encoding": "utf8", "timeZone": "Europe/Berlin"].merging(extra) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = MaintimizerConnector.make(MaintimizerConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { importer.made[reference.text] == nil ? 0 : 1 }
    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { importer.files(reference) }
    func notes(_ reference: Reference) -> [String] { [] }

    func repair(_ reference: Reference) {
        importer.close(
            reference,
            [
                "Status": "Closed", "CompletedDate": "11/24/2026", "CompletedTime": "13:30", "LaborHours": "1.5",
                "Parts": "DIE-4 x 1", "CauseCode": "WEAR", "Resolution": "Die changed", "Technician": "R. Wilson",
            ])
    }

    func cancel(_ reference: Reference) { importer.close(reference, ["Status": "Void"]) }
    func remove(_ reference: Reference) {}
    func expireSessions() {}
    func stop() async throws { await live.close() }
}
