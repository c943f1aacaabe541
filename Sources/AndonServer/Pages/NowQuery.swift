import AndonDesk
import AndonLedger
import AndonModel
import Foundation
import Hummingbird
import HummingbirdCore

/// What the pages and the stream of Now are asked for, as it was typed.
struct NowQuery: Sendable {
    /// By field; empty ones are left out.
    let typed: [String: String]

    private static let fields = ["asset", "class", "outcome", "severity", "orders"]
    private static let lengthMax = 200

    init(_ request: Request) {
        let form = URLEncodedForm(request.uri.query ?? "")
        var typed: [String: String] = [:]
        for name in Self.fields + ["before", "minutes", "after"] { typed[name] = form[name] }
        self.typed = typed
    }

    /// - Parameter hidden: assets that are out of reach.
    /// - Throws: ``Problem`` 400, with the first fault.
    func filter(hiding hidden: Set<String>) throws(Problem) -> DetectionFilter {
        for (name, value) in typed.sorted(by: { $0.key < $1.key }) where value.count > Self.lengthMax {
            throw Answer.invalidQuery("\(name) is longer than \(Self.lengthMax) characters.")
        }
        var filter = DetectionFilter()
        (filter.asset, filter.defectClass, filter.hidden) = (typed["asset"], typed["class"], hidden)
        if let word = typed["outcome"] {
            guard let outcome = Outcome(rawValue: word) else {
                let words = Outcome.allCases.map(\.rawValue).joined(separator: ", ")
                throw Answer.invalidQuery("outcome is one of \(words), and not \"\(word.cut(to: 40))\".")
            }
            filter.outcome = outcome
        }
        if let text = typed["severity"] {
            guard let severity = Double(text.replacing(",", with: ".")), (0...1).contains(severity) else {
                throw Answer.invalidQuery("severity is a number from 0 to 1, and not \"\(text.cut(to: 40))\".")
            }
            filter.severityMin = severity
        }
        filter.hasOrder = ["on", "true", "yes"].contains(typed["orders"] ?? "")
        return filter
    }

    /// Where an older page goes on; nil for the newest.
    func before() throws(Problem) -> Int64? {
        guard let text = typed["before"] else { return nil }
        guard let row = Int64(text), row > 0 else {
            throw Answer.invalidQuery("before is the number that the link to older detections has.")
        }
        return row
    }

    /// How far back a wall looks.
    func minutes() throws(Problem) -> Int {
        guard let text = typed["minutes"] else { return 60 }
        guard let minutes = Int(text), (1...1440).contains(minutes) else {
            throw Answer.invalidQuery("minutes is a whole number from 1 to 1440, and not \"\(text.cut(to: 40))\".")
        }
        return minutes
    }

    /// The filter's fields as a query, with further ones behind.
    func text(adding further: [(String, String)] = []) -> String {
        let own = Self.fields.compactMap { name in typed[name].map { (name, $0) } }
        return (own + further).map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
    }

    var isFiltering: Bool { Self.fields.contains { typed[$0] != nil } }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
