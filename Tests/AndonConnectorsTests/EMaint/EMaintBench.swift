import AndonConnectors
import AndonModel
import AndonTesting

/// An eMaint connector beside its stand-in.
final class EMaintBench: Bench {
    let standIn: EMaintStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: EMaintStandIn.Setup = EMaintStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = EMaintStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            ["url": place.url, "user": "andon", "timeZone": "America/Chicago"].merging(extra) { $1 },
            tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = EMaintConnector(EMaintConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.orders(reference).count }
    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { standIn.documents(reference) }

    func notes(_ reference: Reference) -> [String] {
        (standIn.orders(reference).first?["comments"]?.string ?? "").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("Seen again") }
    }

    func repair(_ reference: Reference) {
        standIn.change(
            reference,
            [
                "workstatus": "H", "stattype": "COMPLETED", "dt_cmpl": "2099-11-24T09:00:00", "hours": 9.0,
                "assignto": "POOL",
                "cause": "WEAR      ", "action": "Die changed",
            ],
            charges: [
                ["chargetype": "L", "hours": 1.0, "contactid": "WILSON"],
                ["chargetype": "L", "hours": 0.5, "contactid": "OTHER"],
                ["chargetype": "P", "item": "DIE-4", "qty": 1.0],
            ])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        moment(standIn.orders(reference).first?["sched_001"]?.string, in: "America/Chicago")
    }

    func facts(_ reference: Reference) -> JSON { standIn.orders(reference).first?.without("sched_001") ?? .null }

    func disown(_ reference: Reference) {
        standIn.change(reference, ["ext_ref001": "", "origin001": "", "brief_desc": "Scratch on the press"])
    }

    func cancel(_ reference: Reference) { standIn.change(reference, ["workstatus": "H", "stattype": "VOID"]) }
    func remove(_ reference: Reference) { standIn.change(reference, ["deleted": true]) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
