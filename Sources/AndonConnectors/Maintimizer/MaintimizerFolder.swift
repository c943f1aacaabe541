import AndonModel

/// The shared folder: what lies where, by our key.
struct MaintimizerFolder: Sendable {
    let configuration: MaintimizerConfiguration

    func address(_ path: String) -> String { WebAddress.folder("\(configuration.folder)/\(path)") }

    /// Where a request stands.
    enum Standing {
        case nowhere
        /// Since when it lies where the importer takes it from.
        case waiting(since: Timestamp)
        /// The number of the work order, where the acknowledgement says it.
        case taken(number: String?)
        case rejected(reason: String)
    }

    /// Looked for in the order in which an importer moves it, so that it is seen wherever it is under way.
    func standing(_ key: String, over wire: any Wire) async throws(ConnectorError) -> Standing {
        try await checkMounted(over: wire)
        if let found = try await look("in/\(key).req.csv", over: wire) { return .waiting(since: found) }
        if let bytes = try await read("ack/\(key).ack.csv", over: wire) {
            let row = configuration.csv.records(bytes).first
            return .taken(number: row?["WorkOrderNo"].flatMap { $0.isEmpty ? nil : $0 })
        }
        if try await look("done/\(key).req.csv", over: wire) != nil { return .taken(number: nil) }
        if try await look("rejected/\(key).req.csv", over: wire) != nil {
            let reason = try await read("rejected/\(key).req.csv.reason.txt", over: wire)
            return .rejected(reason: reason.map { String(decoding: $0, as: UTF8.self).asOneLine } ?? "without a reason")
        }
        return .nowhere
    }

    private func checkMounted(over wire: any Wire) async throws(ConnectorError) {
        guard try await look(configuration.marker, over: wire) != nil else {
            throw .unreachable(
                "\(configuration.folder) has no \(configuration.marker): the share is not mounted, or not the right one"
            )
        }
    }

    /// When the file was changed; nil when there is none.
    func look(_ path: String, over wire: any Wire) async throws(ConnectorError) -> Timestamp? {
        let answer = try await exchange(WireRequest("HEAD", address(path)), over: wire)
        guard answer.status == 200 else { return nil }
        return Timestamp(microseconds: answer["x-modified"].flatMap { Int64($0) } ?? 0)
    }

    func read(_ path: String, over wire: any Wire) async throws(ConnectorError) -> [UInt8]? {
        let answer = try await exchange(WireRequest("GET", address(path)), over: wire)
        return answer.status == 200 ? answer.body : nil
    }

    /// A file that the other side writes: its bytes and its change once it stands still.
    func settled(_ path: String, over wire: any Wire) async throws(ConnectorError) -> (bytes: [UInt8], mark: String)? {
        guard let before = try await look(path, over: wire) else { return nil }
        // A change in the future is that of a clock that is ahead of ours: then two looks must do.
        let age = wire.now() - before
        guard age >= configuration.settleTime || age < .zero else { return nil }
        let answer = try await exchange(WireRequest("GET", address(path)), over: wire)
        guard answer.status == 200, answer["x-modified"] == String(before.microseconds) else { return nil }
        return (answer.body, "\(before.microseconds);\(answer.body.count)")
    }

    func write(_ path: String, _ body: WireRequest.Body, over wire: any Wire) async throws(ConnectorError) {
        let answer = try await exchange(WireRequest("PUT", address(path), body: body), over: wire)
        guard answer.status != 404 else {
            throw .unreachable("the folder of \(path) is not there: \(answer.plainWords)")
        }
    }

    func names(_ path: String, over wire: any Wire) async throws(ConnectorError) -> [String] {
        let answer = try await exchange(WireRequest("LIST", address(path)), over: wire)
        return ((try? JSON(parsing: answer.body))?.array ?? []).compactMap(\.string)
    }

    private func exchange(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> WireResponse {
        let answer: WireResponse
        do {
            answer = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        switch answer.status {
        case 200, 201, 404: return answer
        case 401, 403: throw .unauthorized("the shared folder refuses this: \(answer.plainWords)")
        case 429, 503:
            throw .busy(
                after: answer.retryAfter(now: wire.now()), "the shared folder is in trouble: \(answer.plainWords)")
        case 400..<500: throw .refused(answer.plainWords)
        default: throw .answerLost(answer.plainWords)
        }
    }
}
