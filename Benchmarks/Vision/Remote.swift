import AndonCapture
import AndonInference
import AndonModel
import AndonVision

/// The same model on a server of the Open Inference Protocol, by several cameras at once, with the batches that a configuration
/// has which says nothing of them.
struct Remote {
    let setup: Setup
    let port: Int
    let isGRPC: Bool

    init(_ setup: Setup, port: Int, isGRPC: Bool) { (self.setup, self.port, self.isGRPC) = (setup, port, isGRPC) }

    func run(callers: Int, seconds: Double) async throws {
        let time = SystemTime()
        let (isGRPC, card) = (isGRPC, setup.card)
        let server = OpenInferenceServer(
            host: "127.0.0.1", port: port, usesTLS: false, model: card.name, deadline: .seconds(5),
            readyWithin: .seconds(5), trustedCertificates: [])
        let address: AddressCheck = { host, _ async throws(InferenceError) in host }
        let model = try await LoadedModel.load(
            card: card, bytes: nil, sha256: nil,
            engine: { _, _ throws(InferenceError) in
                let engine: any InferenceEngine =
                    isGRPC
                    ? try await OpenInferenceGRPC.connect(to: server, connect: address, time: time)
                    : try await OpenInferenceHTTP.connect(to: server, connect: address, time: time)
                return BatchingEngine(engine, batchMax: 8, gather: .zero, overlap: 2, time: time)
            })
        let pixels = try PixelDecoder().decode(setup.frames[0], as: card.input.colour, pixelsMax: 100_000_000)
        let tensor = Preprocessor(card.input).prepare(pixels).tensor
        let (name, outputs) = (card.input.name, model.postprocessor.outputNames)
        let call = await measure(callers, seconds: seconds / 2) {
            _ = try await model.engine.infer([name: tensor], outputs: outputs)
        }
        let look = await measure(callers, seconds: seconds / 2) { _ = try await model.look(pixels) }
        printLine(["call": call, "look": look])
    }

    /// What `callers` get done side by side, each one thing after the other, and how long each thing took.
    private func measure(
        _ callers: Int, seconds: Double, _ work: @escaping @Sendable () async throws -> Void
    ) async -> JSON {
        let time = SystemTime()
        let end = time.uptime() + .milliseconds(Int(seconds * 1000))
        let (times, failed) = await withTaskGroup(of: (Times, Int).self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var (times, failed) = (Times(), 0)
                    while time.uptime() < end {
                        let start = time.uptime()
                        do { try await work() } catch {
                            failed += 1
                            continue
                        }
                        times.add(time.uptime() - start)
                    }
                    return (times, failed)
                }
            }
            var (all, failed) = (Times(), 0)
            for await some in group {
                for time in some.0.all { all.add(time) }
                failed += some.1
            }
            return (all, failed)
        }
        return [
            "p50": .number(times.percentile(0.5).milliseconds), "p99": .number(times.percentile(0.99).milliseconds),
            "aSecond": .number(Double(times.all.count) / seconds), "failed": .integer(failed),
        ]
    }
}
