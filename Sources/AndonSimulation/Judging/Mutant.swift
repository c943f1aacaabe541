import AndonDispatch
import AndonModel
import AndonSQL

/// A mistake that is put into the product from outside, at one of its seams, to see whether the simulation finds it.
public enum Mutant: String, Sendable, CaseIterable {
    /// What may be there is not looked for before it is sent again.
    case noSearch = "no-search"
    /// An attempt without an answer counts as one that never arrived.
    case lostAnswerIsFailure = "lost-answer-is-failure"
    /// One look is enough.
    case searchOnce = "search-once"
    /// Bytes leave before the commit that says so: after a death nobody knows of them.
    case sendBeforeCommit = "send-before-commit"
    /// What the disk is told to sync is not synced.
    case answerBeforeDurable = "answer-before-durable"
    /// What is to be tried again never is.
    case lostRetry = "lost-retry"
    /// `Retry-After` is not read.
    case impatient = "impatient"
    /// The breaker that has opened stays open.
    case breakerStaysOpen = "breaker-stays-open"
    /// An entry of the ledger is changed.
    case brokenChain = "broken-chain"
    /// A report that is sent again is another report.
    case reportTwice = "report-twice"
    /// What is dead is forgotten.
    case silentDeath = "silent-death"
    /// The picture of an accepted report is removed.
    case picturesGo = "pictures-go"
    /// An acknowledgement is written down for another record.
    case wrongReceipt = "wrong-receipt"
    /// Nobody hears that an order is done.
    case deafToRepairs = "deaf-to-repairs"
    /// An order that somebody works on counts as done.
    case doneTooSoon = "done-too-soon"
    /// An order that could not be asked for counts as deleted.
    case missingTooSoon = "missing-too-soon"

    /// A commit whose answer was lost counts as one that happened.
    case doubtIsDone = "doubt-is-done"
    /// A commit whose answer was lost counts as one that did not happen.
    case doubtIsUndone = "doubt-is-undone"

    /// What is made of a commit whose answer was lost.
    func believes(_ isDone: Bool) -> Bool {
        switch self {
        case .doubtIsDone: true
        case .doubtIsUndone: false
        default: isDone
        }
    }

    var lies: Bool { self == .answerBeforeDurable }

    func retry(instead policy: RetryPolicy) -> RetryPolicy {
        guard self == .searchOnce else { return policy }
        return RetryPolicy(base: policy.base, cap: policy.cap, searchAgainAfter: .zero, searchesMax: 1)
    }

    var breaker: CircuitBreaker? {
        self == .breakerStaysOpen ? CircuitBreaker(failuresMax: 2, probeAfter: .seconds(1_000_000)) : nil
    }

    func connector(around connector: any Connector) -> any Connector {
        switch self {
        case .noSearch, .lostAnswerIsFailure, .impatient, .wrongReceipt, .deafToRepairs, .doneTooSoon, .missingTooSoon:
            MutantConnector(real: connector, mutant: self)
        default: connector
        }
    }

    /// Runs at the end of each transaction, within it.
    var beforeCommit: ((Database) throws -> Void)? {
        switch self {
        case .lostRetry:
            { try $0.run("UPDATE outbox SET due_at = 9000000000000000 WHERE state = 'pending' AND attempts > 0") }
        case .brokenChain:
            { try $0.run("UPDATE ledger SET entry = entry || ' ' WHERE idx = 3 AND entry NOT LIKE '% '") }
        case .silentDeath:
            { try $0.run("DELETE FROM outbox WHERE state = 'dead'") }
        default: nil
        }
    }

    /// Runs at each start.
    var atStart: ((Database) throws -> Void)? {
        guard self == .sendBeforeCommit else { return nil }
        return { try $0.run("UPDATE outbox SET state = 'pending' WHERE state IN ('sending', 'searching')") }
    }
}

/// A connector with a mistake.
struct MutantConnector: Connector {
    let real: any Connector
    let mutant: Mutant

    var traits: ConnectorTraits { real.traits }

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        do {
            var receipt = try await real.perform(effect, over: wire)
            if mutant == .wrongReceipt, case .create = effect { receipt.remoteID += "1" }
            return receipt
        } catch {
            switch (mutant, error) {
            case (.lostAnswerIsFailure, .answerLost(let words)): throw .unreachable(words)
            case (.impatient, .busy(_, let words)): throw .busy(after: nil, words)
            default: throw error
            }
        }
    }

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        mutant == .noSearch ? [] : try await real.find(effect, over: wire)
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var changes = try await real.changes(after: cursor, over: wire)
        changes.orders = changes.orders.map(misread)
        return changes
    }

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        do {
            return try await real.read(remoteID, over: wire).map(misread)
        } catch {
            guard mutant == .missingTooSoon else { throw error }
            return nil
        }
    }

    private func misread(_ order: RemoteOrder) -> RemoteOrder {
        var order = order
        switch (mutant, order.state) {
        case (.deafToRepairs, .done), (.deafToRepairs, .closed): order.state = .inProgress
        case (.doneTooSoon, .inProgress): order.state = .done
        default: break
        }
        return order
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await real.assets(page: page, over: wire)
    }
}
