import AndonConnectors
import AndonModel
import AndonTesting

/// An Infor EAM connector beside its stand-in.
final class InforBench: Bench {
    let standIn: InforStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: InforStandIn.Setup = InforStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = InforStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            [
                "url": place.url + "/axis/restservices", "tenant": "ACME_PRD", "organization": "BEDFORD",
                "user": "andon", "dataspy": "101", "serverTimeZone": "Europe/Berlin",
            ].merging(extra) { $1 }, tables: ["password": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = InforConnector(InforConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.orders(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        standIn.files(reference).map { ($0.name, $0.bytes) }
    }

    func notes(_ reference: Reference) -> [String] { standIn.orders(reference).first?.comments.map(\.text) ?? [] }

    func repair(_ reference: Reference) {
        standIn.change(reference) { order in
            var body = order.body.object ?? [:]
            body["STATUS"] = ["STATUSCODE": "C"]
            body["CAUSECODEID"] = ["CAUSECODE": "WEAR"]
            body["COMPLETEDDATE"] = Self.completed
            order.body = .object(body)
            order.labour = [
                ["hours": "1.00", "employee": "RWI", "employeedesc": "R. Wilson"], ["hours": "1.5", "employee": "RWI"],
                ["hours": "-1.0", "employee": "RWI"],
            ]
            order.parts = [
                ["partcode": "DIE-4", "partdescription": "Die four", "usedqty": "1.0000", "plannedqty": "2"],
                ["partcode": "OIL", "usedqty": "0", "plannedqty": "1"],
            ]
            order.comments.append((type: "+", text: "Die changed"))
        }
    }

    /// 1 January 2027, 00:30 in Berlin: the year of its instant in UTC is the one before.
    static let completed: JSON = [
        "YEAR": 1_798_758_000_000, "MONTH": 1, "DAY": 1, "HOUR": 0, "MINUTE": 30, "SECOND": 0, "SUBSECOND": 0,
        "TIMEZONE": "+0100", "qualifier": "OTHER",
    ]

    func plannedDate(_ reference: Reference) -> Timestamp? {
        guard let date = standIn.orders(reference).first?.body["TARGETDATE"], let year = date["YEAR"]?.integer else {
            return nil
        }
        func two(_ name: String) -> String { String("0\(date[name]?.integer ?? -1)".suffix(2)) }
        let day = "\(Timestamp(microseconds: Int64(year) * 1000).description.prefix(4))-\(two("MONTH"))-\(two("DAY"))"
        return moment("\(day)T\(two("HOUR")):\(two("MINUTE")):\(two("SECOND"))", in: "Europe/Berlin")
    }

    func facts(_ reference: Reference) -> JSON {
        guard let order = standIn.orders(reference).first else { return .null }
        return [
            "body": (order.body.object ?? [:]).without("TARGETDATE", "recordid"),
            "comments": .array(order.comments.map { .string($0.text) }),
        ]
    }

    func disown(_ reference: Reference) {
        standIn.change(reference) { order in
            var body = order.body.object ?? [:]
            var fields = body["UserDefinedFields"]?.object ?? [:]
            fields["UDFCHAR01"] = ""
            fields["UDFCHAR02"] = ""
            body["UserDefinedFields"] = .object(fields)
            order.body = .object(body)
        }
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference) { order in
            var body = order.body.object ?? [:]
            body["STATUS"] = ["STATUSCODE": "CANC"]
            order.body = .object(body)
        }
    }

    func remove(_ reference: Reference) { standIn.remove(reference) }
    func expireSessions() { standIn.expireSessions() }
    func stop() async throws { try await place.stop() }
}
