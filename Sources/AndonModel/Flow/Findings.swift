/// What the codes of an order in one CMMS say of the detection behind it, or of a camera that saw nothing.
///
/// Codes and states are compared whole and without regard to case; a phrase of the notes as a part of them.
public struct Findings: Sendable, Equatable {
    /// The detection was right.
    public var confirmed = Codes()
    /// Nothing was found.
    public var falseAlarm = Codes()
    /// There was a defect, and another one than the model said.
    public var wrongClass = Codes()
    /// On an order that people made: a camera should have seen this.
    public var missed = Codes()
    /// Our defect classes by the problem codes of the CMMS.
    public var classes: [String: String] = [:]
    /// Between two looks for missed defects.
    public var missedEvery: Duration = .seconds(6 * 3600)
    /// How long after it was made an order may still be closed, and be found.
    public var lookBack: Duration = .seconds(90 * 86_400)

    public init() {}

    /// Codes of one meaning, by the field that they stand in.
    public struct Codes: Sendable, Equatable {
        public let problem: Set<String>
        public let cause: Set<String>
        public let remedy: Set<String>
        /// The CMMS's own words for states.
        public let state: Set<String>
        /// Parts of the notes.
        public let notes: Set<String>

        public init(
            problem: Set<String> = [], cause: Set<String> = [], remedy: Set<String> = [], state: Set<String> = [],
            notes: Set<String> = []
        ) {
            self.problem = Self.folded(problem)
            self.cause = Self.folded(cause)
            self.remedy = Self.folded(remedy)
            self.state = Self.folded(state)
            self.notes = Self.folded(notes)
        }

        public var isEmpty: Bool {
            problem.isEmpty && cause.isEmpty && remedy.isEmpty && state.isEmpty && notes.isEmpty
        }

        private static func folded(_ codes: Set<String>) -> Set<String> { Set(codes.map(Findings.folded)) }

        func names(_ order: RemoteOrder) -> Bool {
            let closure = order.closure
            func holds(_ codes: Set<String>, _ code: String?) -> Bool {
                code.map { codes.contains(Findings.folded($0)) } ?? false
            }
            if holds(problem, closure?.problemCode) || holds(cause, closure?.causeCode) { return true }
            if holds(remedy, closure?.remedyCode) || holds(state, order.vendorState) { return true }
            guard !notes.isEmpty, let text = closure?.notes?.lowercased() else { return false }
            return notes.contains { text.contains($0) }
        }

        /// Whether a field that has ``Findings/any`` has a code at all.
        func takesAny(_ closure: Closure?) -> Bool {
            func holds(_ codes: Set<String>, _ code: String?) -> Bool {
                codes.contains(Findings.any) && code.map { !Findings.folded($0).isEmpty } ?? false
            }
            return holds(problem, closure?.problemCode) || holds(cause, closure?.causeCode)
                || holds(remedy, closure?.remedyCode)
        }
    }

    /// In place of a code: each one that has no other meaning.
    public static let any = "*"

    static func folded(_ code: String) -> String { code.trimmed.lowercased() }

    /// What the order says of its detection; nil before the work is over, and where nothing says it.
    ///
    /// An explicit finding stands before a general one, and one against the model before one for it: who closes an order
    /// as a false alarm fills in the usual codes as well.
    public func verdict(of order: RemoteOrder) -> Closure.Verdict? {
        guard [.done, .closed, .cancelled].contains(order.state) else { return nil }
        if falseAlarm.names(order) { return .falseAlarm }
        if wrongClass.names(order) { return .wrongClass }
        if confirmed.names(order) { return .confirmed }
        return order.state != .cancelled && confirmed.takesAny(order.closure) ? .confirmed : nil
    }

    /// The order with its verdict. One that came with a verdict keeps it.
    public func judged(_ order: RemoteOrder) -> RemoteOrder {
        guard order.closure?.verdict == nil, let verdict = verdict(of: order) else { return order }
        var order = order
        var closure = order.closure ?? Closure()
        closure.verdict = verdict
        order.closure = closure
        return order
    }

    /// Our class for the order's problem code; nil where the table has none.
    public func defectClass(of order: RemoteOrder) -> String? {
        guard let code = order.closure?.problemCode.map(Self.folded) else { return nil }
        return classes.first { Self.folded($0.key) == code }?.value
    }

    /// Whether people made the order, did the work, and say that a camera should have seen the defect.
    public func isMissed(_ order: RemoteOrder) -> Bool {
        order.reference == nil && [.done, .closed].contains(order.state) && missed.names(order)
    }
}
