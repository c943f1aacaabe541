import AndonModel
import Hummingbird
import NIOCore

/// What several routes read of what they are sent.
enum RequestBody {
    private static let textMax = 1000

    /// - Throws: ``Problem`` 400 for what is no JSON.
    static func json(_ request: Request, upTo limit: Int) async throws -> JSON {
        try json(Array(buffer: try await request.body.collect(upTo: limit)))
    }

    static func json(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws -> JSON {
        do {
            return try JSON(parsing: bytes, limits: limits)
        } catch {
            throw Problem(status: 400, type: "invalid-json", title: "The body is not JSON", detail: "\(error).")
        }
    }

    /// Who does something, and why.
    /// - Parameters:
    ///   - person: who answers for it, as the caller is known (`AppContext.person`).
    ///   - fault: makes the refusal of the route, from a member and words for it.
    static func signature(
        _ body: JSON, by person: String?, _ fault: (_ member: String, _ detail: String) -> Problem
    ) throws -> (person: String, reason: String) {
        guard let person else { throw fault("by", "say who, in by") }
        guard let reason = body["reason"]?.string, reason.contains(where: { !$0.isWhitespace }) else {
            throw fault("reason", "say why, in reason")
        }
        return (person, reason.cut(to: textMax))
    }
}

extension Timestamp {
    /// A time like `2026-11-01T06:00:00Z`, or a day like `2026-11-01`, which begins at midnight UTC.
    init?(dayOrTime text: String) {
        guard let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") else { return nil }
        self = time
    }
}
