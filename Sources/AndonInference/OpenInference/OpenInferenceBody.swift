import AndonModel
import AndonVision
import NIOCore

/// Requests and answers of inference over HTTP: a JSON header, followed at once by the raw tensors in its order (the
/// protocol's binary tensor extension). As JSON alone a frame of 640 x 640 takes more than a second.
struct OpenInferenceBody {
    /// Says how long the JSON in front of the tensors is, both ways.
    static let lengthHeader = "Inference-Header-Content-Length"

    let ports: Ports
    let bytesMax: Int

    /// - Returns: the body, and how many of its bytes are JSON.
    func request(_ tensors: [String: Tensor], outputs: [String]) -> (body: ByteBuffer, headerBytes: Int) {
        let given = ports.inputs.compactMap { port in tensors[port.name].map { (port.name, $0) } }
        let header: JSON = [
            "inputs": .array(
                given.map { name, tensor in
                    [
                        "name": .string(name), "datatype": "FP32", "shape": .array(tensor.shape.map { .integer($0) }),
                        "parameters": ["binary_data_size": .integer(tensor.values.count * 4)],
                    ]
                }),
            "outputs": .array(outputs.map { ["name": .string($0), "parameters": ["binary_data": true]] }),
        ]
        let text = header.canonicalBytes
        var body = ByteBuffer()
        body.reserveCapacity(text.count + given.reduce(0) { $0 + $1.1.values.count * 4 })
        body.writeBytes(text)
        for (_, tensor) in given { tensor.values.withUnsafeBytes { _ = body.writeBytes($0) } }
        return (body, text.count)
    }

    /// - Parameters:
    ///   - headerBytes: what the answer's header says; nil when all of it is JSON.
    ///   - outputs: what was asked for; others are passed over.
    /// - Throws: `.refused` for an answer that is not as the protocol has it.
    func answer(
        _ body: ByteBuffer, headerBytes: String?, outputs: [String]
    ) throws(InferenceError) -> [String: Tensor] {
        let length = headerBytes.map { Int($0) ?? -1 } ?? body.readableBytes
        guard 0...body.readableBytes ~= length else {
            throw ports.refusal(
                "\(Self.lengthHeader) of the answer is '\(headerBytes ?? "")', its body has \(body.readableBytes) bytes"
            )
        }
        var raw = body
        let header = try json(raw.readSlice(length: length) ?? ByteBuffer())
        guard let entries = header["outputs"]?.array, entries.count <= Ports.countMax else {
            throw ports.refusal("its answer has no list 'outputs', or one of more than \(Ports.countMax)")
        }
        var tensors: [String: Tensor] = [:]
        for entry in entries {
            guard let (name, tensor) = try output(entry, &raw, wanted: outputs) else { continue }
            tensors[name] = tensor
        }
        guard raw.readableBytes == 0 else {
            throw ports.refusal("its answer has \(raw.readableBytes) bytes more than its outputs")
        }
        if let missing = outputs.first(where: { tensors[$0] == nil }) {
            throw ports.refusal("its answer has no output '\(missing)'")
        }
        return tensors
    }

    func json(_ bytes: ByteBuffer) throws(InferenceError) -> JSON {
        do throws(JSONSyntaxError) {
            return try JSON(
                parsing: bytes.readableBytesView, limits: JSONLimits(bytesMax: bytesMax, valuesMax: 4_000_000))
        } catch {
            throw ports.refusal("its answer is not JSON: \(error)")
        }
    }

    private func output(
        _ entry: JSON, _ raw: inout ByteBuffer, wanted: [String]
    ) throws(InferenceError) -> (String, Tensor)? {
        guard let name = entry["name"]?.string, let datatype = entry["datatype"]?.string,
            let sizes = entry["shape"]?.array, case let shape = sizes.compactMap(\.integer), shape.count == sizes.count
        else { throw ports.refusal("an output of its answer lacks name, datatype or shape") }
        let bytes: ByteBuffer?
        if let size = entry["parameters"]?["binary_data_size"] {
            guard let size = size.integer, size >= 0, let slice = raw.readSlice(length: size) else {
                throw ports.refusal("its output '\(name)' should have more bytes than its answer has")
            }
            bytes = slice
        } else {
            bytes = nil
        }
        guard wanted.contains(name) else { return nil }
        if let bytes {
            let view = bytes.readableBytesView
            return (
                name,
                try Self.read(view) { bytes throws(InferenceError) in
                    try ports.tensor(name, datatype, shape: shape, bytes: bytes)
                }
            )
        }
        var values: [Float] = []
        guard let data = entry["data"], Self.flatten(data, into: &values) else {
            throw ports.refusal("its output '\(name)' has neither bytes nor numbers")
        }
        return (name, try ports.tensor(name, shape: shape, values: values))
    }

    /// Typed errors through a closure that only rethrows untyped ones.
    static func read(
        _ view: ByteBufferView, _ body: (UnsafeRawBufferPointer) throws(InferenceError) -> Tensor
    ) throws(InferenceError) -> Tensor {
        try view.withUnsafeBytes { bytes in
            Result { () throws(InferenceError) in try body(bytes) }
        }.get()
    }

    /// The protocol allows flat numbers, and rows of rows.
    private static func flatten(_ data: JSON, into values: inout [Float]) -> Bool {
        switch data {
        case .number(let number): values.append(Float(number))
        case .bool(let flag): values.append(flag ? 1 : 0)
        case .array(let elements): return elements.allSatisfy { flatten($0, into: &values) }
        default: return false
        }
        return true
    }

    /// Inputs or outputs as the model's metadata lists them.
    static func ports(_ list: JSON?, of server: OpenInferenceServer) throws(InferenceError) -> [TensorPort] {
        guard let entries = list?.array else {
            throw server.failure(.refused, "its metadata does not list inputs and outputs")
        }
        return try entries.map { entry throws(InferenceError) in
            guard let name = entry["name"]?.string, let datatype = entry["datatype"]?.string,
                let sizes = entry["shape"]?.array,
                case let shape = sizes.compactMap(\.integer), shape.count == sizes.count
            else {
                throw server.failure(.refused, "its metadata has an input or output without name, datatype or shape")
            }
            return TensorPort(name: name, datatype: datatype, shape: shape)
        }
    }
}
