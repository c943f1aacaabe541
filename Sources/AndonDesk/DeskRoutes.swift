import AndonLedger
import AndonModel
import Foundation
import HTTPTypes
import Hummingbird
import Mustache

/// The desk's pages: plain forms that work on a phone, without script.
public struct DeskRoutes: Sendable {
    let desk: Desk
    let zone: TimeZone
    private let list: MustacheTemplate
    private let detail: MustacheTemplate
    let missed: MustacheTemplate
    /// Called after each change, so that the closure is read at once.
    private let changed: @Sendable () -> Void

    static let formBytesMax = 64 << 10

    /// - Parameter timeZone: IANA name of the zone of the clocks at the machines.
    public init(desk: Desk, timeZone: String, changed: @escaping @Sendable () -> Void) throws {
        self.desk = desk
        zone = TimeZone(identifier: timeZone) ?? .gmt
        self.changed = changed
        list = try MustacheTemplate(string: DeskTemplates.list)
        detail = try MustacheTemplate(string: DeskTemplates.detail)
        missed = try MustacheTemplate(string: DeskTemplates.missed)
    }

    public func add(to router: Router<some RequestContext>) {
        router.get("/desk") { _, _ in try await listPage() }
        router.get("/desk/style.css") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/css", .cacheControl: "max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: DeskTemplates.style)))
        }
        router.get("/desk/missed") { request, _ in
            let query = request.uri.queryParameters
            return missedPage(["order", "class", "inspection"].reduce(into: [:]) { $0[$1] = query[Substring($1)] })
        }
        router.post("/desk/missed") { request, _ in try await reportMissed(request) }
        router.get("/desk/:reference") { _, context in try await detailPage(Self.reference(context.parameters)) }
        router.post("/desk/:reference/:action") { request, context in
            try await act(
                Self.reference(context.parameters), context.parameters.require("action"), request)
        }
    }

    private static func reference(_ parameters: Parameters) throws -> Reference {
        guard let reference = Reference(try parameters.require("reference")) else {
            throw Problem(
                status: 404, type: "not-found", title: "Not found",
                detail: "A reference is ten characters of A-Z and 0-9.")
        }
        return reference
    }

    // MARK: Pages

    private func listPage() async throws -> Response {
        let orders = try await desk.list().map { order -> [String: Any] in
            var values = Self.values(order)
            values["created"] = OrderText(order.order).plantTime(order.createdAt)
            return values
        }
        return page(list.render(["orders": orders]))
    }

    private func detailPage(_ reference: Reference, problem: Problem? = nil) async throws -> Response {
        guard let order = try await desk.order(reference) else {
            throw Problem(
                status: 404, type: "not-found", title: "Not found", detail: "The desk has no order \(reference).")
        }
        let papers = try await desk.papers(order.number)
        var values = Self.values(order)
        values["text"] = OrderText(order.order).longText
        values["notes"] = papers.notes
        values["problem"] = problem?.detail
        func has(_ role: Attachment.Role) -> Bool { papers.files.contains { $0.contains("-\(role.rawValue)-") } }
        values["chart"] = has(.chart) ? order.order.spc : nil
        values["annotated"] = has(.annotated)
        values["crop"] = has(.crop)
        values["map"] = has(.map) ? order.order.place.zone : nil
        values["closure"] = order.closure.map(Self.words)
        values["isWrongClass"] = order.closure?.verdict == .wrongClass
        if let digest = order.order.picture?.sha256, let removal = try await desk.removal(ofPicture: digest) {
            (values["picture"], values["annotated"], values["crop"]) = (nil, nil, nil)
            values["pictureGone"] = "not kept any more since \(removal.at): \(removal.reason.words)"
        } else if let region = order.order.region?.box, let picture = order.order.picture, let width = picture.width,
            let height = picture.height
        {
            values["box"] = [
                "x": region.x, "y": region.y, "w": region.width, "h": region.height, "width": Double(width),
                "height": Double(height),
            ]
        }
        return page(detail.render(values), status: problem.map { .init(code: $0.status) } ?? .ok)
    }

    private static func values(_ order: DeskOrder) -> [String: Any] {
        var values: [String: Any] = [
            "reference": order.order.reference.text, "number": "D-\(order.number)",
            "title": OrderText(order.order).title,
            "priority": order.order.priority, "state": order.state.rawValue, "stateName": name(order.state),
            "isOpen": order.state.takesOccurrences, "canStart": order.state == .open,
        ]
        values["assignee"] = order.assignee
        values["planned"] = order.order.scheduledAt.map(OrderText(order.order).plantTime)
        values["picture"] = order.order.picture?.sha256
        return values
    }

    private static func name(_ state: OrderState) -> String {
        switch state {
        case .open: "open"
        case .inProgress: "in progress"
        case .done: "done"
        case .closed: "closed"
        case .cancelled: "cancelled"
        case .merged: "merged"
        case .missing: "missing"
        }
    }

    private static func words(_ closure: Closure) -> String {
        let parts = closure.parts.map { "\($0.code) x \($0.quantity.formatted()) \($0.name ?? "")" }
        let lines: [String?] = [
            closure.technician.map { "Technician: \($0)" },
            closure.labourHours.map { "Labour: \($0.formatted()) h" },
            parts.isEmpty ? nil : "Parts: " + parts.joined(separator: ", "),
            closure.causeCode.map { "Root cause: \($0)" },
            closure.remedyCode.map { "Corrective action: \($0)" }, closure.notes.map { "Done: \($0)" },
            closure.closedAt.map { "Closed: \($0)" }, closure.verdict.map { "Detection: \($0.rawValue)" },
        ]
        return lines.compactMap { $0 }.joined(separator: "\n")
    }

    func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.contentSecurityPolicy] =
            "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    // MARK: Actions

    private func act(_ reference: Reference, _ action: String, _ request: Request) async throws -> Response {
        try Self.refuseCrossSite(request)
        let body = try await request.body.collect(upTo: Self.formBytesMax)
        let form = URLEncodedForm(String(buffer: body))
        do {
            switch action {
            case "assign":
                try await desk.assign(
                    reference, to: form.required("person", "The name"), by: form.required("by", "Who assigns it"))
            case "start": try await desk.start(reference, by: form.required("person", "Your name"))
            case "close": try await desk.close(reference, form.closure())
            case "cancel":
                try await desk.cancel(
                    reference, reason: form.required("reason", "The reason"), by: form.required("person", "Your name"))
            case "reopen": try await desk.reopen(reference, by: form.required("person", "Your name"))
            default: throw Problem(status: 404, type: "not-found", title: "Not found", detail: "No such action.")
            }
        } catch let problem as Problem where problem.status != 404 {
            return try await detailPage(reference, problem: problem)
        }
        changed()
        return .redirect(to: "/desk/\(reference)", type: .normal)
    }

    /// A page from elsewhere must not press our buttons (Fetch Metadata; the `Origin` header for older browsers).
    static func refuseCrossSite(_ request: Request) throws {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        let isForeign = site.map { $0 != "same-origin" && $0 != "none" } ?? isForeignOrigin(request)
        guard !isForeign else {
            throw Problem(
                status: 403, type: "cross-site", title: "Not from this site",
                detail: "This form was sent from another site's page; open the desk itself and send it there.")
        }
    }

    private static func isForeignOrigin(_ request: Request) -> Bool {
        guard let origin = request.headers[.origin] else { return false }
        return origin.split(separator: "/").last.map(String.init) != request.head.authority
    }
}
