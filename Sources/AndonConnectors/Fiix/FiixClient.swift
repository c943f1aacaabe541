import AndonModel
import Crypto
import Foundation
import Synchronization

/// One call of Fiix's only interface: `POST /api/?…`, signed, with the request's name in the body.
struct FiixClient: Sendable {
    let configuration: FiixConfiguration
    private let skew = Skew()

    /// How far the server's clock is ahead of ours, by its own `Date`: a signature is taken within minutes of its time.
    private final class Skew: Sendable {
        let ahead = Mutex<Duration>(.zero)

        func learn(from response: WireResponse, now: Timestamp) {
            guard let date = response["date"].flatMap({ HTTPDate.parse($0) }) else { return }
            let difference = date - now
            let isNear = difference < .seconds(60) && difference > .seconds(-60)
            ahead.withLock { $0 = isNear ? .zero : difference }
        }
    }

    init(configuration: FiixConfiguration) {
        self.configuration = configuration
    }

    private func time(_ wire: any Wire) -> Timestamp { wire.now() + skew.ahead.withLock { $0 } }

    private static let limits = JSONLimits(
        bytesMax: 8 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    // MARK: Signature

    /// HMAC-SHA256 over the address without its scheme, query exactly as sent, in lower-case hexadecimal (vendor's
    /// guide without SDK, "Authentication").
    static func signature(of address: String, secret: Secret) -> String {
        let message = address.firstRange(of: "://").map { String(address[$0.upperBound...]) } ?? address
        let key = SymmetricKey(data: Data(secret.reveal().utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(message.utf8), using: key)
        return code.hexadecimal
    }

    /// The address of a call; its timestamp is of this moment, so that each attempt is signed anew.
    private func address(_ path: String, action: String, now: Timestamp) -> String {
        configuration.url + path
            + WebAddress.query([
                ("action", action), ("service", "cmms"), ("accessKey", configuration.accessKey),
                ("appKey", configuration.appKey), ("timestamp", String(now.microseconds / 1000)),
                ("signatureVersion", "1"), ("signatureMethod", "HmacSHA256"),
            ])
    }

    // MARK: Calls

    /// Sends one request by its name and gives the answer's document. One that was refused while our clock was found
    /// to be off is signed once more, by the server's clock.
    func call(
        _ name: String, _ members: [String: JSON], over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        let before = skew.ahead.withLock { $0 }
        do {
            return try await signedCall(name, members, over: wire)
        } catch .unauthorized(let words) {
            let change = skew.ahead.withLock { $0 } - before
            guard change > .seconds(30) || change < .seconds(-30) else { throw .unauthorized(words) }
            return try await signedCall(name, members, over: wire)
        }
    }

    private func signedCall(
        _ name: String, _ members: [String: JSON], over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        let now = time(wire)
        var body = members
        body["_maCn"] = .string(name)
        body["clientVersion"] = ["major": 2, "minor": 8, "patch": 1]
        body["requestId"] = 1
        body["requestSentUnixTime"] = .integer(now.microseconds / 1000)
        let url = address("/api/", action: name, now: now)
        let request = WireRequest(
            "POST", url,
            headers: [
                .init("content-type", "text/plain; charset=utf-8"), .init("accept", "application/json"),
                .init("authorization", Self.signature(of: url, secret: configuration.secretKey)),
            ], body: .bytes(JSON.object(body).canonicalBytes))
        return try Self.checked(try await exchange(request, wire), now: wire.now())
    }

    /// Uploads a file's bytes and gives the id of its contents. The signature stands in the address here.
    func upload(_ attachment: Attachment, file: String, over wire: any Wire) async throws(ConnectorError) -> Int {
        let url = address("/api/upload", action: "upload", now: time(wire))
        let signed = url + "&sig=" + Self.signature(of: url, secret: configuration.secretKey)
        let picture = attachment.picture
        let form = FormBody.multipart(
            file: "file", named: attachment.fileName, mediaType: picture.mediaType.rawValue, path: file,
            bytes: picture.bytes, boundary: picture.sha256)
        let request = WireRequest(
            "POST", signed, headers: [.init("content-type", form.contentType)], body: form.body)
        let answer = try Self.checked(try await exchange(request, wire), now: wire.now())
        guard let id = answer["id"]?.integer ?? answer["object"]?["id"]?.integer else {
            throw .answerLost("Fiix took the file and did not name it")
        }
        return id
    }

    func download(_ id: String, over wire: any Wire) async throws(ConnectorError) -> [UInt8] {
        let url = address("/api/download/\(WebAddress.encoded(id))", action: "download", now: time(wire))
        let signed = url + "&sig=" + Self.signature(of: url, secret: configuration.secretKey)
        let response = try await exchange(WireRequest("GET", signed), wire)
        guard response.status == 200 else {
            _ = try Self.checked(response, now: wire.now())
            return []
        }
        return response.body
    }

    private func exchange(_ request: WireRequest, _ wire: any Wire) async throws(ConnectorError) -> WireResponse {
        do {
            let response = try await wire.exchange(request)
            skew.learn(from: response, now: wire.now())
            return response
        } catch {
            throw error.connectorError
        }
    }

    // MARK: Answers

    /// HTTP 200 is not success: the error stands in the document, with the leg of the way on which it happened.
    private static func checked(_ response: WireResponse, now: Timestamp) throws(ConnectorError) -> JSON {
        let json = try? JSON(parsing: response.body, limits: limits)
        if let error = json?["error"], error != .null { throw failure(error, status: response.status) }
        switch response.status {
        case 200..<300: break
        case 401, 403: throw .unauthorized("Fiix refuses the keys (\(response.status)): \(plain(response))")
        case 404: throw .gone("Fiix has nothing there: \(plain(response))")
        case 429: throw .busy(after: response.retryAfter(now: now) ?? .seconds(4), "Fiix's limit is reached")
        case 503: throw .busy(after: response.retryAfter(now: now), "Fiix is busy: \(plain(response))")
        case 400..<500: throw .refused(plain(response))
        default: throw .answerLost("Fiix failed (\(response.status)): \(plain(response))")
        }
        guard let json, json.object != nil else {
            throw .answerLost("the answer (\(response.status)) is not Fiix's: \(plain(response))")
        }
        return json
    }

    private static func failure(_ error: JSON, status: Int) -> ConnectorError {
        let message = error["message"]?.string ?? error.canonicalText.cut(to: 1000)
        let leg = error["leg"]?.string ?? ""
        if error["code"]?.integer == 1100 || status == 429 {
            let wait = error["object"]?["P_CLIENT_AUTO_RETRY_WAIT_ADVISORY_MS"]?.integer ?? 4000
            return .busy(after: .milliseconds(max(1000, min(wait, 86_400_000))), message)
        }
        switch leg {
        case "SERVER_REQUEST_RECEIVE": return .unauthorized("keys, signature or clock: \(message)")
        case "SERVER_REQUEST_UNPACK", "SERVER_REQUEST_PROCESS": return .refused(message)
        default: return .answerLost("\(leg.isEmpty ? "no leg named" : leg): \(message)")
        }
    }

    private static func plain(_ response: WireResponse) -> String {
        let text = PlainText.of(html: String(decoding: response.body.prefix(2000), as: UTF8.self))
        return text.isEmpty ? "status \(response.status) without a word" : text.cut(to: 300)
    }
}

/// A class of Fiix's as a table.
struct FiixTable: Sendable {
    let client: FiixClient
    let name: String
    let fields: String

    /// - Parameter filter: Fiix's query language with `?` for each of `values`.
    func find(
        _ filter: String, _ values: [JSON], orderBy: String = "id", from start: Int = 0, limit: Int = 100,
        over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let answer = try await client.call(
            "FindRequest",
            [
                "className": .string(name), "fields": .string(fields),
                "filters": [["ql": .string(filter), "parameters": .array(values)]], "orderBy": .string(orderBy),
                "startIndex": .integer(start), "maxObjects": .integer(limit),
            ], over: wire)
        guard let objects = answer["objects"]?.array else { throw .answerLost("Fiix's answer holds no objects") }
        return objects
    }

    /// Changes the members of an object that is there. What `changeFields` does not list is passed over.
    func change(_ id: Int, _ object: [String: JSON], over wire: any Wire) async throws(ConnectorError) {
        let named = object.merging(["className": .string(name), "id": .integer(id)]) { $1 }
        let answer = try await client.call(
            "ChangeRequest",
            [
                "className": .string(name), "fields": "id",
                "changeFields": .string(object.keys.sorted().joined(separator: ", ")), "object": .object(named),
            ], over: wire)
        // Of a system that counts what it changed, nothing is not a success.
        if answer["count"]?.integer == 0 { throw .gone("Fiix has no \(name) \(id) any more") }
    }

    /// Adds an object and gives its id.
    func add(_ object: [String: JSON], over wire: any Wire) async throws(ConnectorError) -> JSON {
        let answer = try await client.call(
            "AddRequest",
            [
                "className": .string(name), "fields": .string(fields),
                "object": .object(object.merging(["className": .string(name)]) { $1 }),
            ], over: wire)
        guard let made = answer["object"], made["id"]?.integer != nil else {
            throw .answerLost("Fiix said yes and did not name the \(name)")
        }
        return made
    }
}
