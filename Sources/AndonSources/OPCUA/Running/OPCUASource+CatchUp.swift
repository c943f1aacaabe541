import AndonLedger
import AndonModel
import Logging
import UAClient
import UACodec

extension OPCUASource {
    /// Fetches what was or may have been missed; what cannot be fetched is a gap, in the ledger.
    ///
    /// - Parameters:
    ///   - from: our time from when on something may be missing; nil when nothing was ever followed.
    ///   - why: why it may be missing.
    func catchUp(from: Timestamp?, why: String) async throws {
        let begun = now
        switch settings.form {
        case .machineVision, .machineryResult: try await catchUpResults(from: from, why)
        case .event:
            try await lose(from, why, "events of this type cannot be asked for afterwards")
        case .variables(let form): try await catchUpVariables(form, from: from, why)
        }
        heard(at: begun)
        try await keepCursor()
    }

    private func lose(_ from: Timestamp?, _ why: String, _ whyNot: String) async throws {
        guard let from else { return }
        try await record(SourceGap(from: from, to: now, why: "\(why), and \(whyNot)"))
    }

    func record(_ gap: SourceGap) async throws {
        try await persisting { [journal] in try await journal.record(gap) }
        board.update { standing in
            standing.gaps += 1
            standing.lastGap = gap
        }
        let count = gap.missed.map { "\($0) missed" } ?? "how many were missed is not known"
        log(.error, "a gap from \(gap.from) to \(gap.to) (\(count)): \(gap.why)")
    }

    // MARK: Results

    private func catchUpResults(from: Timestamp?, _ why: String) async throws {
        guard let model = resultModel, let known = cursor else { return }
        guard let kept = try await keptResults(model) else {
            return try await lose(from, why, "the server offers no list of its results")
        }
        let oldest = max(known.newestTime - settings.overlap, known.beginTime)
        let missed = kept.filter { $0.at.map { $0 >= oldest } ?? true }
            .sorted { ($0.at?.microseconds ?? 0, $0.key) < ($1.at?.microseconds ?? 0, $1.key) }
        try await settle(missed, publishedAt: now)
        // The list goes back to what was known: nothing can lie between.
        guard from != nil, let last = known.result, !kept.contains(where: { $0.key == "result:\(last)" }),
            !kept.contains(where: { $0.at.map { $0 < known.newestTime } ?? false })
        else { return }
        let first = kept.compactMap(\.at).min()
        try await record(
            SourceGap(
                from: known.newestTime, to: first ?? now,
                why: "\(why), and it keeps results \(first.map { "from \($0) on only" } ?? "no more")"))
    }

    /// All results that the systems keep; nil where none of them can say.
    private func keptResults(_ model: ResultModel) async throws -> [SourceEvent]? {
        var all: [SourceEvent]?
        for system in session?.systems ?? [] {
            let found = try await whileConnected { session throws(ClientError) -> [FieldValue]? in
                let server = ResultServer(client: session.client, model: model, node: system.node)
                if let list = try await server.list() { return list }
                return try await server.folder()
            }
            guard let found else { continue }
            // Of one result there may be an early, partial edition and the whole one.
            all = (all ?? []) + found.flatMap { result($0, model, of: system.node, isFetched: true) }
        }
        return all
    }

    // MARK: Variables

    private func catchUpVariables(_ form: VariablesForm, from: Timestamp?, _ why: String) async throws {
        guard let from else { return }
        guard let missed = try await missedValues(form, since: from) else {
            // A counter tells with its next value how many were missed.
            if form.triggerKind != .counter || trigger.last?.value.number == nil {
                try await lose(from, why, "the server keeps no history of the trigger and of all other variables")
            }
            return
        }
        try await settle(missed, publishedAt: now)
        settleTrigger(missed)
    }
}
