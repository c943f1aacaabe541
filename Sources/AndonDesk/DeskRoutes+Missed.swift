import AndonIdentity
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The form for what the model missed, or called by another name.
extension DeskRoutes {
    private static let fields = [
        "class", "by", "seen", "asset", "camera", "order", "inspection", "picture", "x", "y", "width", "height",
        "words",
    ]

    /// Of times without one.
    private var zone: TimeZone { TimeZone(identifier: surroundings.timeZone()) ?? .gmt }

    func missedPage(
        _ values: [String: String], problem: Problem? = nil, kept: Int64? = nil, _ request: Request,
        _ context: AppContext
    ) -> Response {
        let texts = web.texts(context.language)
        var shown: [String: Any] = ["form": values]
        shown["problem"] = problem?.detail
        shown["when"] = texts.text(
            "desk", "missed-seen", ["zone": zone.identifier == "GMT" ? "UTC" : zone.identifier])
        shown["kept"] = kept.map { texts.text("desk", "missed-kept", ["number": "\($0)"]) }
        return page(
            "desk-missed", shown, title: texts["desk", "missed-title"],
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    func reportMissed(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = URLEncodedForm(String(buffer: try await request.body.collect(upTo: Self.formBytesMax)))
        let who = context.caller.doer(typed: form["by"])
        do {
            let missed = MissedForm(zone: zone) { $0 == "by" ? who : form[$0] }
            let (id, _) = try await missed.keep(in: desk.store, hiding: surroundings.hidden(context.caller))
            return missedPage([:], kept: id, request, context)
        } catch let problem as Problem where problem.status == 422 {
            let values = Self.fields.reduce(into: [String: String]()) { $0[$1] = form[$1] }
            return missedPage(values, problem: problem, request, context)
        }
    }
}
