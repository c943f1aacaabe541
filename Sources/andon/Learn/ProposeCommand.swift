import AndonModel
import ArgumentParser
import Foundation

extension LearnCommand {
    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose what is advised on a planned task: an order to a person. Nothing else is changed.")

        @Argument(help: "The task, as learn.tasks names it.")
        var task: String

        @Option(help: "The task's asset that the order is for; its first by name where left out.")
        var asset: String?

        @Option(help: "Who.")
        var by: String

        @Option(help: "Why.")
        var reason: String

        @Option(help: "Which orders the advice rests on: own, imported or both.")
        var histories: String?

        @OptionGroup var server: ServerOption

        func run() async throws {
            let body: JSON = .object(present: [
                "task": .string(task), "asset": asset.map { .string($0) }, "by": .string(by),
                "reason": .string(reason), "histories": histories.map { .string($0) },
            ])
            let answer = try await APIClient(server).post(
                "/api/v1/learn/proposals", body: Data(body.canonicalBytes))
            guard answer.status == 201 else {
                throw CleanExit.failure(answer.problem)
            }
            print(answer.json["advice"]?.string ?? "")
            let order = answer.json["order"]?.string.map { " (order \($0))" } ?? ""
            print("\(answer.json["outcome"]?.string ?? "")\(order): \(answer.json["reason"]?.string ?? "")")
        }
    }
}
