import UACodec

extension UAClient {
    /// Raw values that a server keeps of a variable (Part 11, 6.4.3), from `start` on, or backwards where `end` is before
    /// `start`. Gathers all pages.
    ///
    /// - Parameter pageSize: values in one answer; 0 leaves it to the server.
    /// - Throws: ``ClientError/limit(_:allowed:)`` over `ClientLimits.historyValues`.
    public func readHistory(
        of node: some NodeNaming, from start: DateTime, to end: DateTime, pageSize: UInt32 = 1_000
    ) async throws(ClientError) -> [DataValue] {
        let connection = try ready()
        var page = HistoryPage(
            node: try namespaces.nodeId(node),
            details: ReadRawModifiedDetails(startTime: start, endTime: end, numValuesPerNode: pageSize))
        var values: [DataValue] = []
        for _ in 0..<configuration.limits.continuations {
            let (more, point) = try await readPage(page, on: connection)
            let new = more.dropFirst(page.isRestart ? Self.overlap(values, more) : 0)
            values += new
            guard values.count <= configuration.limits.historyValues else {
                page.point = point
                break
            }
            guard page.advance(point, isFull: pageSize > 0 && more.count >= Int(pageSize), isNew: !new.isEmpty, values)
            else {
                try await readUnknownBodies(in: &values, on: connection)
                return values
            }
        }
        if page.point != nil { _ = try? await exchange(page.request(releasing: true), on: connection) }
        throw .limit("history values", allowed: configuration.limits.historyValues)
    }

    private func readPage(
        _ page: HistoryPage, on connection: Connection
    ) async throws(ClientError) -> ([DataValue], ByteString?) {
        let results = try await exchange(page.request(releasing: false), on: connection).results
        guard results.count == 1 else { throw violation("\(results.count) histories for one", on: connection) }
        guard !results[0].statusCode.isBad else { throw .refused(results[0].statusCode, "reading history") }
        return (results[0].historyData.value(as: HistoryData.self)?.dataValues ?? [], results[0].continuationPoint)
    }

    /// How many values at the start of a page are those at the end of the ones before.
    private static func overlap(_ values: [DataValue], _ page: [DataValue]) -> Int {
        let most = min(values.count, page.count)
        return stride(from: most, through: 1, by: -1).first { values.suffix($0).elementsEqual(page.prefix($0)) } ?? 0
    }
}

/// Where the reading of a history stands.
private struct HistoryPage {
    var node: NodeId
    var details: ReadRawModifiedDetails
    var point: ByteString?
    /// Whether the page begins with values that were read before.
    var isRestart = false

    func request(releasing: Bool) -> HistoryReadRequest {
        HistoryReadRequest(
            historyReadDetails: ExtensionObject(details), timestampsToReturn: .both,
            releaseContinuationPoints: releasing,
            nodesToRead: [HistoryReadValueId(nodeId: node, continuationPoint: point)])
    }

    /// Goes on to the next page. Some servers give no continuation point though they stopped at the number that was asked
    /// for; a full page is followed by one from its last time on.
    ///
    /// - Returns: false at the end.
    mutating func advance(_ next: ByteString?, isFull: Bool, isNew: Bool, _ values: [DataValue]) -> Bool {
        isRestart = false
        point = next.flatMap { $0.bytes.isEmpty ? nil : $0 }
        if point != nil { return true }
        guard isFull, isNew, let last = values.last?.sourceTimestamp, last != details.startTime else { return false }
        details.startTime = last
        isRestart = true
        return true
    }
}
