import AndonModel

/// One exchange with EAM's REST services: sign-in, headers, and what the answer means.
struct InforClient: Sendable {
    let configuration: InforConfiguration
    init(_ configuration: InforConfiguration) {
        self.configuration = configuration
    }

    /// `10234%23BEDFORD`: a raw `#` would cut the address.
    func key(_ number: String) -> String { WebAddress.encoded("\(number)#\(configuration.organization)") }

    /// `Result` of the answer.
    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await send(method, path, body.map { .bytes($0.canonicalBytes) } ?? .none, over: wire)
    }

    func send(
        _ method: String, _ path: String, _ body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        guard case .gateway(let tokens) = configuration.signIn else {
            return try await exchange(method, path, body, over: wire).checked()
        }
        // A token that ran out says so before anything is done: one new token, one repetition.
        let answer = try await exchange(method, path, body, token: try await tokens.token(over: wire), over: wire)
        guard answer.response.status == 401 else { return try answer.checked() }
        tokens.forget()
        return try await exchange(method, path, body, token: try await tokens.token(over: wire), over: wire).checked()
    }

    private func exchange(
        _ method: String, _ path: String, _ body: WireRequest.Body, token: String? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> InforAnswer {
        var request = WireRequest(
            method, configuration.url + path,
            headers: [
                .init("tenant", configuration.tenant), .init("organization", configuration.organization),
                .init("accept", "application/json"),
            ], body: body)
        if case .none = body {} else { request.headers.append(.init("content-type", "application/json")) }
        switch configuration.signIn {
        case .basic(let user, let password): request.headers.append(.basic(user, password))
        case .apiKey(let key): request.headers.append(.init("x-api-key", key.reveal()))
        case .gateway: request.headers.append(.bearer(token ?? ""))
        }
        do {
            return InforAnswer(response: try await wire.exchange(request), now: wire.now())
        } catch {
            throw error.connectorError
        }
    }
}

/// What an answer of EAM says. 200 is not yet success.
struct InforAnswer {
    let response: WireResponse
    let now: Timestamp

    private static let limits = JSONLimits(
        bytesMax: 64 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 48 << 20)

    private var json: JSON? { try? JSON(parsing: response.body, limits: Self.limits) }

    func checked() throws(ConnectorError) -> JSON {
        let words = words
        switch response.status {
        case 200..<300: return try accepted(words)
        case 300..<400:
            throw .unauthorized("EAM sent a redirect to \(response["location"] ?? "nowhere"), a sign-in page")
        case 401: throw .unauthorized("EAM does not know the user, key or token: \(words)")
        case 403: throw .unauthorized("EAM does not allow this: \(words)")
        case 404: throw .gone(words)
        case 408, 429, 503: throw .busy(after: response.retryAfter(now: now), "EAM is busy: \(words)")
        case 400..<500:
            // The wrong tenant refuses every order alike: they wait until it is mended.
            if words.lowercased().contains("tenant") { throw .unauthorized(words) }
            throw .refused(words)
        default: throw .answerLost("EAM failed (\(response.status)): \(words)")
        }
    }

    private func accepted(_ words: String) throws(ConnectorError) -> JSON {
        guard let json, json.object != nil else {
            throw .answerLost("the answer (\(response.status)) is not EAM's: \(words)")
        }
        if let error = json["ErrorAlert"], error != .null, error != [] { throw .refused(words) }
        if let question = json["ConfirmationAlert"], question != .null, question != [] {
            throw .busy(
                after: .seconds(600),
                "EAM asks a question and has done nothing; a person must settle it there: \(words)")
        }
        guard let result = json["Result"], result != .null else {
            throw .answerLost("EAM's answer has no result in it: \(words)")
        }
        return result
    }

    /// All messages, each with the field that it is about.
    private var words: String {
        guard let json else { return response.plainWords }
        let alerts = ["ErrorAlert", "ConfirmationAlert"].compactMap { json[$0] }.flatMap { $0.array ?? [$0] }
        let texts = alerts.compactMap { alert -> String? in
            guard let message = alert["Message"]?.string, !message.isEmpty else { return alert["Name"]?.string }
            return alert["Location"]?.string.flatMap { $0.isEmpty ? nil : "\($0): \(message)" } ?? message
        }
        return texts.isEmpty ? response.plainWords : texts.joined(separator: "; ")
    }
}
