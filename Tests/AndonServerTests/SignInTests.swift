import AndonIdentity
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Signing in")
struct SignInTests {
    @Test("The link of the first start makes the first account, signs its owner in, and is good for nothing afterwards")
    func firstLink() async throws {
        let server = try ServerFixture(access: "accounts")
        let stranger = BareClient(port: server.process.port)
        let text = try String(contentsOfFile: server.data + "/set-up-code", encoding: .utf8)
        let code = text.split(separator: "\n").first.map(String.init) ?? ""
        let page = try await stranger.get("/first?code=\(code)")
        #expect(page.status == 200 && page.body.contains("value=\"\(code)\""))
        let fields = ["login": "root.admin", "printedName": "A. Maier", "password": "correct horse battery"]
        func send(_ code: String, accepts: Bool = true) async throws -> BareClient.Answer {
            var all = fields
            all["code"] = code
            if accepts { all["accepts"] = "true" }
            return try await stranger.form("/first", all)
        }
        let wrong = try await send("AAAA-BBBB-CCCC-DDDD")
        #expect(
            wrong.status == 409 && wrong.body.contains("role=\"alert\"") && wrong.body.contains("value=\"A. Maier\""))
        #expect(!wrong.body.contains("correct horse"), "a password never comes back")
        #expect(try await send(code, accepts: false).status == 422)
        let made = try await send(code)
        #expect(made.status == 303 && made["location"] == "/now")
        let cookie = try #require(made["set-cookie"])
        #expect(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "\(cookie)")
        let owner = BareClient(port: stranger.port, headers: ["Cookie": String(cookie.prefix { $0 != ";" })])
        let me = try await owner.get("/me")
        #expect(me.status == 200 && me.body.contains("A. Maier") && me.body.contains("administrator"))
        let again = try await stranger.get("/first?code=\(code)")
        #expect(again.status == 200 && !again.body.contains("<form method=\"post\" action=\"/first\">"))
        #expect(try await send(code).status == 409)
        try await server.end()
    }

    @Test("A session is a cookie that no script and no other site has; leaving ends it, and so do other rights")
    func sessions() async throws {
        let bench = try await AccessBench()
        try await bench.person("v.iewer", "viewer", approver: nil)
        let wrong = try await bench.stranger.form("/sign-in", ["login": "v.iewer", "password": "not this one at all"])
        #expect(wrong.status == 401 && wrong.body.contains("role=\"alert\"") && wrong["set-cookie"] == nil)
        for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
            let sent = try await bench.stranger.form(
                "/sign-in", ["login": "v.iewer", "password": AccessBench.password, "next": next])
            #expect(sent["location"] == "/", "\(next) leads to \(sent["location"] ?? "nowhere")")
        }
        let viewer = try await bench.signIn("v.iewer")
        let other = try await bench.signIn("v.iewer")
        #expect(try await viewer.send("POST", "/me/sessions/end").status == 200)
        #expect(try await other.get("/api/v1/orders").status == 401, "the others were ended")
        #expect(try await viewer.get("/api/v1/orders").status == 200)
        #expect(try await viewer.send("POST", "/sign-out").status == 303)
        #expect(try await viewer.get("/api/v1/orders").status == 401)

        let third = try await bench.signIn("v.iewer")
        #expect(try await third.get("/api/v1/holds").status == 200)
        var change = bench.authorisation(approver: nil)
        change["roles"] = "technician"
        let changed = try await bench.administrator.post("/api/v1/accounts/2/change", .object(change))
        #expect(changed.status == 200, "\(changed.body)")
        #expect(try await third.get("/api/v1/orders").status == 401, "other roles end the sessions")
        try await bench.server.end()
    }

    @Test("A page that is missing or not allowed is one of who asks: with their navigation, in their language")
    func refusedPages() async throws {
        let bench = try await AccessBench()
        try await bench.person("v.iewer", "viewer", approver: nil)
        let viewer = try await bench.signIn("v.iewer")
        let headers = ["Accept": "text/html", "Accept-Language": "de"]
        for (path, status) in [("/nowhere", 404), ("/orders/NONE000000", 404), ("/accounts/keys", 403)] {
            let page = try await viewer.send("GET", path, headers: headers)
            #expect(page.status == status, "\(path): \(page.status)")
            #expect(page.body.contains("<html lang=\"de\">"), "\(path)")
            #expect(page.body.contains("action=\"/sign-out\"") && !page.body.contains("href=\"/sign-in\""), "\(path)")
            // By this the desk knows that what it keeps offline is still this person's.
            #expect(page.body.contains("data-person=\"2\""), "\(path)")
        }
        let nobody = try await bench.stranger.send("GET", "/nowhere", headers: headers)
        #expect(nobody.status == 404 && nobody.body.contains("href=\"/sign-in\""))
        #expect(nobody.body.contains("data-person=\"\""))
        let plain = try await viewer.get("/nowhere")
        #expect(plain.status == 404 && plain.problem != nil, "programs get RFC 9457")
        try await bench.server.end()
    }

    @Test("Another site's page presses no button here: not with Fetch Metadata, and not with an Origin")
    func otherSites() async throws {
        let bench = try await AccessBench()
        let port = bench.stranger.port
        let foreign: [[String: String]] = [
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "https://evil.example"],
            ["Origin": "null"],
        ]
        for headers in foreign {
            let refused = try await bench.administrator.send("POST", "/me/sessions/end", headers: headers)
            #expect(refused.status == 403 && refused.problem == "cross-site", "\(headers): \(refused.status)")
        }
        let own: [[String: String]] = [
            [:], ["Sec-Fetch-Site": "same-origin"], ["Sec-Fetch-Site": "none"], ["Origin": "http://127.0.0.1:\(port)"],
        ]
        for headers in own {
            #expect(try await bench.administrator.send("POST", "/me/sessions/end", headers: headers).status == 200)
        }
        try await bench.server.end()
    }

    @Test("Five wrong passwords lock an account for the right one too, until an administrator unlocks it")
    func lock() async throws {
        let bench = try await AccessBench()
        try await bench.person("k.sommer", "planner", approver: nil)
        func attempt(_ password: String) async throws -> Int {
            try await bench.stranger.form("/sign-in", ["login": "k.sommer", "password": password]).status
        }
        for number in 1...5 { #expect(try await attempt("guess number \(number)") == (number < 5 ? 401 : 403)) }
        #expect(try await attempt(AccessBench.password) == 403)
        let page = try await bench.administrator.get("/accounts")
        #expect(page.body.contains("locked until"), "the list says so")
        let fields = bench.authorisation(approver: nil)
        let unlocked = try await bench.administrator.post("/api/v1/accounts/2/unlock", .object(fields))
        #expect(unlocked.status == 200, "\(unlocked.body)")
        #expect(try await attempt(AccessBench.password) == 303)
        try await bench.server.end()
    }
}

@Suite("Keys of machines")
struct KeyTests {
    @Test(
        "A key does what it was given, is shown once, and a revoked one is refused from the next request on")
    func life() async throws {
        let bench = try await AccessBench()
        let (camera, number) = try await bench.key("CAM-01", "report")
        #expect(try await camera.post("/api/v1/inspections", bench.server.report("k-1")).status == 202)
        #expect(try await camera.get("/api/v1/orders").status == 403)
        let list = try await bench.administrator.get("/api/v1/keys")
        let secret = camera.headers["Authorization"]?.split(separator: " ").last.map(String.init) ?? "none"
        #expect(list.json["keys"]?.array?.first?["name"] == "CAM-01" && !list.body.contains(secret))
        let page = try await bench.administrator.get("/accounts/keys")
        #expect(page.body.contains("CAM-01") && !page.body.contains(secret))
        let twice = try await bench.administrator.post("/api/v1/keys", ["name": "CAM-01", "permissions": "read"])
        #expect(twice.status == 409, "a name is one machine's")
        let unknown = try await bench.administrator.post(
            "/api/v1/keys", ["name": "CAM-02", "permissions": "everything"])
        #expect(unknown.status == 422 && unknown.json["detail"]?.string?.contains("administer") == true)
        let silent = try await bench.administrator.post("/api/v1/keys/\(number)/revoke", [:])
        #expect(silent.status == 422, "why must be said")
        let revoked = try await bench.administrator.form(
            "/accounts/keys/\(number)/revoke", ["reason": "camera replaced"])
        #expect(revoked.status == 200 && revoked.body.contains("role=\"status\""))
        let refused = try await camera.post("/api/v1/inspections", bench.server.report("k-2"))
        #expect(refused.status == 401 && refused.problem == "unauthorized")
        let late = try await bench.administrator.post(
            "/api/v1/keys", ["name": "CAM-03", "permissions": "read", "expiresAt": "2020-01-01"])
        #expect(late.status == 422 && late.json["detail"]?.string?.contains("expired already") == true)
        try await bench.server.end()
    }

    @Test(
        "A key that may not do something is told what it lacks, where, and who makes another; a person is told of roles"
    )
    func refusals() async throws {
        let bench = try await AccessBench()
        let (camera, _) = try await bench.key("CAM-01", "report")
        let refused = try await camera.get("/api/v1/orders")
        #expect(refused.status == 403 && refused.json["title"] == "The key does not allow this")
        let detail = try #require(refused.json["detail"]?.string)
        #expect(detail.hasPrefix("The key \"CAM-01\" lacks the permission read. "), "\(detail)")
        #expect(detail.contains("/accounts/keys, or with andon key make") && !detail.contains("role"), "\(detail)")
        let (near, _) = try await bench.key("one site", "plan", ["sites": "BEDFORD"])
        let whole = try await near.post("/api/v1/connectors/desk/retry", ["by": "a test", "reason": "a test"])
        let words = try #require(whole.json["detail"]?.string, "\(whole.body)")
        #expect(whole.status == 403 && words.contains("lacks the permission plan at all sites"), "\(words)")
        #expect(!words.contains("role"), "\(words)")
        try await bench.person("v.iewer", "viewer", approver: nil)
        let viewer = try await bench.signIn("v.iewer").get("/api/v1/keys")
        #expect(viewer.status == 403 && viewer.json["title"] == "Your roles do not allow this", "\(viewer.body)")
        #expect(viewer.json["detail"]?.string?.contains("which the roles administrator have") == true)
        try await bench.server.end()
    }

    @Test("The page makes a key and shows it once; a form that is refused comes back with what was typed")
    func page() async throws {
        let bench = try await AccessBench()
        let refused = try await bench.administrator.form(
            "/accounts/keys", ["name": "MES of hall 1", "sites": "BEDFORD"])
        #expect(refused.status == 422 && refused.body.contains("value=\"MES of hall 1\""))
        let made = try await bench.administrator.form(
            "/accounts/keys", ["name": "MES of hall 1", "sites": "BEDFORD", "may-read": "true"])
        let secret = try #require(made.body.firstMatch(of: /andon_[A-Za-z0-9_-]{43}/).map { String($0.output) })
        let machine = BareClient(port: bench.stranger.port, headers: ["Authorization": "Bearer \(secret)"])
        #expect(try await machine.get("/api/v1/orders").status == 200)
        #expect(try await machine.get("/me").body.contains("BEDFORD"))
        try await bench.server.end()
    }

    @Test("Who administers one site gives no key for others, and the commands list, make and revoke")
    func sitesAndCommands() async throws {
        let bench = try await AccessBench()
        try await bench.person("local.admin", "administrator@BEDFORD", approver: nil)
        let local = try await bench.signIn("local.admin")
        let wide: JSON = ["name": "everything", "permissions": "read"]
        #expect(try await local.post("/api/v1/keys", wide).status == 403)
        let near: JSON = ["name": "one site", "permissions": "read", "sites": "BEDFORD"]
        #expect(try await local.post("/api/v1/keys", near).status == 201)

        let (admin, _) = try await bench.key("commands", "administer")
        let secret = admin.headers["Authorization"]?.split(separator: " ").last.map(String.init) ?? ""
        func andon(_ arguments: String...) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(
                ["key"] + arguments + ["--server", bench.server.process.address],
                environment: ["ANDON_API_KEY": secret])
        }
        let made = try await andon("make", "CAM-07", "--may", "report", "read", "--until", "2099-01-01")
        #expect(made.status == 0 && made.output.contains("andon_"), "\(made.output)")
        let list = try await andon("list")
        #expect(list.output.contains("CAM-07  read, report  until 2099-01-01"), "\(list.output)")
        let revoked = try await andon("revoke", "3", "--reason", "a test")
        #expect(revoked.status == 0 && revoked.output == "key 3, CAM-07: revoked\n", "\(revoked.output)")
        try await bench.server.end()
    }
}
