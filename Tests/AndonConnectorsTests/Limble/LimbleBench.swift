import AndonConnectors
import AndonModel
import AndonTesting

/// A Limble connector beside its stand-in.
final class LimbleBench: Bench {
    let standIn: LimbleStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }

    init(
        setup: LimbleStandIn.Setup = LimbleStandIn.Setup(), options extra: [String: String] = [:],
        tables: [String: [String: String]] = [:]
    ) async throws {
        standIn = LimbleStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        let faults = SettingsFaults()
        let settings = options(
            ["url": place.url, "clientId": "client", "location": "73"].merging(extra) { $1 },
            tables: ["clientSecret": ["env": "KEY"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = LimbleConnector(LimbleConfiguration(reading: reader))
        if let fault = faults.faults.first { throw fault }
    }

    func copies(_ reference: Reference) -> Int { standIn.tasks(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        // The server puts a number before the name.
        (standIn.tasks(reference).first?.instructions ?? []).flatMap(\.files).map {
            (String($0.name.drop { $0 != "-" }.dropFirst()), $0.bytes)
        }
    }

    func notes(_ reference: Reference) -> [String] { standIn.tasks(reference).first?.comments ?? [] }

    func repair(_ reference: Reference) {
        standIn.change(reference) { task in
            task.fields.merge([
                "status": 1, "statusID": 2, "dateCompleted": 1_795_510_800, "completedByUser": 12,
                "completionNotes": "<p>Die changed</p>",
            ]) { $1 }
            task.labour = [["userID": 12, "timeSpent": 3600], ["userID": 13, "timeSpent": 1800]]
            task.parts = [["partID": 4, "partName": "DIE-4", "quantity": 1]]
            task.instructions.append(
                LimbleStandIn.Instruction(
                    id: 1,
                    fields: [
                        "instruction": "Root cause", "type": 4, "response": 78,
                        "options": [
                            ["itemOptionID": 77, "itemOptionText": "DIRT"],
                            ["itemOptionID": 78, "itemOptionText": "WEAR"],
                        ],
                    ]))
        }
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        standIn.tasks(reference).first?.fields["due"]?.integer.map { Timestamp(microseconds: Int64($0) * 1_000_000) }
    }

    func facts(_ reference: Reference) -> JSON {
        guard let task = standIn.tasks(reference).first else { return .null }
        return [
            "task": task.fields.without("due", "lastEdited"), "comments": .array(task.comments.map { .string($0) }),
            "tags": .array(task.tags.map { .string($0) }),
        ]
    }

    /// Limble has no status for it by default: this account made one.
    func disown(_ reference: Reference) {
        standIn.change(reference) { $0.fields.merge(["meta1": "", "meta2": ""]) { $1 } }
    }

    func cancel(_ reference: Reference) {
        standIn.change(reference) { $0.fields["statusID"] = 9 }
    }

    func remove(_ reference: Reference) {
        standIn.change(reference) { $0.isDeleted = true }
    }

    /// Keys do not run out.
    func expireSessions() {}

    func stop() async throws { try await place.stop() }
}
