import AndonLedger
import AndonModel

/// A question with its particulars.
public struct Inquiry: Sendable {
    public var filter: CourseFilter
    /// What the answer is told apart by.
    public var by: [Dimension]
    /// The corrective action that is looked at, by its code.
    public var action: String?
    public var settings: LearnSettings
    /// An earlier period to compare with, by the end of the work, in microseconds since 1970 UTC, its end not counted; nil
    /// for the imported histories.
    public var baseline: Range<Int64>?
    /// The reduction that is claimed, 0..<1.
    public var claim = 0.4
    /// Rows of a table at most; the rest is said to be there.
    public var rowsMax: Int

    public init(
        filter: CourseFilter = CourseFilter(), by: [Dimension] = [], action: String? = nil,
        settings: LearnSettings = LearnSettings(), rowsMax: Int = 100
    ) {
        self.filter = filter
        self.by = by
        self.action = action
        self.settings = settings
        self.rowsMax = rowsMax
    }
}

/// What can be asked. Each is a page `/learn/NAME`, an address `/api/v1/learn/NAME` and a command `andon learn NAME`.
public struct Question: Sendable {
    public var name: String
    public var title: String
    /// Whether the asker says what it is told apart by; else it has its own groups.
    public var takesBy = false
    private var answer: @Sendable (Inquiry, Store) async throws -> Report

    /// - Throws: a `Problem` where the question takes no such particulars.
    public func ask(_ inquiry: Inquiry, _ store: Store) async throws -> Report {
        guard inquiry.by.isEmpty || takesBy else {
            let those = Question.all.filter(\.takesBy).map(\.name).joined(separator: " and ")
            throw Problem(
                status: 400, type: "invalid-query", title: "The request has a fault",
                detail: "\(name) has its own groups and takes no by; \(those) do.")
        }
        return try await answer(inquiry, store)
    }

    public static let all: [Question] = [
        Question(
            name: "recurrence", title: "What comes back", takesBy: true,
            answer: { try await RecurrenceAnswer($0, $1).report() }),
        Question(name: "actions", title: "Symptom or cause", answer: { try await VerdictAnswer($0, $1).report() }),
        Question(
            name: "times", title: "How long it takes", takesBy: true, answer: { try await TimesAnswer($0, $1).report() }
        ),
        Question(name: "change", title: "What changed", answer: { try await ChangeAnswer($0, $1).report() }),
        Question(name: "cost", title: "What it costs", answer: { try await CostAnswer($0, $1).report() }),
        Question(
            name: "advice", title: "Advice on preventive maintenance",
            answer: { try await AdviceAnswer($0, $1).report() }),
        Question(
            name: "feedback", title: "Feedback to the model", answer: { try await FeedbackAnswer($0, $1).report() }),
    ]

    public static func named(_ name: String) -> Question? { all.first { $0.name == name } }
}
