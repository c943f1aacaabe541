import AndonDesk
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore

/// Named texts of a request, as a page's form or a program's JSON brings them.
struct RequestFields: Sendable {
    private let text: @Sendable (String) -> String?

    private static let bytesMax = 64 << 10

    init(_ request: Request) async throws {
        let bytes = try await request.body.collect(upTo: Self.bytesMax)
        if request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true {
            let form = URLEncodedForm(String(buffer: bytes))
            text = { form.untrimmed($0) }
        } else {
            let body = try RequestBody.json(Array(buffer: bytes))
            text = { name in
                switch body[name] {
                case .bool(let flag)?: flag ? "true" : nil
                case .array(let list)?: list.compactMap(\.string).joined(separator: " ")
                case let value: value?.string
                }
            }
        }
    }

    /// Without space around it; nil when it is empty.
    subscript(name: String) -> String? { text(name).map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 } }

    /// As it was typed: a password may begin with a space.
    func secret(_ name: String) -> String? { text(name).flatMap { $0.isEmpty ? nil : $0 } }

    /// Of a checkbox, or a truth value.
    func flag(_ name: String) -> Bool { ["true", "on", "yes"].contains(self[name] ?? "") }
}
