import AndonVision
import COnnxRuntime
import Dispatch
import Synchronization

/// A model that ONNX Runtime runs in this process, on the CPU.
///
/// Calls run one after the other on a thread of the engine's own, each with `threads` threads: a call of 50 ms holds none
/// of the threads that everything else awaits on, and two calls do not halve each other's speed.
public final class ONNXRuntimeEngine: InferenceEngine {
    public let identity: EngineIdentity
    public var inputs: [TensorPort] { ports.inputs }
    public var outputs: [TensorPort] { ports.outputs }

    private let ports: Ports
    private let model: Mutex<OpaquePointer?>
    private let queue: DispatchQueue

    /// - Parameters:
    ///   - model: the bytes of an ONNX file; weights in files of their own are not followed.
    ///   - name: for errors.
    ///   - threads: at most in one call, 1...256.
    /// - Throws: `.refused` when ONNX Runtime cannot make anything of it, or it takes other tensors than ours.
    public init(
        library: ONNXRuntimeLibrary, model bytes: [UInt8], name: String, threads: Int
    ) throws(InferenceError) {
        guard 1...256 ~= threads else {
            throw InferenceError(.refused, "model \(name): \(threads) threads are not in 1...256")
        }
        var reason = Reason()
        let loaded = reason.fill { text, room in
            bytes.withUnsafeBytes {
                andon_onnx_load(library.handle, $0.baseAddress, $0.count, Int32(threads), text, room)
            }
        }
        guard let loaded else {
            throw InferenceError(.refused, "model \(name): ONNX Runtime cannot load it: \(reason.text)")
        }
        do {
            ports = try Ports(model: name, inputs: Self.inputs(of: loaded), outputs: Self.outputs(of: loaded))
        } catch {
            andon_onnx_unload(loaded)
            throw error
        }
        identity = EngineIdentity(kind: "onnxruntime", version: library.version, place: library.path)
        queue = DispatchQueue(label: "andon.onnxruntime.\(name)")
        model = Mutex(loaded)
    }

    deinit { unload() }

    public func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        try ports.check(inputs, outputs: outputs)
        return try await onQueue { [self] () throws(InferenceError) in
            try model.withLock { model throws(InferenceError) in
                guard let model else { throw InferenceError(.unavailable, "model \(ports.model) was closed") }
                return try run(model, inputs, outputs)
            }
        }
    }

    public func close() async { _ = try? await onQueue { [self] in unload() } }

    private func unload() {
        model.withLock { model in
            if let model { andon_onnx_unload(model) }
            model = nil
        }
    }

    private func onQueue<R: Sendable>(
        _ body: @escaping @Sendable () throws(InferenceError) -> R
    ) async throws(InferenceError) -> R {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<R, InferenceError>, Never>) in
            queue.async {
                do throws(InferenceError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

extension ONNXRuntimeEngine {
    private func run(
        _ model: OpaquePointer, _ inputs: [String: Tensor], _ outputs: [String]
    ) throws(InferenceError) -> [String: Tensor] {
        let tensors = ports.inputs.compactMap { inputs[$0.name] }
        let numbers = outputs.compactMap { name in ports.outputs.firstIndex { $0.name == name } }
        var reason = Reason()
        let results = reason.fill { text, room in
            withInputs(tensors[...], []) { inputs in
                andon_onnx_run(model, inputs, inputs.count, numbers, numbers.count, text, room)
            }
        }
        guard let results else { throw ports.refusal("ONNX Runtime cannot run it: \(reason.text)") }
        defer { andon_onnx_let_go(results) }
        var answer: [String: Tensor] = [:]
        for (index, name) in outputs.enumerated() {
            answer[name] = try tensor(name, andon_onnx_result(results, index).pointee)
        }
        return answer
    }

    /// Hands the values of all tensors to C at once, where they lie.
    private func withInputs<R>(
        _ tensors: ArraySlice<Tensor>, _ found: [andon_onnx_input], _ body: ([andon_onnx_input]) -> R
    ) -> R {
        guard let tensor = tensors.first else { return body(found) }
        return tensor.values.withUnsafeBufferPointer { values in
            var input = andon_onnx_input()
            input.port = found.count
            input.values = values.baseAddress
            input.count = values.count
            input.rank = tensor.shape.count
            withUnsafeMutableBytes(of: &input.shape) { room in
                for (axis, size) in tensor.shape.enumerated() {
                    room.storeBytes(of: Int64(size), toByteOffset: axis * 8, as: Int64.self)
                }
            }
            return withInputs(tensors.dropFirst(), found + [input], body)
        }
    }

    private func tensor(_ name: String, _ output: andon_onnx_output) throws(InferenceError) -> Tensor {
        let datatype = Self.datatype(output.element)
        let bytes = UnsafeRawBufferPointer(
            start: output.data, count: output.count * (TensorBytes.width(of: datatype) ?? 0))
        return try ports.tensor(name, datatype, shape: Self.shape(output.shape, output.rank), bytes: bytes)
    }

    private static func inputs(of model: OpaquePointer) -> [TensorPort] {
        (0..<andon_onnx_input_count(model)).map { port(andon_onnx_input_port(model, $0).pointee) }
    }

    private static func outputs(of model: OpaquePointer) -> [TensorPort] {
        (0..<andon_onnx_output_count(model)).map { port(andon_onnx_output_port(model, $0).pointee) }
    }

    private static func port(_ port: andon_onnx_port) -> TensorPort {
        let name = withUnsafeBytes(of: port.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return TensorPort(name: name, datatype: datatype(port.element), shape: shape(port.shape, port.rank))
    }

    /// Any C array of 64-bit sizes; Swift sees it as a tuple.
    private static func shape(_ sizes: some Any, _ rank: Int) -> [Int] {
        withUnsafeBytes(of: sizes) { bytes in
            (0..<rank).map { Int(bytes.load(fromByteOffset: $0 * 8, as: Int64.self)) }
        }
    }

    /// ONNX's TensorProto.DataType in the words of the Open Inference Protocol.
    private static func datatype(_ element: Int32) -> String {
        let names = [
            1: "FP32", 2: "UINT8", 3: "INT8", 4: "UINT16", 5: "INT16", 6: "INT32", 7: "INT64", 8: "BYTES", 9: "BOOL",
            10: "FP16", 11: "FP64", 12: "UINT32", 13: "UINT64", 16: "BF16",
        ]
        return names[Int(element)] ?? "something other than a tensor of numbers"
    }
}
