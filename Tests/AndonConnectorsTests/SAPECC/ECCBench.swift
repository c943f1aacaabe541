import AndonConnectors
import AndonModel
import AndonTesting

/// A connector to ECC beside its stand-in.
final class ECCBench: Bench {
    let standIn: ECCStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: ECCStandIn.Setup = ECCStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = ECCStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            ["url": place.url, "client": "100", "user": "ANDON"].merging(extra) { $1 },
            tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = ECCConnector(ECCConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.notifications(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { [] }

    func notes(_ reference: Reference) -> [String] {
        (standIn.notifications(reference).first?.items ?? []).compactMap { $0["DESCRIPT"] }
            .filter { $0.contains("[") }
    }

    /// A planner makes an order; confirmations, one in minutes and one that was cancelled; a part that went back.
    func repair(_ reference: Reference) {
        standIn.change(reference) { notification in
            notification.causes = [
                ["CAUSE_CODE": "OLD", "DELETE_FLAG": "X"], ["CAUSE_CODE": "WEAR", "DELETE_FLAG": ""],
            ]
            notification.activities = [["ACTTEXT": "Die changed", "DELETE_FLAG": ""]]
            notification.header["SYS_STATUS"] = "NOCO ORAS"
            notification.header["COMPDATE"] = "2026-11-24"
            notification.header["COMPTIME"] = "12:30:00"
        }
        standIn.plan(
            reference, status: "CLSD CNF  GMPS", row: ["PHAS3": "X", "IDAT2": "20261124"],
            confirmations: [
                ["ISMNW": "1.0", "ISMNE": "H", "PERNR": "WILSON"],
                ["ISMNW": "30", "ISMNE": "MIN", "STZHL": "00000000"],
                ["ISMNW": "2.0", "ISMNE": "H", "STOKZ": "X"], ["ISMNW": "2.0-", "ISMNE": "H", "STZHL": "00000003"],
            ],
            reservations: [
                ["MATNR": "DIE-4", "ENMNG": "2.000"], ["MATNR": "DIE-4", "ENMNG": "1.000-"],
                ["MATNR": "OIL", "ENMNG": "0.000"], ["MATNR": "GONE", "ENMNG": "1.000", "XLOEK": "X"],
            ])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        let header = standIn.notifications(reference).first?.header ?? [:]
        return moment("\(header["DESENDDATE"] ?? "")T\(header["DESENDTM"] ?? "")", in: "Europe/Berlin")
    }

    func facts(_ reference: Reference) -> JSON {
        guard let notification = standIn.notifications(reference).first else { return .null }
        let stamps = ["DESENDDATE", "DESENDTM", "CHANGED_ON", "CHANGED_AT"]
        let head = notification.header.filter { !stamps.contains($0.key) }.mapValues { JSON.string($0) }
        func rows(_ rows: [ECCStandIn.Row]) -> JSON { .array(rows.map { .object($0.mapValues { .string($0) }) }) }
        return ["head": .object(head), "items": rows(notification.items), "text": rows(notification.longText)]
    }

    func disown(_ reference: Reference) {
        standIn.change(reference) { notification in
            notification.header["DEVICEDATA"] = ""
            notification.header["REPORTEDBY"] = "MILLER"
            notification.longText = []
        }
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference) { $0.header["SYS_STATUS"] = "DLFL OSNO" }
    }

    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
