import AndonModel
import Foundation

/// A wire straight into a stand-in's hands, without sockets: for tests that try a great many things.
public struct DirectWire: Wire {
    private let handler: StandInHandler
    private let time: any TimeSource

    public init(_ standIn: some StandIn, time: any TimeSource = SystemTime()) {
        handler = { await standIn.handle($0) }
        self.time = time
    }

    public func now() -> Timestamp { time.now() }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let answer = await handler(try StandInRequest(request))
        switch answer {
        case .answer(let status, let headers, let body):
            return WireResponse(status: status, headers: headers.map { .init($0, $1) }, body: body)
        case .drop: throw .noAnswer("the connection was closed before the answer was complete")
        case .hang: throw .noAnswer("no answer in time")
        }
    }
}

extension StandInRequest {
    /// A request as it arrives, with the bytes of its files.
    ///
    /// - Throws: `WireError.notSent` where its address is none, or a file cannot be read.
    public init(_ request: WireRequest) throws(WireError) {
        guard let parts = URLComponents(string: request.url) else { throw .notSent("\(request.url) is no address") }
        var query: [String: String] = [:]
        for item in parts.percentEncodedQueryItems ?? [] {
            func decoded(_ text: String) -> String { text.replacing("+", with: " ").removingPercentEncoding ?? "" }
            query[decoded(item.name)] = decoded(item.value ?? "")
        }
        self.init(
            method: request.method, path: parts.path, query: query,
            headers: request.headers.map { ($0.name, $0.value) }, body: try Self.bytes(request.body))
    }

    private static func bytes(_ body: WireRequest.Body) throws(WireError) -> [UInt8] {
        switch body {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .file(let path, _): return try bytes(ofFile: path)
        case .parts(let parts):
            var all: [UInt8] = []
            for part in parts {
                switch part {
                case .bytes(let bytes): all += bytes
                case .file(let path, _): all += try bytes(ofFile: path)
                case .base64(let path, _): all += Array(Data(try bytes(ofFile: path)).base64EncodedString().utf8)
                }
            }
            return all
        }
    }

    private static func bytes(ofFile path: String) throws(WireError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .notSent("\(path) cannot be read") }
        return Array(data)
    }
}

/// A wire whose clock is off.
public struct ShiftedWire: Wire {
    let wire: any Wire
    let shift: Duration

    public init(wire: any Wire, by shift: Duration) {
        self.wire = wire
        self.shift = shift
    }

    public func now() -> Timestamp { wire.now() + shift }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        try await wire.exchange(request)
    }
}
