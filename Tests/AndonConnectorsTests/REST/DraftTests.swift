import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("A mapping proposed from the system's own description")
struct DraftTests {
    private static let openAPI = """
        openapi: 3.0.3
        info: { title: Plant Works, version: "1" }
        components:
          securitySchemes: { key: { type: apiKey, in: header, name: X-Works-Key } }
          schemas:
            Order:
              allOf:
                - $ref: "#/components/schemas/NewOrder"
                - properties:
                    id: { type: integer }
                    number: { type: string }
                    status: { type: string, enum: [NEW, STARTED, DONE, CANCELLED] }
                    completedAt: { type: string, format: date-time }
                    updatedAt: { type: string, format: date-time }
                    laborHours: { type: number }
                    rootCause: { type: string }
            NewOrder:
              required: [subject, site]
              properties:
                subject: { type: string, maxLength: 40 }
                description: { type: string, maxLength: 2000 }
                equipmentCode: { type: string }
                priority: { type: string, enum: [URGENT, HIGH, NORMAL, LOW] }
                externalReference: { type: string }
                reportedAt: { type: string, format: date-time }
                site: { type: string }
                colour: { type: string }
        paths:
          /assets: { get: { responses: {} }, post: { requestBody: { content: { application/json: { schema: {} } } }, responses: {} } }
          /workorders:
            post:
              summary: Make a work order
              requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/NewOrder" } } } }
              responses: { "201": { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
            get:
              parameters:
                - { name: externalReference, in: query, schema: { type: string } }
                - { name: updatedSince, in: query, schema: { type: string } }
                - { name: page, in: query, schema: { type: integer } }
              responses:
                "200":
                  content:
                    application/json:
                      schema: { properties: { items: { type: array, items: { $ref: "#/components/schemas/Order" } } } }
          /workorders/{orderId}:
            get: { responses: { "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } } }
          /workorders/{orderId}/attachments:
            post:
              requestBody:
                content:
                  multipart/form-data: { schema: { properties: { upload: { type: string, format: binary } } } }
              responses: { "201": {} }
          /workorders/{orderId}/comments:
            post:
              requestBody: { content: { application/json: { schema: { properties: { text: { type: string } } } } } }
              responses: { "201": {} }
        """

    private func draft(_ yaml: String) throws -> String {
        try MappingDraft.text(for: SystemDescription(openAPI: YAMLDocument.json(yaml)))
    }

    @Test("An OpenAPI description gives a mapping that loads and carries an order, with its doubts marked")
    func openAPI() async throws {
        let text = try draft(Self.openAPI)
        #expect(text.contains("signIn: apiKey, apiKeyHeader: X-Works-Key"))
        for line in [
            "path: \"/workorders\"", "subject: \"{title|line|cut:40}\"", "description: \"{text|cut:2000}\"",
            "equipmentCode: \"{asset}\"", "externalReference: \"{reference}\"",
            "reportedAt: \"{detectedAt|time:seconds}\"",
            "priority: \"{priority|table:priority}\"", "fileField: upload", "path: \"/workorders/{id}/comments\"",
            "labour: /laborHours", "cause: /rootCause", "updatedSince: \"{since|time:seconds}\"",
        ] { #expect(text.contains(line), "\(line) is not in\n\(text)") }
        #expect(text.contains("site: \"\"    # CHECK: required there (string), and nothing of ours fits"))
        #expect(text.contains("\"NEW\": open") && text.contains("\"DONE\": closed") && !text.contains("colour"))
        let orders = Orders()
        let server = try await StandInServer { await orders.answer($0) }
        let place = try await BenchPlace.make(Nobody())
        let connector = try restConnector(
            "    url: \(server.address)\n    mappingFile: m.yaml", files: { $0 == "m.yaml" ? text : nil })
        let order = SampleOrder.make()
        let receipt = try await connector.perform(.create(order), over: place.wire)
        #expect(receipt.number == "WO-1")
        #expect(try await connector.find(.create(order), over: place.wire).map(\.remoteID) == [receipt.remoteID])
        let remote = try #require(try await connector.read(receipt.remoteID, over: place.wire))
        #expect(remote.reference == order.reference && remote.state == .closed && remote.closure?.labourHours == 2)
        try await place.stop()
        try await server.stop()
    }

    /// The described system, with one order that is done at once.
    private actor Orders {
        var body: JSON = .null

        func answer(_ request: StandInRequest) -> StandInAnswer {
            if request.method == "POST" { body = (try? JSON(parsing: request.body)) ?? .null }
            var record = body.object ?? [:]
            record.merge([
                "id": 1, "number": "WO-1", "status": "DONE", "laborHours": 2, "completedAt": "2026-11-24T09:00:00Z",
            ]) { $1 }
            let isList = request.method == "GET" && request.path == "/workorders"
            let json: JSON = isList ? ["items": [.object(record)]] : .object(record)
            return .answer(status: 200, body: json.canonicalBytes)
        }
    }

    private final class Nobody: StandIn {
        static let type = "nobody"
        let faults = FaultPlan()
        func handle(_ request: StandInRequest) async -> StandInAnswer { .drop }
    }

    @Test("Without a field for our reference it stands in the title; urgencies are ranked; foreign numbers are doubted")
    func withoutReference() async throws {
        let yaml = """
            openapi: 3.1.0
            info: { title: Small }
            paths:
              /work-orders:
                post:
                  requestBody: { content: { application/json: { schema: { properties: { title: { type: string, maxLength: 60 }, priority: { type: string, enum: [NONE, LOW, HIGH] }, assetId: { type: integer } } } } } }
                  responses: { "200": { content: { application/json: { schema: { properties: { id: { type: integer }, status: { type: string } } } } } } }
            """
        let text = try draft(yaml)
        #expect(text.contains(#"title: "{title|line|cut:47} [{reference}]"    # CHECK"#), "\(text)")
        #expect(text.contains(#"where: [{ at: /title, contains: "[{reference}]" }]"#))
        #expect(text.contains(#"priority: { "1": "HIGH", "2": "LOW", "3": "NONE""#))
        #expect(text.contains(##"assetId: "{asset}"    # CHECK"##) && text.contains("reference: /title"))
        let server = try await StandInServer { _ in
            .answer(status: 200, body: Array(#"{"id":7,"status":"OPEN","title":"Scratch [x] [A7K2M9QX3F]"}"#.utf8))
        }
        let place = try await BenchPlace.make(Nobody())
        let connector = try restConnector("    url: \(server.address)\n    mappingFile: m.yaml", files: { _ in text })
        #expect(try await connector.read("7", over: place.wire)?.reference == Reference("A7K2M9QX3F"))
        try await place.stop()
        try await server.stop()
    }

    @Test("OData metadata gives a mapping that loads")
    func oData() throws {
        let metadata = """
            <edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0" xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices>
            <Schema Namespace="PM" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
            <EntityType Name="MaintenanceNotificationType"><Key><PropertyRef Name="MaintenanceNotification"/></Key>
            <Property Name="MaintenanceNotification" Type="Edm.String" Nullable="false" MaxLength="12" sap:creatable="false"/>
            <Property Name="NotificationText" Type="Edm.String" MaxLength="40"/>
            <Property Name="TechnicalObject" Type="Edm.String" MaxLength="40"/>
            <Property Name="MaintPriority" Type="Edm.String" MaxLength="1"/>
            <Property Name="MaintNotifExtReferenceNumber" Type="Edm.String" MaxLength="20"/>
            <Property Name="NotifProcessingPhase" Type="Edm.String" MaxLength="1"/>
            <Property Name="LastChangeDateTime" Type="Edm.DateTimeOffset"/></EntityType>
            <EntityContainer Name="C"><EntitySet Name="MaintenanceNotification" EntityType="PM.MaintenanceNotificationType"/></EntityContainer>
            </Schema></edmx:DataServices></edmx:Edmx>
            """
        let text = try MappingDraft.text(for: SystemDescription(oDataMetadata: Array(metadata.utf8)))
        for line in [
            "NotificationText: \"{title|line|cut:40}\"", "TechnicalObject: \"{asset}\"",
            "$filter: \"MaintNotifExtReferenceNumber eq '{reference}'\"", "path: \"/MaintenanceNotification('{id}')\"",
            "rows: \"/d/results\"", "LastChangeDateTime ge datetimeoffset'{since|time:seconds}'",
            "state: /NotifProcessingPhase",
        ] { #expect(text.contains(line), "\(line) is not in\n\(text)") }
        _ = try restConnector("    url: https://sap\n    mappingFile: m.yaml", files: { _ in text })
    }

    @Test("What is no description is refused in words")
    func refusals() {
        func words(_ body: () throws -> String) -> String {
            do { return try body() } catch { return "\(error)" }
        }
        #expect(words { try draft("swagger: \"2.0\"") }.contains("convert it to version 3"))
        #expect(words { try draft("openapi: 3.1.0") }.contains("has no paths"))
        #expect(words { try draft("openapi: 3.1.0\npaths: { /cats: { post: {} } }") }.contains("there are /cats"))
        #expect(
            words { try MappingDraft.text(for: SystemDescription(oDataMetadata: Array("<a>".utf8))) }
                .contains("no OData metadata"))
        let loop =
            "openapi: 3.0.0\ninfo: { title: L }\ncomponents: { schemas: { A: { $ref: \"#/components/schemas/A\" } } }\npaths: { /orders: { post: { requestBody: { content: { application/json: { schema: { $ref: \"#/components/schemas/A\" } } } } } } }"
        #expect(words { try draft(loop) }.contains("CHECK"), "a reference to itself ends")
    }
}
