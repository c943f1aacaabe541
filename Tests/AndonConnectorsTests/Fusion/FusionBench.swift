import AndonConnectors
import AndonModel
import AndonTesting

/// Options of a section within a section, as the file would give them.
func section(_ members: [String: String], secrets: [String: String] = [:]) -> Settings {
    var settings = options(members, tables: secrets.mapValues { ["env": $0] })
    settings.path = "section"
    return settings
}

/// A Fusion connector beside its stand-in.
final class FusionBench: Bench {
    let standIn: FusionStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }
    var takesCopies: Bool { false }

    init(
        setup: FusionStandIn.Setup = FusionStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = FusionStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        var settings = options(
            ["url": place.url, "organization": "BEDFORD"].merging(extra) { $1 }, tables: tables)
        let oauth = section(
            ["tokenUrl": place.url + "/oauth2/v1/token", "clientId": "client", "scope": "urn:opc:resource"],
            secrets: ["clientSecret": "KEY"])
        if case .map(let entries) = settings.value {
            let entry = Settings.Entry(key: "oauth", keyLine: 1, keyColumn: 1, value: oauth)
            settings = Settings(.map(entries + [entry]), line: 1, column: 1, path: "")
        }
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = FusionConnector(FusionConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.orders(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        (standIn.orders(reference).first?.files ?? []).compactMap { file in
            file.fields["FileName"]?.string.map { ($0, file.bytes) }
        }
    }

    func notes(_ reference: Reference) -> [String] {
        (standIn.orders(reference).first?.files ?? []).filter { $0.fields["DatatypeCode"] == "TEXT" }.map {
            ($0.fields["Title"]?.string ?? "") + "\n" + String(decoding: $0.bytes, as: UTF8.self)
        }
    }

    func repair(_ reference: Reference) {
        standIn.change(reference) { order in
            order.fields.merge([
                "WorkOrderStatusCode": "ORA_CLOSED", "ActualStartDate": "2026-11-24T07:00:00+00:00",
                "ActualCompletionDate": "2026-11-24T09:00:00.000+00:00",
            ]) { $1 }
            order.workers = ["WILSON"]
            order.resources = [
                ["ActualResourceUsage": 1, "UnitOfMeasure": "HR", "ResourceTypeCode": "LABOR"],
                ["ActualResourceUsage": "30", "UnitOfMeasure": "MIN", "ResourceTypeCode": "LABOR"],
                ["ActualResourceUsage": 4, "UnitOfMeasure": "HR", "ResourceTypeCode": "EQUIPMENT"],
            ]
            order.materials = [
                ["ItemNumber": "DIE-4", "IssuedQuantity": 1], ["ItemNumber": "OIL", "IssuedQuantity": 0],
            ]
            order.failures = [
                [
                    "FailureCode": "SCRATCH", "CauseCode": "WEAR", "ResolutionCode": "REPLACE",
                    "Comments": "Die changed",
                ]
            ]
        }
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        standIn.orders(reference).first?.fields["PlannedStartDate"]?.string.flatMap { Timestamp($0) }
    }

    func facts(_ reference: Reference) -> JSON {
        guard let order = standIn.orders(reference).first else { return .null }
        return [
            "order": order.fields.without("PlannedStartDate", "LastUpdateDate"),
            "files": .array(order.files.map { .object($0.fields) }),
        ]
    }

    /// The number is what says that an order is ours, and what it is found by; people's have the application's.
    func disown(_ reference: Reference) {
        standIn.change(reference) { order in
            order.fields["WorkOrderNumber"] = .string("WO\(order.fields["WorkOrderId"]?.integer ?? 0)")
            order.fields["WorkOrderDescription"] = "Scratch on the press"
            order.fields["WorkOrderDFF"] = [[:]]
        }
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference) { $0.fields["WorkOrderStatusCode"] = "ORA_CANCELED" }
    }

    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
