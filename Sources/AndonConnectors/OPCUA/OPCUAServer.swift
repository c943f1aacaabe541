import AndonModel

/// A server and who asks it. Each call is one exchange.
struct OPCUAServer: Sendable {
    let url: String
    let security: String
    let user: String
    let password: Secret
    let certificate: String
    let key: String

    init(reading reader: SettingsReader) {
        url = reader.requiredText("url")
        if let node = reader.raw("url"), !Self.isAddress(url) {
            reader.faults.add("should be an address like opc.tcp://mes.plant.example:4840", at: node)
        }
        security = reader.text("security", default: "strongest")
        if let node = reader.raw("security"), !Self.isSecurity(security) {
            reader.faults.add(
                "should be strongest, signed, none, or a policy with a mode like Aes256_Sha256_RsaPss/SignAndEncrypt",
                at: node)
        }
        user = reader.text("user", default: "")
        password = reader.secret("password") ?? Secret("")
        certificate = reader.text("userCertificate", default: "")
        key = reader.text("userKey", default: "")
        if certificate.isEmpty != key.isEmpty {
            reader.faults.add("userCertificate and userKey belong together", at: reader.raw("userKey") ?? reader.node)
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        guard text.hasPrefix("opc.tcp://") else { return false }
        let rest = text.dropFirst("opc.tcp://".count)
        return !rest.isEmpty && rest.first != "/" && !rest.contains("?") && !rest.contains("@")
            && rest.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isSecurity(_ text: String) -> Bool {
        let policies = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
        let modes = ["", "/Sign", "/SignAndEncrypt"]
        return ["strongest", "signed", "none"].contains(text)
            || policies.contains { policy in modes.contains { policy + $0 == text } }
    }

    static let limits = JSONLimits(bytesMax: 96 << 20, depthMax: 32, valuesMax: 2_000_000, stringBytesMax: 80 << 20)

    /// The results of steps that are done one after the other.
    ///
    /// - Parameters:
    ///   - name: stands in the transmission log as the exchange's method.
    ///   - file: a picture whose bytes take the place of ``picturePlace``.
    func run(
        _ name: String, _ steps: [JSON], picture file: (path: String, bytes: Int)? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let answer: WireResponse
        do {
            answer = try await wire.exchange(request(name, ["steps": .array(steps)], file))
        } catch {
            throw error.connectorError
        }
        let body = try? JSON(parsing: answer.body, limits: Self.limits)
        guard answer.status == 200 else { throw failure(answer, body, now: wire.now()) }
        guard let results = body?["results"]?.array, results.count == steps.count else {
            throw .answerLost("the server's answer cannot be read: \(answer.plainWords)")
        }
        return results
    }

    /// Stands in the steps where the bytes of a picture belong.
    static let picturePlace = "andon:picture"

    private func request(_ name: String, _ body: JSON, _ file: (path: String, bytes: Int)?) -> WireRequest {
        var headers: [WireRequest.Header] = [.init("security", security)]
        if !user.isEmpty { headers += [.init("user", user), .init("password", password.reveal())] }
        if !certificate.isEmpty { headers += [.init("user-certificate", certificate), .init("user-key", key)] }
        let bytes = body.canonicalBytes
        let mark = Array("\"\(Self.picturePlace)\"".utf8)
        guard let file, let place = bytes.firstRange(of: mark) else {
            return WireRequest(name, url, headers: headers, body: .bytes(bytes))
        }
        let parts: [WireRequest.Part] = [
            .bytes(Array(bytes[..<place.lowerBound]) + [UInt8(ascii: "\"")]),
            .base64(path: file.path, bytes: file.bytes),
            .bytes([UInt8(ascii: "\"")] + Array(bytes[place.upperBound...])),
        ]
        return WireRequest(name, url, headers: headers, body: .parts(parts))
    }

    private func failure(_ answer: WireResponse, _ body: JSON?, now: Timestamp) -> ConnectorError {
        let words = body?["error"]?["detail"]?.string ?? answer.plainWords
        switch answer.status {
        case 401, 403: return .unauthorized(words)
        case 404 where body?["error"]?["status"]?.string == "BadNotFound": return .gone(words)
        case 400, 404, 409, 413: return .refused(words)
        case 429, 503: return .busy(after: answer.retryAfter(now: now), "the server is busy: \(words)")
        default: return .answerLost(words)
        }
    }
}

extension JSON {
    /// The value as the text that a template or a table has; nil for nothing and for what is no single value.
    var plainText: String? {
        switch self {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): JSON.ecmaScriptText(of: number)
        case .bool(let value): "\(value)"
        case .null, .array, .object: nil
        }
    }

    /// A list, or a single value as a list of one; nothing is an empty one.
    var asList: [JSON] {
        switch self {
        case .array(let elements): elements
        case .null: []
        default: [self]
        }
    }
}
