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
    public var ask: @Sendable (Inquiry, Store) async throws -> Report

    public static let all: [Question] = [
        Question(name: "recurrence", title: "What comes back", ask: { try await RecurrenceAnswer($0, $1).report() }),
        Question(name: "actions", title: "Symptom or cause", ask: { try await VerdictAnswer($0, $1).report() }),
        Question(name: "times", title: "How long it takes", ask: { try await TimesAnswer($0, $1).report() }),
        Question(name: "change", title: "What changed", ask: { try await ChangeAnswer($0, $1).report() }),
        Question(name: "cost", title: "What it costs", ask: { try await CostAnswer($0, $1).report() }),
        Question(
            name: "advice", title: "Advice on preventive maintenance",
            ask: { try await AdviceAnswer($0, $1).report() }),
        Question(
            name: "feedback", title: "Feedback to the model", ask: { try await FeedbackAnswer($0, $1).report() }),
    ]

    public static func named(_ name: String) -> Question? { all.first { $0.name == name } }
}
