import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// People with accounts at a running server.
struct ServerPeople {
    static let password = "correct horse battery"
    let server: ServerFixture

    func post(_ path: String, _ body: JSON) async throws -> TestClient.Answer {
        try await server.client.post("/api/v1/\(path)", body)
    }

    func setUp() async throws {
        let text = try String(contentsOfFile: server.data + "/set-up-code", encoding: .utf8)
        let code = text.split(separator: "\n").first.map(String.init) ?? ""
        let answer = try await post(
            "accounts/set-up",
            [
                "code": .string(code), "login": "root.admin", "printedName": "A. Maier",
                "password": .string(Self.password), "accepts": true,
            ])
        #expect(answer.status == 201, "\(answer.text)")
    }

    func person(_ login: String, _ name: String, _ roles: JSON, approver: String? = nil) async throws {
        var body: [String: JSON] = [
            "login": .string(login), "printedName": .string(name), "roles": roles, "identity": "staff card seen",
            "byLogin": "root.admin", "byPassword": .string(Self.password), "reason": "needed",
        ]
        if let approver {
            body["approverLogin"] = .string(approver)
            body["approverPassword"] = .string(Self.password)
        }
        let made = try await post("accounts", .object(body))
        #expect(made.status == 201, "\(made.text)")
        let enrolled = try await post(
            "accounts/enrol",
            [
                "login": .string(login), "code": made.json["code"] ?? "", "password": .string(Self.password),
                "accepts": true,
            ])
        #expect(enrolled.status == 201, "\(enrolled.text)")
    }

    func sign(
        _ path: String, _ login: String, _ meaning: String = "approval", password: String = ServerPeople.password
    ) async throws -> TestClient.Answer {
        try await post(
            "\(path)/signatures",
            [
                "login": .string(login), "password": .string(password), "meaning": .string(meaning),
                "reason": "looked at",
            ])
    }

    /// An order that the desk has.
    func order(_ id: String) async throws -> String {
        let answer = try await server.client.report(server.report(id), picture: samplePicture("scratch"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["delivery"] == "acknowledged"
            })
        return reference
    }

    func close(_ reference: String) async throws {
        let form = "person=T.+Horn&hours=1.5&cause=WEAR&notes=Die+changed&verdict=confirmed"
        _ = try await server.client.send(
            "POST", "/desk/\(reference)/close", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(form.utf8))
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
            })
    }
}

@Suite("Signatures over HTTP")
struct SignatureTests {
    @Test("A closure is signed: name, time and meaning stand on the page, in the PDF, in JSON; the ledger stays whole")
    func closure() async throws {
        let server = try ServerFixture()
        let people = ServerPeople(server: server)
        try await people.setUp()
        #expect(!FileManager.default.fileExists(atPath: server.data + "/set-up-code"), "the code is used up")
        try await people.person("k.sommer", "K. <Sommer>", ["quality-engineer"])
        let reference = try await people.order("s1")
        #expect(try await people.sign("orders/\(reference)", "k.sommer", "review").status == 201, "the open record")
        try await people.close(reference)
        let signed = try await people.sign("orders/\(reference)", "k.sommer")
        #expect(signed.status == 201, "\(signed.text)")
        let list = try await server.client.get("/api/v1/orders/\(reference)/signatures").json["signatures"]?.array ?? []
        #expect(list.map { $0["what"] } == ["record", "closure"] && list.allSatisfy { $0["valid"] == true })
        let record = try await server.client.get("/api/v1/orders/\(reference)/record").json
        let words = record["evidence"]?["signature"]?["value"]?.string ?? ""
        #expect(words.contains("K. <Sommer>, approval of the closure (looked at), 20"), "\(words)")
        #expect(words.contains("entries were added to the record since"), "the first one is over less: \(words)")
        let kinds = Set(record["trail"]?.array?.compactMap { $0["kind"]?.string } ?? [])
        #expect(kinds.isSuperset(of: ["record.signed", "account.key", "account.created"]))
        #expect(!kinds.contains("account.refused"))
        let page = try await server.client.get("/orders/\(reference)/record")
        #expect(page.text.contains("K. &lt;Sommer&gt;, approval of the closure"))
        let pdf = try await server.client.get("/orders/\(reference)/record.pdf?standard=fda-qmsr")
        let file = server.folder.path + "/r.pdf"
        try pdf.body.write(to: URL(fileURLWithPath: file))
        let text = try await runProgram(URL(fileURLWithPath: "/usr/bin/pdftotext"), ["-layout", file, "-"])
        #expect(text.output.contains("approval of the closure"), "\(text.output.suffix(2000))")

        #expect(
            try await people.sign("orders/\(reference)", "root.admin").status == 403, "administrators do not approve")
        let wrong = try await people.sign("orders/\(reference)", "k.sommer", password: "not this one at all")
        #expect(wrong.status == 401 && !wrong.text.contains("not this one"))
        #expect(try await people.sign("orders/AAAAAAAAAA", "k.sommer").status == 404)
        #expect(try await people.sign("orders/\(reference)", "k.sommer", "agreed").status == 422)
        let entries = try await server.client.get("/api/v1/ledger").text
        #expect(!entries.contains(ServerPeople.password))
        try await server.end()
        for name in try FileManager.default.contentsOfDirectory(atPath: server.data) {
            let bytes = FileManager.default.contents(atPath: "\(server.data)/\(name)") ?? Data()
            #expect(bytes.range(of: Data(ServerPeople.password.utf8)) == nil, "no password in \(name)")
        }
    }

    @Test("The page's form signs, says why it does not, and a program cannot guess its way in")
    func form() async throws {
        let server = try ServerFixture()
        let people = ServerPeople(server: server)
        try await people.setUp()
        try await people.person("k.sommer", "K. Sommer", ["quality-engineer"])
        let reference = try await people.order("s1")
        func send(_ form: String) async throws -> TestClient.Answer {
            try await server.client.send(
                "POST", "/orders/\(reference)/sign", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Data(form.utf8))
        }
        for number in 1...5 {
            let refused = try await send("login=k.sommer&password=guess+number+\(number)&meaning=review&reason=")
            #expect(refused.status == (number < 5 ? 401 : 403) && refused.text.contains("role=\"alert\""))
            #expect(!refused.text.contains("guess number"), "the page does not show what was typed")
        }
        #expect(try await send("login=k.sommer&password=correct+horse+battery&meaning=review").status == 403)
        let alarms = try await server.client.get("/api/v1/alarms").json["alarms"]?.array ?? []
        #expect(alarms.contains { $0["kind"] == "account-locked" && $0["subject"] == "account/2" })
        let unlocked = try await people.post(
            "accounts/2/unlock",
            ["byLogin": "root.admin", "byPassword": .string(ServerPeople.password), "reason": "it was a test"])
        #expect(unlocked.status == 200, "\(unlocked.text)")
        let signed = try await send("login=k.sommer&password=correct+horse+battery&meaning=review&reason=")
        #expect([200, 303].contains(signed.status) && signed.text.contains("K. Sommer, review of the record"))
        let page = try await server.client.get("/accounts")
        #expect(page.text.contains("k.sommer") && !page.text.contains("set-up"))
        #expect(page.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
        let refused = try await server.client.send(
            "POST", "/accounts/enrol", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data("login=k.sommer&code=x&password=y".utf8))
        #expect(refused.status == 409 && refused.text.contains("no account of this login name that waits"))
        #expect(try await server.client.send("POST", "/accounts/other").status >= 400)
        #expect(
            try await people.post("accounts/9/reset", ["byLogin": "root.admin", "byPassword": "x", "reason": "lost"])
                .status == 401)
        try await server.end()
    }

    @Test("Changed rules stand in the ledger with old value, new value, who and why; an alarm waits for an approval")
    func rules() async throws {
        let plant = ServerFixture.plant + "accounts: { expectSignedRules: true }\n"
        let server = try ServerFixture(plant)
        let people = ServerPeople(server: server)
        func alarm() async throws -> String? {
            try await server.client.get("/api/v1/alarms").json["alarms"]?.array?
                .first { $0["kind"] == "rules-unsigned" }?["subject"]?.string
        }
        #expect(try await alarm() == "rules/1")
        try await people.setUp()
        try await people.person("k.sommer", "K. Sommer", ["quality-engineer"])
        let signed = try await people.sign("rules/1", "k.sommer")
        #expect(signed.status == 201, "\(signed.text)")
        #expect(try await alarm() == nil)

        let changed =
            plant.replacing("minSeverity: 0.4", with: "minSeverity: 0.6")
            + "change: { by: M. Weber, reason: fewer false alarms }\n"
        try Data(changed.utf8).write(to: URL(fileURLWithPath: server.config))
        #expect(try await eventually { try await server.client.get("/api/v1/rules/2").status == 200 })
        let version = try await server.client.get("/api/v1/rules/2").json
        #expect(version["by"] == "M. Weber" && version["why"] == "fewer false alarms")
        #expect(version["changes"] == [["at": "/classes/scratch/rule/minSeverity", "old": 0.4, "new": 0.6]])
        #expect(try await eventually { try await alarm() == "rules/2" })
        let read = try await server.client.get("/api/v1/ledger").json["entries"]?.array?.filter {
            $0["kind"] == "configuration.read"
        }
        #expect(read?.count == 2 && read?.last?["body"]?["by"] == "M. Weber", "\(read ?? [])")
        #expect(
            read?.last?["body"]?["changes"] == [
                ["at": "/settings/rules/classes/scratch/minSeverity", "old": "0.4", "new": "0.6"]
            ])
        let page = try await server.client.get("/rules/2")
        #expect(page.text.contains("minSeverity") && page.text.contains("Nobody has signed this version"))
        #expect(try await people.sign("rules/2", "k.sommer", "authorship").status == 201)
        #expect(try await alarm() == "rules/2", "an author's signature is no approval")
        #expect(try await people.sign("rules/2", "k.sommer").status == 409, "and authors do not approve their own")
        try await people.person("b.huber", "B. Huber", ["quality-engineer"], approver: "k.sommer")
        #expect(try await people.sign("rules/2", "b.huber").status == 201)
        #expect(try await alarm() == nil)
        #expect(try await people.sign("rules/7", "b.huber").status == 404)
        #expect(try await server.client.get("/rules").text.contains("M. Weber"))
        try await server.end()
    }

    @Test("The commands do the same, with passwords from the standard input")
    func commands() async throws {
        let server = try ServerFixture()
        let code =
            try String(contentsOfFile: server.data + "/set-up-code", encoding: .utf8)
            .split(separator: "\n").first.map(String.init) ?? ""
        let password = ServerPeople.password
        func andon(_ arguments: [String], _ input: String...) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(
                arguments + ["--server", server.process.address], input: input.map { $0 + "\n" }.joined())
        }
        let set = try await andon(
            ["account", "set-up", "root.admin", "--name", "A. Maier", "--accept"], code, password)
        #expect(set.status == 0 && set.output.contains("account 1, root.admin: active"), "\(set.output)")
        let created = try await andon(
            [
                "account", "create", "k.sommer", "--name", "K. Sommer", "--roles", "quality-engineer", "planner",
                "--identity", "staff card seen", "--by", "root.admin", "--reason", "new in quality",
            ], password)
        let line = created.output.split(separator: "\n").first { $0.contains("good for one use") }
        let invitation = try #require(line?.split(separator: " ").last.map(String.init), "\(created.output)")
        let enrolled = try await andon(["account", "enrol", "k.sommer", "--accept"], invitation, password)
        #expect(enrolled.status == 0, "\(enrolled.output)")
        let signed = try await andon(
            ["sign", "rules/1", "--login", "k.sommer", "--meaning", "approval"], password)
        #expect(signed.status == 0 && signed.output.contains("signed: entry"), "\(signed.output)")
        let list = try await andon(["account", "list"])
        #expect(list.output.contains("2  k.sommer  K. Sommer  quality-engineer, planner  active"), "\(list.output)")
        let refused = try await andon(["sign", "rules/1", "--login", "k.sommer", "--meaning", "approval"], "wrong one")
        #expect(refused.status == 1 && refused.output.contains("After 5 wrong passwords"), "\(refused.output)")
        let recovered = try await AndonProcess.run(
            ["account", "recover", "--data", server.data, "--by", "plant IT", "--reason", "A. Maier left"])
        #expect(recovered.status == 0)
        try await server.end()
    }
}
