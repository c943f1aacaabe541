import AndonCapture
import AndonInference
import AndonModel
import AndonVision

/// The same model on a server of the Open Inference Protocol, by several cameras at once.
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
                return BatchingEngine(engine, batchMax: callers, gather: .milliseconds(1), time: time)
            })
        let pixels = try PixelDecoder().decode(setup.frames[0], as: card.input.colour, pixelsMax: 100_000_000)
        let end = time.uptime() + .milliseconds(Int(seconds * 1000))
        let times = await withTaskGroup(of: Times.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var times = Times()
                    while time.uptime() < end {
                        let start = time.uptime()
                        guard (try? await model.look(pixels)) != nil else { continue }
                        times.add(time.uptime() - start)
                    }
                    return times
                }
            }
            var all = Times()
            for await some in group { for time in some.all { all.add(time) } }
            return all
        }
        printLine(["look": times.spread, "framesASecond": .number(Double(times.all.count) / seconds)])
    }
}
