import AndonModel
import AndonSources

/// How vision systems stand that send their events here: for programs, for Prometheus, and as lines for people.
enum EventFigures {
    static func json(_ source: EventsSource, refusals: Int) -> JSON {
        let standing = source.board.now
        return .object(present: [
            "name": .string(source.name), "type": .string(SourceKeeping.eventsType),
            "dialect": .string(source.settings.dialect.rawValue), "state": .string(standing.state.rawValue),
            "since": .time(standing.since), "lastEventAt": standing.lastEventAt.map { .time($0) },
            "received": .integer(standing.received), "repeated": .integer(standing.repeated),
            "withoutPicture": .integer(standing.withoutPicture),
            "skipped": .object(standing.skipped.mapValues { .integer($0) }), "refused": .integer(standing.refused),
            "refusalsKept": .integer(refusals), "latencyMs": standing.latency.map(latency),
            "latencyMaxMs": .number(source.settings.latencyMax.milliseconds), "isSlow": .bool(standing.isSlow),
            "lastError": standing.lastError.map { .string($0) },
        ])
    }

    private static func latency(_ figures: LatencyFigures) -> JSON {
        [
            "p50": .number(figures.p50.milliseconds), "p95": .number(figures.p95.milliseconds),
            "p99": .number(figures.p99.milliseconds), "reports": .integer(figures.count),
        ]
    }

    static func lines(_ sources: [EventsSource]) -> String {
        sources.map { source in
            let now = source.board.now
            let parts: [String?] = [
                "source \(source.name): "
                    + (now.lastEventAt.map { "last event \($0)" } ?? "nothing has come since \(now.since)"),
                now.refused > 0 ? "\(now.refused) refused" : nil, now.isSlow ? "slow" : nil,
            ]
            return parts.compactMap { $0 }.joined(separator: "; ") + "\n"
        }.joined()
    }

    /// For Prometheus, a line for each source.
    static func metrics(_ sources: [EventsSource]) -> String {
        let figures: [(String, String, (SourceStanding) -> Double?)] = [
            (
                "andon_events_received_total", "Reports made of a vision system's events since the start.",
                { Double($0.received) }
            ),
            ("andon_events_repeated_total", "Events that were sent again.", { Double($0.repeated) }),
            (
                "andon_events_skipped_total", "Messages that are no reports.",
                { Double($0.skipped.values.reduce(0, +)) }
            ),
            (
                "andon_events_without_picture_total", "Reports without the picture that they should have.",
                { Double($0.withoutPicture) }
            ),
            ("andon_events_refused_total", "Events that made no report.", { Double($0.refused) }),
            (
                "andon_events_accept_seconds",
                "From the sender's stamp to acceptance, 95th percentile of the last 1,000 reports.",
                { $0.latency?.p95.seconds }
            ),
        ]
        guard !sources.isEmpty else { return "" }
        return figures.map { name, help, value in
            "# HELP \(name) \(help)\n# TYPE \(name) \(name.hasSuffix("_total") ? "counter" : "gauge")\n"
                + sources.compactMap { source in
                    value(source.board.now).map { "\(name){source=\"\(source.name)\"} \($0)\n" }
                }.joined()
        }.joined()
    }
}
