import AsyncHTTPClient
import NIOCore

/// A plain GET.
enum HTTPText {
    static func get(_ address: String) async throws -> [UInt8] {
        let response = try await HTTPClient.shared.execute(.init(url: address), timeout: .seconds(20))
        return Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
    }
}
