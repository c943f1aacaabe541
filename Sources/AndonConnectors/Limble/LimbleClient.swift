import AndonModel
import Foundation

/// One exchange with Limble (API V2): address, sign-in, and what the answer means.
struct LimbleClient: Sendable {
    let configuration: LimbleConfiguration

    private static let limits = JSONLimits(
        bytesMax: 8 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    struct Answer {
        /// Null for the empty body with which PUT, PATCH and DELETE are answered.
        var body: JSON
        /// The number of the next page; nil on the last.
        var nextPage: Int?
    }

    func get(_ path: String, _ query: [(String, String)] = [], over wire: any Wire) async throws(ConnectorError)
        -> Answer
    {
        try await send(WireRequest("GET", configuration.url + path + WebAddress.query(query)), over: wire)
    }

    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> Answer {
        var request = WireRequest(method, configuration.url + path)
        if let body {
            request.headers.append(.init("content-type", "application/json"))
            request.body = .bytes(body.canonicalBytes)
        }
        return try await send(request, over: wire)
    }

    func send(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> Answer {
        var request = request
        request.headers += [
            .basic(configuration.clientID, configuration.clientSecret), .init("accept", "application/json"),
        ]
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        return try Self.checked(response, request.method, now: wire.now())
    }

    private static func checked(
        _ response: WireResponse, _ method: String, now: Timestamp
    ) throws(ConnectorError) -> Answer {
        let words = words(response)
        switch response.status {
        case 200..<300:
            guard !response.body.isEmpty else { return Answer(body: .null, nextPage: nil) }
            guard let body = try? JSON(parsing: response.body, limits: limits) else {
                throw .answerLost("the answer (\(response.status)) is not Limble's: \(words)")
            }
            return Answer(body: body, nextPage: response["next-page"].flatMap { Int($0) })
        case 300..<400: throw .answerLost("Limble's address answers with a redirect (\(response.status)); check url")
        case 401, 403: throw .unauthorized("Limble refuses the keys: \(words)")
        case 404: throw .gone("Limble has nothing there: \(words)")
        case 429: throw .busy(after: wait(response, now), "Limble's limit of calls is reached: \(words)")
        case 503: throw .busy(after: response.retryAfter(now: now), "Limble is busy: \(words)")
        case 400..<500, 501: throw .refused(words)
        default: throw .answerLost("Limble failed (\(response.status)): \(words)")
        }
    }

    /// The window's rest in seconds, which stands there only when the limit was hit; a minute where it does not.
    private static func wait(_ response: WireResponse, _ now: Timestamp) -> Duration {
        let names = ["x-ratelimit-minute-ttl", "x-ratelimit-ttl"]
        let seconds = names.lazy.compactMap { response[$0].flatMap { Int($0) } }.first
        return seconds.map { .seconds(min(max($0, 0), 86_400)) } ?? response.retryAfter(now: now) ?? .seconds(60)
    }

    private static func words(_ response: WireResponse) -> String {
        if let json = try? JSON(parsing: response.body, limits: limits) {
            if let text = json["message"]?.string ?? json["error"]?.string { return text }
            return json.canonicalText.cut(to: 1000)
        }
        let text = String(decoding: response.body.prefix(2000), as: UTF8.self)
        let plain = text.replacing(/<[^>]*>/, with: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return plain.isEmpty ? "status \(response.status) without a word" : plain.cut(to: 300)
    }
}
