import AndonModel
import AndonTesting
import Foundation
import Testing

/// A first start in a folder where nothing is, and the browser of the person who was given its link.
private final class FirstStart: Sendable {
    let folder: TemporaryFolder
    let process: AndonProcess

    var config: String { folder.path + "/andon.yaml" }
    var data: String { folder.path + "/data" }
    /// With the code.
    var link: String { process.address }
    var address: String { String(link.prefix(while: { $0 != "?" }).dropLast("/set-up".count)) }

    init(_ folder: TemporaryFolder? = nil, environment: [String: String] = [:]) throws {
        self.folder = try folder ?? TemporaryFolder("andon-first-start")
        let path = self.folder.path
        process = try AndonProcess(
            config: path + "/andon.yaml", data: path + "/data", access: "accounts", environment: environment)
    }

    func browser(_ name: String = "jar") -> Browser { Browser(address, folder, name: name) }

    /// One that is let in.
    func admitted() async throws -> Browser {
        let browser = browser()
        let page = try await browser.get(link)
        #expect(page.status == 303 && page.location.hasSuffix("/set-up/administrator"), "\(page)")
        return browser
    }
}

@Suite("The set-up in a browser")
struct SetUpServerTests {
    private static let person = [
        "administrator.login": "m.weber", "administrator.printedName": "M. Weber", "password": ServerPeople.password,
        "passwordAgain": ServerPeople.password, "accepts": "true",
    ]

    private func maximo() async throws -> (MaximoStandIn, StandInServer) {
        var setup = MaximoStandIn.Setup()
        setup.assets = [
            "PRESS-07": ["siteid": "BEDFORD", "priority": 1, "location": "BR100", "description": "Press, \"big\""]
        ]
        let maximo = MaximoStandIn(setup: setup)
        return (maximo, try await maximo.serve())
    }

    /// What no page may have, as the policy of content forbids it, and what each must have.
    private func expectPage(
        _ page: Browser.Page, _ status: Int = 200, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(page.status == status, "\(page.text)", sourceLocation: sourceLocation)
        for forbidden in ["<style", " style=", " onclick=", "<script>", "«"] {
            #expect(!page.text.contains(forbidden), "\(forbidden) in \(page.text)", sourceLocation: sourceLocation)
        }
        #expect(page.text.ranges(of: "<h1").count == 1, sourceLocation: sourceLocation)
    }

    @Test("From an empty folder to the first order in the CMMS, by forms alone")
    func wholeWay() async throws {
        let (maximo, standIn) = try await maximo()
        let start = try FirstStart(environment: ["MAXIMO_KEY": "test-key"])
        let browser = try await start.admitted()
        expectPage(try await browser.get("/set-up/administrator"))
        let refused = try await browser.post(
            "/set-up/administrator", Self.person.merging(["passwordAgain": "another one"]) { $1 })
        expectPage(refused, 422)
        #expect(
            refused.text.contains("The two passwords are not the same.") && refused.text.contains("value=\"m.weber\""))
        #expect(!refused.text.contains(ServerPeople.password))
        #expect(try await browser.post("/set-up/administrator", Self.person).location.hasSuffix("/set-up/plant"))
        try await plant(browser, start)
        #expect(
            try await browser.post("/set-up/cameras", ["cameras": "CAM-01 = PRESS-07"]).location
                .hasSuffix("/set-up/connector"))
        try await connector(browser, standIn)
        let rules = ["rules.classes": "scratch = SCRATCH", "rules.minConfidence": "0.8", "rules.minSeverity": "0.3"]
        #expect(try await browser.post("/set-up/rules", rules).location.hasSuffix("/set-up/summary"))
        let summary = try await browser.get("/set-up/summary")
        expectPage(summary)
        #expect(summary.text.contains("defaultConnector: maximo") && summary.text.contains("Write it and start"))
        #expect(!FileManager.default.fileExists(atPath: start.config), "nothing is written before the last step")
        #expect(!FileManager.default.fileExists(atPath: start.data))
        let end = try await browser.post("/set-up/summary", ["go": "next"])
        expectPage(end)
        #expect(end.text.contains("/test-detection") && end.text.contains("The server starts"))
        try await firstOrder(browser, start, maximo)
        try await standIn.stop()
    }

    private func plant(_ browser: Browser, _ start: FirstStart) async throws {
        expectPage(try await browser.get("/set-up/plant"))
        let wrong = try await browser.post(
            "/set-up/plant", ["plant.name": "Plant <A>", "plant.site": "BEDFORD", "plant.timeZone": "Berlin"])
        expectPage(wrong, 422)
        #expect(wrong.text.contains("should be an IANA time zone") && wrong.text.contains("value=\"Plant &lt;A&gt;\""))
        #expect(wrong.text.contains("aria-invalid=\"true\""))
        let csv = start.folder.path + "/list.csv"
        try Data("id,name,criticality\r\nMILL-03,Mill,B\r\n".utf8).write(to: URL(fileURLWithPath: csv))
        let right = try await browser.post(
            "/set-up/plant",
            ["plant.name": "Plant A", "plant.site": "BEDFORD", "plant.timeZone": "Europe/Berlin", "plant.assets": ""],
            file: ("upload", csv))
        #expect(right.location.hasSuffix("/set-up/cameras"), "\(right.text)")
        #expect(try await browser.get("/set-up/plant").text.contains("MILL-03,Mill,B"))
    }

    private func connector(_ browser: Browser, _ standIn: StandInServer) async throws {
        let path = "/set-up/connector"
        let chosen = try await browser.post(path, ["connector.type": "maximo", "go": "choose"])
        expectPage(chosen)
        #expect(chosen.text.contains("name=\"connector.maximo.url\"") && chosen.text.contains("IBM Maximo"))
        let missing = try await browser.post(path, ["connector.type": "maximo", "connector.maximo.url": ""])
        expectPage(missing, 422)
        #expect(missing.text.contains("the option &quot;url&quot; is required here"))
        var fields = [
            "connector.type": "maximo", "connector.maximo.url": "\(standIn.address)/maximo",
            "connector.maximo.apiKey": "NOT_SET", "connector.maximo.apiKey.kind": "env",
        ]
        let unset = try await browser.post(path, fields)
        expectPage(unset, 422)
        #expect(unset.text.contains("the environment variable NOT_SET is not set"))
        fields["connector.maximo.apiKey"] = "MAXIMO_KEY"
        let checked = try await browser.post(path, fields.merging(["go": "check"]) { $1 })
        expectPage(checked)
        #expect(
            checked.text.contains("Everything that was tried works.")
                && checked.text.contains("read the asset registry"))
        let assets = try await browser.post(path, fields.merging(["go": "assets"]) { $1 })
        expectPage(assets)
        #expect(assets.text.contains("2 assets are in the plant now"))
        #expect(try await browser.get("/set-up/plant").text.contains("PRESS-07,&quot;Press, &quot;&quot;big"))
        #expect(try await browser.post(path, fields).location.hasSuffix("/set-up/rules"))
    }

    /// The same process goes on as the real server, and the browser is signed in already.
    private func firstOrder(_ browser: Browser, _ start: FirstStart, _ maximo: MaximoStandIn) async throws {
        var browser = browser
        browser.address = try await start.process.nextAddress()
        let form = try await browser.get("/test-detection")
        expectPage(form)
        #expect(form.text.contains("CAM-01 (PRESS-07)") && form.text.contains("M. Weber"))
        let wrong = try await browser.submit("/test-detection", ["camera": "CAM-01", "severity": "2"])
        expectPage(wrong, 422)
        let sent = try await browser.submit("/test-detection", ["camera": "CAM-01", "severity": "0.5"])
        #expect(sent.status == 303, "\(sent.text)")
        let way = sent.location
        let works = try await eventually { [browser] in
            try await browser.get(way).text.contains("The whole way works")
        }
        #expect(works)
        expectPage(try await browser.get(sent.location))
        let record = try #require(maximo.records.first)
        #expect(record.fields["description"]?.string?.hasPrefix("TEST, please ignore") == true)
        #expect(record.fields["assetnum"] == "PRESS-07" && record.files.count >= 1)
        #expect(try await browser.get("/set-up").status == 404, "there is no set-up any more")
        // Somebody who is not signed in sends nothing.
        let stranger = Browser(browser.address, start.folder, name: "stranger")
        #expect(try await stranger.get("/test-detection").location.contains("/sign-in"))
        try await start.process.stop()
        for words in [["reconcile"], ["ledger", "verify"]] {
            let run = try await AndonProcess.run(words + ["--data", start.data])
            #expect(run.status == 0, "\(run.output)")
        }
        let check = try await AndonProcess.run(["check", "--config", start.config], environment: ["MAXIMO_KEY": "k"])
        #expect(check.output.contains("2 assets, 1 cameras"), "\(check.output)")
        #expect(!FileManager.default.fileExists(atPath: start.config + ".set-up"), "the draft is gone")
    }

    @Test("The link lets one browser in, once; without it nobody sees or changes anything")
    func link() async throws {
        let start = try FirstStart()
        let stranger = start.browser("stranger")
        for path in ["/set-up", "/set-up/plant", "/set-up/summary", "/set-up?code=0123456789abcdef0123456789abcdef"] {
            let page = try await stranger.get(path)
            #expect(page.status == 403 && page.text.contains("Open the link of the set-up"), "\(path)")
        }
        #expect(try await stranger.post("/set-up/plant", ["plant.name": "X"]).status == 403)
        let health = try await stranger.get("/healthz")
        #expect(health.status == 200 && health.text == "set-up\n", "alive, and not the server yet")
        #expect(start.link.split(separator: "=").last?.count == 32, "128 random bits")
        _ = try await start.admitted()
        #expect(try await stranger.get(start.link).status == 403, "it was used")
        #expect(try await start.browser().get(start.link).status == 303, "but its own browser is in")
        start.process.kill()
    }

    @Test("Steps can be gone back to, in both languages, and what was typed outlives a restart, but for the password")
    func kept() async throws {
        let folder = try TemporaryFolder("andon-first-start")
        let first = try FirstStart(folder)
        var browser = try await first.admitted()
        _ = try await browser.post("/set-up/administrator", Self.person)
        let back = try await browser.post(
            "/set-up/plant", ["plant.name": "Werk \"A\"", "plant.timeZone": "x", "go": "back"])
        #expect(back.location.hasSuffix("/set-up/administrator"), "what is wrong does not hold anybody back")
        #expect(try await browser.get("/set-up/plant").text.contains("value=\"Werk &quot;A&quot;\""))
        browser.language = "de"
        let german = try await browser.get("/set-up/plant")
        expectPage(german)
        #expect(german.text.contains("<html lang=\"de\">") && german.text.contains("Name des Werks"))
        let english = try await browser.submit("/language", ["language": "en", "next": "/set-up/plant"])
        #expect(english.location.hasSuffix("/set-up/plant"))
        #expect(try await browser.get("/set-up/plant").text.contains("Name of the plant"))
        first.process.kill()
        let draft = folder.path + "/andon.yaml.set-up"
        let attributes = try FileManager.default.attributesOfItem(atPath: draft)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try !String(contentsOfFile: draft, encoding: .utf8).contains(ServerPeople.password))
        let second = try FirstStart(folder)
        let again = try await second.admitted()
        #expect(try await again.get("/set-up/plant").text.contains("Werk &quot;A&quot;"))
        let summary = try await again.get("/set-up/summary")
        #expect(summary.text.contains("A password is still needed.") && !summary.text.contains("Write it and start"))
        second.process.kill()
    }

    @Test("A file that has appeared meanwhile is not written over, and no account is made")
    func present() async throws {
        let start = try FirstStart()
        let browser = try await start.admitted()
        _ = try await browser.post("/set-up/administrator", Self.person)
        _ = try await browser.post("/set-up/plant", ["plant.name": "A", "plant.timeZone": "UTC"])
        try Data("mine".utf8).write(to: URL(fileURLWithPath: start.config))
        let end = try await browser.post("/set-up/summary", ["go": "next"])
        expectPage(end, 409)
        #expect(end.text.contains("nothing is written over it"))
        #expect(try String(contentsOfFile: start.config, encoding: .utf8) == "mine")
        #expect(!FileManager.default.fileExists(atPath: start.data))
        start.process.kill()
    }

    @Test("Garbage, a form that is too large and a page from elsewhere are refused, and the set-up goes on")
    func bad() async throws {
        let start = try FirstStart()
        let browser = try await start.admitted()
        #expect(try await browser.submit("/set-up/plant", ["plant.name": "X"]).status == 415)
        #expect(try await browser.get("/set-up/nowhere").status == 404)
        let large = start.folder.path + "/large.csv"
        try Data(count: 6 << 20).write(to: URL(fileURLWithPath: large))
        #expect(try await browser.post("/set-up/plant", ["plant.name": "X"], file: ("upload", large)).status == 413)
        let latin = start.folder.path + "/latin.csv"
        try Data([0x69, 0x64, 0x0A, 0xE4, 0x0A]).write(to: URL(fileURLWithPath: latin))
        let page = try await browser.post("/set-up/plant", ["plant.name": "X"], file: ("upload", latin))
        expectPage(page, 422)
        #expect(page.text.contains("The file is not UTF-8") && page.text.contains("value=\"X\""))
        let foreign = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-b", browser.jar, "-H",
                "Sec-Fetch-Site: cross-site",
                "-F", "plant.name=Y", start.address + "/set-up/plant",
            ])
        #expect(foreign.output == "403")
        #expect(try await browser.get("/set-up/plant").text.contains("value=\"X\""))
        start.process.kill()
    }
}
