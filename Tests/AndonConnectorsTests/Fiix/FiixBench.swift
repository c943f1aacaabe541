import AndonConnectors
import AndonModel
import AndonTesting

/// A Fiix connector beside its stand-in.
final class FiixBench: Bench {
    let standIn: FiixStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: FiixStandIn.Setup = FiixStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = FiixStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            ["url": place.url, "appKey": "app", "accessKey": "access", "site": "BEDFORD", "user": "andon"]
                .merging(extra) { $1 }, tables: ["secretKey": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = FiixConnector(FiixConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.orders(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] { standIn.files(reference) }

    func notes(_ reference: Reference) -> [String] {
        standIn.rows("WorkOrderTask", of: reference).compactMap { $0["strDescription"]?.string }.filter {
            $0.hasPrefix("Seen again")
        }
    }

    func repair(_ reference: Reference) {
        standIn.change(
            reference,
            [
                "intWorkOrderStatusID": 9103, "dtmDateCompleted": 1_795_510_800_000, "intCompletedByUserID": 12,
                "strCompletionNotes": "Die changed", "intRCACauseID": 31,
            ])
        standIn.add("WorkOrderTask", to: reference, ["strDescription": "change", "dblTimeSpentHours": 1.0])
        standIn.add("WorkOrderTask", to: reference, ["strDescription": "test", "dblTimeSpentHours": 0.5])
        standIn.add(
            "WorkOrderPart", to: reference, ["intPartID": 1001, "qtySuggestedQuantity": 9, "qtyActualQuantityUsed": 1])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        standIn.orders(reference).first?["dtmSuggestedCompletionDate"]?.integer.map {
            Timestamp(microseconds: Int64($0) * 1000)
        }
    }

    func facts(_ reference: Reference) -> JSON {
        guard let order = standIn.orders(reference).first else { return .null }
        return [
            "order": order.without("dtmSuggestedCompletionDate", "intUpdated"),
            "tasks": .array(standIn.rows("WorkOrderTask", of: reference).map { .object($0) }),
        ]
    }

    func disown(_ reference: Reference) {
        standIn.change(reference, ["strAdminNotes": "", "strDescription": "Scratch on the press"])
    }

    func cancel(_ reference: Reference) { standIn.change(reference, ["intWorkOrderStatusID": 9104]) }
    func remove(_ reference: Reference) { standIn.remove(reference) }

    /// Keys do not run out.
    func expireSessions() {}

    func stop() async throws { try await place.stop() }
}
