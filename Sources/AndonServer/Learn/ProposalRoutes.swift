import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import Foundation
import HTTPTypes
import Hummingbird

/// What is advised on a planned task, proposed by a person as an order.
struct ProposalRoutes: Sendable {
    let store: Store
    let accept: AcceptStep
    let settings: @Sendable () -> LearnSettings
    /// Bytes of a request.
    private static let bodyMax = 64 << 10

    func add(to router: Router<some RequestContext>) {
        router.post("/api/v1/learn/proposals") { request, _ in try await propose(request) }
    }

    private func propose(_ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: Self.bodyMax)
        guard let body = try? JSON(parsing: Array(buffer: bytes)) else {
            throw Self.invalid("The body is JSON with task, by and reason.")
        }
        guard let name = body["task"]?.string else { throw Self.invalid("task is a name of learn.tasks.") }
        let settings = settings()
        guard let task = settings.tasks.first(where: { $0.name == name }) else {
            throw Answer.notFound("task \"\(name.cut(to: 80))\" in learn.tasks")
        }
        let asset = body["asset"]?.string ?? task.assets.min() ?? ""
        guard task.assets.contains(asset) else {
            throw Self.invalid("asset is one of the task's: \(task.assets.sorted().joined(separator: ", ")).")
        }
        let histories = try body["histories"]?.string.map { word in
            guard let found = CourseFilter.Histories(rawValue: word) else {
                throw Self.invalid("histories is own, imported or both.")
            }
            return found
        }
        let advised = try await advice(on: task, histories ?? .own, settings)
        let proposal = MaintenanceProposal(
            task: task.name, asset: asset, orderClass: settings.proposalClass, figures: advised.figures,
            advice: advised.sentences.joined(separator: " "), person: body["by"]?.string?.cut(to: 80) ?? "",
            reason: body["reason"]?.string?.cut(to: 1000) ?? "", basis: advised.basis.json)
        let found = try await accept.propose(proposal)
        return Answer.json(
            .object(present: [
                "id": .string(proposal.id), "task": .string(task.name), "advice": .string(proposal.advice),
                "outcome": .string(found.outcome.rawValue), "order": found.reference.map { .string($0.text) },
                "reason": .string(found.reason),
            ]), status: .created)
    }

    private func advice(
        on task: LearnSettings.MaintenanceTask, _ histories: CourseFilter.Histories, _ settings: LearnSettings
    ) async throws -> AdviceAnswer.Advised {
        var settings = settings
        settings.tasks = [task]
        let inquiry = Inquiry(filter: CourseFilter(histories: histories), settings: settings)
        guard let advised = try await AdviceAnswer(inquiry, store).advised().first else {
            throw Answer.notFound("advice on \"\(task.name.cut(to: 80))\"")
        }
        guard advised.isChange else {
            throw Problem(
                status: 422, type: "nothing-to-propose", title: "No change is advised",
                detail: advised.sentences.joined(separator: " "))
        }
        return advised
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-proposal", title: "The request has a fault", detail: detail)
    }
}
