import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation

/// The repository's own files.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

/// A connector of type `rest` from a configuration as a plant writes it.
func restConnector(
    _ section: String, files: @escaping (String) -> String? = { _ in nil }, secrets: [String: String] = [:]
) throws -> RESTConnector {
    let source = SecretSource(
        environment: { name in secrets[name] ?? testSecrets.environment(name) }, file: { _ in nil })
    var made: RESTConnector?
    _ = try Configuration.load(
        yaml: "plant: { name: P }\nconnectors:\n  cmms:\n    type: rest\n\(section)", secrets: source, files: files,
        check: { entry, reader in
            if entry.type == "rest" { made = RESTConnector(RESTConfiguration(reading: reader)) }
        })
    guard let made else { throw ConnectorError.refused("no connector of type rest in \(section)") }
    return made
}

/// Odoo described by `Examples/odoo.yaml` alone, beside its stand-in.
final class OdooBench: Bench {
    let standIn: OdooStandIn
    let place: BenchPlace
    let connector: any Connector

    var wire: any Wire { place.wire }
    var faults: FaultPlan { standIn.faults }
    var takesCopies: Bool { false }

    init(setup: OdooStandIn.Setup = OdooStandIn.Setup(), database: String = "odoo") async throws {
        standIn = OdooStandIn(setup: setup)
        place = try await BenchPlace.make(standIn)
        // A site with its own fields for cause and parts: the example's comments in force.
        let mapping = try Repository.text("Examples/odoo.yaml")
            .replacing(/(?m)^( *)# (( *)(parts|cause|method|path|body|rows|jsonrpc|id|params|service|args):)/) {
                $0.1 + $0.2
            }
        connector = try restConnector(
            """
                url: \(place.url)
                mappingFile: odoo.yaml
                user: andon
                password: { env: KEY }
                variables: { db: \(database) }
            """, files: { $0 == "odoo.yaml" ? mapping : nil })
    }

    func copies(_ reference: Reference) -> Int { standIn.requests(reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        standIn.rows("ir.attachment", of: reference).map {
            ($0["name"]?.string ?? "", Array(Data(base64Encoded: $0["datas"]?.string ?? "") ?? Data()))
        }
    }

    func notes(_ reference: Reference) -> [String] {
        standIn.rows("mail.message", of: reference).compactMap { $0["body"]?.string }
    }

    func repair(_ reference: Reference) {
        standIn.change(
            reference,
            [
                "stage_id": [3, "Repaired"], "duration": 1.5, "user_id": [9, "R. Wilson"], "close_date": "2026-11-24",
                "x_cause_code": "WEAR",
            ])
        standIn.add(
            "mail.message",
            ["model": "maintenance.request", "message_type": "comment", "body": "<p>Die changed</p>"], of: reference,
            as: "res_id")
        standIn.add("x_maintenance_part", ["x_code": "DIE-4", "x_quantity": 1], of: reference, as: "x_request_id")
    }

    func plannedDate(_ reference: Reference) -> Timestamp? {
        let text = standIn.requests(reference).first?["schedule_date"]?.string
        return moment(text?.replacing(" ", with: "T"), in: "UTC")
    }

    func facts(_ reference: Reference) -> JSON {
        guard let request = standIn.requests(reference).first else { return .null }
        return [
            "request": request.without("schedule_date", "write_date"),
            "messages": .array(standIn.rows("mail.message", of: reference).map { .object($0) }),
        ]
    }

    func disown(_ reference: Reference) { standIn.disown(reference) }
    func cancel(_ reference: Reference) { standIn.change(reference, ["archive": true]) }
    func remove(_ reference: Reference) { standIn.remove(reference) }
    /// There is no session there.
    func expireSessions() {}
    func stop() async throws { try await place.stop() }
}
