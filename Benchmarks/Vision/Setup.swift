import AndonCapture
import AndonConfiguration
import AndonInference
import AndonModel
import AndonVision
import Foundation

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A model of `models.py` with its frames.
struct Setup {
    let card: ModelCard
    let cardPath: String
    let model: [UInt8]
    let frames: [EncodedPicture]
    let library: String?
    let threads: Int

    init(folder: String, model name: String, library: String?, threads: Int) throws {
        cardPath = "\(folder)/\(name).card.yaml"
        model = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).onnx")))
        (self.library, self.threads) = (library, threads)
        card = try Self.card(try String(contentsOfFile: cardPath, encoding: .utf8))
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/frames").sorted()
        frames = try files.map {
            EncodedPicture(
                format: .jpeg, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/frames/\($0)"))))
        }
        guard !frames.isEmpty else { throw BenchmarkError("\(folder)/frames has no pictures: run models.py") }
    }

    static func card(_ yaml: String) throws -> ModelCard {
        let faults = SettingsFaults()
        let card = ModelCard(
            reading: SettingsReader(try YAMLDocument.settings(yaml, file: "card"), faults: faults, secrets: .system))
        guard faults.faults.isEmpty else { throw BenchmarkError("\(faults.faults)") }
        return card
    }

    static func card(_ document: JSON) throws -> ModelCard {
        let faults = SettingsFaults()
        let card = ModelCard(
            reading: SettingsReader(Settings(document: document, file: "card"), faults: faults, secrets: .system))
        guard faults.faults.isEmpty else { throw BenchmarkError("\(faults.faults)") }
        return card
    }

    func engine() throws -> ONNXRuntimeEngine {
        try ONNXRuntimeEngine(
            library: ONNXRuntimeLibrary.open(path: library), model: model, name: card.name, threads: threads)
    }

    func loaded() async throws -> LoadedModel {
        let engine = try engine()
        return try await LoadedModel.load(
            card: card, bytes: model, sha256: card.sha256, engine: { _, _ throws(InferenceError) in engine })
    }
}

/// Times of one kind.
struct Times {
    private(set) var all: [Duration] = []

    mutating func add(_ time: Duration) { all.append(time) }

    func percentile(_ share: Double) -> Duration {
        let sorted = all.sorted()
        guard !sorted.isEmpty else { return .zero }
        return sorted[max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
    }

    var spread: JSON {
        [
            "p50": .number(percentile(0.5).milliseconds), "p95": .number(percentile(0.95).milliseconds),
            "p99": .number(percentile(0.99).milliseconds), "count": .integer(all.count),
        ]
    }
}

/// Kilobytes of this process in memory now.
func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}

func printLine(_ json: JSON) { print(json.canonicalText) }
