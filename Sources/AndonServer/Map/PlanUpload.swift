import AndonDraw
import AndonIntake
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore

/// A floor plan as a form brings it (`multipart/form-data`): the parts `name`, `picture`, `reason`, and, where nobody is
/// signed in, `by`; `replace` for a new picture of a plan that there is.
struct PlanUpload: Sendable {
    /// As it was typed; checked by ``check()``.
    var name = ""
    var picture: [UInt8] = []
    var reason = ""
    var by: String?
    var replaces = false

    static let nameMax = 60
    private static let textMax = 1000
    /// Of the other parts, and of what is between them.
    private static let restBytesMax = 64 << 10

    /// Reads the form as it comes; what is too large is refused before it is read to its end.
    ///
    /// - Throws: ``Problem`` 413, 415, 400 `invalid-multipart`.
    init(_ request: Request) async throws {
        let bytesMax = FloorPlan.bytesMax + Self.restBytesMax
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytesMax {
            throw PlanCheck.tooLarge
        }
        var parser = try MultipartParser(contentType: request.headers[.contentType] ?? "")
        var parts = Parts()
        for try await piece in request.body {
            for event in try parser.feed(Array(piece.readableBytesView)) { try parts.take(event) }
        }
        try parser.finish()
        name = parts.text("name")
        reason = parts.text("reason").cut(to: Self.textMax)
        by = parts.text("by").isEmpty ? nil : parts.text("by").cut(to: 100)
        replaces = ["true", "on", "yes"].contains(parts.text("replace"))
        picture = parts.picture
    }

    /// Whether the name can be one, and somebody said why.
    ///
    /// - Throws: ``Problem`` 422 `invalid-plan`.
    func check() throws {
        let isNamed =
            (1...Self.nameMax).contains(name.count)
            && name.allSatisfy { $0.isLetter || $0.isNumber || " ._-".contains($0) }
            && name.first.map { $0.isLetter || $0.isNumber } == true
        guard isNamed else {
            throw PlanCheck.problem(
                "a floor plan's name has 1 to \(Self.nameMax) letters, digits, spaces, dots, hyphens or underscores, and "
                    + "begins with a letter or a digit", at: "/name")
        }
        guard !reason.isEmpty else { throw PlanCheck.problem("say why, in reason", at: "/reason") }
    }

    /// The parts as they stream in.
    private struct Parts {
        private var texts: [String: [UInt8]] = [:]
        private(set) var picture: [UInt8] = []
        private var hasPicture = false
        private var current: String?
        private static let names: Set<String> = ["name", "picture", "reason", "by", "replace"]

        func text(_ name: String) -> String { String(decoding: texts[name] ?? [], as: UTF8.self).trimmed }

        mutating func take(_ event: MultipartParser.Event) throws {
            switch event {
            case .partBegan(let headers): try begin(headers.name)
            case .data(let bytes): try append(bytes)
            case .partEnded: current = nil
            case .finished: break
            }
        }

        private mutating func begin(_ name: String) throws {
            guard Self.names.contains(name) else {
                throw Self.problem(
                    "the part \"\(name.cut(to: 60))\" is not known; there are \(Self.names.sorted().joined(separator: ", "))"
                )
            }
            let isThere = name == "picture" ? hasPicture : texts[name] != nil
            guard !isThere else { throw Self.problem("the part \"\(name)\" is there twice; send one") }
            if name == "picture" { hasPicture = true } else { texts[name] = [] }
            current = name
        }

        private mutating func append(_ bytes: ArraySlice<UInt8>) throws {
            guard let current else { return }
            if current == "picture" {
                guard picture.count + bytes.count <= FloorPlan.bytesMax else { throw PlanCheck.tooLarge }
                picture += bytes
            } else {
                texts[current, default: []] += bytes
                guard texts[current, default: []].count <= 4 * PlanUpload.textMax else {
                    throw Self.problem("the part \"\(current)\" is too long")
                }
            }
        }

        private static func problem(_ detail: String) -> Problem {
            Problem(
                status: 400, type: "invalid-multipart", title: "The parts are not a floor plan",
                detail: "In this form \(detail).")
        }
    }
}
