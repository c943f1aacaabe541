import AndonLedger
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A sample plant: pictures with defects go over HTTP into a real server and become orders.")

    @Flag(help: "Take one order to closure, print the sums and the ledger's verification, and end.")
    var once = false

    @Option(
        help:
            "Real pictures and the model that Vision/train/run made of them, in its folder: a camera, its model, orders."
    )
    var real: String?

    @Option(help: "With --real: pictures a second.")
    var rate = 20.0

    @Option(help: "With --real: the path of libonnxruntime.so; else docs/inference.md says where it is looked for.")
    var library: String?

    @Option(help: "Port of the server; 0 takes a free one.")
    var port = 0

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        if let real { return try await play(real, in: folder) }
        let config = try Samples.writeConfiguration(into: folder)
        let server = try DemoServer(config: config, data: folder.path + "/data", port: port)
        defer { server.stop() }
        let address = try server.address()
        let client = APIClient(server: address)

        say("A vision system reports \(try Samples.load().count) defects to \(address)\n")
        var references: [String] = []
        for (index, sample) in try Samples.load().enumerated() {
            references.append(contentsOf: try await send(sample, index, client))
        }
        say("\nOrders, with their pictures:  \(address)/desk")
        say("One order's whole record:     \(address)/api/v1/orders/\(references.first ?? "")")
        if once {
            try await close(references, client, data: folder.path + "/data")
        } else {
            say("\nThe server goes on running; Ctrl-C ends it and removes the demo's data.")
            server.wait()
        }
    }

    private func play(_ real: String, in folder: URL) async throws {
        guard (0.1...1000).contains(rate) else { throw ValidationError("--rate is from 0.1 to 1000") }
        let demo = RealDemo(
            folder: real, rate: rate, library: library ?? RealDemo.libraryNearby(), say: { say($0) })
        let config = folder.appendingPathComponent("andon.yaml").path
        try Data(try demo.configuration().utf8).write(to: URL(fileURLWithPath: config))
        let server = try DemoServer(config: config, data: folder.path + "/data", port: port)
        defer { server.stop() }
        let address = try server.address()
        try await demo.follow(APIClient(server: address))
        guard !once else { return }
        say("\nThe camera:  \(address)/cameras\nOrders:      \(address)/orders")
        say("The server goes on running; Ctrl-C ends it and removes the demo's data.")
        server.wait()
    }

    private func send(_ sample: Samples.Sample, _ index: Int, _ client: APIClient) async throws -> [String] {
        var report = sample.report.object ?? [:]
        report["id"] = .string("demo-\(index + 1)")
        report["detectedAt"] = .time(SystemTime().now())
        let start = ContinuousClock.now
        let answer = try await client.send(report: Data(JSON.object(report).canonicalBytes), picture: sample.picture)
        guard answer.status == 202, let detection = answer.json["detections"]?[0] else {
            throw CleanExit.failure("the server refused a sample: \(answer.text)")
        }
        let what = "\(detection["class"]?.string ?? "") on \(detection["asset"]?.string ?? "")"
        guard let reference = detection["order"]?.string else {
            say("\(pad(what, 28)) -> no order: \(detection["reason"]?.string ?? "")")
            return []
        }
        let order = try await acknowledged(reference, client)
        let elapsed = (ContinuousClock.now - start).milliseconds
        let number = order["number"]?.string ?? "?"
        let priority = order["priority"]?.integer ?? 0
        say("\(pad(what, 28)) -> \(pad(number, 5)) \(reference)  priority \(priority)  \(Int(elapsed.rounded())) ms")
        return [reference]
    }

    private func acknowledged(_ reference: String, _ client: APIClient) async throws -> JSON {
        for _ in 0..<2000 {
            let order = try await client.get("/api/v1/orders/\(reference)").json["order"] ?? .null
            if order["delivery"]?.string == "acknowledged" { return order }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw CleanExit.failure("the order \(reference) was not acknowledged in time")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }

    /// A technician starts and closes the first order on the desk's own pages.
    private func close(_ references: [String], _ client: APIClient, data: String) async throws {
        guard let reference = references.first else { throw CleanExit.failure("no sample raised an order") }
        let form = "application/x-www-form-urlencoded"
        _ = try await client.post("/desk/\(reference)/start", type: form, body: Data("person=R.+Wilson".utf8))
        let facts =
            "person=R.+Wilson&hours=1.5&cause=WEAR&parts=DIE-4+x+1+cutting+die&notes=Die+changed&verdict=confirmed"
        _ = try await client.post("/desk/\(reference)/close", type: form, body: Data(facts.utf8))
        var state = JSON.null
        for _ in 0..<2000 where state["state"]?.string != "closed" {
            state = try await client.get("/api/v1/orders/\(reference)").json["order"] ?? .null
            try await Task.sleep(for: .milliseconds(5))
        }
        guard state["state"]?.string == "closed", let closure = state["closure"] else {
            throw CleanExit.failure("the closure of \(reference) did not come back in time")
        }
        say("\n\(reference) was closed: \(closure.canonicalText)\n")
        let store = try Store.reading(folder: data, time: SystemTime())
        let (sum, ledger) = try store.readNow { (try $0.reconcile(), try $0.verifyLedger()) }
        say(sum.text)
        guard sum.holds, ledger.isWhole else { throw CleanExit.failure("the sums or the ledger are NOT right") }
        say("The ledger is whole: \(ledger.entries) entries, root \(ledger.root ?? "")")
    }
}

/// `andon serve` as a process of its own.
final class DemoServer {
    private let process = Process()
    private let output = Pipe()

    init(config: String, data: String, port: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["serve", "--config", config, "--data", data, "--port", String(port), "--access", "open"]
        process.standardOutput = output
        try process.run()
    }

    /// Waits for the line that names the address.
    func address() throws -> String {
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n"), let start = text.range(of: "http://") {
                return String(text[start.lowerBound...].dropLast())
            }
        }
        throw CleanExit.failure("the server did not start: \(text)")
    }

    func wait() {
        process.waitUntilExit()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}

/// Prints a line at once, also into a pipe: a demo is watched while it happens.
private func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
