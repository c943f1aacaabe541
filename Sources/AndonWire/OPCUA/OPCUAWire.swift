import AndonModel
import Foundation
import NIOPosix
import UAClient

/// OPC UA as an exchange: the steps of a request one after the other in a session that is kept.
///
/// The address is `opc.tcp://host:port/path`; the body is JSON, `{"steps": [STEP, …]}`, and the answer
/// `{"results": [RESULT, …]}`, one for each step:
///
/// | step | result |
/// | --- | --- |
/// | `{"read": [NODE, …]}` | `{"values": [{"status": "Good", "value": …, "time": "…"}]}` |
/// | `{"write": [{"node": NODE, "value": …}]}`, one request | `{"statuses": ["Good"]}` |
/// | `{"call": {"object": NODE, "method": NODE or [URI, NAME], "arguments": {NAME: …}}}` | `{"status": "Good", "outputs": {NAME: …}}` |
/// | `{"wait": {"node": NODE, "equals": …, "within": ms, "every": ms}}` | `{"isReached": true, "value": …}` |
///
/// A NODE is a text (`i=2258`, `nsu=urn:line;s=Lot`) or `{"from": "i=85", "path": [[URI, NAME], …]}`. Values are plain
/// JSON, converted to the type that the server declares, with names, counts and ranges checked before anything is sent.
/// Structures are objects by the names of their fields; a ByteString is `{"base64": "…"}`; what stands in a field of any
/// type says its own: `{"type": "Double", "value": 0.97}`.
///
/// Headers: `security` (`strongest`, `none`, or `Aes256_Sha256_RsaPss/SignAndEncrypt`), and `user` with `password`, or
/// `user-certificate` with `user-key` (paths of PEM files).
///
/// 200 is done; otherwise the answer is `{"error": {"step", "status", "detail"}, "results"}` with 400 for what cannot be
/// asked so (a value that does not fit), 401 for identity, rights or certificates, 404 for what the server does not have,
/// 409 for what it refuses, 413 for what is too large, 503 for "later", and 500 where it failed in the middle. It is
/// `.notSent` only where no step can have changed anything.
struct OPCUAWire: Sendable {
    static let scheme = "opc.tcp://"

    private let sessions: OPCUASessions
    private let settings: WireSettings

    init(settings: WireSettings) {
        self.settings = settings
        sessions = OPCUASessions(application: settings.opcua, limits: settings)
    }

    static let jsonLimits = JSONLimits(
        bytesMax: 96 << 20, depthMax: 32, valuesMax: 1_000_000, stringBytesMax: 80 << 20)

    func exchange(_ request: WireRequest, egress: EgressGuard) async throws(WireError) -> WireResponse {
        let asked = try OPCUARequest(request)
        let addresses = try await egress.addresses(of: asked.address.host)
        let limit = request.timeout ?? settings.timeout
        let session = await sessions.session(asked.access, at: addresses)
        return try await Self.within(limit, asked) { () throws(WireError) in
            try await session.run(asked.steps, within: limit)
        }
    }

    func close() async { await sessions.close() }

    /// The session's work goes on beyond the limit until its own end; the caller does not wait for it.
    private static func within(
        _ limit: Duration, _ asked: OPCUARequest,
        _ work: @escaping @Sendable () async throws(WireError) -> WireResponse
    ) async throws(WireError) -> WireResponse {
        let host = asked.address.host
        let first = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<WireResponse, WireError>, Never>) in
            let once = Blocking.Once(continuation)
            let running = Task {
                do throws(WireError) { once.resume(.success(try await work())) } catch { once.resume(.failure(error)) }
            }
            Task {
                try? await Task.sleep(for: limit)
                running.cancel()
                once.resume(.failure(.noAnswer("\(host) did not answer within \(Quantity.text(limit))")))
            }
        }
        return try first.get()
    }
}

/// A request as it stands in an exchange.
struct OPCUARequest: Sendable {
    var address: ServerAddress
    var access: OPCUAAccess
    var steps: [OPCUAStep]

    init(_ request: WireRequest) throws(WireError) {
        let url = Self.parts(of: request.url)
        do throws(ClientError) { address = try ServerAddress(url.address) } catch { throw .notSent("\(error)") }
        access = try OPCUAAccess(request, address, query: url.query)
        if let node = url.query["node"] {
            steps = [.read([try OPCUANode(.string(node))])]
            return
        }
        let body: JSON
        do {
            body = try JSON(parsing: try Self.bytes(request.body), limits: OPCUAWire.jsonLimits)
        } catch let error as WireError { throw error } catch { throw .notSent("the request is not JSON: \(error)") }
        guard let list = body["steps"]?.array, !list.isEmpty else { throw .notSent("the request has no steps") }
        var steps: [OPCUAStep] = []
        for step in list { steps.append(try OPCUAStep(step)) }
        self.steps = steps
    }

    /// The address without its query, and the query by names, as `opc.tcp://plc:4840?node=nsu=urn:line;s=Lot` has it.
    private static func parts(of url: String) -> (address: String, query: [String: String]) {
        guard let mark = url.firstIndex(of: "?") else { return (url, [:]) }
        let pairs = url[url.index(after: mark)...].split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            return (String(name), value.removingPercentEncoding ?? String(value))
        }
        return (String(url[..<mark]), Dictionary(pairs, uniquingKeysWith: { $1 }))
    }

    private static func bytes(_ body: WireRequest.Body) throws(WireError) -> [UInt8] {
        switch body {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .file(let path, let count): return try bytes([.file(path: path, bytes: count)])
        case .parts(let parts): return try bytes(parts)
        }
    }

    private static func bytes(_ parts: [WireRequest.Part]) throws(WireError) -> [UInt8] {
        var all: [UInt8] = []
        for part in parts {
            switch part {
            case .bytes(let bytes): all += bytes
            case .file(let path, _): all += try contents(path)
            case .base64(let path, _): all += Array(Data(try contents(path)).base64EncodedData())
            }
            guard all.count <= OPCUAWire.jsonLimits.bytesMax else {
                throw .notSent("the request is longer than \(OPCUAWire.jsonLimits.bytesMax) bytes")
            }
        }
        return all
    }

    private static func contents(_ path: String) throws(WireError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .notSent("\(path) cannot be read") }
        return Array(data)
    }
}
