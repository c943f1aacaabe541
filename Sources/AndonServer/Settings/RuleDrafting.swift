import AndonConfiguration
import AndonDecide
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import NIOPosix

/// Work on rules before they come into force: drafts, what they would have done, and who lets them pass.
struct RuleDrafting: Sendable {
    let server: Server

    static let section = "rules"
    /// Of the document as canonical JSON.
    static let documentBytesMax = 1 << 20
    /// Drafts that may be under way.
    static let aliveMax = 100
    static let daysDefault = 30
    static let days = 1...366

    private var store: Store { server.store }

    /// Who works on a draft.
    struct Author: Sendable {
        var hand: RuleDraft.Hand
        /// A person who is signed in.
        var isPerson: Bool
        /// Whether what they decide may hold in all of the plant.
        var mayTuneAll: Bool

        /// - Parameter typed: who a request says that it is of: ``Caller/person(typed:)``.
        init(_ caller: Caller, typed: String? = nil, plant: Plant, at time: Timestamp) {
            let name = caller.doer(typed: typed) ?? caller.name
            hand = RuleDraft.Hand(at: time, name: name.cut(to: 200), account: caller.account?.number)
            isPerson = caller.account != nil
            let sites = Set(plant.assets.keys.compactMap { plant.site(of: $0) } + [plant.site].compactMap(\.self))
            mayTuneAll = caller.sites(for: .tune).map { $0.isSuperset(of: sites) } ?? true
        }
    }

    func author(_ caller: Caller, typed: String? = nil) -> Author {
        Author(caller, typed: typed, plant: server.inForceNow.plant, at: store.time.now())
    }

    // MARK: Looking

    /// What a caller sees of the rules. A key that may only decide about them sees what it decides about.
    func reach(_ caller: Caller) -> RulesReach {
        let current = server.inForceNow
        let scope = SiteScope(current.plant, caller, caller.may(.read) ? .read : .tune)
        return RulesReach(scope, charts: current.rules.charts)
    }

    func list(isAlive: Bool = false, _ reach: RulesReach) async throws -> [DraftView] {
        let drafts = try await store.read { try $0.ruleDrafts(isAlive: isAlive) }
        let current = server.inForceNow
        return drafts.map { DraftView($0, inForce: current, faults: [], reach) }
    }

    func draft(_ number: Int64) async throws -> RuleDraft {
        guard let found = try await store.read({ try $0.ruleDraft(number) }) else {
            throw Answer.notFound("draft \(number) of the rules")
        }
        return found
    }

    func view(_ draft: RuleDraft, _ reach: RulesReach) async throws -> DraftView {
        let faults = draft.state.isAlive ? try await faults(of: draft.document) : []
        return DraftView(draft, inForce: server.inForceNow, faults: faults, reach)
    }

    /// Whether a caller may change the document as a whole and try it on the past: both are of all sites, and of what is out
    /// of reach a part would go lost on the way, or be told.
    func mayTuneWhole(_ caller: Caller) -> Bool {
        let tuning = SiteScope(server.inForceNow.plant, caller, .tune)
        return tuning.hidden.isEmpty && reach(caller).isWhole
    }

    /// - Throws: ``Problem`` 403 for a caller to whom something is out of reach.
    func demandWhole(_ caller: Caller) throws {
        guard mayTuneWhole(caller) else { throw caller.refusal(ofAllSites: .tune) }
    }

    private func faults(of document: JSON) async throws -> [Problem.Fault] {
        do {
            _ = try await server.trial(Self.section, document)
            return []
        } catch let problem as Problem where problem.status == 422 {
            return problem.errors
        }
    }

    // MARK: Writing

    /// Begins a draft.
    ///
    /// - Parameter document: the whole section `rules`; nil for the one in force.
    /// - Throws: ``Problem`` 422 with the faults, each with its pointer.
    func open(_ document: JSON?, _ author: Author) async throws -> RuleDraft {
        let current = server.inForceNow
        let base = current.section(Self.section) ?? [:]
        let document = document ?? base
        try await check(document)
        return try await store.write { transaction in
            guard try transaction.reader.ruleDrafts(isAlive: true, limit: Self.aliveMax).count < Self.aliveMax else {
                throw DraftProblem.tooMany
            }
            return try transaction.open(
                RuleDraft(
                    base: current.rules.version, baseDocument: base, document: document, created: author.hand))
        }
    }

    /// Begins a draft that would put a former version in force again.
    func open(version: Int, _ author: Author) async throws -> RuleDraft {
        let (exists, document) = try await store.read { reader in
            (try reader.rules(version: version) != nil, try reader.rulesDocument(version: version))
        }
        guard exists else { throw Answer.notFound("version \(version) of the rules") }
        guard let document else { throw DraftProblem.noDocument(version) }
        guard document != server.inForceNow.section(Self.section) else { throw DraftProblem.noChange }
        return try await open(document, author)
    }

    /// Puts another document in the place of a draft's.
    ///
    /// - Parameter revision: of the draft that the author saw; nil to take whatever it is now.
    /// - Throws: ``Problem`` 409 when somebody else was faster, 422 with the faults; the draft stays as it was.
    func replace(_ number: Int64, _ document: JSON, revision: Int?, _ author: Author) async throws -> RuleDraft {
        let before = try await alive(number, revision)
        return try await write(document, over: before, author)
    }

    /// Changes single values of a draft's document, all or none.
    ///
    /// - Parameter changes: JSON Pointers with what shall stand there; nil for nothing.
    func change(
        _ number: Int64, _ changes: [(pointer: String, value: JSON?)], revision: Int?, _ author: Author
    ) async throws -> RuleDraft {
        let before = try await alive(number, revision)
        var document = before.document
        for (pointer, value) in changes {
            guard let changed = document.setting(value, at: pointer) else { throw DraftProblem.noPlace(pointer) }
            document = changed
        }
        return try await write(document, over: before, author)
    }

    /// Who changes a draft that waits takes it back: it is another one than was submitted.
    private func write(
        _ document: JSON, over before: RuleDraft, _ author: Author, base: Configuration? = nil
    ) async throws -> RuleDraft {
        try await check(document)
        var draft = before
        draft.document = document
        draft.state = .open
        draft.submitted = nil
        draft.changed = author.hand
        if let base {
            draft.base = base.rules.version
            draft.baseDocument = base.section(Self.section) ?? [:]
        }
        return try await keep(draft, before, base == nil ? .changed : .rebased)
    }

    /// Puts a draft on the rules that came into force since it was begun.
    ///
    /// - Parameter keepsMine: what counts where both changed something; nil refuses then.
    /// - Throws: ``Problem`` 409 with what clashes.
    func rebase(_ number: Int64, keepsMine: Bool?, revision: Int?, _ author: Author) async throws -> RuleDraft {
        let before = try await alive(number, revision)
        let current = server.inForceNow
        guard before.base != current.rules.version else { return before }
        let merge = JSONMerge(
            base: before.baseDocument, mine: before.document, theirs: current.section(Self.section) ?? [:])
        guard merge.clashes.isEmpty || keepsMine != nil else { throw DraftProblem.outdated(before, merge.clashes) }
        return try await write(
            merge.merged(keepsMine: keepsMine ?? true), over: before, author, base: current)
    }

    func discard(_ number: Int64, reason: String?, _ author: Author) async throws -> RuleDraft {
        let before = try await alive(number, nil)
        var draft = before
        draft.state = .discarded
        draft.reason = reason ?? draft.reason
        draft.changed = author.hand
        return try await keep(draft, before, .discarded)
    }

    // MARK: What it would have done

    /// Replays the last days through the draft and through the rules in force.
    func backtest(_ draft: RuleDraft, days: Int) async throws -> RulesComparison {
        let candidate = try await server.trial(Self.section, draft.document).rules
        let current = server.inForceNow
        let store = store
        let now = store.time.now()
        // A long replay must not hold up the threads that take reports in.
        return try await NIOThreadPool.singleton.runIfActive {
            try RulesComparison(
                candidate: candidate, today: current.rules, plant: current.plant,
                from: now - .seconds(days * 86_400), to: now, in: store)
        }
    }

    // MARK: Into force

    /// Says that a draft is done, and why. It is in force at once, or waits for a second person where that is asked for
    /// (`accounts.rulesNeedApproval`).
    ///
    /// - Throws: ``Problem`` 409 when other rules came into force meanwhile, with what clashes.
    func submit(_ number: Int64, reason: String, revision: Int?, _ author: Author) async throws -> RuleDraft {
        let before = try await alive(number, revision)
        guard before.state == .open else { throw DraftProblem.waits }
        guard author.mayTuneAll else { throw DraftProblem.onlySomeSites }
        let current = server.inForceNow
        try Self.demandCurrent(before, current)
        let candidate = try await server.trial(Self.section, before.document).rules
        guard candidate.json != current.rules.json else { throw DraftProblem.noChange }
        var draft = before
        draft.reason = reason
        draft.submitted = author.hand
        guard current.accounts.rulesNeedApproval else { return try await putInForce(draft, before, .submitted) }
        draft.state = .waiting
        return try await keep(draft, before, .submitted)
    }

    /// A second person lets a draft pass: it is in force at once.
    ///
    /// - Throws: ``Problem`` 403 for the one who submitted or changed it.
    func approve(_ number: Int64, revision: Int?, _ author: Author) async throws -> RuleDraft {
        let before = try await alive(number, revision)
        guard before.state == .waiting, let submitted = before.submitted else { throw DraftProblem.doesNotWait }
        guard author.isPerson else { throw DraftProblem.noPerson }
        guard author.mayTuneAll else { throw DraftProblem.onlySomeSites }
        guard !author.hand.isSame(as: submitted), !author.hand.isSame(as: before.changed) else {
            throw DraftProblem.samePerson(submitted.name)
        }
        var draft = before
        draft.approved = author.hand
        return try await putInForce(draft, before, .approved)
    }

    private func putInForce(_ draft: RuleDraft, _ before: RuleDraft, _ step: DraftStep) async throws -> RuleDraft {
        let request = SettingRequest(
            section: Self.section, document: draft.document, by: draft.submitted?.name, reason: draft.reason,
            approvedBy: draft.approved?.name)
        try await server.change(
            request, check: { try Self.demandCurrent(draft, $0) },
            also: { transaction, version in
                var made = draft
                made.state = .inForce
                made.version = version
                guard try transaction.update(made, from: before, step) != nil else { throw DraftProblem.changed }
            })
        return try await self.draft(draft.number)
    }

    // MARK: What is asked of a draft

    private func alive(_ number: Int64, _ revision: Int?) async throws -> RuleDraft {
        let draft = try await draft(number)
        guard draft.state.isAlive else { throw DraftProblem.ended(draft) }
        guard revision == nil || revision == draft.revision else { throw DraftProblem.changed }
        return draft
    }

    private func check(_ document: JSON) async throws {
        guard case .object = document else { throw DraftProblem.noObject }
        guard document.canonicalBytes.count <= Self.documentBytesMax else { throw DraftProblem.tooLarge }
        _ = try await server.trial(Self.section, document)
    }

    private static func demandCurrent(_ draft: RuleDraft, _ current: Configuration) throws {
        guard draft.base != current.rules.version else { return }
        let now = current.section(section) ?? [:]
        throw DraftProblem.outdated(
            draft, JSONMerge(base: draft.baseDocument, mine: draft.document, theirs: now).clashes)
    }

    private func keep(_ draft: RuleDraft, _ before: RuleDraft, _ step: DraftStep) async throws -> RuleDraft {
        try await store.write { transaction in
            guard let kept = try transaction.update(draft, from: before, step) else { throw DraftProblem.changed }
            return kept
        }
    }
}
