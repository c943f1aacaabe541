import AndonLedger
import AndonModel
import UAClient
import UACodec

extension OPCUASource {
    /// Takes changes of variables.
    ///
    /// - Returns: whether the server says that it dropped some.
    func take(_ changes: [DataChange]) async throws -> Bool {
        guard case .variables(let form) = settings.form else { return false }
        var hasOverflow = false
        var triggers: [Sample] = []
        for change in changes {
            hasOverflow = hasOverflow || change.value.effectiveStatus.hasOverflow
            guard let role = session?.items[change.item], let sample = Sample(change.value) else { continue }
            switch role {
            case .trigger: triggers.append(sample)
            case .field(let name): samples.add(sample, of: name)
            case .result, .event, .condition: continue
            }
        }
        for (place, sample) in triggers.enumerated() {
            try await take(sample, form, isNewest: place == triggers.count - 1)
        }
        if let newest = trigger.last { samples.forget(before: newest.at) }
        return hasOverflow
    }

    /// One value of the trigger.
    private func take(_ sample: Sample, _ form: VariablesForm, isNewest: Bool) async throws {
        var verdict = trigger.verdict(sample)
        if trigger.last == nil, settings.startWith == .kept { verdict = .new(missed: 0) }
        guard case .new(var missed) = verdict else { return keep(sample) }
        let last = trigger.last
        if missed > 0 { missed = try await filled(before: sample, missed: missed, form) }
        let values: [String: FieldValue]?
        switch form.taking {
        case .monitor: values = samples.values(at: sample.at)
        case .read: values = isNewest ? try await read(form, at: sample) : nil
        }
        board.update { $0.lastEventAt = sample.at }
        if let values {
            try await settle([event(form, sample, values)], publishedAt: sample.at)
        } else if try await filled(at: sample, form) == false {
            missed += 1
        }
        keep(sample)
        if missed > 0 {
            try await record(
                SourceGap(
                    from: last?.at ?? sample.at, to: sample.at,
                    why: form.taking == .read
                        ? "the trigger had moved on before the other variables could be read"
                        : "the trigger moved by more than one",
                    missed: missed))
        }
    }

    private func keep(_ sample: Sample) {
        trigger.settle(sample)
        cursor?.trigger = sample.value.json
        cursor?.triggerAt = sample.at.microseconds
    }

    private func event(_ form: VariablesForm, _ sample: Sample, _ values: [String: FieldValue]) -> SourceEvent {
        SourceEvent(
            key: TriggerTracker.key(trigger: form.trigger, sample),
            fields: VariablesForm.fields(values, trigger: sample),
            at: sample.at)
    }

    /// All fields in one Read, with the trigger among them.
    ///
    /// - Returns: nil when the trigger has moved on: then the fields are of a later detection.
    private func read(_ form: VariablesForm, at sample: Sample) async throws -> [String: FieldValue]? {
        let fields = form.nodes.sorted { $0.key < $1.key }.compactMap { name, text in NodeText(text).map { (name, $0) }
        }
        guard let trigger = NodeText(form.trigger) else { return nil }
        let values = try await whileConnected { session throws(ClientError) in
            try await session.client.read([ReadItem(trigger.expanded)] + fields.map { ReadItem($0.1.expanded) })
        }
        guard let first = values.first, let now = Sample(first), now.value == sample.value else { return nil }
        var found: [String: FieldValue] = [:]
        for ((name, _), value) in zip(fields, values.dropFirst()) {
            guard !value.effectiveStatus.isBad, let value = value.value else { continue }
            found[name] = FieldValue(value)
        }
        return found
    }

    // MARK: History

    /// Takes in from the server's history what came between the last settled value and this one.
    ///
    /// - Returns: how many are missed after that.
    private func filled(before sample: Sample, missed: Int, _ form: VariablesForm) async throws -> Int {
        guard let last = trigger.last,
            let events = try await historic(form, from: last.at, to: sample.at, { $0 > last.at && $0 < sample.at })
        else { return missed }
        try await settle(events, publishedAt: sample.at)
        return max(0, missed - events.count)
    }

    /// The same for this very value.
    private func filled(at sample: Sample, _ form: VariablesForm) async throws -> Bool {
        guard let events = try await historic(form, from: sample.at, to: sample.at, { $0 == sample.at }),
            !events.isEmpty
        else { return false }
        try await settle(events, publishedAt: sample.at)
        return true
    }

    /// What the server's history says was missed since the last settled value.
    ///
    /// - Returns: nil where the trigger, or a field, has no history.
    func missedValues(_ form: VariablesForm, since from: Timestamp) async throws -> [SourceEvent]? {
        let start = trigger.last?.at ?? from
        let end = now + .seconds(60)
        return try await historic(form, from: start, to: end) { $0 > start }
    }

    private func historic(
        _ form: VariablesForm, from: Timestamp, to: Timestamp, _ isWanted: (Timestamp) -> Bool
    ) async throws -> [SourceEvent]? {
        guard let triggerNode = NodeText(form.trigger) else { return nil }
        let around: Duration = .milliseconds(1)
        guard let past = try await history(of: triggerNode, from: from - around, to: to + around) else { return nil }
        var fields = FieldSamples()
        for (name, text) in form.nodes {
            guard let node = NodeText(text),
                // The value at a time is the last one before it, however old.
                let values = try await history(of: node, from: from - .seconds(86_400), to: to + around)
            else { return nil }
            for value in values { fields.add(value, of: name) }
        }
        var tracker = trigger
        var events: [SourceEvent] = []
        for sample in past {
            defer { tracker.settle(sample) }
            guard case .new = tracker.verdict(sample), isWanted(sample.at) else { continue }
            var event = event(form, sample, fields.values(at: sample.at))
            event.isFetched = true
            events.append(event)
        }
        return events
    }

    private func history(of node: NodeText, from: Timestamp, to: Timestamp) async throws -> [Sample]? {
        do {
            return try await whileConnected { session throws(ClientError) in
                try await session.client.readHistory(of: node.expanded, from: DateTime(from), to: DateTime(to))
            }.compactMap { Sample($0) }.sorted { $0.at < $1.at }
        } catch let error as ClientError {
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    /// After a search in the history: what it found is the last settled value.
    func settleTrigger(_ events: [SourceEvent]) {
        for event in events {
            guard let at = event.at, let value = event.fields.value(at: "/trigger") else { continue }
            keep(Sample(value: value, at: at))
        }
    }
}
