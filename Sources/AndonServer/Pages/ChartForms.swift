import AndonIntake
import AndonLedger
import AndonModel

/// What was typed about a cause.
struct CauseForm: Sendable {
    var from = ""
    var to = ""
    var cause = ""
    var code = ""
    var by = ""

    init() {}

    init(_ fields: RequestFields) {
        from = (fields["from"] ?? "").cut(to: 20)
        to = (fields["to"] ?? "").cut(to: 20)
        cause = (fields["cause"] ?? "").cut(to: 1000)
        code = (fields["code"] ?? "").cut(to: 200)
        by = (fields["by"] ?? "").cut(to: 100)
    }

    /// - Throws: ``Problem`` 422 for what is no number of a point.
    func stated(_ chart: String, _ stratum: String, by person: String) throws -> StatedCause {
        let first = try ChartForms.number(from, "from")
        let last = to.isEmpty ? first : try ChartForms.number(to, "to")
        return StatedCause(
            chart: chart, stratum: stratum, first: first, last: last, cause: cause, code: code.isEmpty ? nil : code,
            by: person)
    }

    var values: [String: Any] { ["from": from, "to": to, "cause": cause, "code": code, "by": by] }
}

/// What was typed about new limits.
struct LimitsForm: Sendable {
    var from = ""
    var to = ""
    /// A line for each point, or range of points, with its reason behind the number.
    var excluded = ""
    var excludesBeyond = false
    var reason = ""
    var by = ""
    /// Of the limits that were tried, as the page gave it.
    var tried = ""

    private static let linesMax = 200
    private static let textMax = 20_000

    init() {}

    init(_ fields: RequestFields) {
        from = (fields["from"] ?? "").cut(to: 20)
        to = (fields["to"] ?? "").cut(to: 20)
        excluded = (fields["excluded"] ?? "").cut(to: Self.textMax)
        excludesBeyond = fields.flag("beyond")
        reason = (fields["reason"] ?? "").cut(to: 1000)
        by = (fields["by"] ?? "").cut(to: 100)
        tried = (fields["tried"] ?? "").cut(to: 64)
    }

    /// - Throws: ``Problem`` 422 that names the field.
    func request(_ chart: String, _ stratum: String, by person: String, isTrial: Bool) throws -> LimitsRequest {
        LimitsRequest(
            chart: chart, stratum: stratum, first: try ChartForms.number(from, "from"),
            last: try ChartForms.number(to, "to"), excluded: try exclusions(), excludesBeyond: excludesBeyond,
            person: person, reason: reason, isTrial: isTrial)
    }

    /// Why each point is left out, by its number: `15 another supplier`, `21-23 new operator`.
    func exclusions() throws -> [Int: String] {
        let lines = excluded.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }
        guard lines.count <= Self.linesMax else {
            throw ChartForms.refusal(
                "/excluded", "There are more than \(Self.linesMax) lines of points to leave out; name ranges.")
        }
        var found: [Int: String] = [:]
        for line in lines {
            guard let match = line.wholeMatch(of: /(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?(?:[\s:=]+(.*))?/),
                let first = Int(match.1)
            else {
                throw ChartForms.refusal(
                    "/excluded", "\"\(line.cut(to: 60))\" should begin with a point's number and go on with its reason."
                )
            }
            let last = match.2.flatMap { Int($0) } ?? first
            guard last >= first, last - first < 1000 else {
                throw ChartForms.refusal(
                    "/excluded", "\"\(line.cut(to: 60))\" is no range of at most 1000 points.")
            }
            let reason = match.3.map { String($0).trimmed } ?? ""
            for point in first...last { found[point] = reason.cut(to: 300) }
        }
        return found
    }

    /// What the limits depend on: who puts them in force has seen these very ones.
    var digest: String {
        let lines = excluded.replacing("\r\n", with: "\n")
        let text = [from, to, lines, "\(excludesBeyond)"].joined(separator: "\n")
        return String(Hex.sha256(Array(text.utf8)).prefix(16))
    }

    var values: [String: Any] {
        var values: [String: Any] = [:]
        values["from"] = from
        values["to"] = to
        values["excluded"] = excluded
        values["excludesBeyond"] = excludesBeyond
        values["reason"] = reason
        values["by"] = by
        return values
    }

    /// What is offered before anything is typed: the points of a proposal, or else as many of the newest as a baseline has,
    /// without those that have a cause.
    static func offered(_ record: ChartStreamRecord, baseline: Int, _ causes: [AssignableCause]) -> LimitsForm {
        var form = LimitsForm()
        let last = record.proposal?["to"]?.integer ?? record.points
        let first = record.proposal?["from"]?.integer ?? max(1, last - max(baseline, 2) + 1)
        (form.from, form.to) = ("\(first)", "\(last)")
        let lines = causes.filter { $0.withdrawal == nil && $0.last >= first && $0.first <= last }.map { cause in
            let (from, to) = (max(cause.first, first), min(cause.last, last))
            return (from == to ? "\(from) " : "\(from)-\(to) ") + cause.cause
        }
        form.excluded = lines.joined(separator: "\n")
        return form
    }
}

enum ChartForms {
    static func number(_ text: String, _ name: String) throws -> Int {
        guard let number = Int(text), number >= 1 else {
            throw refusal("/\(name)", "\(name) is the number of a point, from 1 on, and not \"\(text.cut(to: 20))\".")
        }
        return number
    }

    static func refusal(_ pointer: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-form", title: "The form has a fault", detail: detail,
            errors: [.init(pointer: pointer, detail: detail)])
    }
}
