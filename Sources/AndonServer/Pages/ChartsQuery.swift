import AndonDesk
import AndonLedger
import AndonModel
import Foundation

/// How a stream stands, the most troubled first.
enum ChartState: String, CaseIterable, Sendable {
    /// Its newest point breaks a rule.
    case out
    /// Its trend made an order with a date.
    case planned
    /// Limits wait for a person.
    case proposed
    /// No limits yet.
    case baseline
    case calm = "in-control"
    /// The rules in force have no such chart any more.
    case retired

    var tag: String {
        switch self {
        case .out: "bad"
        case .planned, .proposed: "warn"
        case .calm: "good"
        case .baseline, .retired: ""
        }
    }
}

extension ChartLine {
    func state(inForce: Set<String>) -> ChartState {
        guard inForce.contains(chart) else { return .retired }
        if let standing, standing != ChartPosition.Standing.inControl.rawValue { return .out }
        if planned != nil { return .planned }
        if isProposed { return .proposed }
        return isJudged ? .calm : .baseline
    }

    /// The most troubled first; those that stand alike by name.
    static func byTrouble(_ lines: [ChartLine], inForce: Set<String>) -> [ChartLine] {
        let ranks = Dictionary(
            ChartState.allCases.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { $1 })
        let ranked = lines.map { (rank: ranks[$0.state(inForce: inForce)] ?? 0, line: $0) }
        return ranked.sorted {
            ($0.rank, $0.line.chart, $0.line.stratum) < ($1.rank, $1.line.chart, $1.line.stratum)
        }.map(\.line)
    }
}

/// What the page of all charts is asked for, as it was typed.
struct ChartsQuery: Sendable {
    let typed: [String: String]

    private static let fields = ["chart", "asset", "state"]
    private static let lengthMax = 200
    private static let pageMax = 1000

    init(_ form: URLEncodedForm) {
        var typed: [String: String] = [:]
        for name in Self.fields + ["page"] { typed[name] = form[name] }
        // A bare `?wall` counts as well.
        typed["wall"] = form.untrimmed("wall")
        self.typed = typed
    }

    var isWall: Bool { typed["wall"] != nil && typed["wall"] != "no" }
    var isFiltering: Bool { Self.fields.contains { typed[$0] != nil } }
    var chart: String? { typed["chart"] }
    var asset: String? { typed["asset"] }

    /// - Throws: ``Problem`` 400.
    func state() throws(Problem) -> ChartState? {
        for (name, value) in typed.sorted(by: { $0.key < $1.key }) where value.count > Self.lengthMax {
            throw Answer.invalidQuery("\(name) is longer than \(Self.lengthMax) characters.")
        }
        guard let word = typed["state"] else { return nil }
        guard let state = ChartState(rawValue: word) else {
            let words = ChartState.allCases.map(\.rawValue).joined(separator: ", ")
            throw Answer.invalidQuery("state is one of \(words), and not \"\(word.cut(to: 40))\".")
        }
        return state
    }

    /// From 1.
    ///
    /// - Throws: ``Problem`` 400.
    func page() throws(Problem) -> Int {
        guard let text = typed["page"] else { return 1 }
        guard let page = Int(text), (1...Self.pageMax).contains(page) else {
            throw Answer.invalidQuery("page is a number from 1 to \(Self.pageMax), and not \"\(text.cut(to: 40))\".")
        }
        return page
    }

    /// The address of another page of the same list.
    func address(page: Int) -> String {
        let own = Self.fields.compactMap { name in typed[name].map { "\(name)=\(ChartAddress.encoded($0))" } }
        let parts = own + (page > 1 ? ["page=\(page)"] : [])
        return parts.isEmpty ? "/charts" : "/charts?\(parts.joined(separator: "&"))"
    }
}

/// Where a stream has its page.
enum ChartAddress {
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    static func page(_ chart: String, _ stratum: String, _ more: String = "") -> String {
        let stream = stratum.isEmpty ? [] : ["stream=\(encoded(stratum))"]
        let query = (stream + (more.isEmpty ? [] : [more])).joined(separator: "&")
        return "/charts/\(encoded(chart))" + (query.isEmpty ? "" : "?\(query)")
    }
}
