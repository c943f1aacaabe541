import AndonConnectors
import AndonModel
import AndonTesting

/// A Maximo connector beside its stand-in.
final class MaximoBench: Bench {
    let standIn: MaximoStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    static var setup: MaximoStandIn.Setup {
        var setup = MaximoStandIn.Setup()
        setup.assets = [
            "PRESS-07": ["description": "Stamping press 7", "siteid": "BEDFORD", "priority": 1, "location": "BR100"],
            "OLD-01": ["description": "Old press", "siteid": "BEDFORD", "status": "DECOMMISSIONED"],
        ]
        return setup
    }

    init(
        setup: MaximoStandIn.Setup = MaximoBench.setup, options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:], timeout: Duration = .seconds(60)
    ) async throws {
        standIn = MaximoStandIn(setup: setup)
        place = try await BenchPlace.make(standIn, timeout: timeout)
        var tables = tables
        if extra["signIn"] == nil, tables["apiKey"] == nil { tables["apiKey"] = ["env": "KEY"] }
        connector = try Self.connector(
            options(["url": "\(place.url)/maximo", "failureCode": "VISDEF"].merging(extra) { $1 }, tables: tables))
    }

    static func connector(_ settings: Settings) throws -> any Connector {
        let faults = SettingsFaults()
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        let connector = MaximoConnector(MaximoConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
        return connector
    }

    func copies(_ reference: Reference) -> Int {
        standIn.records.filter { $0.fields["externalrefid"]?.string == reference.text }.count
    }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        standIn.record(reference)?.files.map { ($0.name, $0.bytes) } ?? []
    }

    func notes(_ reference: Reference) -> [String] {
        (standIn.record(reference)?.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string }
    }

    func repair(_ reference: Reference) {
        let earlier = standIn.record(reference)?.fields["worklog"]?.array ?? []
        standIn.change(
            reference,
            [
                "status": "CLOSE", "historyflag": true, "actstart": "2026-11-24T07:00:00+01:00",
                "actfinish": "2026-11-24T09:00:00+01:00", "actlabhrs": 1.5, "lead": "FOREMAN",
                "labtrans": [
                    ["laborcode": "WILSON", "craft": "MECH", "regularhrs": 1.0, "premiumpayhours": 0.5]
                ],
                "matusetrans": [
                    [
                        "itemnum": "DIE-4", "description": "cutting die", "quantity": -2, "positivequantity": 2,
                        "issuetype": "ISSUE",
                    ],
                    ["itemnum": "DIE-4", "quantity": 1, "positivequantity": 1, "issuetype": "RETURN"],
                ],
                "failurereport": [
                    ["type": "PROBLEM", "failurecode": "SCRATCH"], ["type": "CAUSE", "failurecode": "WEAR"],
                    ["type": "REMEDY", "failurecode": "REPLACE"],
                ],
                "worklog": .array(
                    earlier + [
                        [
                            "description": "Repair", "createby": "WILSON",
                            "description_longdescription":
                                "<div>Die changed &amp; adjusted<br/>Run tested</div><!-- RICH TEXT -->",
                        ]
                    ]),
            ])
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        standIn.record(reference)?.fields["targstartdate"]?.string.flatMap { Timestamp($0) }
    }

    func facts(_ reference: Reference) -> JSON {
        standIn.record(reference)?.fields.without("targstartdate", "changedate") ?? .null
    }

    func disown(_ reference: Reference) {
        standIn.change(reference, ["externalrefid": "", "sourcesysid": ""])
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference, ["status": "CAN"])
    }

    func remove(_ reference: Reference) {
        standIn.remove(reference)
    }

    func expireSessions() {
        standIn.expireSessions()
    }

    func stop() async throws {
        try await place.stop()
    }
}
