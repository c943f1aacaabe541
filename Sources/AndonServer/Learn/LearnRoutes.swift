import AndonDesk
import AndonIdentity
import AndonLearn
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The questions over years: each as an answer for programs and as a page for people.
struct LearnRoutes: Sendable {
    let tools: PageTools
    let proposals: Proposals

    static let access = Access.all(
        Access.get(.read, "/learn", "/learn/:question"), Access.get(.plan, "/learn/proposals"),
        Access.post(.plan, "/learn/proposals"))

    private var settings: LearnSettings { proposals.settings() }

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/learn") { _, _ in
            Answer.json([
                "questions": .array(Question.all.map { ["name": .string($0.name), "title": .string($0.title)] })
            ])
        }
        HistoryRoutes(store: tools.store, timeZone: { proposals.settings().timeZone }).add(to: router)
        router.get("/api/v1/learn/:question") { request, context in
            let question = try Self.question(context.parameters.decoded("question"))
            let query = request.uri.queryParameters
            return Answer.json(try await ask(question, { query[$0[...]].map(String.init) }, context).json)
        }
        ProposalRoutes(tools: tools, proposals: proposals).add(to: router)
        router.get("/learn") { _, _ in
            let first = Question.all.first?.name ?? ""
            return Response.redirect(to: "/learn/\(first)", type: .found)
        }
        router.get("/learn/:question") { request, context in
            let question = try Self.question(context.parameters.decoded("question"))
            return try await page(question, request, context)
        }
        ProposalPage(tools: tools, proposals: proposals).add(to: router)
    }

    private static func question(_ name: String) throws -> Question {
        guard let question = Question.named(name) else {
            throw Answer.notFound(
                "question \"\(name.cut(to: 40))\"; there are \(Question.all.map(\.name).joined(separator: ", "))")
        }
        return question
    }

    /// Who may look at some sites is answered of their assets alone.
    ///
    /// - Throws: `Problem` 404 for an asset that is out of reach, as for one that is nowhere.
    private func ask(
        _ question: Question, _ value: (String) -> String?, _ context: AppContext
    ) async throws -> Report {
        var inquiry = try Inquiry(query: value, settings: settings)
        let scope = tools.scope(context.caller)
        let reach = scope.reach
        if let asset = inquiry.filter.asset, reach?.contains(asset) == false {
            throw Answer.notFound("asset \"\(asset.cut(to: 80))\"")
        }
        inquiry.filter.reach = reach
        var report = try await question.ask(inquiry, tools.store)
        report.sites = scope.sites?.sorted()
        return report
    }

    /// A question that cannot be asked so comes back as it was typed.
    private func page(_ question: Question, _ request: Request, _ context: AppContext) async throws -> Response {
        let form = OrdersRoutes.query(request)
        var page = LearnPage(
            question: question, form: form, texts: tools.web.texts(context.language),
            formats: tools.web.formats(context.language))
        // The archive is of all sites.
        page.mayExport = context.caller.sites(for: .audit) == nil
        if context.caller.may(.plan) {
            page.tasks = Set(proposals.tasks(tools.scope(context.caller, .plan)).map(\.name))
        }
        var status = HTTPResponse.Status.ok
        do {
            page.report = try await ask(question, { form[$0] }, context)
        } catch let problem as Problem where problem.status == 400 {
            page.problem = problem.detail
            status = .badRequest
        }
        return tools.web.page(
            "learn", page.values, title: page.title, section: "learn", status: status, request, context)
    }
}

extension Inquiry {
    /// - Parameter query: the value of a parameter by its name.
    /// - Throws: a `Problem` that names the parameter and what is right.
    init(query: (String) -> String?, settings: LearnSettings) throws {
        func text(_ name: String) -> String? { query(name).flatMap { $0.isEmpty ? nil : $0 } }
        func fault(_ detail: String) -> Problem {
            Problem(status: 400, type: "invalid-query", title: "The request has a fault", detail: detail)
        }
        func time(_ name: String) throws -> Int64? {
            guard let text = text(name) else { return nil }
            guard let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") else {
                throw fault(
                    "\(name) is a day such as 2026-11-01, or a time with its zone (RFC 3339), not \"\(text.cut(to: 40))\"."
                )
            }
            return time.microseconds
        }
        var settings = settings
        if let text = text("days") {
            guard let days = Int(text), (1...3650).contains(days) else {
                throw fault("days is a number from 1 to 3650.")
            }
            settings.recurrenceDays = days
        }
        let by = try (text("by") ?? "").split(separator: ",").map { word in
            guard let dimension = Dimension(rawValue: String(word)) else {
                let known = Dimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw fault("by is a list of \(known); it has \"\(String(word).cut(to: 40))\".")
            }
            return dimension
        }
        let histories = try text("histories").map { word in
            guard let found = CourseFilter.Histories(rawValue: word) else {
                throw fault("histories is own, imported or both.")
            }
            return found
        }
        let rows = try text("rows").map { text in
            guard let rows = Int(text), (1...10_000).contains(rows) else {
                throw fault("rows is a number from 1 to 10000.")
            }
            return rows
        }
        let (from, until) = (try time("from"), try time("until"))
        if let from, let until, from >= until { throw fault("from has to be before until.") }
        self.init(
            filter: CourseFilter(
                defectClass: text("class"), asset: text("asset"), from: from ?? .min, until: until ?? .max,
                histories: histories ?? .own),
            by: by, action: text("action"), settings: settings, rowsMax: rows ?? 100)
        if let claimed = text("claim") {
            guard let percent = Double(claimed), percent >= 0, percent < 100 else {
                throw fault("claim is a reduction in percent, from 0 to below 100.")
            }
            claim = percent / 100
        }
        switch (try time("beforeFrom"), try time("beforeUntil")) {
        case (nil, nil): break
        case (let from, let until?) where from ?? .min < until: baseline = (from ?? .min)..<until
        default: throw fault("beforeUntil ends the earlier period; it is given, and after beforeFrom.")
        }
    }
}
