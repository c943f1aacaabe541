import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// A server that was stopped, changed behind its back, and started again with keys for programs.
struct ReopenedServer {
    let process: AndonProcess
    /// By the name of the key.
    let clients: [String: TestClient]

    /// - Parameters:
    ///   - keys: what each may do, and where.
    ///   - change: what is done to the store in between.
    init(
        _ server: ServerFixture, keys: [String: (may: Set<Permission>, at: Set<String>)] = [:],
        change: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws {
        try await server.process.stop()
        let store = try Store(
            folder: try TestDatabase.folder(server.data), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        try await store.write { try change($0) }
        var texts: [String: String] = [:]
        for (name, rights) in keys {
            texts[name] = try await APIKeys(store).make(
                name: name, permissions: rights.may, sites: rights.at, by: "test"
            ).text
        }
        try store.close()
        let process = try AndonProcess(config: server.config, data: server.data)
        self.process = process
        clients = texts.mapValues { TestClient(process.address, headers: ["Authorization": "Bearer \($0)"]) }
    }

    /// Who asks without a key.
    var anybody: TestClient { TestClient(process.address) }
}

extension TestClient {
    static let browser = ["Accept": "text/html,application/xhtml+xml"]

    func page(_ path: String, language: String = "en") async throws -> Answer {
        try await send("GET", path, headers: Self.browser.merging(["Accept-Language": language]) { $1 })
    }

    func form(_ path: String, _ body: String) async throws -> Answer {
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await send(
            "POST", path, headers: Self.browser.merging(type) { $1 }, body: Data(body.utf8))
    }
}

extension TestClient.Answer {
    /// What was sent was done: the client was sent on, or has followed already.
    var isDone: Bool { status == 200 || status == 303 }
}

@Suite("The pages of the orders")
struct OrdersPageTests {
    static func raise(
        _ server: ServerFixture, _ id: String, _ changes: [String: JSON] = [:], picture: Bool = false
    ) async throws -> String {
        let report = server.report(id, changes)
        let client = server.client
        if !picture {
            let answer = try await client.post("/api/v1/inspections", report)
            return try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        }
        let answer = try await client.report(report, picture: samplePicture("scratch"))
        return try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
    }

    private static func defect(_ name: String) -> JSON {
        [["class": .string(name), "confidence": 0.9, "severity": 0.8]]
    }

    @Test("The list shows what the word is, filters, sorts, and says in both languages what is wrong")
    func list() async throws {
        let server = try ServerFixture()
        let first = try await Self.raise(server, "p-1", ["lot": "L 1"])
        let second = try await Self.raise(server, "p-2", ["lot": "L-2", "defects": Self.defect("<b>dent")])
        let client = server.client
        let all = try await client.page("/orders")
        #expect(all.status == 200 && all.text.contains(first) && all.text.contains(second))
        #expect(!all.text.contains("<b>dent") && all.text.contains("&lt;b&gt;dent"))
        #expect(all.text.contains("aria-sort=\"descending\""), "by the time of raising")
        let cases = [
            ("q=\(first.lowercased())", [first]), ("q=L+1", [first]), ("q=press-07", [first, second]),
            ("q=scratch", [first]), ("q=nothing", []), ("lot=L-2", [second]), ("state=closed", []), ("show=dead", []),
            ("asset=PRESS-07&class=scratch&sort=seen&order=asc", [first]),
        ]
        for (query, expected) in cases {
            let page = try await client.page("/orders?\(query)")
            #expect(page.status == 200, "\(query)")
            for reference in [first, second] {
                let isShown = page.text.contains("/orders/\(reference)\"")
                #expect(isShown == expected.contains(reference), "\(query): \(reference)")
            }
        }
        let unknown = try await client.page("/orders?q=nothing")
        #expect(unknown.text.contains("Nothing is called &quot;nothing&quot;"), "\(unknown.text)")
        let german = try await client.page("/orders", language: "de")
        #expect(german.text.contains("Aufträge") && !german.text.contains("«"))
        let fault = try await client.page("/orders?priority=high&lot=L-2")
        #expect(fault.status == 400 && fault.text.contains("priority is a whole number"))
        #expect(fault.text.contains("value=\"L-2\""), "what was typed is still there")
        try await server.end()
    }

    @Test("Pages of the list follow each other, and each is small")
    func pages() async throws {
        let server = try ServerFixture()
        for number in 0..<53 { _ = try await Self.raise(server, "n-\(number)", ["defects": Self.defect("c\(number)")]) }
        let first = try await server.client.page("/orders")
        #expect(first.body.count < 100_000, "\(first.body.count)")
        let next = try #require(first.text.firstMatch(of: /rel="next" href="([^"]+)"/)).1.replacing("&amp;", with: "&")
        let second = try await server.client.page(String(next))
        #expect(second.text.matches(of: /<tr class="link">/).count == 3 && !second.text.contains("rel=\"next\""))
        let previous = try #require(second.text.firstMatch(of: /rel="prev" href="([^"]+)"/)).1
            .replacing("&amp;", with: "&")
        let back = try await server.client.page(String(previous))
        #expect(back.text.matches(of: /<tr class="link">/).count == 50 && !back.text.contains("rel=\"prev\""))
        let page = try await server.client.get("/api/v1/orders?sort=occurrences&limit=40").json
        let after = try #require(page["after"]?.string)
        let rest = try await server.client.get("/api/v1/orders?sort=occurrences&limit=40&after=\(after)").json
        #expect(rest["orders"]?.array?.count == 13 && rest["after"] == nil)
        try await server.end()
    }

    @Test("The file for spreadsheets has a line for each order of the list, and none that is a formula")
    func file() async throws {
        let server = try ServerFixture()
        let first = try await Self.raise(server, "f-1", ["lot": "=1+1", "defects": Self.defect("say \"a, b\"")])
        let second = try await Self.raise(server, "f-2")
        let all = try await server.client.get("/orders.csv?show=all&sort=raised&order=asc")
        #expect(all.status == 200 && all.headers["content-type"]?.hasPrefix("text/csv") == true)
        let lines = all.text.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("reference,number,state") && lines[3].isEmpty, "\(all.text)")
        #expect(lines[1].hasPrefix(first) && lines[2].hasPrefix(second))
        #expect(lines[1].contains(",'=1+1,") && lines[1].contains("\"say \"\"a, b\"\"\""))
        let one = try await server.client.get("/orders.csv?class=scratch").text
        #expect(one.components(separatedBy: "\r\n").count == 3 && one.contains(second))
        #expect(try await server.client.get("/orders.csv?q=nothing").text.components(separatedBy: "\r\n").count == 2)
        #expect(try await server.client.get("/orders.csv?sort=colour").status == 400)
        try await server.end()
    }

    @Test("One search finds an order, a report, a detection, a lot, an asset, a day and a picture")
    func find() async throws {
        let server = try ServerFixture()
        let order = try await Self.raise(server, "look/for 1", ["lot": "LOT-9"], picture: true)
        let digest = Hex.sha256(Array(try samplePicture("scratch")))
        let client = server.client
        let day = String(SystemTime().now().description.prefix(10))
        for word in [order, "PRESS-07", "scratch", "LOT-9"] {
            let page = try await client.page("/find?q=\(word)")
            #expect(page.status == 200 && page.text.contains("/orders/\(order)\""), "\(word)")
        }
        for word in ["look/for+1", "look%2Ffor%201%230", "LOT-9"] {
            let page = try await client.page("/find?q=\(word)")
            #expect(page.text.contains("look/for 1#0"), "\(word): \(page.text)")
        }
        for word in [digest, String(digest.prefix(10)).uppercased()] {
            #expect(try await client.page("/find?q=\(word)").text.contains("/pictures/\(digest)"), "\(word)")
        }
        #expect(try await client.page("/find?q=\(day)").status == 200)
        #expect(try await client.page("/find?q=none+such").text.contains("Nothing is called"))
        #expect(try await client.page("/find").status == 200)
        try await server.end()
    }

    @Test("Views are kept for everybody by who plans, and a refused one comes back with what was typed")
    func views() async throws {
        let server = try ServerFixture()
        let made = try await server.client.form("/orders/views", "name=Urgent+ones&query=priority%3D1&shared=true")
        #expect(made.isDone, "on to the list: \(made.text)")
        let list = try await server.client.page("/orders")
        #expect(list.text.contains("Urgent ones") && list.text.contains("href=\"/orders?priority=1\""))
        let again = try await server.client.form("/orders/views", "name=Urgent+ones&query=show%3Dall&shared=true")
        #expect(
            again.status == 422 && again.text.contains("value=\"Urgent ones\"") && again.text.contains("role=\"alert\"")
        )
        let evil = try await server.client.form("/orders/views", "name=x&query=%22%3E%3Cscript%3E&shared=true")
        #expect(evil.isDone && !evil.text.contains("\"><script>"))
        let later = try await ReopenedServer(server, keys: ["reader": ([.read], [])])
        let reader = try #require(later.clients["reader"])
        #expect(try await reader.page("/orders").text.contains("Urgent ones"))
        #expect(try await reader.form("/orders/views", "name=Mine&query=").status == 422)
        #expect(try await reader.form("/orders/views/1/delete", "").status == 403)
        #expect(try await later.anybody.form("/orders/views/99/delete", "").status == 404)
        #expect(try await later.anybody.form("/orders/views/1/rename", "name=Red").isDone)
        #expect(try await later.anybody.page("/orders").text.contains(">Red</a>"))
        #expect(try await later.anybody.form("/orders/views/1/delete", "").isDone)
        #expect(try await !later.anybody.page("/orders").text.contains(">Red</a>"))
        try await later.process.stop()
        let ledger = try await AndonProcess.run(["ledger", "verify", "--data", server.data])
        #expect(ledger.status == 0, "\(ledger.output)")
    }

    @Test("Who may see one site sees nothing of another: not in lists, files and searches, and not by its name")
    func scope() async throws {
        let plant = ServerFixture.plant.replacing(
            "  zones:", with: "    - { id: MILL-03, site: LEEDS }\n  zones:")
        let server = try ServerFixture(plant)
        let here = try await Self.raise(server, "h-1", ["lot": "L-1"])
        let there = try await Self.raise(server, "t-1", ["asset": "MILL-03", "lot": "L-1"], picture: true)
        let digest = Hex.sha256(Array(try samplePicture("scratch")))
        let later = try await ReopenedServer(server, keys: ["here": ([.read, .plan, .audit], ["BEDFORD"])])
        let client = try #require(later.clients["here"])
        for path in ["/orders?show=all", "/orders?q=L-1", "/orders.csv?show=all", "/api/v1/orders", "/find?q=L-1"] {
            let answer = try await client.page(path)
            #expect(answer.status == 200 && answer.text.contains(here) && !answer.text.contains(there), "\(path)")
        }
        let hidden = [
            "/orders/\(there)", "/orders/\(there)/record", "/orders/\(there)/record.pdf", "/orders/\(there)/sheet.pdf",
            "/api/v1/orders/\(there)", "/api/v1/orders/\(there)/record", "/api/v1/detections/t-1%230",
            "/pictures/\(digest)",
        ]
        for path in hidden {
            #expect(try await client.get(path).status == 404, "\(path)")
            #expect(try await later.anybody.get(path).status == 200, "\(path)")
        }
        #expect(try await client.page("/orders?q=\(there)").text.contains("/orders/\(there)\"") == false)
        #expect(try await client.page("/find?q=\(digest)").text.contains("/pictures/\(digest)") == false)
        #expect(try await client.form("/orders/\(there)/retry", "reason=x&by=y").status == 404)
        let lot = try await client.get("/api/v1/lots/L-1").json["inspections"]?.array ?? []
        #expect(lot.compactMap { $0["id"]?.string } == ["h-1"])
        try await later.process.stop()
    }
}
