import AndonModel

/// Shows what would be reported of an event; nothing is taken in.
public struct EventCheck: Sendable {
    let name: String
    let settings: EventsSettings
    let now: Timestamp

    public init(name: String, settings: EventsSettings, now: Timestamp) {
        (self.name, self.settings, self.now) = (name, settings, now)
    }

    /// - Parameter event: the body that the system would send; nil to be told where it goes.
    /// - Returns: whether a report could be made of each message that is one.
    public func run(_ event: [UInt8]?, _ say: (SourceCheck.Line) -> Void) -> Bool {
        guard let event else {
            say(.init(kind: .sample, text: "events are sent to POST /api/v1/sources/\(name)/events (docs/events.md)"))
            say(.init(kind: .sample, text: "--event FILE shows what would be reported of what is in a file"))
            return true
        }
        let body: JSON
        do throws(JSONSyntaxError) { body = try JSON(parsing: event, limits: Self.limits) } catch {
            say(.init(kind: .problem, text: "the file is not JSON: \(error)"))
            return false
        }
        let mapped = EventMapper(source: name, settings: settings).mapped(EventDelivery(body: body, receivedAt: now))
        if mapped.isEmpty { say(.init(kind: .sample, text: "there is no message in it")) }
        return mapped.map { show($0, say) }.allSatisfy { $0 }
    }

    private static let limits = JSONLimits(bytesMax: 128 << 20, valuesMax: 200_000, stringBytesMax: 128 << 20)

    private func show(_ event: MappedEvent, _ say: (SourceCheck.Line) -> Void) -> Bool {
        switch event {
        case .report(let report):
            say(.init(kind: .done, text: "what it becomes:\n\(SourceCheck.pretty(report.document))"))
            if report.picture != nil { say(.init(kind: .sample, text: "with the picture that the event carries")) }
            return true
        case .skipped(let reason):
            say(.init(kind: .done, text: "no report, as \(reason)"))
            return true
        case .refused(_, _, let reason, _):
            say(.init(kind: .problem, text: reason))
            return false
        }
    }
}
