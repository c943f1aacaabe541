import AndonConnectors
import AndonModel
import AndonTesting

/// An S/4HANA connector beside its stand-in.
final class SAPBench: Bench {
    let standIn: SAPStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: SAPStandIn.Setup = SAPStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = SAPStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            ["url": place.url, "client": "100", "user": "ANDON", "timeZone": "Europe/Berlin"].merging(extra) { $1 },
            tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = SAPConnector(SAPConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.notifications(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        standIn.files(reference).map { ($0.name, $0.bytes) }
    }

    func notes(_ reference: Reference) -> [String] {
        (standIn.notifications(reference).first?.items ?? []).compactMap { $0["MaintNotifItemText"]?.string }
            .filter { $0.contains("[") }
    }

    /// A planner makes an order; two confirmations, one in minutes, and one that was cancelled.
    func repair(_ reference: Reference) {
        standIn.change(reference) { notification in
            notification.causes = [
                ["MaintNotificationCauseCode": "OLD", "IsDeleted": true],
                ["MaintNotificationCauseCode": "WEAR", "MaintNotifCauseCodeGroup": "PM", "IsDeleted": false],
            ]
            notification.activities = [["MaintNotifActyTxt": "Die changed", "IsDeleted": false]]
            notification.fields["NotifProcessingPhase"] = "4"
            notification.fields["NotificationCompletionDate"] = "/Date(1795478400000)/"
            notification.fields["CompletionTime"] = "PT12H30M00S"
        }
        standIn.confirm(
            reference,
            confirmations: [
                ["ActualWorkQuantity": "1.0", "ActualWorkQuantityUnit": "H", "PersonnelNumber": "00000000"],
                ["ActualWorkQuantity": "30", "ActualWorkQuantityUnit": "MIN", "PersonnelNumber": ""],
                ["ActualWorkQuantity": "2.0", "ActualWorkQuantityUnit": "H"],
                ["ActualWorkQuantity": "-2.0", "ActualWorkQuantityUnit": "H"],
            ],
            components: [
                ["Product": "DIE-4", "QuantityWithdrawnInBaseUnit": "1.000", "MaintOrdOpCompRequiredQuantity": "2"],
                ["Product": "OIL", "QuantityWithdrawnInBaseUnit": "0.000"],
            ])
        standIn.plan(
            reference, ["SystemStatusText": "CLSD CNF  GMPS MANC PRC", "MaintOrdPersonResponsible": "WILSON"])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        guard let fields = standIn.notifications(reference).first?.fields,
            let day = fields["RequiredEndDate"]?.string?.firstMatch(of: /\d+/).flatMap({ Int64($0.0) }),
            let clock = fields["RequiredEndTime"]?.string
        else { return nil }
        let date = Timestamp(microseconds: day * 1000).description.prefix(10)
        let time = clock.split { !$0.isNumber }.joined(separator: ":")
        return moment("\(date)T\(time)", in: "Europe/Berlin")
    }

    func facts(_ reference: Reference) -> JSON {
        guard let notification = standIn.notifications(reference).first else { return .null }
        return [
            "head": notification.fields.without("RequiredEndDate", "RequiredEndTime", "LastChangeDateTime"),
            "items": .array(notification.items.map { .object($0) }),
            "orders": .array(
                standIn.orders(reference).map { $0.without("MaintOrdBasicStartDateTime", "LastChangeDateTime") }),
        ]
    }

    func disown(_ reference: Reference) {
        standIn.change(reference) { $0.fields["MaintNotifExtReferenceNumber"] = "" }
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference) { $0.fields["NotifProcessingPhase"] = "5" }
    }

    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
