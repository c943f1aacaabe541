import AndonLedger
import AndonModel
import AndonSources
import Hummingbird

/// How each vision system stands that the server listens to, and what came from it and made no report.
struct SourceRoutes: Sendable {
    let store: Store
    let sources: ListenedSources

    func add(to router: Router<some RequestContext>) {
        router.get("/api/v1/sources") { _, _ in
            let sources = sources
            let standings = try await store.read { reader in
                try sources.systems.map { source in
                    Self.json(
                        source.name, source.settings, source.board.now,
                        refusals: try reader.sourceRefusalCount(of: source.name))
                }
                    + sources.events.map { source in
                        EventFigures.json(source, refusals: try reader.sourceRefusalCount(of: source.name))
                    }
                    + sources.cameras.map { camera in
                        CameraFigures.json(camera, refusals: try reader.sourceRefusalCount(of: camera.name))
                    }
            }
            return Answer.json(["sources": .array(standings)])
        }
        router.get("/api/v1/sources/:name/refusals") { _, context in
            let name = try context.parameters.decoded("name")
            let names = sources.names
            guard names.contains(name) else {
                throw Answer.notFound(
                    "source \"\(name.cut(to: 40))\"; "
                        + (names.isEmpty ? "none is configured" : "there are \(names.joined(separator: ", "))"))
            }
            let refusals = try await store.read { try $0.sourceRefusals(of: name) }
            return Answer.json(["refusals": .array(refusals.map(Self.json))])
        }
    }

    private static func json(
        _ name: String, _ settings: OPCUASettings, _ standing: SourceStanding, refusals: Int
    ) -> JSON {
        .object(present: [
            "name": .string(name), "type": "opcua", "url": .string(settings.url),
            "form": .string(settings.form.name.rawValue), "state": .string(standing.state.rawValue),
            "since": .time(standing.since), "server": standing.server.map { .string($0) },
            "security": standing.security.map { .string($0) },
            "watches": .array(standing.watches.map { .string($0) }),
            "lastEventAt": standing.lastEventAt.map { .time($0) }, "received": .integer(standing.received),
            "repeated": .integer(standing.repeated), "fetched": .integer(standing.fetched),
            "withoutPicture": .integer(standing.withoutPicture),
            "skipped": .object(standing.skipped.mapValues { .integer($0) }), "refused": .integer(standing.refused),
            "refusalsKept": .integer(refusals), "gaps": .integer(standing.gaps),
            "lastGap": standing.lastGap.map { gap in
                .object(present: [
                    "from": .time(gap.from), "to": .time(gap.to), "why": .string(gap.why),
                    "missed": gap.missed.map { .integer($0) },
                ])
            },
            "lastError": standing.lastError.map { .string($0) },
        ])
    }

    private static func json(_ refusal: SourceRefusal) -> JSON {
        .object(present: [
            "event": .string(refusal.event), "at": .time(refusal.at), "place": .string(refusal.place),
            "reason": .string(refusal.reason), "fields": refusal.fields,
        ])
    }
}

extension SourceRoutes {
    /// A line for each source, for the people at three in the morning.
    static func lines(_ sources: [OPCUASource]) -> String {
        sources.map { source in
            let now = source.board.now
            let parts: [String?] = [
                "source \(source.name): \(now.state.rawValue) since \(now.since)",
                now.state == .connected ? nil : now.lastError,
                now.refused > 0 ? "\(now.refused) refused" : nil,
                now.lastGap.map { "\(now.gaps) gaps, the last from \($0.from) to \($0.to)" }
                    ?? (now.gaps > 0 ? "\(now.gaps) gaps" : nil),
            ]
            return parts.compactMap { $0 }.joined(separator: "; ") + "\n"
        }.joined()
    }

    /// For Prometheus, a line for each source.
    static func metrics(_ sources: [OPCUASource]) -> String {
        let figures: [(String, String, (SourceStanding) -> Double)] = [
            ("andon_source_connected", "1 while the vision system is followed.", { $0.state == .connected ? 1 : 0 }),
            ("andon_source_received_total", "Reports taken in from it since the start.", { Double($0.received) }),
            ("andon_source_fetched_total", "Of these, fetched because they were missed.", { Double($0.fetched) }),
            (
                "andon_source_without_picture_total", "Of these, without the picture that they should have.",
                { Double($0.withoutPicture) }
            ),
            ("andon_source_refused_total", "Events that made no report.", { Double($0.refused) }),
            ("andon_source_gaps_total", "Times in which something may have been missed.", { Double($0.gaps) }),
        ]
        guard !sources.isEmpty else { return "" }
        return figures.map { name, help, value in
            "# HELP \(name) \(help)\n# TYPE \(name) \(name.hasSuffix("_total") ? "counter" : "gauge")\n"
                + sources.map { "\(name){source=\"\($0.name)\"} \(value($0.board.now))\n" }.joined()
        }.joined()
    }
}
