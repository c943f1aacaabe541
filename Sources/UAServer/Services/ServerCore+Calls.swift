import UACodec

// Calls and history: what they ask for may take long, and goes to the worker within the core's bounds.
extension ServerCore {
    /// Calls methods of the address space, one after the other.
    ///
    /// - Parameter finish: gets as many results as there are calls.
    func callNodes(
        _ calls: [CallMethodRequest], _ session: Session, _ exchange: Exchange,
        finish: @escaping ([CallMethodResult]) -> Void
    ) {
        let caller = caller(session)
        var results: [CallMethodResult?] = []
        var away: [(index: Int, run: @Sendable (MethodCall) async -> MethodOutcome, call: MethodCall)] = []
        for call in calls {
            switch nodes.prepare(call, for: caller) {
            case .refused(let result): results.append(result)
            case .ready(.immediate(let run), let call): results.append(Self.result(of: run(call), call))
            case .ready(.elsewhere(let run), let call):
                away.append((results.count, run, call))
                results.append(nil)
            }
        }
        guard !away.isEmpty else { return finish(results.compactMap { $0 }) }
        let work = away
        func finishAll(_ outcome: Result<[MethodOutcome], StatusError>) {
            for (index, one) in away.enumerated() {
                switch outcome {
                case .success(let outcomes): results[one.index] = Self.result(of: outcomes[index], one.call)
                case .failure(let error): results[one.index] = CallMethodResult(statusCode: error.status)
                }
            }
            finish(results.compactMap { $0 })
        }
        do throws(StatusError) {
            try offload(exchange, session: session.id) {
                var outcomes: [MethodOutcome] = []
                for one in work { outcomes.append(await one.run(one.call)) }
                return outcomes
            } then: {
                finishAll($0)
            }
        } catch {
            // What was done at once is done: only the others are refused.
            finishAll(.failure(error))
        }
    }

    /// What goes over the wire: no outputs with a bad status.
    private static func result(of outcome: MethodOutcome, _ call: MethodCall) -> CallMethodResult {
        guard !outcome.status.isBad else {
            return CallMethodResult(statusCode: outcome.status, inputArgumentResults: outcome.inputResults)
        }
        return CallMethodResult(
            statusCode: outcome.status, inputArgumentResults: Array(repeating: .good, count: call.inputs.count),
            outputArguments: outcome.outputs)
    }

    func historyRead(_ request: HistoryReadRequest, _ session: Session, _ exchange: Exchange) throws(StatusError) {
        let caller = caller(session)
        if request.releaseContinuationPoints {
            let results = request.nodesToRead.map { item in
                HistoryReadResult(
                    statusCode: nodes.release(item.continuationPoint, of: caller) ? .good : .badContinuationPointInvalid
                )
            }
            return answer(HistoryReadResponse(results: results), exchange)
        }
        let questions = try nodes.questions(request, for: caller)
        try offload(exchange, session: session.id) {
            var pages: [HistoryPage?] = []
            for question in questions {
                guard case .success(let question) = question else {
                    pages.append(nil)
                    continue
                }
                pages.append(await question.source(question.start, question.end, question.limit, question.skipped))
            }
            return pages
        } then: { [weak self] outcome in
            guard let self else { return }
            switch outcome {
            case .failure(let error): fail(exchange, error.status)
            case .success(let pages):
                let results = zip(questions, pages).map { question, page -> HistoryReadResult in
                    switch question {
                    case .success(let question): self.nodes.result(page, of: question, for: caller)
                    case .failure(let error): HistoryReadResult(statusCode: error.status)
                    }
                }
                answer(HistoryReadResponse(results: results), exchange)
            }
        }
    }
}
