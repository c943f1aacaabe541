import AndonModel
import Foundation

/// A text with `{name}` and `{name|filter|filter:argument}`, as mapping files have them. `{{` is a plain brace.
///
/// A template of one placeholder alone whose value is not known gives nil, and what it stands in is left out.
struct RESTTemplate: Sendable {
    let source: String
    private let parts: [Part]

    private enum Part: Sendable {
        case text(String)
        case value(String, [Filter])
    }

    struct Filter: Sendable {
        var name: String
        var argument: String
    }

    typealias Fault = BracedText.Fault

    /// What a template can be filled with.
    struct Scope: Sendable {
        var values: [String: JSON]
        var tables: [String: [String: String]]
    }

    static let filters: Set<String> = [
        "html", "upper", "lower", "line", "cut", "int", "number", "text", "json", "base64", "url", "table", "time",
        "default", "first",
    ]
    static let timeForms: Set<String> = ["iso", "seconds", "sql", "date", "epoch", "epochMs"]

    /// - Parameter isKnown: whether a name can have a value here.
    init(_ source: String, tables: Set<String>, isKnown: (String) -> Bool) throws(Fault) {
        self.source = source
        var parts: [Part] = []
        for part in try BracedText(source).parts {
            switch part {
            case .text(let text): parts.append(.text(text))
            case .braced(let text): parts.append(try Self.placeholder(text, tables, isKnown))
            }
        }
        self.parts = parts
    }

    private static func placeholder(
        _ text: String, _ tables: Set<String>, _ isKnown: (String) -> Bool
    ) throws(Fault) -> Part {
        let pieces = text.split(separator: "|", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let name = pieces[0]
        guard isKnown(name) else { throw Fault(reason: "{\(name)} is not a value that is known here") }
        var filters: [Filter] = []
        for piece in pieces.dropFirst() {
            let sides = piece.split(separator: ":", maxSplits: 1).map(String.init)
            let filter = Filter(name: sides.first ?? "", argument: sides.count > 1 ? sides[1] : "")
            guard Self.filters.contains(filter.name) else {
                throw Fault(
                    reason:
                        "\"\(filter.name)\" is not a filter; known are \(Self.filters.sorted().joined(separator: ", "))"
                )
            }
            if filter.name == "cut", Int(filter.argument) ?? 0 < 2 {
                throw Fault(reason: "cut needs a number, like cut:100")
            }
            if filter.name == "table", !tables.contains(filter.argument) {
                throw Fault(reason: "there is no table \"\(filter.argument)\" in tables")
            }
            if filter.name == "time", !timeForms.contains(filter.argument) {
                throw Fault(reason: "time needs one of \(timeForms.sorted().joined(separator: ", "))")
            }
            filters.append(filter)
        }
        return .value(name, filters)
    }

    /// Always an empty text.
    static let nothing = RESTTemplate()

    private init() {
        source = ""
        parts = []
    }

    /// A template of the program itself.
    init(_ source: String, known: Set<String>) throws(ConnectorError) {
        do {
            try self.init(source, tables: []) { known.contains($0) }
        } catch {
            throw .refused(error.reason)
        }
    }

    /// The filled template; nil when it is one placeholder without a value.
    func value(_ scope: Scope) throws(ConnectorError) -> JSON? {
        if parts.count == 1, case .value(let name, let filters) = parts[0] {
            return try Self.filled(name, filters, scope)
        }
        var text = ""
        for part in parts {
            switch part {
            case .text(let plain): text += plain
            case .value(let name, let filters):
                text += try Self.filled(name, filters, scope).flatMap { RESTPath.text(of: $0) } ?? ""
            }
        }
        return .string(text)
    }

    func text(_ scope: Scope) throws(ConnectorError) -> String? { try value(scope).flatMap { RESTPath.text(of: $0) } }

    // MARK: Filters

    private static func filled(
        _ name: String, _ filters: [Filter], _ scope: Scope
    ) throws(ConnectorError) -> JSON? {
        var value = scope.values[name]
        if value == .null || value == .string("") { value = nil }
        for filter in filters {
            if filter.name == "default" {
                value = value ?? .string(filter.argument)
                continue
            }
            guard let held = value else { continue }
            value = try applied(filter, to: held, name, scope)
        }
        return value
    }

    private static func applied(
        _ filter: Filter, to value: JSON, _ name: String, _ scope: Scope
    ) throws(ConnectorError) -> JSON? {
        let text = RESTPath.text(of: value) ?? ""
        switch filter.name {
        case "html": return .string(PlainText.html(of: text))
        case "upper": return .string(text.uppercased())
        case "lower": return .string(text.lowercased())
        case "line": return .string(text.asOneLine)
        case "cut": return .string(text.cut(to: Int(filter.argument) ?? 2))
        case "text": return .string(text)
        case "base64": return .string(Data(text.utf8).base64EncodedString())
        case "url": return .string(WebAddress.encoded(text))
        case "table":
            return (scope.tables[filter.argument]?[text] ?? scope.tables[filter.argument]?["else"]).map { .string($0) }
        case "first": return value[0] ?? value
        case "json": return value
        case "int":
            guard let number = Double(text), let whole = Int(exactly: number.rounded()) else {
                throw .refused("the mapping wants {\(name)} as a whole number and it is \"\(text.cut(to: 60))\"")
            }
            return .integer(whole)
        case "number":
            guard let number = Double(text), number.isFinite else {
                throw .refused("the mapping wants {\(name)} as a number and it is \"\(text.cut(to: 60))\"")
            }
            return .number(number)
        default: return Timestamp(text).map { time($0, filter.argument) }
        }
    }

    private static func time(_ time: Timestamp, _ form: String) -> JSON {
        let seconds = String(time.description.prefix(19))
        switch form {
        case "seconds": return .string("\(seconds)Z")
        case "sql": return .string(seconds.replacing("T", with: " "))
        case "date": return .string(String(seconds.prefix(10)))
        case "epoch": return .integer(time.microseconds / 1_000_000)
        case "epochMs": return .integer(time.microseconds / 1000)
        default: return .string(time.description)
        }
    }
}
