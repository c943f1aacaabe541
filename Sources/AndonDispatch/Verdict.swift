import AndonLedger
import AndonModel

/// What follows from the end of an attempt. One function holds the branches; it is pure, so the whole
/// exactly-once protocol can be read, and tested, in one place.
enum Verdict: Equatable, Sendable {
    /// The CMMS has it.
    case done(Receipt, copies: Int)
    case sendAgain(after: Duration)
    /// The effect may be there: look for it.
    case lookFor(after: Duration, searchCounts: Bool)
    /// It lies with the CMMS, which has not answered yet: look for it again.
    case waitFor(after: Duration)
    /// A person must act.
    case dead(String)

    /// When the effect is tried or looked for again; nil when it is not.
    var delay: Duration? {
        switch self {
        case .done, .dead: nil
        case .sendAgain(let after), .lookFor(let after, _), .waitFor(let after): after
        }
    }

    /// Whether the CMMS has an order now that it had not.
    func makesOrder(of claim: Claim) -> Bool {
        if case .done = self { claim.row.effect == .create } else { false }
    }

    /// Whether the attempt says that the target itself is in trouble.
    var isTargetFailure: Bool {
        switch self {
        case .done, .dead, .waitFor: false
        case .lookFor(_, let searchCounts): !searchCounts
        case .sendAgain(let after): after > .zero
        }
    }

    static func after(
        _ claim: Claim, _ result: Result<[Receipt], ConnectorError>, isSearchable: Bool, policy: RetryPolicy,
        unit: Double
    ) -> Verdict {
        switch (claim.action, result) {
        case (.send, .success(let receipts)):
            guard let receipt = receipts.first else { return .dead("the connector gave no receipt") }
            return .done(receipt, copies: 1)
        case (.search, .success(let receipts)):
            if let receipt = receipts.first { return .done(receipt, copies: receipts.count) }
            if claim.row.effect.isIdempotent { return .sendAgain(after: .zero) }
            guard isSearchable else {
                return .dead(
                    "it may have been sent before, and this system cannot be asked whether the order is there; look there, "
                        + "and send it again (andon connector retry) where it is not")
            }
            return claim.row.searches < policy.searchesMax
                ? .lookFor(after: policy.searchAgainAfter, searchCounts: true) : .sendAgain(after: .zero)
        case (.send, .failure(let error)):
            if case .answerLost = error, claim.row.effect.isIdempotent {
                return .sendAgain(after: policy.delay(attempt: claim.row.attempts, asked: nil, unit: unit))
            }
            return afterSend(error, attempt: claim.row.attempts, isSearchable: isSearchable, policy: policy, unit: unit)
        case (.search, .failure(let error)):
            return afterSearch(error, attempt: claim.row.attempts, policy: policy, unit: unit)
        }
    }

    private static func afterSend(
        _ error: ConnectorError, attempt: Int, isSearchable: Bool, policy: RetryPolicy, unit: Double
    ) -> Verdict {
        switch error {
        case .refused(let reason), .gone(let reason): .dead(reason)
        case .handedOver(let after, _): .waitFor(after: after)
        case .unreachable, .unauthorized: .sendAgain(after: policy.delay(attempt: attempt, asked: nil, unit: unit))
        case .busy(let asked, _): .sendAgain(after: policy.delay(attempt: attempt, asked: asked, unit: unit))
        case .answerLost(let reason):
            isSearchable
                ? .lookFor(after: .zero, searchCounts: false)
                : .dead("no answer came, and this system cannot be asked whether the order is there: \(reason)")
        }
    }

    private static func afterSearch(
        _ error: ConnectorError, attempt: Int, policy: RetryPolicy, unit: Double
    ) -> Verdict {
        switch error {
        case .gone(let reason): .dead(reason)
        case .handedOver(let after, _): .waitFor(after: after)
        // A refused search proves nothing about the effect: it stays unknown.
        case .busy(let asked, _):
            .lookFor(after: policy.delay(attempt: attempt, asked: asked, unit: unit), searchCounts: false)
        case .unreachable, .unauthorized, .answerLost, .refused:
            .lookFor(
                after: max(policy.base, policy.delay(attempt: attempt, asked: nil, unit: unit)), searchCounts: false)
        }
    }
}
