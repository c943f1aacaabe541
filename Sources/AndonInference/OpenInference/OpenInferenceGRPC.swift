import AndonModel
import AndonVision
import NIOCore

/// A model behind the Open Inference Protocol over gRPC.
///
/// Calls overlap as streams of one connection, which is made anew where it broke. A call is sent once more where the
/// connection broke or the server says UNAVAILABLE, within the deadline.
public final class OpenInferenceGRPC: InferenceEngine {
    public let identity: EngineIdentity
    public var inputs: [TensorPort] { ports.inputs }
    public var outputs: [TensorPort] { ports.outputs }

    private let ports: Ports
    private let time: any TimeSource
    private let messages: OpenInferenceMessages
    private let connection: GRPCConnection

    /// Waits until the model is ready and asks what it takes.
    ///
    /// - Throws: `.unavailable` or `.late` without a server that is ready in time, `.refused` for a model that cannot
    ///   be used.
    public static func connect(
        to server: OpenInferenceServer, connect: @escaping AddressCheck, time: any TimeSource = SystemTime()
    ) async throws(InferenceError) -> OpenInferenceGRPC {
        let connection = GRPCConnection(server, connect)
        let messages = OpenInferenceMessages(server: server)
        do {
            try await server.waitUntilReady(time) { () throws(InferenceError) in
                try await ready(messages, connection, time)
            } describe: { () throws(InferenceError) in
                _ = try await metadata(messages, connection, time)
            }
            let about = try await server.attempt(time) { () throws(FailedAttempt) in
                try await connection.call("ServerMetadata", .init())
            }
            let described = try await metadata(messages, connection, time)
            let identity = EngineIdentity(
                kind: "open-inference/grpc", version: try messages.nameAndVersion(about), place: server.place)
            return OpenInferenceGRPC(identity, try messages.ports(described), time, messages, connection)
        } catch {
            await connection.close()
            throw error
        }
    }

    private init(
        _ identity: EngineIdentity, _ ports: Ports, _ time: any TimeSource, _ messages: OpenInferenceMessages,
        _ connection: GRPCConnection
    ) {
        (self.identity, self.ports, self.time) = (identity, ports, time)
        (self.messages, self.connection) = (messages, connection)
    }

    public func infer(
        _ inputs: [String: Tensor], outputs: [String]
    ) async throws(InferenceError) -> [String: Tensor] {
        try ports.check(inputs, outputs: outputs)
        let request = messages.request(inputs, outputs: outputs, ports)
        let answer = try await messages.server.attempt(time) { [connection] () throws(FailedAttempt) in
            try await connection.call("ModelInfer", request)
        }
        return try messages.answer(answer, outputs: outputs, ports)
    }

    /// Whether the model is ready now.
    ///
    /// - Throws: why it is not.
    public func ready() async throws(InferenceError) { try await Self.ready(messages, connection, time) }

    private static func ready(
        _ messages: OpenInferenceMessages, _ connection: GRPCConnection, _ time: any TimeSource
    ) async throws(InferenceError) {
        let answer = try await messages.server.attempt(time) { () throws(FailedAttempt) in
            try await connection.call("ModelReady", messages.model())
        }
        guard try messages.isReady(answer) else { throw messages.server.failure(.unavailable, "it is not ready") }
    }

    private static func metadata(
        _ messages: OpenInferenceMessages, _ connection: GRPCConnection, _ time: any TimeSource
    ) async throws(InferenceError) -> ByteBuffer {
        try await messages.server.attempt(time) { () throws(FailedAttempt) in
            try await connection.call("ModelMetadata", messages.model())
        }
    }

    public func close() async { await connection.close() }
}
