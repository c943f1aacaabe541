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
        try await client.connect()
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

/// Records an issue where a value has not the shape that the test goes on with.
func fail(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record(Comment(rawValue: words), sourceLocation: sourceLocation)
}
