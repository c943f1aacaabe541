import UACodec

// The services on the nodes of the address space.
extension SpaceNodes {
    func read(_ target: ReadValueId, for caller: Caller, at time: DateTime) -> DataValue {
        space.read(target, .both, by: caller, now: time)
    }

    // MARK: Requests

    func answer(
        _ request: any ServiceRequest, to caller: Caller, reply: @escaping (any ServiceResponse) -> Void
    ) -> Bool {
        beginRequest()
        do throws(StatusError) {
            guard let response = try response(to: request, caller) else { return false }
            reply(response)
        } catch {
            reply(ServiceFault(responseHeader: ResponseHeader(serviceResult: error.status)))
        }
        return true
    }

    private func response(
        to request: any ServiceRequest, _ caller: Caller
    ) throws(StatusError) -> (any ServiceResponse)? {
        switch request {
        case let request as ReadRequest:
            return ReadResponse(results: try space.read(request, by: caller, limits: limits))
        case let request as WriteRequest:
            return WriteResponse(results: try space.write(request, by: caller, limits: limits))
        case let request as BrowseRequest: return try browse(request, caller)
        case let request as BrowseNextRequest: return try browseNext(request, caller)
        case let request as TranslateBrowsePathsToNodeIdsRequest:
            try checkCount(request.browsePaths.count, limits.nodesPerTranslate)
            var budget = limits.pathReferences
            let results = request.browsePaths.map { path in
                space.translate(path, by: caller, limits: limits, budget: &budget)
            }
            return TranslateBrowsePathsToNodeIdsResponse(results: results)
        case let request as RegisterNodesRequest:
            // Reading by id is as fast as it gets: the ids stay as they are.
            try checkCount(request.nodesToRegister.count, limits.nodesPerRegister)
            return RegisterNodesResponse(registeredNodeIds: request.nodesToRegister)
        case let request as UnregisterNodesRequest:
            try checkCount(request.nodesToUnregister.count, limits.nodesPerRegister)
            return UnregisterNodesResponse()
        default: return nil
        }
    }

    private func browse(_ request: BrowseRequest, _ caller: Caller) throws(StatusError) -> BrowseResponse {
        try checkCount(request.nodesToBrowse.count, limits.nodesPerBrowse)
        guard request.view.viewId.isNull else { throw StatusError(.badViewIdUnknown) }
        let wanted = Int(request.requestedMaxReferencesPerNode)
        var left = limits.referencesPerAnswer
        let results = request.nodesToBrowse.map { description -> BrowseResult in
            let most = max(1, wanted == 0 ? left : min(wanted, left))
            let result = finish(space.browse(description, most: most, by: caller), caller)
            left -= result.references.count
            return result
        }
        return BrowseResponse(results: results)
    }

    private func browseNext(_ request: BrowseNextRequest, _ caller: Caller) throws(StatusError) -> BrowseNextResponse {
        try checkCount(request.continuationPoints.count, limits.nodesPerBrowse)
        let results = request.continuationPoints.map { point -> BrowseResult in
            guard case .browse(let rest)? = take(point, of: caller.session) else {
                return BrowseResult(statusCode: .badContinuationPointInvalid)
            }
            if request.releaseContinuationPoints { return BrowseResult(statusCode: .good) }
            return finish(space.page(rest, by: caller), caller)
        }
        return BrowseNextResponse(results: results)
    }

    /// Gives the answer its continuation point; where there is no place for one, there is no answer.
    private func finish(_ part: (result: BrowseResult, rest: BrowseRest?), _ caller: Caller) -> BrowseResult {
        guard let rest = part.rest else { return part.result }
        guard let point = keep(.browse(rest), for: caller.session, request: requestNumber) else {
            return BrowseResult(statusCode: .badNoContinuationPoints)
        }
        var result = part.result
        result.continuationPoint = point
        return result
    }

    func prepare(_ call: CallMethodRequest, for caller: Caller) -> PreparedCall { space.prepare(call, by: caller) }

    // MARK: History

    func release(_ point: ByteString?, of caller: Caller) -> Bool { take(point, of: caller.session) != nil }

    func questions(
        _ request: HistoryReadRequest, for caller: Caller
    ) throws(StatusError) -> [Result<HistoryQuestion, StatusError>] {
        beginRequest()
        let details = try space.prepare(request, limits: limits)
        return request.nodesToRead.map { item in
            do throws(StatusError) { return .success(try question(item, details, request, caller)) } catch {
                return .failure(error)
            }
        }
    }

    private func question(
        _ item: HistoryReadValueId, _ details: ReadRawModifiedDetails, _ request: HistoryReadRequest, _ caller: Caller
    ) throws(StatusError) -> HistoryQuestion {
        guard let point = item.continuationPoint else {
            var question = try space.question(
                item, details, request.timestampsToReturn, by: caller, limits: limits)
            question.request = requestNumber
            return question
        }
        guard case .history(var rest)? = take(point, of: caller.session), rest.nodeId == item.nodeId else {
            throw StatusError(.badContinuationPointInvalid)
        }
        rest.request = requestNumber
        return rest
    }

    func result(_ page: HistoryPage?, of question: HistoryQuestion, for caller: Caller) -> HistoryReadResult {
        let (answer, rest) = question.answer(page)
        guard let rest else { return answer }
        guard let point = keep(.history(rest), for: caller.session, request: question.request) else {
            return HistoryReadResult(statusCode: .badNoContinuationPoints)
        }
        var result = answer
        result.continuationPoint = point
        return result
    }
}
