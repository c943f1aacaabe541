import AndonCapture
import AndonInference
import AndonModel
import AndonVision
import COnnxRuntime

/// One frame after the other: the engine alone through its C interface, the engine as Andon calls it, and the whole way.
struct Stages {
    let setup: Setup
    private let clock = SystemTime()

    init(_ setup: Setup) { self.setup = setup }

    /// The engine alone first, and gone before the other begins: its threads go on looking for work for a while after each call
    /// (ONNX Runtime's spinning), and would take it from the next.
    func run(seconds: Double) async throws {
        let decoder = PixelDecoder()
        let first = try decoder.decode(setup.frames[0], as: setup.card.input.colour, pixelsMax: 100_000_000)
        let tensor = Preprocessor(setup.card.input).prepare(first).tensor
        var times = ["bare": try bare(tensor, seconds: seconds / 3)]
        let model = try await setup.loaded()
        times["engine"] = try await engine(model, tensor, seconds: seconds / 3)
        try await frames(model, decoder, seconds: seconds / 3) { times[$0, default: Times()].add($1) }
        printLine(.object(times.mapValues(\.spread)))
    }

    private func until(_ seconds: Double) -> Duration { clock.uptime() + .milliseconds(Int(seconds * 1000)) }

    private func bare(_ tensor: Tensor, seconds: Double) throws -> Times {
        let bare = try BareEngine(setup)
        for _ in 0..<5 { try bare.run(tensor) }
        var times = Times()
        let end = until(seconds)
        while clock.uptime() < end {
            let start = clock.uptime()
            try bare.run(tensor)
            times.add(clock.uptime() - start)
        }
        return times
    }

    private func engine(_ model: LoadedModel, _ tensor: Tensor, seconds: Double) async throws -> Times {
        var times = Times()
        let end = until(seconds)
        while clock.uptime() < end {
            let start = clock.uptime()
            _ = try await model.engine.infer(
                [setup.card.input.name: tensor], outputs: model.postprocessor.outputNames)
            times.add(clock.uptime() - start)
        }
        return times
    }

    private func frames(
        _ model: LoadedModel, _ decoder: PixelDecoder, seconds: Double, add: (String, Duration) -> Void
    ) async throws {
        let end = until(seconds)
        var index = 0
        while clock.uptime() < end {
            let start = clock.uptime()
            let pixels = try decoder.decode(
                setup.frames[index % setup.frames.count], as: setup.card.input.colour, pixelsMax: 100_000_000)
            add("decode", clock.uptime() - start)
            let look = try await model.look(pixels)
            let encoding = clock.uptime()
            _ = Self.document(look.verdict, number: index).canonicalBytes
            add("encode", clock.uptime() - encoding)
            add("whole", clock.uptime() - start)
            add("preprocess", look.times.preprocess)
            add("infer", look.times.infer)
            add("postprocess", look.times.postprocess)
            index += 1
        }
    }

    private static func document(_ verdict: Verdict, number: Int) -> JSON {
        [
            "id": .string("vision:\(number)"), "camera": "CAM-01", "score": .number(verdict.score),
            "defects": .array(
                verdict.findings.map { finding in
                    [
                        "class": .string(finding.defectClass), "confidence": .number(finding.confidence),
                        "box": finding.box.map {
                            .array([.number($0.x), .number($0.y), .number($0.width), .number($0.height)])
                        } ?? .null,
                    ]
                }),
        ]
    }
}

/// The C interface and nothing else, on the thread that asks.
private final class BareEngine {
    private let model: OpaquePointer

    init(_ setup: Setup) throws {
        var reason = [CChar](repeating: 0, count: 1000)
        let library = andon_onnx_open(setup.library ?? "libonnxruntime.so.1", &reason, reason.count)
        guard let library,
            let model = setup.model.withUnsafeBytes({
                andon_onnx_load(library, $0.baseAddress, $0.count, Int32(setup.threads), &reason, 1000)
            })
        else { throw BenchmarkError(String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)) }
        self.model = model
    }

    deinit { andon_onnx_unload(model) }

    func run(_ tensor: Tensor) throws {
        var reason = [CChar](repeating: 0, count: 1000)
        let results = tensor.values.withUnsafeBufferPointer { values in
            var input = andon_onnx_input()
            input.values = values.baseAddress
            input.count = values.count
            input.rank = tensor.shape.count
            withUnsafeMutableBytes(of: &input.shape) { room in
                for (axis, size) in tensor.shape.enumerated() {
                    room.storeBytes(of: Int64(size), toByteOffset: axis * 8, as: Int64.self)
                }
            }
            return andon_onnx_run(model, [input], 1, [0], 1, &reason, reason.count)
        }
        guard let results else { throw BenchmarkError("the engine failed") }
        andon_onnx_let_go(results)
    }
}
