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

    func cancel(_ reference: Reference) {
        standIn.change(reference) { $0.fields["NotifProcessingPhase"] = "5" }
    }

    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
