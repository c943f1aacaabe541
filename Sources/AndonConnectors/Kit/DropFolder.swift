import AndonModel

/// A shared folder through which two programs hand files to each other: ours lie where the site's import takes them,
/// and are moved to `done` or `rejected` by it.
struct DropFolder: Sendable {
    /// Absolute path.
    let path: String
    /// A file in it that says that it is mounted: an unmounted folder looks like an empty one.
    let marker: String
    /// How long a file may lie there before somebody is told that the importer stands still.
    let importWithin: Duration
    /// How often a file that waits is looked for.
    let lookEvery: Duration
    /// How long a file must have stood still before it is read.
    let settleTime: Duration

    init(reading reader: SettingsReader, isRequired: Bool = true) {
        var folder = isRequired ? reader.requiredText("folder") : reader.text("folder", default: "")
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        if !folder.isEmpty, !folder.hasPrefix("/") {
            reader.faults.add("should be an absolute path like /mnt/drop", at: reader.raw("folder") ?? reader.node)
        }
        path = folder
        marker = reader.text("marker", default: "andon-drop.id")
        importWithin = reader.duration("importWithin", in: .seconds(10) ... .seconds(7 * 86_400)) ?? .seconds(600)
        lookEvery = reader.duration("lookEvery", in: .milliseconds(100) ... .seconds(3600)) ?? .seconds(10)
        settleTime = reader.duration("settleTime", in: .zero ... .seconds(600)) ?? .seconds(2)
    }

    // MARK: Where a file of ours stands

    enum Standing {
        case nowhere
        /// Since when it lies where the importer takes it from.
        case waiting(since: Timestamp)
        /// What the acknowledgement holds, where there is one.
        case taken(acknowledged: [UInt8]?)
        case rejected(reason: String)
    }

    /// Looked for in the order in which an importer moves it, so that it is seen wherever it is under way.
    ///
    /// - Parameter inbox: what the importer watches, with its slash; empty for the folder itself.
    func standing(
        of name: String, inbox: String, acknowledgement: String? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> Standing {
        try await checkMounted(over: wire)
        if let found = try await look(inbox + name, over: wire) { return .waiting(since: found) }
        if let acknowledgement, let bytes = try await read(acknowledgement, over: wire) {
            return .taken(acknowledged: bytes)
        }
        if try await look("done/\(name)", over: wire) != nil { return .taken(acknowledged: nil) }
        if try await look("rejected/\(name)", over: wire) != nil {
            let reason = try await read("rejected/\(name).reason.txt", over: wire)
            return .rejected(reason: reason.map { String(decoding: $0, as: UTF8.self).asOneLine } ?? "without a reason")
        }
        return .nowhere
    }

    private func checkMounted(over wire: any Wire) async throws(ConnectorError) {
        guard try await look(marker, over: wire) != nil else {
            throw .unreachable("\(path) has no \(marker): the share is not mounted, or not the right one")
        }
    }

    /// What is to be said of a file that waits. It was written once and is never written again: after `importWithin`
    /// somebody must look after the importer.
    func waiting(_ name: String, since: Timestamp, now: Timestamp) -> ConnectorError {
        guard now - since < importWithin else {
            return .unauthorized(
                "the importer stands still: \(name) has been waiting for more than \(Quantity.text(importWithin))")
        }
        return .handedOver(after: lookEvery, "\(name) waits for the site's import")
    }

    // MARK: Files

    private func address(_ name: String) -> String { WebAddress.folder("\(path)/\(name)") }

    /// When the file was changed; nil when there is none.
    func look(_ name: String, over wire: any Wire) async throws(ConnectorError) -> Timestamp? {
        let answer = try await Self.exchange(WireRequest("HEAD", address(name)), over: wire)
        guard answer.status == 200 else { return nil }
        return Timestamp(microseconds: answer["x-modified"].flatMap { Int64($0) } ?? 0)
    }

    func read(_ name: String, over wire: any Wire) async throws(ConnectorError) -> [UInt8]? {
        let answer = try await Self.exchange(WireRequest("GET", address(name)), over: wire)
        return answer.status == 200 ? answer.body : nil
    }

    /// A file that the other side writes: its bytes and its change once it stands still.
    func settled(_ name: String, over wire: any Wire) async throws(ConnectorError) -> (bytes: [UInt8], mark: String)? {
        guard let before = try await look(name, over: wire) else { return nil }
        // A change in the future is that of a clock that is ahead of ours: then two looks must do.
        let age = wire.now() - before
        guard age >= settleTime || age < .zero else { return nil }
        let answer = try await Self.exchange(WireRequest("GET", address(name)), over: wire)
        guard answer.status == 200, answer["x-modified"] == String(before.microseconds) else { return nil }
        return (answer.body, "\(before.microseconds);\(answer.body.count)")
    }

    func write(_ name: String, _ body: WireRequest.Body, over wire: any Wire) async throws(ConnectorError) {
        try await Self.write(address(name), body, over: wire)
    }

    func names(in folder: String, over wire: any Wire) async throws(ConnectorError) -> [String] {
        let answer = try await Self.exchange(WireRequest("LIST", address(folder)), over: wire)
        return ((try? JSON(parsing: answer.body))?.array ?? []).compactMap(\.string)
    }

    // MARK: Any folder

    static func write(
        _ address: String, _ body: WireRequest.Body, over wire: any Wire
    ) async throws(ConnectorError) {
        let answer = try await exchange(WireRequest("PUT", address, body: body), over: wire)
        guard answer.status != 404 else { throw .unreachable("the folder is not there: \(answer.plainWords)") }
    }

    static func exchange(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> WireResponse {
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
