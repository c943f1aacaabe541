import AndonLedger
import AndonModel

/// Keeps why points of a stream are as they are, as a person found out, and takes it back with a reason.
///
/// Causes may overlap: a shift has one, and a point within it another. The same one twice is refused.
public struct CauseStep: Sendable {
    private let store: Store

    /// Points that one cause is about, at most.
    public static let pointsMax = 10_000
    public static let causeLengths = 3...300
    public static let codeLengthMax = 40
    public static let reasonLengths = 3...300

    public init(store: Store) { self.store = store }

    /// - Parameter demand: looks at the stream before anything else, and throws where it is out of reach.
    /// - Throws: `Problem` 404 for a stream that is not there, 422 for points or words that cannot be taken, 409 for a cause
    ///   that these points have already.
    public func keep(
        _ stated: StatedCause, demand: @escaping @Sendable (ChartStreamRecord) throws -> Void = { _ in }
    ) async throws -> AssignableCause {
        try await store.write { transaction in
            let reader = transaction.reader
            guard let record = try reader.chartStream(stated.chart, stated.stratum) else {
                throw Self.unknown(
                    "stream \"\(stated.stratum.cut(to: 200))\" of the chart \"\(stated.chart.cut(to: 80))\"")
            }
            try demand(record)
            let cleaned = try Self.checked(stated, points: record.points)
            let twin = try reader.chartCauses(cleaned.chart, cleaned.stratum).first { Self.isSame($0, cleaned) }
            if let twin { throw Self.twice(twin) }
            return try transaction.keepCause(cleaned)
        }
    }

    /// - Throws: `Problem` 404 for a cause that the stream does not have, 409 for one that was withdrawn before, 422 without
    ///   a reason.
    public func withdraw(
        _ number: Int64, ofChart chart: String, by person: String, reason: String,
        demand: @escaping @Sendable (ChartStreamRecord) throws -> Void = { _ in }
    ) async throws -> AssignableCause {
        try await store.write { transaction in
            let reader = transaction.reader
            guard let cause = try reader.chartCause(number), cause.chart == chart,
                let record = try reader.chartStream(cause.chart, cause.stratum)
            else { throw Self.unknown("cause \(number) of the chart \"\(chart.cut(to: 80))\"") }
            try demand(record)
            guard !person.trimmed.isEmpty else { throw Self.refusal("/by", "Say who withdraws it, in by.") }
            let words = reason.trimmed
            guard Self.reasonLengths.contains(words.count) else {
                throw Self.refusal("/reason", "Say why the cause is withdrawn, in \(Self.words(Self.reasonLengths)).")
            }
            guard let withdrawn = try transaction.withdraw(cause: number, by: person, reason: words) else {
                throw Problem(
                    status: 409, type: "cause-withdrawn", title: "It was withdrawn before",
                    detail: "The cause \(number) holds no more; nothing is left to do.")
            }
            return withdrawn
        }
    }

    private static func checked(_ stated: StatedCause, points: Int) throws -> StatedCause {
        guard stated.first >= 1, stated.last >= stated.first, stated.last - stated.first < pointsMax else {
            throw refusal(
                "/from",
                "Name the first and the last point: from 1 on, the last not before the first, \(pointsMax) at most.")
        }
        guard stated.last <= points else {
            throw refusal("/to", "The stream has \(points) points so far; point \(stated.last) is not there yet.")
        }
        var cleaned = stated
        cleaned.cause = stated.cause.trimmed
        guard causeLengths.contains(cleaned.cause.count) else {
            throw refusal("/cause", "Say what the cause was, in \(words(causeLengths)).")
        }
        cleaned.code = stated.code.map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 }
        guard cleaned.code?.count ?? 0 <= codeLengthMax else {
            throw refusal("/code", "The code is longer than \(codeLengthMax) characters; shorten it.")
        }
        guard !stated.by.trimmed.isEmpty else { throw refusal("/by", "Say who found it, in by.") }
        return cleaned
    }

    private static func isSame(_ one: AssignableCause, _ other: StatedCause) -> Bool {
        guard one.withdrawal == nil, one.first == other.first, one.last == other.last else { return false }
        return one.cause == other.cause && one.code == other.code
    }

    private static func words(_ lengths: ClosedRange<Int>) -> String {
        "\(lengths.lowerBound) to \(lengths.upperBound) characters"
    }

    private static func twice(_ cause: AssignableCause) -> Problem {
        Problem(
            status: 409, type: "cause-known", title: "These points have this cause already",
            detail: "The cause \(cause.number) says the same of the points \(cause.first) to \(cause.last). "
                + "Withdraw it if it was wrong.")
    }

    private static func refusal(_ pointer: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-cause", title: "The cause cannot be kept so", detail: detail,
            errors: [.init(pointer: pointer, detail: detail)])
    }

    private static func unknown(_ what: String) -> Problem {
        Problem(status: 404, type: "not-found", title: "Not found", detail: "There is no \(what).")
    }
}
