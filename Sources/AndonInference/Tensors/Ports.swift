import AndonModel
import AndonVision

/// What is asked of a model, looked at before the model is troubled with it.
struct Ports: Sendable {
    /// Of inputs, outputs and axes; more than any model of pictures has.
    static let countMax = 64
    static let axesMax = 8

    let model: String
    let inputs: [TensorPort]
    let outputs: [TensorPort]

    /// - Throws: `.refused` for a model that takes something else than 32-bit floating point, or has too much of something.
    init(model: String, inputs: [TensorPort], outputs: [TensorPort]) throws(InferenceError) {
        (self.model, self.inputs, self.outputs) = (model, inputs, outputs)
        for (kind, ports) in [("inputs", inputs), ("outputs", outputs)] {
            guard 1...Self.countMax ~= ports.count else {
                throw refusal("it has \(ports.count) \(kind), and 1 to \(Self.countMax) are taken")
            }
            if let port = ports.first(where: { $0.shape.count > Self.axesMax }) {
                throw refusal("'\(port.name)' has \(port.shape.count) axes, more than \(Self.axesMax)")
            }
            guard Set(ports.map(\.name)).count == ports.count else {
                throw refusal("two of its \(kind) have one name")
            }
        }
        if let other = inputs.first(where: { $0.datatype != "FP32" }) {
            throw refusal(
                "its input '\(other.name)' takes \(other.datatype); export it with an input of 32-bit floating point (FP32)"
            )
        }
    }

    /// - Throws: `.refused` for a tensor that is missing, unknown, or of another shape, and for an unknown output.
    func check(_ tensors: [String: Tensor], outputs asked: [String]) throws(InferenceError) {
        for port in inputs {
            guard let tensor = tensors[port.name] else {
                throw refusal("no tensor for its input '\(port.name)'")
            }
            guard port.takes(tensor.shape), tensor.shape.allSatisfy({ $0 > 0 }) else {
                throw refusal(
                    "its input '\(port.name)' takes \(Self.text(port.shape)) and was given \(Self.text(tensor.shape))"
                )
            }
        }
        if let stranger = tensors.keys.first(where: { name in !inputs.contains { $0.name == name } }) {
            throw refusal("it has no input '\(stranger)', only \(Self.names(inputs))")
        }
        if let stranger = asked.first(where: { name in !outputs.contains { $0.name == name } }) {
            throw refusal("it has no output '\(stranger)', only \(Self.names(outputs))")
        }
        guard !asked.isEmpty, Set(asked).count == asked.count else {
            throw refusal("each output that is wanted must be named, and once")
        }
    }

    /// The tensor that an engine answered with.
    ///
    /// - Throws: `.refused` when shape and bytes do not go together, or the type has no numbers.
    func tensor(
        _ name: String, _ datatype: String, shape: [Int], bytes: UnsafeRawBufferPointer
    ) throws(InferenceError) -> Tensor {
        guard let width = TensorBytes.width(of: datatype) else {
            throw refusal(
                "its output '\(name)' is \(datatype), which is not read; ask for an output of numbers")
        }
        guard shape.count <= Self.axesMax,
            let count = TensorBytes.count(of: shape, most: bytes.count / width),
            count * width == bytes.count, let values = TensorBytes.floats(datatype, bytes)
        else {
            throw refusal(
                "its output '\(name)' of \(bytes.count) bytes is not \(Self.text(shape)) of \(datatype)")
        }
        return Tensor(shape: shape, values: values)
    }

    /// The same for values that came as numbers.
    func tensor(_ name: String, shape: [Int], values: [Float]) throws(InferenceError) -> Tensor {
        guard shape.count <= Self.axesMax,
            TensorBytes.count(of: shape, most: values.count) == values.count
        else {
            throw refusal("its output '\(name)' of \(values.count) values is not \(Self.text(shape))")
        }
        return Tensor(shape: shape, values: values)
    }

    /// Cut, as words of a server can be as long as its answer.
    func refusal(_ words: String) -> InferenceError {
        InferenceError(.refused, "model \(model): \(words.cut(to: 1000, in: .utf8))")
    }

    static func text(_ shape: [Int]) -> String {
        "[" + shape.map { $0 < 0 ? "any" : String($0) }.joined(separator: ", ") + "]"
    }

    static func names(_ ports: [TensorPort]) -> String {
        ports.map { "'\($0.name)'" }.joined(separator: ", ")
    }
}
