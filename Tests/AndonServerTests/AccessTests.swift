import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Testing

@testable import AndonServer

@Suite("Who may do what")
struct AccessTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// As the router says a path: `/orders/{reference}`.
    private static func name(_ row: Access) -> String { "\(row.method.rawValue) \(RouterPath(row.path).description)" }

    @Test("Every route stands in the table of permissions, once, and every row of it is a route")
    func table() async throws {
        let folder = try TemporaryFolder("andon-access")
        let configuration = try Configuration.load(
            yaml: "plant: { name: P }\nopcua: { server: { accounts: true } }\n")
        let store = try Store(
            folder: try TestDatabase.folder(folder.path), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        let server = try await Server(
            configuration: configuration, store: store, connectors: [], time: SystemTime(), random: SystemRandom(),
            logger: Logger(label: "test"))
        let router = try server.router(random: SystemRandom())
        let served = router.routes.map { "\($0.method.rawValue) \($0.path.description)" }
        let rows = AccessTable.rows.map(Self.name)
        let (open, idle) = (Set(served).subtracting(rows), Set(rows).subtracting(served))
        #expect(open.isEmpty, "in no table: \(open.sorted())")
        #expect(idle.isEmpty, "no such route: \(idle.sorted())")
        let twice = Dictionary(grouping: rows) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty, "more than once: \(twice.sorted())")
        try store.close()
    }

    @Test("docs/access.md is the table that the server asks, and the command prints it")
    func document() async throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("docs/access.md"), encoding: .utf8)
        #expect(text == AccessDocument.markdown, "run andon access --markdown > docs/access.md")
        let printed = try await AndonProcess.run(["access", "--markdown"])
        #expect(printed.status == 0 && printed.output == AccessDocument.markdown)
    }

    // MARK: Every route by everybody

    /// These go on for as long as somebody listens: only refusals are asked for.
    private static func isEndless(_ row: Access) -> Bool {
        row.path.hasSuffix("/events") || row.path.hasSuffix("/stream")
    }

    /// These end the session of who calls them.
    private static let ending: Set<String> = ["POST /sign-out"]

    private static func isLetIn(_ row: Access, _ who: AccessBench.Who) -> Bool {
        switch row.need {
        case .nothing: true
        case .permission(let permission): who.permissions.contains(permission)
        }
    }

    /// What a caller is answered that it must not be; nil when all is well.
    private static func fault(
        of answer: BareClient.Answer, _ row: Access, _ who: AccessBench.Who, isPage: Bool
    ) -> String? {
        if isLetIn(row, who) {
            let isRefused = ["not-allowed", "unauthorized", "cross-site"].contains(answer.problem ?? "")
            return answer.status >= 500 || answer.status == 0 || isRefused ? "should be let through" : nil
        }
        guard who.isStranger else {
            return answer.status == 403 && answer.problem == "not-allowed" ? nil : "should be refused with 403"
        }
        guard isPage else {
            return answer.status == 401 && answer.problem == "unauthorized" ? nil : "should be refused with 401"
        }
        let isSent = answer.status == 302 && answer["location"]?.hasPrefix("/sign-in?next=") == true
        return isSent ? nil : "should be sent to sign in"
    }

    private static func call(_ row: Access, _ who: AccessBench.Who) async throws -> String? {
        let path = row.path.split(separator: "/", omittingEmptySubsequences: false).map { part -> String in
            switch part {
            case ":reference": "AAAAAAAAAA"
            case ":number", ":version", ":index", ":id": "999999"
            case "**": "0/000"
            default: part.hasPrefix(":") ? "nothing" : String(part)
            }
        }.joined(separator: "/")
        let isPage = row.method == .get && !path.hasPrefix("/api/") && who.isStranger
        var headers = ["Accept": isPage ? "text/html" : "application/json"]
        var body: String?
        if row.method != .get {
            headers["Content-Type"] = "application/json"
            body = "{}"
        }
        let answer = try await who.client.send(row.method.rawValue, path, headers: headers, body: body)
        return fault(of: answer, row, who, isPage: isPage).map {
            "\(who.name): \(row.method.rawValue) \(path) \($0), and got \(answer.status) \(answer.body.prefix(120))"
        }
    }

    @Test("Every route, by every role, every permission of a key, and by a stranger: let through, or refused in words")
    func everyRoute() async throws {
        var bench = try await AccessBench()
        try await bench.fill()
        var faults: [String] = []
        var calls = 0
        for row in AccessTable.rows {
            for who in bench.all {
                // Where nothing is needed a stranger and one other stand for all.
                let isOpen = row.need == .nothing
                if isOpen, !who.isStranger, who.name != Role.viewer.rawValue { continue }
                if !who.isStranger, Self.ending.contains(Self.name(row)) { continue }
                if Self.isEndless(row), Self.isLetIn(row, who) { continue }
                calls += 1
                if let fault = try await Self.call(row, who) { faults.append(fault) }
            }
        }
        #expect(faults.isEmpty, "\(faults.count) of \(calls): \(faults.prefix(40).joined(separator: "\n"))")
        #expect(calls > 1000)
        // Everybody is still who they were, and what was refused is written down.
        for (role, client) in bench.people {
            #expect(try await client.get("/me").status == 200, "\(role.rawValue) is signed in no more")
        }
        let viewer = try await bench.refusals(of: "account/2")
        #expect(viewer == Set(Permission.allCases.filter { $0 != .read }.map(\.rawValue)))
        let machine = try await bench.refusals(of: "machine/key-report")
        #expect(machine == Set(Permission.allCases.filter { $0 != .report }.map(\.rawValue)))
        #expect(try await !bench.refusals(of: "access/stranger").isEmpty)
        try await bench.server.end()
    }
}
