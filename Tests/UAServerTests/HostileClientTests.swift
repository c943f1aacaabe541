import Foundation
import Testing
import UATransport

/// What no client should send, over TCP: each case has its answer, and whoever behaves is served meanwhile.
@Suite("Clients that mean harm")
struct HostileClientTests {
    /// What must come back: a part of the word for it.
    private static let expected: [String: String] = [
        "nothing but noise": "ERR BadTcpMessageTypeInvalid", "a frame of size 0": "ERR BadTcpMessageTypeInvalid",
        "a frame of size 7": "ERR BadTcpMessageTypeInvalid", "a frame of 4 GB": "ERR BadTcpMessageTooLarge",
        "a hello of 64 KB": "ERR BadTcpMessageTooLarge", "a URL of 5000 bytes": "ERR BadTcpEndpointUrlInvalid",
        "a URL of negative length": "ACK", "a URL longer than the frame": "ERR BadDecodingError",
        "buffers of 0": "ERR BadConnectionRejected", "a later version": "ACK",
        "a message before the hello": "ERR BadTcpMessageTypeInvalid",
        "an opening before the hello": "ERR BadTcpMessageTypeInvalid",
        "an acknowledge from a client": "ERR BadTcpMessageTypeInvalid",
        "an error from a client": "ERR BadTcpMessageTypeInvalid", "a second hello": "ERR BadTcpMessageTypeInvalid",
        "a message before the channel": "ERR BadTcpSecureChannelUnknown",
        "an unknown policy": "ERR BadSecurityPolicyRejected", "a policy of 100 KB": "ERR BadSecurityChecksFailed",
        "no certificate": "ERR BadSecurityChecksFailed", "a certificate of noise": "ERR BadSecurityChecksFailed",
        "a thumbprint of 3 bytes": "ERR BadSecurityChecksFailed", "a mode that is none": "ERR BadSecurityModeRejected",
        "a renewal of nothing": "ERR BadRequestTypeInvalid",
        "an opening for another channel": "ERR BadTcpSecureChannelUnknown",
        "an opening in two chunks": "ERR BadTcpMessageTypeInvalid", "a second issue": "ERR BadRequestTypeInvalid",
        "another channel's number": "ERR BadTcpSecureChannelUnknown",
        "an unknown token": "ERR BadSecureChannelTokenUnknown",
        "a sequence number again": "ERR BadSequenceNumberInvalid",
        "a sequence number left out": "ERR BadSequenceNumberInvalid",
        "chunks without an end": "ERR BadTcpMessageTooLarge",
        "chunks of two requests in one another": "ERR BadTcpMessageTypeInvalid",
        "a chunk shorter than its headers": "ERR BadSecurityChecksFailed", "a body of nothing": "ERR BadDecodingError",
        "a body of noise": "ERR BadDecodingError", "a response from a client": "ERR BadTcpMessageTypeInvalid",
        "an unknown service": "fault BadServiceUnsupported", "a read without a session": "fault BadSessionIdInvalid",
        "a read with a token of one's own": "fault BadSessionIdInvalid", "a read of nothing": "fault BadNothingToDo",
        "an array of 4 billion": "fault BadDecodingError", "variants 90 deep": "fault BadSessionIdInvalid",
        "variants 5000 deep": "ERR BadEncodingLimitsExceeded", "1500 reads": "fault BadTooManyOperations",
        "a path of 2000 steps": "answer Good", "200 subscriptions": "fault BadTooManySubscriptions",
        "300 publishes": "fault BadTooManyPublishRequests",
        "a publish without a subscription": "fault BadNoSubscription",
        "a filter that refers to itself": "item BadEventFilterInvalid",
        "nodes to be added": "fault BadServiceUnsupported", "a republish of nothing": "fault BadSubscriptionIdInvalid",
        "answers that nobody reads": "stood",
    ]

    @Test(
        "Each is answered with its status, and whoever behaves is served as before",
        .enabled(if: CounterpartTests.python != nil, CounterpartTests.reason))
    func cases() async throws {
        let plant = try await PlantServer { _, listener in listener.connectionsPerAddress = 60 }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/hostile.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(CounterpartTests.python))
        process.arguments = ["-W", "ignore", script, "127.0.0.1", "\(plant.port)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile())
            }
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("CASE ") }
        #expect(lines.count == Self.expected.count)
        for line in lines {
            let seen = try #require(
                try JSONSerialization.jsonObject(with: Data(line.dropFirst(5).utf8)) as? [String: Any])
            let name = seen["name"] as? String ?? ""
            #expect(seen["got"] as? String == Self.expected[name], "\(name)")
            #expect(seen["well"] as? Bool == true, "after \(name)")
        }
        await plant.stop()
    }
}
