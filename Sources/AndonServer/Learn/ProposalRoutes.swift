import AndonIdentity
import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// What is advised on a planned task, proposed by a person as an order.
struct Proposals: Sendable {
    let store: Store
    let accept: AcceptStep
    let settings: @Sendable () -> LearnSettings

    /// The tasks that somebody may propose to change, each with the assets within reach.
    func tasks(_ scope: SiteScope) -> [LearnSettings.MaintenanceTask] { settings().tasks(within: scope.reach) }

    /// - Throws: `Problem` 404, also for a task whose assets are all out of reach.
    func task(_ name: String, _ scope: SiteScope) throws -> LearnSettings.MaintenanceTask {
        guard let task = tasks(scope).first(where: { $0.name == name }) else {
            throw Answer.notFound("task \"\(name.cut(to: 80))\" in learn.tasks")
        }
        return task
    }

    /// - Parameter asset: one of the task's; the first by name where it is nil.
    /// - Throws: `Problem` 400 for an asset that is none of the task's.
    func asset(_ asset: String?, of task: LearnSettings.MaintenanceTask) throws -> String {
        let found = asset ?? task.assets.min() ?? ""
        guard task.assets.contains(found) else {
            throw Self.invalid("asset is one of the task's: \(task.assets.sorted().joined(separator: ", ")).")
        }
        return found
    }

    /// - Throws: `Problem` 422 where no change is advised.
    func advice(
        on task: LearnSettings.MaintenanceTask, _ histories: CourseFilter.Histories = .own
    ) async throws -> AdviceAnswer.Advised {
        var settings = settings()
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

    /// Makes the proposal an order.
    func propose(
        _ task: LearnSettings.MaintenanceTask, _ advised: AdviceAnswer.Advised, asset: String, by person: String,
        reason: String
    ) async throws -> (proposal: MaintenanceProposal, found: DetectionRecord) {
        let proposal = MaintenanceProposal(
            task: task.name, asset: asset, orderClass: settings().proposalClass, figures: advised.figures,
            advice: advised.sentences.joined(separator: " "), person: person, reason: reason.cut(to: 1000),
            basis: advised.basis.json)
        return (proposal, try await accept.propose(proposal))
    }

    static func invalid(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-proposal", title: "The request has a fault", detail: detail)
    }
}

/// Proposals for programs.
struct ProposalRoutes: Sendable {
    let tools: PageTools
    let proposals: Proposals
    /// Bytes of a request.
    private static let bodyMax = 64 << 10

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/learn/proposals") { request, context in try await propose(request, context) }
    }

    private func propose(_ request: Request, _ context: AppContext) async throws -> Response {
        let bytes = try await request.body.collect(upTo: Self.bodyMax)
        guard let body = try? JSON(parsing: Array(buffer: bytes)) else {
            throw Proposals.invalid("The body is JSON with task, by and reason.")
        }
        guard let name = body["task"]?.string else { throw Proposals.invalid("task is a name of learn.tasks.") }
        let task = try proposals.task(name, tools.scope(context.caller, .plan))
        let asset = try proposals.asset(body["asset"]?.string, of: task)
        let histories = try body["histories"]?.string.map { word in
            guard let found = CourseFilter.Histories(rawValue: word) else {
                throw Proposals.invalid("histories is own, imported or both.")
            }
            return found
        }
        let advised = try await proposals.advice(on: task, histories ?? .own)
        let person = context.caller.doer(typed: body["by"]?.string) ?? ""
        let (proposal, found) = try await proposals.propose(
            task, advised, asset: asset, by: person, reason: body["reason"]?.string ?? "")
        return Answer.json(
            .object(present: [
                "id": .string(proposal.id), "task": .string(task.name), "advice": .string(proposal.advice),
                "outcome": .string(found.outcome.rawValue), "order": found.reference.map { .string($0.text) },
                "reason": .string(found.reason),
            ]), status: .created)
    }
}
