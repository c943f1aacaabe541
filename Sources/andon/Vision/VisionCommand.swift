import AndonInference
import AndonModel
import AndonServer
import AndonSources
import ArgumentParser

struct VisionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vision", abstract: "Models that look at pictures: try, learn and calibrate them.",
        subcommands: [VisionCheckCommand.self, VisionLearnCommand.self, VisionCalibrateCommand.self])
}

/// What runs a model.
struct EngineOption: ParsableArguments {
    @Option(help: "libonnxruntime.so; without it ANDON_ONNXRUNTIME, then the system's own.")
    var library: String?

    @Option(help: "Threads of one inference in this process, 1 to 256.")
    var threads = 1

    @Option(help: "A server of the Open Inference Protocol that has the model, such as http://10.1.2.3:8000.")
    var url: String?

    @Option(name: .customLong("protocol"), help: "http or grpc, with --url.")
    var form: String?

    @Option(help: "The model's name on that server, where it is not the card's.")
    var model: String?

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads is 1 to 256") }
        guard url == nil || library == nil else { throw ValidationError("name --library or --url, not both") }
        guard url != nil || (form == nil && model == nil) else {
            throw ValidationError("--protocol and --model belong to --url")
        }
    }

    func engine() throws -> CameraSettings.Engine {
        guard let url else { return .onnxRuntime(library: library, threads: threads) }
        let document = JSON.object(present: [
            "url": .string(url), "protocol": form.map(JSON.string), "model": model.map(JSON.string),
            // A person waits, and not a line.
            "timeout": "30s", "batchMax": "1",
        ])
        let faults = SettingsFaults()
        let remote = CameraSettings.OpenInference(
            reading: SettingsReader(
                Settings(document: document, file: "--url"), faults: faults,
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
        guard faults.faults.isEmpty else {
            let words = faults.faults.map { "\($0.path.dropFirst()): \($0.message)" }
            throw CleanExit.failure(words.joined(separator: "\n"))
        }
        return .openInference(remote)
    }
}

/// Ends with all of a card's faults, a line each.
func refusing<Value>(
    _ body: () async throws(ModelRefusal) -> Value
) async throws -> Value {
    do { return try await body() } catch { throw CleanExit.failure(error.reasons.joined(separator: "\n")) }
}
