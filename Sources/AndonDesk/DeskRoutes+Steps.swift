import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The steps: read, done once, and answered with the order's page, or with JSON for the page's script.
extension DeskRoutes {
    /// A step as it was sent.
    private struct Sent: Sendable {
        var action: DeskAction
        var form: URLEncodedForm
        var pictures: [Picture] = []
        var end: @Sendable () async throws -> Void = {}
        var key: String?
    }

    func act(
        _ reference: Reference, _ name: String, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard let action = DeskAction(rawValue: name) else {
            throw Problem(status: 404, type: "not-found", title: "Not found", detail: "No such action.")
        }
        let order = try check(try await desk.order(reference), reference, context)
        try context.demand(action.permission, at: surroundings.site(order.order.place.asset))
        let sent: Sent
        do {
            sent = try await Self.read(action, request, surroundings.photos)
        } catch let problem as Problem where !Self.wantsJSON(request) {
            var response = try await orderPage(reference, problem: problem, action: action, request, context)
            // The rest of the body was not read.
            response.headers[.connection] = "close"
            return response
        }
        let answer: StepAnswer
        do {
            answer = try await perform(sent, on: reference, context)
        } catch {
            try? await sent.end()
            guard let problem = error as? Problem, problem.status != 404, !Self.wantsJSON(request) else { throw error }
            return try await orderPage(
                reference, problem: problem, action: action, form: sent.form, request, context)
        }
        try await sent.end()
        surroundings.changed()
        guard !Self.wantsJSON(request) else { return Self.json(answer.json) }
        return Response.redirect(to: "/desk/\(reference)", type: .normal)
    }

    private static func wantsJSON(_ request: Request) -> Bool {
        request.headers[.accept]?.contains("application/json") == true
    }

    private static func json(_ value: JSON) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: value.canonicalText)))
    }

    private static func read(
        _ action: DeskAction, _ request: Request, _ photos: any PhotoDoor
    ) async throws -> Sent {
        var sent: Sent
        if action == .photos {
            let found = try await photos.receive(request)
            sent = Sent(action: action, form: found.form, pictures: found.pictures, end: found.end)
        } else {
            let body = try await request.body.collect(upTo: formBytesMax)
            sent = Sent(action: action, form: URLEncodedForm(String(buffer: body)))
        }
        sent.key = HTTPField.Name("Idempotency-Key").flatMap { request.headers[$0] } ?? sent.form["step"]
        return sent
    }

    /// What is no part of a step's content: its key, and who people are.
    private static let besideContent: Set<String> = ["step", "person", "by", "login", "password"]

    private static func step(_ sent: Sent, _ caller: Caller) throws -> DeskStep? {
        guard let key = sent.key else { return nil }
        var content = sent.form.texts.filter { !besideContent.contains($0.key) }
        if !sent.pictures.isEmpty { content["photos"] = sent.pictures.map(\.sha256).joined(separator: " ") }
        return try DeskStep(key: key, account: caller.account?.number, content: content)
    }

    private func perform(
        _ sent: Sent, on reference: Reference, _ context: AppContext
    ) async throws -> StepAnswer {
        let (form, step) = (sent.form, try Self.step(sent, context.caller))
        func person(_ field: String, _ label: String) throws -> String {
            try Self.person(form, field, label, context.caller)
        }
        switch sent.action {
        case .assign:
            return try await desk.assign(
                reference, to: try form.required("person", "The name", most: 80),
                by: try person("by", "Who assigns it"), step: step)
        case .start: return try await desk.start(reference, by: try person("person", "Your name"), step: step)
        case .note:
            let text = try form.required("text", "The note", most: Desk.noteCharactersMax)
            return try await desk.note(reference, text, by: try person("person", "Your name"), step: step)
        case .photos:
            guard !sent.pictures.isEmpty else {
                throw URLEncodedForm.problem("There is no photo in it; take one and send again.", at: "photo")
            }
            return try await desk.photograph(
                reference, sent.pictures, by: try person("person", "Your name"), step: step)
        case .close: return try await close(reference, form, step, context)
        case .cancel:
            return try await desk.cancel(
                reference, reason: try form.required("reason", "The reason"), by: try person("person", "Your name"),
                step: step)
        case .reopen: return try await desk.reopen(reference, by: try person("person", "Your name"), step: step)
        }
    }

    /// Who is signed in; for whom a machine says that it asks; where nobody is known, the form asks for the name.
    private static func person(
        _ form: URLEncodedForm, _ field: String, _ label: String, _ caller: Caller
    ) throws -> String {
        let typed: String? = try caller.isAnybody ? form.required(field, label, most: 80) : form[field]
        return caller.doer(typed: typed) ?? caller.name
    }

    // MARK: Closing

    private func close(
        _ reference: Reference, _ form: URLEncodedForm, _ step: DeskStep?, _ context: AppContext
    ) async throws -> StepAnswer {
        let caller = context.caller
        guard surroundings.accounts.policy.signsClosures else {
            let technician = try Self.person(form, "person", "Technician", caller)
            return try await desk.close(reference, try form.closure(by: technician), step: step)
        }
        // A closure that was signed is not asked for the password again.
        if let answer = try await desk.answer(to: step, .close, of: reference) { return answer }
        // A fault of the form is said before the password is looked at.
        var closure = try form.closure(by: caller.name)
        let request = try SignatureRequest(
            login: caller.account?.login ?? form["login"], password: form.untrimmed("password"),
            meaning: SignatureMeaning.authorship.rawValue, reason: nil)
        let unlocked = try await surroundings.accounts.signer(request, of: .closure)
        guard caller.isAnybody || unlocked.account.number == caller.account?.number else {
            throw Problem(
                status: 403, type: "not-allowed", title: "Only the technician signs this",
                detail: "A closure is signed by the person who closes the order, who is signed in.")
        }
        closure.technician = unlocked.account.printedName
        let entries = surroundings.recordEntries
        return try await desk.close(reference, closure, step: step) { transaction in
            try transaction.sign(
                .closure, of: reference.text, entries: try entries(reference, transaction.reader), as: unlocked, request
            )
        }
    }
}
