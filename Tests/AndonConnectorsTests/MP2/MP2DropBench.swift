import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation

/// MP2's file exchange in real folders, with the site's job on the other side.
final class MP2DropBench: Bench {
    let job: MP2Job
    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    let folder: TemporaryFolder
    private let share: TemporaryFolder
    private let live: LiveWire

    var takesCopies: Bool { false }
    var speaksHTTP: Bool { false }
    var seesRemoval: Bool { false }

    /// - Parameter isQuick: the job looks right after each write; else when the test lets it.
    init(isQuick: Bool = true, options extra: [String: String] = [:]) async throws {
        let folder = try TemporaryFolder("andon-mp2-drop")
        self.folder = folder
        share = try TemporaryFolder("andon-mp2-share")
        let job = try MP2Job(folder: folder.path)
        self.job = job
        let time = SystemTime()
        live = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        wire = FaultyWire(
            live, faults: faults, applies: { $0.method == "PUT" }, after: { if isQuick { try? job.run() } })
        let faults = SettingsFaults()
        let settings = options(
            [
                "way": "folder", "folder": folder.path, "share": share.path, "uncPath": "\\\\PLANTNAS\\andon",
                "encoding": "utf8", "timeZone": "Europe/Berlin",
            ].merging(extra) { $1 }, tables: ["states": ["X": "cancelled"]])
        connector = MP2Connector.make(
            MP2Configuration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets)))
        if let fault = faults.faults.first { throw fault }
    }

    func number(_ reference: Reference) -> String { "AV" + reference.text.suffix(8) }

    func copies(_ reference: Reference) -> Int { job.made[number(reference)] == nil ? 0 : 1 }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: share.path)) ?? []
        return names.filter { $0.hasPrefix("andon-\(reference)") && !$0.hasSuffix(".tmp") }.map {
            ($0, Array(FileManager.default.contents(atPath: "\(share.path)/\($0)") ?? Data()))
        }
    }

    func notes(_ reference: Reference) -> [String] { [] }

    func repair(_ reference: Reference) {
        try? job.close(
            number(reference),
            [
                "STATUS": "C", "COMPLETIONDATE": "2026-11-24", "COMPLETIONTIME": "13:30:00", "LABORHOURS": "1.5",
                "PARTS": "DIE-4=1;OIL=0", "RFOCODE": "WEAR", "EMPCODES": "R. Wilson",
                "TEXTS": (job.made[number(reference)]?["TEXTS"] ?? "") + "Die changed",
            ])
    }

    func cancel(_ reference: Reference) { try? job.close(number(reference), ["STATUS": "X"]) }
    func remove(_ reference: Reference) {}
    func expireSessions() {}
    func stop() async throws { await live.close() }
}
