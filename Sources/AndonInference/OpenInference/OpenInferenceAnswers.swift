import AndonModel
import AndonVision
import NIOCore

/// What a server of the Open Inference Protocol answers, read from its bytes alone, as both transports read it: for
/// fuzzing, which has no connection.
package struct OpenInferenceAnswers {
    private let body: OpenInferenceBody
    private let messages: OpenInferenceMessages
    private let ports: Ports

    package init(
        of server: OpenInferenceServer, inputs: [TensorPort], outputs: [TensorPort]
    ) throws(InferenceError) {
        ports = try Ports(model: server.model, inputs: inputs, outputs: outputs)
        body = OpenInferenceBody(ports: ports, bytesMax: server.answerBytesMax)
        messages = OpenInferenceMessages(server: server)
    }

    /// An inference over HTTP; `headerBytes` is the value of `Inference-Header-Content-Length`.
    package func tensors(
        http bytes: [UInt8], headerBytes: String?, outputs: [String]
    ) throws(InferenceError) -> [String: Tensor] {
        try body.answer(ByteBuffer(bytes: bytes), headerBytes: headerBytes, outputs: outputs)
    }

    /// A model's metadata over HTTP.
    package func ports(http bytes: [UInt8]) throws(InferenceError) -> (inputs: [TensorPort], outputs: [TensorPort]) {
        let model = try body.json(ByteBuffer(bytes: bytes))
        let read = try Ports(
            model: ports.model, inputs: OpenInferenceBody.ports(model["inputs"], of: messages.server),
            outputs: OpenInferenceBody.ports(model["outputs"], of: messages.server))
        return (read.inputs, read.outputs)
    }

    /// An inference over gRPC: the bytes of a ModelInferResponse.
    package func tensors(grpc bytes: [UInt8], outputs: [String]) throws(InferenceError) -> [String: Tensor] {
        try messages.answer(ByteBuffer(bytes: bytes), outputs: outputs, ports)
    }

    /// A model's metadata over gRPC: the bytes of a ModelMetadataResponse.
    package func ports(grpc bytes: [UInt8]) throws(InferenceError) -> (inputs: [TensorPort], outputs: [TensorPort]) {
        let read = try messages.ports(ByteBuffer(bytes: bytes))
        return (read.inputs, read.outputs)
    }

    /// The bytes of a ModelReadyResponse.
    package func isReady(grpc bytes: [UInt8]) throws(InferenceError) -> Bool {
        try messages.isReady(ByteBuffer(bytes: bytes))
    }

    /// The bytes of a ServerMetadataResponse.
    package func nameAndVersion(grpc bytes: [UInt8]) throws(InferenceError) -> String {
        try messages.nameAndVersion(ByteBuffer(bytes: bytes))
    }
}
