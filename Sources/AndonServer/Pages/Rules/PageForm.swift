import AndonDesk
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore

/// A page's form with many fields: what was typed, so that a refused form comes back with it.
struct PageForm: Sendable {
    private let form: URLEncodedForm

    /// - Parameters:
    ///   - bytesMax: of the body; more is refused with 413.
    ///   - fieldsMax: fields of the form.
    init(_ request: Request, bytesMax: Int = 256 << 10, fieldsMax: Int = 4000) async throws {
        let bytes = try await request.body.collect(upTo: bytesMax)
        let isForm = request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true
        form = URLEncodedForm(isForm ? String(buffer: bytes) : "", fieldsMax: fieldsMax)
    }

    /// The fields of a form that asks for a page: a browser writes a blank as `+` there.
    init(query request: Request) { form = URLEncodedForm(request.uri.query ?? "") }

    /// Without space around it; nil when it is empty.
    subscript(name: String) -> String? { form[name] }

    /// As it was typed; empty for none.
    func typed(_ name: String) -> String { form.untrimmed(name) ?? "" }

    /// Of a checkbox.
    func flag(_ name: String) -> Bool { form[name] == "true" }

    /// Of the draft that the form was made for.
    var revision: Int? { form["revision"].flatMap { Int($0) } }

    /// A number as people type it, with a comma or a point; what is none stays a text, so that it is refused by its place.
    ///
    /// - Parameter said: what the document says there: what was not changed stays as it was written.
    func number(_ name: String, _ said: JSON? = nil) -> JSON? {
        form[name].map { $0 == RuleWords.text(said) ? said ?? .string($0) : Self.number($0) }
    }

    /// The same for a text.
    func text(_ name: String, _ said: JSON? = nil) -> JSON? {
        form[name].map { $0 == RuleWords.text(said) ? said ?? .string($0) : .string($0) }
    }

    private static func number(_ text: String) -> JSON {
        let plain = text.replacing(",", with: ".")
        let isDecimal = plain.utf8.allSatisfy { (48...57).contains($0) || ".-+eE".utf8.contains($0) }
        guard isDecimal, let number = Double(plain), number.isFinite else { return .string(text) }
        return .number(number)
    }
}

extension [Problem.Fault] {
    /// The faults at a place or below it, in one sentence each; nil for none.
    func words(at pointer: String) -> String? {
        let found = filter { $0.pointer == pointer || $0.pointer.hasPrefix(pointer + "/") }.map(\.detail)
        return found.isEmpty ? nil : found.joined(separator: "; ")
    }
}
