import AndonConfiguration
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

struct TestDetectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test-detection",
        abstract: "Send a report that is marked as a test to a running server, and follow it to its order.",
        discussion: "The order's title begins with TEST, please ignore. Cancel it in the CMMS afterwards.")

    @Option(help: "The camera; the configuration's first when left out.")
    var camera: String?

    @Option(help: "The asset, where it is not the camera's own.")
    var asset: String?

    @Option(help: "0 to 1; it decides about the priority, so about who is called.")
    var severity = 0.5

    @Option(name: .shortAndLong, help: "The configuration file that says which cameras there are.")
    var config = "andon.yaml"

    @Option(help: "Seconds to wait for the order to be acknowledged.")
    var wait = 60

    @OptionGroup var server: ServerOption

    func validate() throws {
        guard (0...1).contains(severity) else { throw ValidationError("--severity is a number from 0 to 1") }
        guard (1...3600).contains(wait) else { throw ValidationError("--wait is 1 to 3600 seconds") }
    }

    func run() async throws {
        let test = try TestDetection(
            camera: try cameraToUse(), asset: asset, severity: severity, time: SystemTime(), random: SystemRandom())
        let client = APIClient(server)
        let answer = try await client.send(report: Data(test.report.canonicalBytes), picture: test.picture)
        guard answer.status == 202, let detection = answer.json["detections"]?[0] else {
            throw CleanExit.failure("the server refused the test: \(answer.problem)")
        }
        print("received:      \(test.id), with its picture")
        print("decided:       \(detection["reason"]?.string ?? "")")
        guard let reference = detection["order"]?.string else {
            throw CleanExit.failure("no order was made: see the reason; --severity may be too low for the rules")
        }
        let joined = detection["outcome"]?.string == "grouped" ? ", that of an earlier test" : ""
        print("order:         \(reference)\(joined)")
        try await follow(reference, client)
    }

    private func cameraToUse() throws -> String {
        if let camera { return camera }
        guard FileManager.default.fileExists(atPath: config) else {
            throw CleanExit.failure("say which camera the test comes from: --camera NAME, or --config FILE")
        }
        guard let first = try loadConfiguration(config).plant.cameras.keys.min() else {
            throw CleanExit.failure("\(config) has no camera: say which one the test comes from, with --camera NAME")
        }
        return first
    }

    private func follow(_ reference: String, _ client: APIClient) async throws {
        let time = SystemTime()
        let end = time.uptime() + .seconds(wait)
        var record = JSON.null
        repeat {
            record = try await client.get("/api/v1/orders/\(reference)").json
            switch record["order"]?["delivery"]?.string {
            case "acknowledged"?: return tell(record["order"] ?? .null)
            case "dead"?: throw CleanExit.failure("refused:       \(Self.lastWords(record))")
            default: try await time.sleep(for: .milliseconds(200))
            }
        } while time.uptime() < end
        throw CleanExit.failure(
            "the order \(reference) is on its way still after \(wait) seconds. \(Self.lastWords(record))")
    }

    private func tell(_ order: JSON) {
        let seconds = order["secondsToOrder"]?.number.map { String(format: "%.2f s after it came in", $0) } ?? ""
        print(
            "acknowledged:  \(order["connector"]?.string ?? "") has it as \(order["number"]?.string ?? "?"), \(seconds)"
        )
        guard let link = order["link"]?.string else { return }
        print("open it:       \(link.hasPrefix("/") ? server.server + link : link)")
    }

    private static func lastWords(_ record: JSON) -> String {
        let attempts = record["transmission"]?.array ?? []
        return attempts.last.flatMap { $0["detail"]?.string ?? $0["outcome"]?.string } ?? "Nothing was tried yet."
    }
}
