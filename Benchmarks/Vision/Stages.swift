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

    func run(seconds: Double) async throws {
        let model = try await setup.loaded()
        let bare = try BareEngine(setup)
        let decoder = PixelDecoder()
        var times: [String: Times] = [:]
        func add(_ name: String, since start: Duration) {
            times[name, default: Times()].add(clock.uptime() - start)
        }
        let first = try decoder.decode(setup.frames[0], as: setup.card.input.colour, pixelsMax: 100_000_000)
        let tensor = model.preprocessor.prepare(first).tensor
        for _ in 0..<5 { try bare.run(tensor) }
        let end = clock.uptime() + .milliseconds(Int(seconds * 1000))
        var index = 0
        // The ways take turns, so that what else the machine does meets all of them.
        while clock.uptime() < end {
            var start = clock.uptime()
            try bare.run(tensor)
            add("bare", since: start)
            start = clock.uptime()
            _ = try await model.engine.infer(
                [setup.card.input.name: tensor], outputs: model.postprocessor.outputNames)
            add("engine", since: start)
            start = clock.uptime()
            let pixels = try decoder.decode(
                setup.frames[index % setup.frames.count], as: setup.card.input.colour, pixelsMax: 100_000_000)
            add("decode", since: start)
            let look = try await model.look(pixels)
            let encoding = clock.uptime()
            let document = Self.document(look.verdict, number: index)
            _ = document.canonicalBytes
            add("encode", since: encoding)
            add("whole", since: start)
            times["preprocess", default: Times()].add(look.times.preprocess)
            times["infer", default: Times()].add(look.times.infer)
            times["postprocess", default: Times()].add(look.times.postprocess)
            index += 1
        }
        printLine(.object(times.mapValues(\.spread)))
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
private struct BareEngine {
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
