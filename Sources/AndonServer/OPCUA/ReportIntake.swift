import AndonFloor
import AndonIntake
import AndonLedger
import AndonModel

/// Takes reports in that come as a text, without a picture: the same checks and the same step as over HTTP.
struct ReportIntake: Sendable {
    let door: ReportDoor

    func submit(_ report: String, by user: String) async -> Submission {
        do {
            let inspection = try InspectionReader(limits: door.limits).read(
                IntakeDocument(parsing: Array(report.utf8), limits: door.limits.json))
            guard inspection.picture?.file == nil else {
                return .refused("A picture comes over HTTP: leave picture.file out, or send the report there.")
            }
            let accepted = try await door.admission.admit(Admission.Need(memory: report.utf8.count)) { _ in
                try await door.take(inspection, nil)
            }
            if !accepted.isRepeated {
                _ = try await door.store.write {
                    try $0.record(
                        "opcua.submitted", of: accepted.inspection.id, ["by": .string(user)], names: ["/by"])
                }
            }
            let orders = accepted.detections.compactMap { $0.reference?.text }
            return .accepted(
                id: accepted.inspection.id, isRepeated: accepted.isRepeated,
                orders: orders.enumerated().filter { orders.firstIndex(of: $0.element) == $0.offset }.map(\.element))
        } catch let problem as Problem where problem.status == 429 {
            return .unavailable(problem.detail)
        } catch let problem as Problem where problem.status < 500 {
            let faults = problem.errors.map { "\($0.pointer): \($0.detail)" }
            return .refused(([problem.title + ". " + problem.detail] + faults).joined(separator: "\n"))
        } catch {
            return .unavailable("\(error)")
        }
    }
}
