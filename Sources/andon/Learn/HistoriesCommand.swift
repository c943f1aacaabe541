import AndonModel
import ArgumentParser
import Foundation

/// The imported histories of a running server.
struct HistoriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histories", abstract: "List the old orders that were brought in, or take some out again.")

    @Option(help: "The number of a history whose orders, and whose kept file, are taken out.")
    var remove: Int?

    @Option(help: "Who takes it out.")
    var by: String?

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var server: ServerOption

    func validate() throws {
        guard remove == nil || by != nil && reason != nil else {
            throw ValidationError("say who (--by) and why (--reason)")
        }
    }

    func run() async throws {
        let client = APIClient(server)
        guard let remove else {
            let answer = try await client.get("/api/v1/learn/histories")
            guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
            let histories = answer.json["histories"]?.array ?? []
            if histories.isEmpty { print("None was brought in. See: andon learn import --help") }
            for history in histories { print(Self.line(history)) }
            return
        }
        let body: JSON = .object(present: ["by": by.map { .string($0) }, "reason": reason.map { .string($0) }])
        let answer = try await client.post(
            "/api/v1/learn/histories/\(remove)/remove", body: Data(body.canonicalBytes))
        guard answer.status < 300 else {
            throw CleanExit.failure(answer.problem)
        }
        print("taken out: \(Self.line(answer.json))")
    }

    private static func line(_ history: JSON) -> String {
        func text(_ name: String) -> String { history[name]?.string ?? "" }
        let document = history["document"]
        return "\(history["id"]?.integer ?? 0)  \(text("name")), \(document?["orders"]?.integer ?? 0) orders from "
            + "\(document?["from"]?.string ?? "?") to \(document?["until"]?.string ?? "?"), brought in \(text("importedAt"))"
    }
}
