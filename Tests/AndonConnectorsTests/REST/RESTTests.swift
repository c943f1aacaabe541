import AndonConfiguration
import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Crypto
import Foundation
import Synchronization
import Testing

/// A system that nobody wrote a connector for: it keeps every request and answers by its path.
final class PlainSystem: StandIn {
    static let type = "plain"
    let faults = FaultPlan()
    let seen = Mutex<[StandInRequest]>([])
    let answers: @Sendable (StandInRequest) -> (Int, String)

    init(_ answers: @escaping @Sendable (StandInRequest) -> (Int, String)) {
        self.answers = answers
    }

    var requests: [StandInRequest] { seen.withLock { $0 } }

    func handle(_ request: StandInRequest) async -> StandInAnswer {
        seen.withLock { $0.append(request) }
        let (status, body) = answers(request)
        return .answer(status: status, headers: [("set-cookie", "sid=7; Path=/")], body: Array(body.utf8))
    }
}

@Suite("Any REST system by a mapping file")
struct RESTTests {

    /// A connector to `system` whose section and mapping have these further lines.
    private func make(
        _ place: BenchPlace, section: String = "", create: String, _ mapping: String = ""
    ) throws -> RESTConnector {
        try restConnector(
            """
                url: \(place.url)
            \(section)
                mapping:
                  create: \(create)
                  find: { path: /find, rows: /items, id: /id }
                  read: { path: "/orders/{id}" }
                  order: { id: /id, state: /status }
            \(mapping)
            """)
    }

    private static let simple = "{ method: POST, path: /orders, body: { ref: \"{reference}\" }, take: { id: /id } }"

    @Test("The sample's whole language carries an order, its picture, a note and the way back")
    func sample() async throws {
        let system = PlainSystem { request in
            switch (request.method, request.path) {
            case ("POST", "/api/orders"): (201, #"{"id":41,"number":"WO-41"}"#)
            case ("GET", "/api/orders") where request.query["externalId"] != nil:
                (200, #"{"items":[{"id":41,"number":"WO-41","externalId":"A7K2M9QX3F"},{"id":42,"externalId":"X"}]}"#)
            case ("GET", "/api/orders"): (200, #"{"items":[]}"#)
            case ("GET", "/api/orders/41"):
                (
                    200,
                    #"{"id":41,"externalId":"A7K2M9QX3F","status":"done","closedAt":1795500000,"causeCode":"WEAR","notes":[{"text":"Die changed"},{"text":"Seen again: 2"}],"parts":[{"code":"DIE-4","quantity":"1"}]}"#
                )
            case ("GET", "/api/orders/41/labour"):
                (200, #"{"items":[{"minutes":60,"person":"WILSON"},{"minutes":30}]}"#)
            default: (200, #"{"id":1,"items":[]}"#)
            }
        }
        let place = try await BenchPlace.make(system)
        let section = try Repository.text("Sources/AndonConnectors/REST/sample.yaml")
            .replacing("connectors:\n  rest:\n", with: "")
            .replacing("https://cmms.plant.example/api", with: place.url + "/api")
            .replacing("CMMS_TOKEN", with: "KEY")
        let connector = try restConnector(section)
        let order = SampleOrder.make()
        let receipt = try await connector.perform(.create(order), over: place.wire)
        #expect(receipt == Receipt(remoteID: "41", number: "WO-41", link: "\(place.url)/api/orders/41"))
        let sent = try #require(system.requests.first)
        let body = try JSON(parsing: sent.body)
        #expect(
            body["priority"] == "HIGH" && body["confidence"] == 0.94 && body["detectedAt"] == "2026-11-23T21:09:00Z")
        #expect(body["asset"] == "PRESS-07" && body["source"] == "AI vision detection" && body["site"] == "main")
        #expect(sent[header: "authorization"] == "Bearer test-key" && sent[header: "idempotency-key"] == "A7K2M9QX3F")
        #expect(try await connector.find(.create(order), over: place.wire) == [receipt])
        let remote = try #require(try await connector.read("41", over: place.wire))
        #expect(remote.state == .closed && remote.closure?.labourHours == 1.5 && remote.closure?.causeCode == "WEAR")
        #expect(remote.closure?.parts == [Closure.Part(code: "DIE-4", quantity: 1)])
        #expect(remote.closure?.technician == "WILSON" && remote.closure?.notes == "Die changed")
        #expect(remote.closure?.closedAt == Timestamp("2026-11-24T06:00:00Z"))
        let folder = try TemporaryFolder()
        try Data("picture".utf8).write(to: URL(fileURLWithPath: folder.path + "/p"))
        let attachment = Attachment(
            reference: order.reference, role: .original,
            picture: Picture(sha256: String(repeating: "a", count: 64), bytes: 7, mediaType: .jpeg))
        _ = try await connector.perform(.attach(attachment, file: folder.path + "/p", to: "41"), over: place.wire)
        let upload = try #require(system.requests.last)
        #expect(upload.path == "/api/orders/41/files")
        #expect(
            String(decoding: upload.body, as: UTF8.self).contains("name=\"file\"; filename=\"\(attachment.fileName)\""))
        #expect(connector.traits.reschedules)
        var moved = order
        moved.scheduledAt = Timestamp("2026-12-01T06:30:00Z")
        try await connector.reschedule(moved, remoteID: "41", over: place.wire)
        let move = try #require(system.requests.last)
        #expect(move.method == "PATCH" && move.path == "/api/orders/41")
        #expect(try JSON(parsing: move.body) == ["plannedAt": "2026-12-01T06:30:00Z"])
        #expect(connector.mapping.contains { $0.field == "/priority" && $0.source == "{priority|table:priority}" })
        try await place.stop()
    }

    @Test("A mapping without reschedule moves no date, and says so before the first order")
    func noReschedule() async throws {
        let place = try await BenchPlace.make(PlainSystem { _ in (200, "{}") })
        let connector = try make(place, create: Self.simple)
        #expect(!connector.traits.reschedules)
        let order = SampleOrder.make(kind: .predictive, scheduledAt: Timestamp("2026-12-01T06:30:00Z"))
        let error = await #expect(throws: ConnectorError.self) {
            try await connector.reschedule(order, remoteID: "1", over: place.wire)
        }
        #expect(error?.name == "refused" && error?.detail.contains("reschedule") == true)
        try await place.stop()
    }

    @Test("Each kind of sign-in puts its credentials where the system wants them")
    func signIns() async throws {
        let system = PlainSystem { request in
            request.path == "/token"
                ? (200, #"{"access_token":"tok","expires_in":60}"#) : (201, #"{"id":"1","token":"s1"}"#)
        }
        let place = try await BenchPlace.make(system)
        func last(_ section: String, _ mapping: String = "") async throws -> StandInRequest {
            let connector = try make(place, section: section, create: Self.simple, mapping)
            _ = try await connector.perform(.create(SampleOrder.make()), over: place.wire)
            return try #require(system.requests.last)
        }
        let basic = try await last("    signIn: basic\n    user: u\n    password: { env: KEY }")
        #expect(basic[header: "authorization"] == "Basic " + Data("u:test-key".utf8).base64EncodedString())
        let header = try await last("    signIn: apiKey\n    apiKey: { env: KEY }")
        #expect(header[header: "x-api-key"] == "test-key")
        let query = try await last("    signIn: apiKey\n    apiKey: { env: KEY }\n    apiKeyQuery: key")
        #expect(query.query["key"] == "test-key" && query[header: "x-api-key"] == nil)
        let oauth = try await last(
            "    signIn: oauth\n    oauth: { tokenUrl: \"\(place.url)/token\", clientId: c, clientSecret: { env: KEY } }"
        )
        #expect(oauth[header: "authorization"] == "Bearer tok")
        let session = try await last(
            "    user: u\n    password: { env: KEY }",
            """
                  keepCookies: true
                  login: { method: POST, path: /login, body: { u: "{auth.user}", p: "{auth.password}" }, take: { t: /token } }
                  headers: { X-Session: "{session.t}" }
            """)
        #expect(session[header: "x-session"] == "s1" && session[header: "cookie"] == "sid=7")
        try await place.stop()
    }

    @Test("A signature is the keyed hash of the message that the system wants")
    func signature() async throws {
        let system = PlainSystem { _ in (201, #"{"id":"1"}"#) }
        let place = try await BenchPlace.make(system)
        // RFC 4231, test case 2.
        let fixed = try restConnector(
            """
                url: \(place.url)
                signIn: hmac
                hmac: { key: { env: JEFE }, message: "what do ya want for nothing?", value: "{signature}", header: X-Signature }
                mapping:
                  create: \(Self.simple)
                  find: { path: /find, rows: /items, id: /id }
                  read: { path: "/orders/{id}" }
                  order: { id: /id, state: /status }
            """, secrets: ["JEFE": "Jefe"])
        _ = try await fixed.perform(.create(SampleOrder.make()), over: place.wire)
        #expect(
            system.requests.last?[header: "x-signature"]
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let whole = try make(
            place,
            section: """
                    signIn: hmac
                    hmac: { key: { env: KEY }, keyId: andon, message: "{method}\\n{path}\\n{date}\\n{body}", value: "HMAC {keyId}:{signature}", dateHeader: X-Date, dateForm: epoch, encoding: base64 }
                """, create: Self.simple)
        _ = try await whole.perform(.create(SampleOrder.make()), over: place.wire)
        let sent = try #require(system.requests.last)
        let date = try #require(sent[header: "x-date"])
        let message = "POST\n/orders\n\(date)\n" + String(decoding: sent.body, as: UTF8.self)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(message.utf8), using: SymmetricKey(data: Array("test-key".utf8)))
        #expect(sent[header: "authorization"] == "HMAC andon:\(Data(code).base64EncodedString())")
        try await place.stop()
    }

    @Test("Errors are sorted by the mapping's rules first, then by the status")
    func errors() async throws {
        let next = Mutex((200, ""))
        let system = PlainSystem { _ in next.withLock { $0 } }
        let place = try await BenchPlace.make(system)
        let connector = try make(
            place, create: Self.simple,
            """
                  success: { at: /ok, equals: true }
                  words: [/error/text]
                  errors:
                    - { status: 422, contains: "busy now", then: busy }
                    - { at: /error/code, equals: 7, then: unauthorized }
                    - { status: 409, then: success }
            """)
        func error(_ status: Int, _ body: String) async -> String {
            next.withLock { $0 = (status, body) }
            do {
                _ = try await connector.perform(.create(SampleOrder.make()), over: place.wire)
                return "none"
            } catch {
                return "\(error.name): \(error.detail)"
            }
        }
        #expect(await error(200, #"{"ok":true,"id":"1"}"#) == "none")
        #expect(await error(200, #"{"ok":false,"error":{"text":"no such asset"}}"#) == "refused: no such asset")
        #expect(await error(200, #"{"ok":true}"#).hasPrefix("answer-lost"))
        #expect(await error(422, #"{"error":{"text":"Busy now, later"}}"#) == "busy: Busy now, later")
        #expect(await error(422, #"{"error":{"text":"too long"}}"#) == "refused: too long")
        #expect(await error(400, #"{"error":{"text":"licence","code":7}}"#) == "unauthorized: licence")
        #expect(await error(409, #"{"id":"9"}"#) == "none")
        #expect(await error(404, #"{"error":{"text":"no route"}}"#).hasPrefix("refused"))
        #expect(await error(500, "oops").hasPrefix("answer-lost"))
        #expect(await error(302, "").hasPrefix("unauthorized"))
        try await place.stop()
    }

    @Test("Pages go on by number or by the system's own token, and never to another host")
    func pages() async throws {
        let system = PlainSystem { request in
            switch (request.path, request.query["page"], request.query["after"]) {
            case ("/numbered", "0", _): (200, #"[{"id":1,"status":"x"},{"id":2,"status":"x"}]"#)
            case ("/numbered", _, _): (200, #"[{"id":3,"status":"x"}]"#)
            case ("/token", _, nil), ("/token", _, ""): (200, #"{"rows":[{"id":1,"status":"x"}],"next":"t 2;x"}"#)
            case ("/token", _, "t 2;x"): (200, #"{"rows":[{"id":2,"status":"x"}]}"#)
            case ("/links", _, _): (200, #"{"rows":[{"id":1,"status":"x"}],"next":"https://evil.example/steal"}"#)
            default: (404, "{}")
            }
        }
        let place = try await BenchPlace.make(system)
        func ids(_ changes: String, _ extra: String = "") async throws -> [String] {
            let connector = try make(place, create: Self.simple, "      changes: \(changes)\n\(extra)")
            var cursor: String?
            var ids: [String] = []
            for _ in 0..<5 {
                let page = try await connector.changes(after: cursor, over: place.wire)
                ids += page.orders.map(\.remoteID)
                cursor = page.cursor
                if !page.more { break }
            }
            return ids
        }
        let numbered = "{ path: /numbered, query: { page: \"{page}\" }, rows: \"$[*]\" }"
        #expect(try await ids(numbered, "      pageSize: 2\n      firstPage: 0") == ["1", "2", "3"])
        #expect(
            try await ids("{ path: /token, query: { after: \"{next}\" }, rows: /rows, next: /next }") == ["1", "2"])
        let error = await #expect(throws: ConnectorError.self) {
            _ = try await ids("{ path: \"{next|default:/links}\", rows: /rows, next: /next }")
        }
        #expect(error?.detail.contains("nothing is sent there") == true)
        try await place.stop()
    }

    @Test("What a value holds stays within its place: JSON, form, address and header")
    func injection() async throws {
        let system = PlainSystem { _ in (201, #"{"id":"1"}"#) }
        let place = try await BenchPlace.make(system)
        let nasty = "a\"b\\c&d=e/../f?g#h\r\nX-Evil: 1\u{0}<x>"
        var order = SampleOrder.make()
        order.lot = nasty
        let call = """
            { method: POST, path: "/orders/{lot}/x", query: { q: "{lot}" }, headers: { X-Lot: "{lot}" }, form: { f: "{lot}" }, take: { id: /id } }
            """
        _ = try await make(place, create: call).perform(.create(order), over: place.wire)
        let sent = try #require(system.requests.last)
        #expect(sent.path == "/orders/\(nasty)/x" && sent.query["q"] == nasty && sent[header: "x-evil"] == nil)
        #expect(String(decoding: sent.body, as: UTF8.self).hasPrefix("f=a%22b%5Cc%26d%3De"))
        let json = "{ method: POST, path: /o, body: { v: [\"{lot}\", \"x {lot} y\"] }, take: { id: /id } }"
        _ = try await make(place, create: json).perform(.create(order), over: place.wire)
        let body = try JSON(parsing: try #require(system.requests.last).body)
        #expect(body["v"] == [.string(nasty), .string("x \(nasty) y")])
        try await place.stop()
    }

    @Test("Paths name the values that RFC 6901 and RFC 9535 say")
    func paths() async throws {
        let answer = #"{"a":{"b c":[{"k":"x","v":1},{"k":"y","v":2}]},"m~n":{"p/q":3}}"#
        let system = PlainSystem { _ in (201, answer) }
        let place = try await BenchPlace.make(system)
        let cases = [
            ("/a/b c/1/v", "2"), ("/m~0n/p~1q", "3"), ("$.a['b c'][0].v", "1"), ("$.a['b c'][-1].v", "2"),
            ("$.a['b c'][?(@.k == 'y')].v", "2"), ("$.a['b c'][*].k", "x"), ("$['m~n']['p/q']", "3"),
        ]
        for (path, value) in cases {
            let call = "{ method: POST, path: /o, body: { r: \"{reference}\" }, take: { id: \"\(path)\" } }"
            let receipt = try await make(place, create: call).perform(.create(SampleOrder.make()), over: place.wire)
            #expect(receipt.remoteID == value, "\(path)")
        }
        try await place.stop()
    }

    @Test("Faults of a mapping are named with their file and line before the first order")
    func faults() {
        func fault(_ mapping: String) -> String {
            do {
                _ = try restConnector(
                    "    url: https://x\n    mappingFile: m.yaml", files: { $0 == "m.yaml" ? mapping : nil })
                return "none"
            } catch {
                return "\(error)"
            }
        }
        let rest = """
            find: { path: /f, rows: /r, id: /id }
            read: { path: /o }
            order: { id: /id, state: /s }
            """
        let good = "create: { method: POST, path: /o, take: { id: /id } }\n"
        #expect(fault(good + rest) == "none", "\(fault(good + rest))")
        let cases = [
            ("create: { path: \"/{nonsense}\", take: { id: /id } }\n" + rest, "m.yaml:1:17: create.path: {nonsense}"),
            ("create: { path: /o, take: { id: id } }\n" + rest, "should be a JSON Pointer"),
            (
                "create: { path: /o, body: { p: \"{priority|table:none}\" }, take: { id: /id } }\n" + rest,
                "no table \"none\""
            ),
            ("create: { path: /o, body: { p: \"{priority|shout}\" }, take: { id: /id } }\n" + rest, "is not a filter"),
            ("create: { path: /o }\n" + rest, "must give the id"),
            (good + "read: { path: /o }\norder: { id: /id, state: /s }", "\"find\" is required"),
            (good + rest + "\nerrors: [{ status: 9, then: busy }]", "should be a status"),
            (good + rest + "\nerrors: [{ status: 409 }]", "\"then\" is required"),
            (good + rest + "\nfidn: {}", "did you mean \"find\"?"),
            (good + "  - broken", "is not YAML"),
        ]
        for (mapping, words) in cases { #expect(fault(mapping).contains(words), "\(words) not in \(fault(mapping))") }
        #expect(fault(good + rest).isEmpty == false)
    }

    @Test("The example for E-Business eAM numbers orders itself and believes no status of 200")
    func eBusiness() async throws {
        let next = Mutex(
            #"{"OutputParameters":{"X_RETURN_STATUS":"S","X_EAM_WO_REC":{"WIP_ENTITY_ID":71,"WIP_ENTITY_NAME":"AV-1"}}}"#
        )
        let system = PlainSystem { request in
            request.path.hasPrefix("/andon_wo/orders/71")
                ? (200, #"{"wip_entity_id":71,"attribute1":"A7K2M9QX3F","status_type":12,"labour":[{"hours":1.5}]}"#)
                : (200, next.withLock { $0 })
        }
        let place = try await BenchPlace.make(system)
        let mapping = try Repository.text("Examples/oracle-ebs.yaml")
        let connector = try restConnector(
            "    url: \(place.url)\n    mappingFile: m.yaml\n    signIn: basic\n    user: u\n    password: { env: KEY }",
            files: { $0 == "m.yaml" ? mapping : nil })
        let receipt = try await connector.perform(.create(SampleOrder.make()), over: place.wire)
        #expect(receipt == Receipt(remoteID: "71", number: "AV-1"))
        let sent = try JSON(parsing: try #require(system.requests.first).body)
        let record = sent.value(at: "/PROCESS_WO_Input/InputParameters/P_EAM_WO_REC")
        #expect(record?["WIP_ENTITY_NAME"] == "AV-A7K2M9QX3F" && record?["ORGANIZATION_ID"] == 204)
        #expect(record?["SCHEDULED_START_DATE"] == nil && record?["WORK_ORDER_TYPE"] == "10")
        let remote = try await connector.read("71", over: place.wire)
        #expect(remote?.state == .closed && remote?.closure?.labourHours == 1.5)
        for (status, name) in [("E", "refused"), ("U", "answer-lost")] {
            next.withLock { $0 = #"{"OutputParameters":{"X_RETURN_STATUS":"\#(status)","X_MSG_DATA":"why"}}"# }
            let error = await #expect(throws: ConnectorError.self) {
                try await connector.perform(.create(SampleOrder.make()), over: place.wire)
            }
            #expect(error?.name == name && error?.detail == "why")
        }
        try await place.stop()
    }
}
