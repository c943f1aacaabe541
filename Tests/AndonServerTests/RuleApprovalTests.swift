import AndonConfiguration
import AndonDecide
import AndonDesk
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Logging
import Testing

@testable import AndonIdentity
@testable import AndonServer

/// A server in this process with a file of its own; nothing listens.
struct RulesBench {
    let folder: TemporaryFolder
    let store: Store
    let server: Server

    static let yaml = """
        plant:
          name: P
          site: BEDFORD
          assets: [{ id: PRESS-07 }, { id: PRESS-08, site: ROUEN }]
        rules: { classes: { scratch: { minSeverity: 0.4 } } }
        accounts: { rulesNeedApproval: true }

        """

    init(_ yaml: String = RulesBench.yaml) async throws {
        folder = try TemporaryFolder("andon-rules")
        let path = folder.path + "/andon.yaml"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
        store = try Store(
            folder: try TestDatabase.folder(folder.path + "/data"), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let logger = quiet
        let settings = LiveSettings(store: store, path: path, logger: logger)
        server = try await Server(
            configuration: settings.load(), store: store, settings: settings, connectors: [], time: SystemTime(),
            random: SystemRandom(), logger: logger)
    }

    var drafting: RuleDrafting { RuleDrafting(server: server) }

    func person(_ number: Int64, _ name: String, _ grants: [Grant] = [Grant(.qualityEngineer)]) -> RuleDrafting.Author {
        drafting.author(
            Caller(
                Account(
                    number: number, login: "p\(number)", printedName: name, grants: grants, state: .active, failures: 0)
            ))
    }

    /// A draft that somebody changed.
    func draft(_ author: RuleDrafting.Author, _ value: Double = 0.6) async throws -> RuleDraft {
        let opened = try await drafting.open(nil, author)
        return try await drafting.change(
            opened.number, [("/classes/scratch/minSeverity", .number(value))], revision: nil, author)
    }

    func end() async throws {
        let facts = try await store.read { try $0.verifyFacts() }
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
        try store.close()
    }
}

/// The problem that `body` is refused with, or a failed expectation.
private func refused(
    _ type: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let problem as Problem {
        #expect(problem.type == type, "\(problem.detail)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

@Suite("A second person lets rules pass, where that is asked for")
struct RuleApprovalTests {
    @Test("Who submitted or changed a draft cannot let it pass, and no machine can; another person can, and is named")
    func secondPerson() async throws {
        let bench = try await RulesBench()
        let (weber, huber) = (bench.person(1, "M. Weber"), bench.person(2, "B. Huber"))
        let draft = try await bench.draft(weber)
        let waiting = try await bench.drafting.submit(draft.number, reason: "false alarms", revision: nil, weber)
        #expect(waiting.state == .waiting && waiting.submitted?.name == "M. Weber")
        #expect(bench.server.inForceNow.rules.version == 1, "it waits")
        await refused("second-person") { _ = try await bench.drafting.approve(draft.number, revision: nil, weber) }
        let machine = bench.drafting.author(Caller(machine: "tuner", [.read, .tune]))
        await refused("second-person") { _ = try await bench.drafting.approve(draft.number, revision: nil, machine) }
        await refused("second-person") {
            _ = try await bench.drafting.approve(draft.number, revision: nil, bench.drafting.author(.anybody))
        }
        await refused("draft-waits") {
            _ = try await bench.drafting.submit(draft.number, reason: "again", revision: nil, weber)
        }
        let passed = try await bench.drafting.approve(draft.number, revision: waiting.revision, huber)
        #expect(passed.state == .inForce && passed.version == 2 && passed.approved?.name == "B. Huber")
        #expect(bench.server.inForceNow.rules.classes["scratch"]?.rule.minSeverity == 0.6)
        let entry = try await bench.store.read { try $0.ledgerEntries(of: "rules/2").first?.body }
        #expect(entry?["by"] == "M. Weber" && entry?["why"] == "false alarms" && entry?["approvedBy"] == "B. Huber")
        try await bench.end()
    }

    @Test("Whom a machine's key named when it submitted a draft cannot let it pass; another person can")
    func namedByMachine() async throws {
        let bench = try await RulesBench()
        let author = bench.drafting.author(Caller(machine: "tuner", [.read, .tune]), typed: "B. Huber")
        let draft = try await bench.draft(author)
        let waiting = try await bench.drafting.submit(draft.number, reason: "tuning", revision: nil, author)
        #expect(waiting.state == .waiting && waiting.submitted?.name == "B. Huber (through tuner)")
        let (weber, huber) = (bench.person(1, "M. Weber"), bench.person(2, "B. Huber"))
        await refused("second-person") { _ = try await bench.drafting.approve(draft.number, revision: nil, huber) }
        let passed = try await bench.drafting.approve(draft.number, revision: nil, weber)
        #expect(passed.state == .inForce && passed.approved?.name == "M. Weber")
        try await bench.end()
    }

    @Test("Who changes a draft that waits takes it back, and cannot let it pass afterwards either")
    func takenBack() async throws {
        let bench = try await RulesBench()
        let (weber, huber) = (bench.person(1, "M. Weber"), bench.person(2, "B. Huber"))
        let draft = try await bench.draft(weber)
        _ = try await bench.drafting.submit(draft.number, reason: "false alarms", revision: nil, weber)
        let changed = try await bench.drafting.change(
            draft.number, [("/classes/scratch/minSeverity", 0.7)], revision: nil, huber)
        #expect(changed.state == .open && changed.submitted == nil)
        await refused("draft-does-not-wait") {
            _ = try await bench.drafting.approve(draft.number, revision: nil, weber)
        }
        _ = try await bench.drafting.submit(draft.number, reason: "false alarms", revision: nil, weber)
        await refused("second-person") { _ = try await bench.drafting.approve(draft.number, revision: nil, huber) }
        try await bench.end()
    }

    @Test("What came into force meanwhile keeps a draft that waits from passing")
    func outdated() async throws {
        let bench = try await RulesBench()
        let (weber, huber) = (bench.person(1, "M. Weber"), bench.person(2, "B. Huber"))
        let (first, second) = (try await bench.draft(weber, 0.6), try await bench.draft(weber, 0.7))
        for draft in [first, second] {
            _ = try await bench.drafting.submit(draft.number, reason: "tuning", revision: nil, weber)
        }
        _ = try await bench.drafting.approve(first.number, revision: nil, huber)
        await refused("draft-outdated") { _ = try await bench.drafting.approve(second.number, revision: nil, huber) }
        #expect(bench.server.inForceNow.rules.version == 2)
        try await bench.end()
    }

    @Test("Rules hold in all of the plant: a role for one of its sites is not enough")
    func sites() async throws {
        let bench = try await RulesBench()
        let local = bench.person(3, "C. Roux", [Grant(.qualityEngineer, at: "ROUEN")])
        let draft = try await bench.draft(local)
        await refused("not-allowed") {
            _ = try await bench.drafting.submit(draft.number, reason: "tuning", revision: nil, local)
        }
        let both = bench.person(
            4, "D. Petit", [Grant(.qualityEngineer, at: "ROUEN"), Grant(.qualityEngineer, at: "BEDFORD")])
        let waiting = try await bench.drafting.submit(draft.number, reason: "tuning", revision: nil, both)
        #expect(waiting.state == .waiting)
        try await bench.end()
    }

    @Test("An erased name stands in no row and no entry of a change any more, and the rest stays provable")
    func erased() async throws {
        let bench = try await RulesBench()
        let (weber, huber) = (bench.person(1, "M. Weber"), bench.person(2, "B. Huber"))
        let draft = try await bench.draft(weber)
        _ = try await bench.drafting.submit(draft.number, reason: "false alarms", revision: nil, weber)
        _ = try await bench.drafting.approve(draft.number, revision: nil, huber)
        let erasure = try await bench.store.write {
            try $0.erase(name: "M. Weber", by: "A. Maier", reason: "asked for")
        }
        #expect(erasure.values > 4 && erasure.rows > 1)
        let (changes, kept) = try await bench.store.read { reader in
            (try reader.settingChanges(of: "rules"), try reader.ruleDraft(draft.number))
        }
        #expect(changes.first?.by == "(withheld)" && changes.first?.approvedBy == "B. Huber")
        #expect(kept?.created.name == "(withheld)" && kept?.approved?.name == "B. Huber")
        try await bench.end()
    }

    @Test("Without a file behind it a server changes nothing")
    func noFile() async throws {
        let folder = try TemporaryFolder("andon-rules")
        let store = try Store(
            folder: try TestDatabase.folder(folder.path), time: SystemTime(),
            steps: DeskSchema.steps + IdentitySchema.steps)
        let server = try await Server(
            configuration: Configuration.load(yaml: "plant: { name: P }\n"), store: store, connectors: [],
            time: SystemTime(), random: SystemRandom(), logger: Logger(label: "test"))
        await refused("no-settings") {
            _ = try await RuleDrafting(server: server).open([:], RuleDrafting(server: server).author(.anybody))
        }
        try store.close()
    }
}
