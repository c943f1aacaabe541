import AndonModel
import Foundation
import Hummingbird
import Mustache

/// The form for what the model missed, or called by another name.
extension DeskRoutes {
    private static let fields = [
        "class", "by", "seen", "asset", "camera", "order", "inspection", "picture", "x", "y", "width", "height",
        "words",
    ]

    func missedPage(
        _ values: [String: Substring], problem: Problem? = nil, kept: Int64? = nil
    ) -> Response {
        var shown: [String: Any] = values
        shown["problem"] = problem?.detail
        shown["zone"] = zone.identifier == "GMT" ? "UTC" : zone.identifier
        shown["kept"] = kept
        return page(missed.render(shown), status: problem.map { .init(code: $0.status) } ?? .ok)
    }

    func reportMissed(_ request: Request) async throws -> Response {
        try Self.refuseCrossSite(request)
        let form = URLEncodedForm(String(buffer: try await request.body.collect(upTo: Self.formBytesMax)))
        do {
            let (id, _) = try await MissedForm(zone: zone) { form[$0] }.keep(in: desk.store)
            return missedPage([:], kept: id)
        } catch let problem as Problem where problem.status == 422 {
            let values = Self.fields.reduce(into: [String: Substring]()) { $0[$1] = form[$1].map { $0[...] } }
            return missedPage(values, problem: problem)
        }
    }
}
