import AndonModel
import AndonVision
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A model behind the Open Inference Protocol over HTTP, with binary tensors.
///
/// Calls overlap, each on a connection of a pool. A call is sent once more where the connection broke or the server
/// answered 503, within the deadline, and never where the server refused it.
public final class OpenInferenceHTTP: InferenceEngine {
    public let identity: EngineIdentity
    public var inputs: [TensorPort] { body.ports.inputs }
    public var outputs: [TensorPort] { body.ports.outputs }

    private let server: OpenInferenceServer
    private let time: any TimeSource
    private let transport: HTTPTransport
    private let body: OpenInferenceBody

    /// Waits until the model is ready and asks what it takes.
    ///
    /// - Throws: `.unavailable` or `.late` without a server that is ready in time, `.refused` for a model that cannot
    ///   be used.
    public static func connect(
        to server: OpenInferenceServer, connect: @escaping AddressCheck, time: any TimeSource = SystemTime()
    ) async throws(InferenceError) -> OpenInferenceHTTP {
        let transport = HTTPTransport(server, connect)
        do {
            try await server.waitUntilReady(time) { () throws(InferenceError) in
                _ = try await transport.get("\(transport.modelPath)/ready", time)
            } describe: { () throws(InferenceError) in
                _ = try await transport.json(transport.modelPath, time)
            }
            let about = try await transport.json("/v2", time)
            let model = try await transport.json(transport.modelPath, time)
            let ports = try Ports(
                model: server.model, inputs: OpenInferenceBody.ports(model["inputs"], of: server),
                outputs: OpenInferenceBody.ports(model["outputs"], of: server))
            let version = [about["name"]?.string, about["version"]?.string].compactMap(\.self).joined(separator: " ")
            return OpenInferenceHTTP(server, time, transport, ports, version: version)
        } catch {
            await transport.close()
            throw error
        }
    }

    private init(
        _ server: OpenInferenceServer, _ time: any TimeSource, _ transport: HTTPTransport, _ ports: Ports,
        version: String
    ) {
        (self.server, self.time, self.transport) = (server, time, transport)
        body = OpenInferenceBody(ports: ports, bytesMax: server.answerBytesMax)
        identity = EngineIdentity(kind: "open-inference/http", version: version, place: server.place)
    }

    public func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        try body.ports.check(inputs, outputs: outputs)
        let (bytes, headerBytes) = body.request(inputs, outputs: outputs)
        let answer = try await server.attempt(time) { [transport] () throws(FailedAttempt) in
            try await transport.exchange(.POST, "\(transport.modelPath)/infer", bytes, headerBytes: headerBytes)
        }
        return try body.answer(answer.body, headerBytes: answer.headerBytes, outputs: outputs)
    }

    /// Whether the model is ready now.
    ///
    /// - Throws: why it is not.
    public func ready() async throws(InferenceError) {
        _ = try await transport.get("\(transport.modelPath)/ready", time)
    }

    public func close() async { await transport.close() }
}
