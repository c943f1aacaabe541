import AndonModel

/// One exchange with Fusion's REST resources: address, sign-in, and what the answer means.
struct FusionClient: Sendable {
    let configuration: FusionConfiguration

    func address(_ resource: String, query: [(String, String)] = []) -> String {
        "\(configuration.url)\(configuration.path)/\(resource)" + WebAddress.query(query)
    }

    /// A text of an expression, with a quote doubled.
    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    func get(
        _ resource: String, query: [(String, String)] = [], over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await send(WireRequest("GET", address(resource, query: query)), over: wire).checked()
    }

    /// All rows of a collection that a filter holds for.
    func items(
        _ resource: String, query: [(String, String)], over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        var found: [JSON] = []
        while found.count < 50_000 {
            let page = try await page(resource, query: query, limit: 200, offset: found.count, over: wire)
            found += page.items
            if !page.hasMore || page.items.isEmpty { break }
        }
        return found
    }

    func page(
        _ resource: String, query: [(String, String)], limit: Int, offset: Int, over wire: any Wire
    ) async throws(ConnectorError) -> (items: [JSON], hasMore: Bool) {
        let all = query + [("limit", String(limit)), ("offset", String(offset))]
        let json = try await get(resource, query: all, over: wire)
        guard let items = json["items"]?.array else { throw .answerLost("Fusion's list of \(resource) has no items") }
        return (items, json["hasMore"]?.bool == true)
    }

    func change(
        _ method: String, _ resource: String, _ body: JSON, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        try await change(method, resource, .bytes(body.canonicalBytes), over: wire)
    }

    func change(
        _ method: String, _ resource: String, _ body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) -> JSON {
        let request = WireRequest(
            method, address(resource),
            headers: [.init("content-type", "application/vnd.oracle.adf.resourceitem+json")], body: body)
        return try await send(request, over: wire).checked()
    }

    func bytes(_ address: String, over wire: any Wire) async throws(ConnectorError) -> [UInt8] {
        let answer = try await send(WireRequest("GET", address), accept: "*/*", over: wire)
        if answer.response.status != 200 { _ = try answer.checked() }
        return answer.response.body
    }

    /// A token that ran out says so before anything is done: one new token, one repetition.
    private func send(
        _ request: WireRequest, accept: String = "application/json", over wire: any Wire
    ) async throws(ConnectorError) -> FusionAnswer {
        var request = request
        request.headers += [
            .init("accept", accept), .init("rest-framework-version", String(configuration.frameworkVersion)),
        ]
        let plain = request.headers
        for isLast in [false, true] {
            switch configuration.signIn {
            case .basic(let user, let password): request.headers = plain + [.basic(user, password)]
            case .oauth(let tokens): request.headers = plain + [.bearer(try await tokens.token(over: wire))]
            }
            let answer: FusionAnswer
            do {
                answer = FusionAnswer(response: try await wire.exchange(request), now: wire.now())
            } catch {
                throw error.connectorError
            }
            guard case .oauth(let tokens) = configuration.signIn, answer.response.status == 401, !isLast else {
                return answer
            }
            tokens.forget()
        }
        throw .unauthorized("Fusion refuses a new token")
    }
}

/// What an answer of Fusion says.
struct FusionAnswer {
    let response: WireResponse
    let now: Timestamp

    private static let limits = JSONLimits(
        bytesMax: 16 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    private var json: JSON? { try? JSON(parsing: response.body, limits: Self.limits) }

    func checked() throws(ConnectorError) -> JSON {
        switch response.status {
        case 200..<300:
            guard !response.body.isEmpty else { return .null }
            guard let json, json.object != nil else {
                throw .answerLost("the answer (\(response.status)) is not Fusion's: \(response.plainWords)")
            }
            return json
        case 300..<400:
            throw .unauthorized("Fusion sent a redirect to \(response["location"] ?? "nowhere"), a sign-in page")
        case 401: throw .unauthorized("Fusion does not know the user or token: \(words)")
        case 403: throw .unauthorized("a role or privilege is missing: \(words)")
        case 404: throw .gone(words)
        case 412: throw .busy(after: nil, "the record was changed at the same moment: \(words)")
        case 429, 503: throw .busy(after: response.retryAfter(now: now), "Fusion is busy: \(words)")
        case 400..<500: throw .refused(words)
        default: throw .answerLost("Fusion failed (\(response.status)): \(words)")
        }
    }

    /// Structured from framework version 4 on; before, the message as plain text.
    private var words: String {
        guard let json, json.object != nil else { return response.plainWords }
        let details = (json["o:errorDetails"]?.array ?? []).compactMap { detail -> String? in
            guard let text = detail["detail"]?.string else { return nil }
            let place = detail["o:errorPath"]?.string.map { "\($0): " } ?? ""
            let code = detail["o:errorCode"]?.string.map { " [\($0)]" } ?? ""
            return place + text + code
        }
        let main = json["detail"]?.string ?? json["title"]?.string
        let all = details.isEmpty ? [main].compactMap { $0 } : details
        return all.isEmpty ? response.plainWords : all.joined(separator: "; ")
    }
}
