import UACodec

/// One read of raw history that was checked.
struct HistoryQuestion: Sendable {
    var source: HistorySource
    var start: DateTime?
    var end: DateTime?
    var limit: Int
    /// Values that earlier answers had.
    var skipped: Int
    /// Values that the client wants in all; 0 for those of the whole time.
    var wanted: Int
    var timestamps: TimestampsToReturn
    var range: IndexRange?
    var nodeId: NodeId
    /// The request that asked last.
    var request: UInt64 = 0

    /// The answer that a page makes, and how the next one is asked for.
    func answer(_ page: HistoryPage?) -> (result: HistoryReadResult, rest: HistoryQuestion?) {
        guard let page else { return (HistoryReadResult(statusCode: .badHistoryOperationInvalid), nil) }
        let values = page.values.prefix(limit).map { value -> DataValue in
            var value = value
            if timestamps == .server || timestamps == .neither { value.sourceTimestamp = nil }
            if timestamps == .source || timestamps == .neither { value.serverTimestamp = nil }
            if let range { value.value = value.value.flatMap { range.select(from: $0) } }
            return value
        }
        var result = HistoryReadResult(statusCode: values.isEmpty ? .goodNoData : .good)
        result.historyData = ExtensionObject(HistoryData(dataValues: values))
        guard page.hasMore, !values.isEmpty else { return (result, nil) }
        var rest = self
        rest.skipped += values.count
        if wanted > 0 {
            guard rest.skipped < wanted else { return (result, rest) }
            rest.limit = min(limit, wanted - rest.skipped)
        }
        return (result, rest)
    }
}

// HistoryRead of raw values (Part 11, 6.4.3).
extension AddressSpace {
    func prepare(
        _ request: HistoryReadRequest, limits: ServiceLimits
    ) throws(StatusError) -> ReadRawModifiedDetails {
        try checkCount(request.nodesToRead.count, limits.historyReadsPerRequest)
        guard (0...2).contains(request.timestampsToReturn.rawValue) else {
            throw StatusError(.badTimestampsToReturnInvalid)
        }
        guard let details = request.historyReadDetails.value(as: ReadRawModifiedDetails.self), !details.isReadModified
        else { throw StatusError(.badHistoryOperationUnsupported) }
        let bounds = [!details.startTime.isNull, !details.endTime.isNull, details.numValuesPerNode > 0]
        guard bounds.filter({ $0 }).count >= 2 else { throw StatusError(.badHistoryOperationInvalid) }
        return details
    }

    func question(
        _ item: HistoryReadValueId, _ details: ReadRawModifiedDetails, _ timestamps: TimestampsToReturn,
        by caller: Caller, limits: ServiceLimits
    ) throws(StatusError) -> HistoryQuestion {
        guard let node = self[item.nodeId], permits(.browse, node, caller) else {
            throw StatusError(.badNodeIdUnknown)
        }
        guard let source = node.variable?.history else { throw StatusError(.badHistoryOperationUnsupported) }
        guard permits(.readHistory, node, caller) else { throw StatusError(.badUserAccessDenied) }
        var range: IndexRange?
        if let text = item.indexRange, !text.isEmpty {
            guard let read = IndexRange(text) else { throw StatusError(.badIndexRangeInvalid) }
            range = read
        }
        let wanted = Int(details.numValuesPerNode)
        return HistoryQuestion(
            source: source, start: details.startTime.isNull ? nil : details.startTime,
            end: details.endTime.isNull ? nil : details.endTime,
            limit: wanted == 0 ? limits.historyValues : min(wanted, limits.historyValues), skipped: 0,
            wanted: wanted, timestamps: timestamps, range: range, nodeId: item.nodeId)
    }
}
