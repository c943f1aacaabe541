import AndonLearn
import AndonLedger
import AndonModel
import Foundation
import HTTPTypes
import Hummingbird

/// The questions over years: each as an answer for programs and as a page for people.
struct LearnRoutes: Sendable {
    let store: Store
    let settings: @Sendable () -> LearnSettings
    private let page: LearnPage

    init(store: Store, settings: @escaping @Sendable () -> LearnSettings) throws {
        self.store = store
        self.settings = settings
        page = try LearnPage()
    }

    func add(to router: Router<some RequestContext>) {
        router.get("/api/v1/learn") { _, _ in
            Answer.json([
                "questions": .array(Question.all.map { ["name": .string($0.name), "title": .string($0.title)] })
            ])
        }
        HistoryRoutes(store: store, timeZone: { settings().timeZone }).add(to: router)
        router.get("/api/v1/learn/:question") { request, context in
            let question = try Self.question(context.parameters.decoded("question"))
            return Answer.json(try await ask(question, request).json)
        }
        router.get("/learn") { _, _ in
            let first = Question.all.first?.name ?? ""
            return Response.redirect(to: "/learn/\(first)", type: .found)
        }
        router.get("/learn/:question") { request, context in
            let question = try Self.question(context.parameters.decoded("question"))
            let report = try await ask(question, request)
            return Answer.page(page.html(report, question, query: request.uri.queryParameters))
        }
    }

    private static func question(_ name: String) throws -> Question {
        guard let question = Question.named(name) else {
            throw Answer.notFound(
                "question \"\(name.cut(to: 40))\"; there are \(Question.all.map(\.name).joined(separator: ", "))")
        }
        return question
    }

    private func ask(_ question: Question, _ request: Request) async throws -> Report {
        let inquiry = try Inquiry(query: request.uri.queryParameters, settings: settings())
        return try await question.ask(inquiry, store)
    }
}

extension Inquiry {
    /// - Throws: a `Problem` that names the parameter and what is right.
    init(query: Parameters, settings: LearnSettings) throws {
        func text(_ name: String) -> String? { query[name[...]].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }
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
