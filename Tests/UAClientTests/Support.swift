import NIOPosix
import Testing
import UACodec

@testable import UAClient

/// Runs with a client that is connected, and closes it whatever happens.
func withClient<Value: Sendable>(
    _ configuration: ClientConfiguration, _ body: (UAClient) async throws -> Value
) async throws -> Value {
    let client = UAClient(configuration, group: MultiThreadedEventLoopGroup.singleton)
    do {
        try await client.connect(atMost: 4)
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

extension UAClient {
    /// Connects, and again where the server closed the connection before anything was asked: where many tests share one,
    /// open62541 purges a channel that has no session yet when it has as many as it takes.
    func connect(atMost attempts: Int) async throws(ClientError) {
        for _ in 1..<attempts {
            do {
                return try await connect()
            } catch {
                guard case .notSent(.badConnectionClosed, _) = error else { throw error }
            }
        }
        try await connect()
    }
}

/// Records an issue where a value has not the shape that the test goes on with.
func fail(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record(Comment(rawValue: words), sourceLocation: sourceLocation)
}
