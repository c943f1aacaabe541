import AndonVision
import NIOCore

/// The messages of `inference.GRPCInferenceService` (open_inference_grpc.proto of the Open Inference Protocol).
struct OpenInferenceMessages {
    typealias Reader = ProtobufReader

    let server: OpenInferenceServer

    /// ModelReadyRequest and ModelMetadataRequest: name = 1, version = 2.
    func model() -> ByteBuffer {
        var message = ByteBuffer()
        message.writeField(1, server.model)
        message.writeField(2, server.version ?? "")
        return message
    }

    /// ModelReadyResponse: ready = 1.
    func isReady(_ answer: ByteBuffer) throws(InferenceError) -> Bool {
        try read(answer) { (reader: inout Reader) throws(Reader.Malformed) in
            while let (field, value) = try reader.next() {
                if field == 1, case .varint(let flag) = value { return flag != 0 }
            }
            return false
        }
    }

    /// ServerMetadataResponse: name = 1, version = 2.
    func nameAndVersion(_ answer: ByteBuffer) throws(InferenceError) -> String {
        try read(answer) { (reader: inout Reader) throws(Reader.Malformed) in
            var words: [String] = []
            while let (field, value) = try reader.next() { if field <= 2 { words.append(try value.text()) } }
            return words.joined(separator: " ")
        }
    }

    /// ModelMetadataResponse: inputs = 4, outputs = 5, each a TensorMetadata: name = 1, datatype = 2, shape = 3.
    func ports(_ answer: ByteBuffer) throws(InferenceError) -> Ports {
        let (inputs, outputs) = try read(answer) { (reader: inout Reader) throws(Reader.Malformed) in
            var (inputs, outputs): ([TensorPort], [TensorPort]) = ([], [])
            while let (field, value) = try reader.next() {
                if field == 4 { inputs.append(try Self.described(value).port) }
                if field == 5 { outputs.append(try Self.described(value).port) }
            }
            return (inputs, outputs)
        }
        return try Ports(model: server.model, inputs: inputs, outputs: outputs)
    }

    /// ModelInferRequest: model_name = 1, model_version = 2, inputs = 5, outputs = 6, raw_input_contents = 7.
    func request(_ tensors: [String: Tensor], outputs: [String], _ ports: Ports) -> ByteBuffer {
        let given = ports.inputs.compactMap { port in tensors[port.name].map { (port.name, $0) } }
        var message = model()
        message.reserveCapacity(1024 + given.reduce(0) { $0 + $1.1.values.count * 4 })
        for (name, tensor) in given { message.writeField(5, Self.describe(name, tensor)) }
        for name in outputs {
            var output = ByteBuffer()
            output.writeField(1, name)
            message.writeField(6, output)
        }
        for (_, tensor) in given {
            message.writeField(7, bytes: tensor.values.count * 4)
            tensor.values.withUnsafeBytes { _ = message.writeBytes($0) }
        }
        return message
    }

    /// ModelInferResponse: outputs = 5, raw_output_contents = 6, as many and in the same order, or none.
    ///
    /// - Parameter wanted: what was asked for; others are passed over.
    /// - Throws: `.refused` for an answer that is not as the protocol has it.
    func answer(_ answer: ByteBuffer, outputs wanted: [String], _ ports: Ports) throws(InferenceError) -> [String:
        Tensor]
    {
        let (outputs, raw) = try read(answer) { (reader: inout Reader) throws(Reader.Malformed) in
            var (outputs, raw): ([(port: TensorPort, contents: ByteBuffer?)], [ByteBuffer]) = ([], [])
            while let (field, value) = try reader.next() {
                if field == 5 { outputs.append(try Self.described(value)) }
                if field == 6 { raw.append(try value.message()) }
                guard outputs.count <= Ports.countMax, raw.count <= Ports.countMax else { throw Reader.Malformed() }
            }
            return (outputs, raw)
        }
        guard raw.isEmpty || raw.count == outputs.count else {
            throw ports.refusal("its answer has \(outputs.count) outputs and the bytes of \(raw.count)")
        }
        var tensors: [String: Tensor] = [:]
        for (index, output) in outputs.enumerated() where wanted.contains(output.port.name) {
            tensors[output.port.name] = try tensor(output.port, raw.isEmpty ? nil : raw[index], output.contents, ports)
        }
        if let missing = wanted.first(where: { tensors[$0] == nil }) {
            throw ports.refusal("its answer has no output '\(missing)'")
        }
        return tensors
    }

    private func tensor(
        _ port: TensorPort, _ raw: ByteBuffer?, _ contents: ByteBuffer?, _ ports: Ports
    ) throws(InferenceError) -> Tensor {
        if let raw {
            return try OpenInferenceBody.read(raw.readableBytesView) { bytes throws(InferenceError) in
                try ports.tensor(port.name, port.datatype, shape: port.shape, bytes: bytes)
            }
        }
        let values = try read(contents ?? ByteBuffer()) { (reader: inout Reader) throws(Reader.Malformed) in
            var values: [Float] = []
            while let (field, value) = try reader.next() { values += try contentsOf(field, value) }
            return values
        }
        return try ports.tensor(port.name, shape: port.shape, values: values)
    }

    /// InferTensorContents: bool = 1, int = 2, int64 = 3, uint = 4, uint64 = 5, fp32 = 6, fp64 = 7.
    private func contentsOf(_ field: UInt64, _ value: Reader.Value) throws(Reader.Malformed) -> [Float] {
        switch (field, value) {
        case (6, .fixed32(let bits)): return [Float(bitPattern: bits)]
        case (7, .fixed64(let bits)): return [Float(Double(bitPattern: bits))]
        case (6, .bytes(let packed)), (7, .bytes(let packed)):
            let type = field == 6 ? "FP32" : "FP64"
            guard let floats = packed.withUnsafeReadableBytes({ TensorBytes.floats(type, $0) }) else {
                throw Reader.Malformed()
            }
            return floats
        case (1, _), (4, _), (5, _): return try Reader.varints(value, most: server.answerBytesMax).map { Float($0) }
        // Negative numbers come sign-extended to 64 bits.
        case (2, _), (3, _):
            return try Reader.varints(value, most: server.answerBytesMax).map { Float(Int64(bitPattern: $0)) }
        default: throw Reader.Malformed()
        }
    }

    /// InferInputTensor: name = 1, datatype = 2, shape = 3.
    private static func describe(_ name: String, _ tensor: Tensor) -> ByteBuffer {
        var shape = ByteBuffer()
        for size in tensor.shape { shape.writeVarint(UInt64(size)) }
        var message = ByteBuffer()
        message.writeField(1, name)
        message.writeField(2, "FP32")
        message.writeField(3, shape)
        return message
    }

    /// TensorMetadata and InferOutputTensor: name = 1, datatype = 2, shape = 3, contents = 5.
    private static func described(_ value: Reader.Value) throws(Reader.Malformed) -> (
        port: TensorPort, contents: ByteBuffer?
    ) {
        var (port, contents): (TensorPort, ByteBuffer?) = (TensorPort(name: "", datatype: "", shape: []), nil)
        var reader = Reader(try value.message())
        while let (field, value) = try reader.next() {
            switch field {
            case 1: port.name = try value.text()
            case 2: port.datatype = try value.text()
            case 3: port.shape += try Reader.varints(value, most: Ports.countMax).map { Int(Int64(bitPattern: $0)) }
            case 5: contents = try value.message()
            default: continue
            }
            guard port.shape.count <= Ports.countMax else { throw Reader.Malformed() }
        }
        return (port, contents)
    }

    private func read<R>(
        _ answer: ByteBuffer, _ body: (inout Reader) throws(Reader.Malformed) -> R
    ) throws(InferenceError) -> R {
        var reader = Reader(answer)
        do throws(Reader.Malformed) {
            return try body(&reader)
        } catch {
            throw server.failure(.refused, "its answer is not a message of the Open Inference Protocol")
        }
    }
}
