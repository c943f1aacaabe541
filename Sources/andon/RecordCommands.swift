import AndonLedger
import AndonModel
import ArgumentParser
import Foundation

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Print detections, outcomes and orders with their sum; exit 1 when it does not add up.")

    @OptionGroup var data: DataOption

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Name every order that waits or is dead, with what it last failed of.")
    var list = false

    @Option(help: "List every detection received on this day (UTC), such as 2026-11-24, with its outcome and reason.")
    var day: String?

    func run() async throws {
        let store = try openForReading(data.data)
        let sum = try store.readNow { try $0.reconcile() }
        print(json ? sum.json.canonicalText : sum.text)
        if list {
            for line in try store.readNow({ try $0.undelivered() }) { print(line) }
        }
        if let day { try printDay(day, store) }
        if !sum.holds { throw ExitCode(1) }
    }

    private func printDay(_ day: String, _ store: Store) throws {
        guard let start = Timestamp("\(day)T00:00:00Z") else {
            throw CleanExit.failure("\(day) is not a day like 2026-11-24")
        }
        var counts: [Outcome: Int] = [:]
        try store.readNow { reader in
            try reader.eachDetection(from: start, to: start + .seconds(86_400)) { detection, receivedAt in
                counts[detection.outcome, default: 0] += 1
                print(
                    "\(receivedAt)  \(detection.inspectionID)#\(detection.ordinal)  \(detection.outcome.rawValue)  "
                        + "\(detection.reference?.text ?? "-")  \(detection.reason)")
            }
        }
        let parts = Outcome.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: " + ")
        print("\(day): \(counts.values.reduce(0, +)) detections = \(parts)")
    }
}

func openForReading(_ folder: String) throws -> Store {
    do {
        return try Store.reading(folder: folder, time: SystemTime())
    } catch {
        throw CleanExit.failure("\(error)")
    }
}
