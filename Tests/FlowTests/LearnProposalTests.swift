import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Advice, proposed to a running server")
struct LearnProposalTests {
    private static let settings = """
        rules: { defaults: { minConfidence: 0.5, minSeverity: 0.3 } }
        learn:
          cost: { currency: EUR, labourHour: 62 }
          tasks:
            - { name: Renew the cutter, every: 60d, assets: [MILL-03], classes: [edge_chip], actions: [REPLACE] }
            - { name: Clean the oven, every: 30d, assets: [OVEN-02], classes: [scratch] }

        """

    /// A year in which a cutter lasted 20 days each time, in a folder for `andon serve`.
    private func year(_ folder: TemporaryFolder) async throws -> String {
        var random = SeededRandom(seed: 20_261_128)
        let bench = try await ChartBench(
            rules: Self.settings, time: TestTime(SystemTime().now() - .seconds(400 * 86_400)))
        for step in 0..<16 {
            bench.time.advance(by: .seconds(86_400 * 20 + random.int(-172_800...172_800)))
            try await bench.report("w-\(step)", defects: 1, severity: 0.8)
            try await bench.settle()
            bench.time.advance(by: .seconds(7200))
            for order in try await bench.orders where order.state.takesOccurrences {
                let closure = Closure(
                    closedAt: bench.time.now(), labourHours: 1.5, remedyCode: "REPLACE", verdict: .confirmed)
                bench.cmms.set(
                    RemoteOrder(
                        remoteID: "R-\(order.reference)", reference: order.reference, state: .closed,
                        vendorState: "CLOSE", closure: closure))
            }
            await bench.poll()
        }
        try await bench.settle()
        let data = folder.path + "/data"
        try FileManager.default.copyItem(atPath: bench.folder, toPath: data)
        try await bench.end()
        return data
    }

    /// The page on which a proposal is confirmed: the advice, and who may be asked for it.
    ///
    /// - Returns: the figures that go with the form.
    private func confirmed(_ client: TestClient, _ sentence: String) async throws -> String {
        let way = "/learn/proposals?task=Renew%20the%20cutter"
        #expect(try await client.get("/learn/advice").text.contains(way))
        let page = try await client.get(way)
        #expect(page.status == 200 && page.text.contains("<option value=\"MILL-03\""), "\(page.text)")
        #expect(
            page.text.contains(sentence.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")), "\(page.text)")
        let few = try await client.get("/learn/proposals?task=Clean%20the%20oven")
        #expect(few.status == 422 && few.text.contains("too few failures") && !few.text.contains("name=\"figures\""))
        #expect(try await client.get("/learn/proposals?task=Sing").status == 404)
        let match = try #require(page.text.firstMatch(of: /name="figures" value="([^"]+)"/))
        return String(match.1)
    }

    private static func form(_ client: TestClient, _ fields: [String: String]) async throws -> TestClient.Answer {
        let pairs = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return try await client.send(
            "POST", "/learn/proposals", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(pairs.joined(separator: "&").utf8))
    }

    /// Each question has its page in the frame, with tables that say what the pictures show.
    private func pages(_ client: TestClient) async throws {
        for name in ["recurrence", "actions", "times", "change", "cost", "advice", "feedback"] {
            let page = try await client.get("/learn/\(name)")
            #expect(page.status == 200 && page.text.contains("<h1"), "\(name)")
            let raw = page.text.firstMatch(of: /\dT\d\d:\d\d:\d\d(\.\d+)?Z/)
            #expect(raw == nil, "\(name): times are the plant's: \(raw.map { String($0.output.0) } ?? "")")
            #expect(page.text.contains("<a href=\"/learn/\(name)\" aria-current=\"page\">"), "\(name)")
            for bad in ["style=\"", "<style", "«", "fill=\"#", "stroke=\"#"] {
                #expect(!page.text.contains(bad), "\(name): \(bad)")
            }
            guard page.text.contains("<svg class=\"learn-figure\"") else { continue }
            #expect(page.text.contains("<table"), "\(name): what is drawn stands in a table as well")
        }
        let cost = try await client.get("/learn/cost").text
        #expect(cost.contains("class=\"bar\"") && cost.contains("<th scope=\"col\" class=\"number\">"))
        #expect(cost.contains("<td class=\"number\">16</td>"), "\(cost)")
        let labels = try await client.get("/learn/feedback?class=edge_chip").text
        #expect(labels.contains("/api/v1/learn/labels?class=edge%5Fchip&amp;format=coco"))
        let wrong = try await client.get("/learn/cost?from=soon&class=a+b")
        #expect(wrong.status == 400 && wrong.text.contains("value=\"soon\"") && wrong.text.contains("value=\"a b\""))
        let german = try await client.send("GET", "/learn/cost", headers: ["Accept-Language": "de"])
        #expect(german.text.contains("<h1>Was es kostet</h1>") && german.text.contains(">Kosten, EUR<"))
        try await languages(client)
    }

    /// What is the same in both languages: names of the plant, a currency, and the letter of a chance.
    private static let wordsOfBoth: Set<String> = ["Renew the cutter", "Clean the oven", "EUR", "p", "p (Holm)", "D"]

    /// No heading, no caption and no column of a report is English on a German page, and no place of a text is left open.
    private func languages(_ client: TestClient) async throws {
        func words(_ path: String, _ language: String) async throws -> [String] {
            let page = try await client.send("GET", path, headers: ["Accept-Language": language])
            #expect(page.status == 200 && page.text.contains("<html lang=\"\(language)\""), "\(path)")
            #expect(
                page.text.firstMatch(of: /\{[A-Za-z0-9]+\}/) == nil, "\(path) in \(language): a place without its value"
            )
            #expect(!page.text.contains("«") && !page.text.contains("<div lang="), "\(path) in \(language)")
            let heads = /<(?:h1|h2|th|caption|summary)(?: [^>]*)?>([^<]*)</
            return page.text.matches(of: heads).map { $0.output.1.trimmingCharacters(in: .whitespaces) }
        }
        let paths = [
            "recurrence", "recurrence?by=technician", "actions", "times", "times?by=class,asset,priority,month",
            "change", "change?beforeUntil=2026-06-01", "cost", "advice", "feedback",
        ]
        for path in paths.map({ "/learn/\($0)" }) {
            let (english, german) = (try await words(path, "en"), try await words(path, "de"))
            #expect(english.count == german.count && english.count > 1, "\(path)")
            for (one, other) in zip(english, german) where one == other {
                #expect(one.isEmpty || Self.wordsOfBoth.contains(one), "\(path): \(one)")
            }
        }
        let way = "/learn/proposals?task=Renew%20the%20cutter"
        let proposal = try await client.send("GET", way, headers: ["Accept-Language": "de"]).text
        #expect(proposal.contains("„Renew the cutter“ alle 60 Tage: kürzer, ") && !proposal.contains("<div lang="))
    }

    @Test("A command makes one order at the desk with the advice in its text; a second one is refused with its number")
    func desk() async throws {
        let folder = try TemporaryFolder("andon-learn")
        let data = try await year(folder)
        let config = folder.path + "/andon.yaml"
        try Data((ChartBench.plant + Self.settings).utf8).write(to: URL(fileURLWithPath: config))
        let process = try AndonProcess(config: config, data: data)
        let client = TestClient(process.address)
        func andon(_ arguments: [String]) async throws -> (status: Int32, output: String) {
            try await AndonProcess.run(["learn"] + arguments + ["--server", process.address])
        }

        let advice = try await client.get("/api/v1/learn/advice").json
        let sentence = try #require(advice["sections"]?[1]?["sentences"]?[0]?.string, "\(advice)")
        #expect(sentence.hasPrefix("\"Renew the cutter\" every 60 days: shorter, "), "\(sentence)")
        let cost = try await andon(["cost"])
        #expect(cost.output.contains("labour 24 h x 62 EUR = 1488 EUR"), "\(cost.output)")

        let figures = try await confirmed(client, sentence)
        let words = ["--by", "A. Nowak", "--reason", "three stops in May"]
        let made = try await andon(["propose", "Renew the cutter"] + words)
        #expect(made.status == 0 && made.output.contains(sentence), "\(made.output)")
        let match = try #require(made.output.firstMatch(of: /raised \(order ([^)]+)\)/), "\(made.output)")
        let reference = String(match.1)
        #expect(
            try await eventually {
                try await client.get("/api/v1/orders/\(reference)").json["order"]?["completedAt"] != nil
            })
        let page = try await client.get("/desk/\(reference)").text
        #expect(page.contains("Renew the cutter") && page.contains("three stops in May"))

        let again = try await andon(["propose", "Renew the cutter"] + words)
        #expect(again.status != 0 && again.output.contains(reference), "\(again.output)")
        let path = "/api/v1/learn/proposals"
        let by: [String: JSON] = ["by": "A. Nowak", "reason": "why not"]
        func propose(_ body: [String: JSON]) async throws -> TestClient.Answer {
            try await client.post(path, .object(by.merging(body) { $1 }))
        }
        #expect(try await propose(["task": "Renew the cutter"]).status == 409)
        #expect(try await propose(["task": "Renew the cutter", "asset": "OVEN-02"]).status == 400)
        #expect(try await propose(["task": "Renew the cutter", "histories": "none"]).status == 400)
        #expect(try await propose(["task": "Sing"]).status == 404)
        let few = try await propose(["task": "Clean the oven"])
        #expect(few.status == 422 && few.json["detail"]?.string?.contains("too few failures") == true, "\(few.text)")

        let orders = try await client.get("/api/v1/orders?limit=1000").json["orders"]?.array ?? []
        #expect(orders.count { $0["class"] == "pm-interval" } == 1 && orders.count == 17)
        let late = try await Self.form(
            client, ["task": "Renew the cutter", "figures": figures, "reason": "why not", "by": "A. Nowak"])
        #expect(late.status == 409 && late.text.contains(reference) && late.text.contains(">why not</textarea>"))
        let stale = try await Self.form(
            client, ["task": "Renew the cutter", "figures": "60d:shorter:1d:2", "reason": "why not"])
        #expect(stale.status == 409 && stale.text.contains("another one now"))
        try await pages(client)
        let entries = try await client.get("/api/v1/ledger?from=0&limit=1000").json["entries"]?.array ?? []
        let proposed = entries.filter { $0["kind"] == "learn.proposed" }
        #expect(proposed.count == 1 && proposed.first?["body"]?["by"] == "A. Nowak")
        try await process.stop()
        for check in [["reconcile"], ["ledger", "verify"], ["learn", "check"]] {
            let found = try await AndonProcess.run(check + ["--data", data])
            #expect(found.status == 0, "\(check): \(found.output)")
        }
    }
}
