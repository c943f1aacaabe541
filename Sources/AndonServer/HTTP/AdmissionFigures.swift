import AndonConfiguration
import AndonModel

extension Admission.Limits {
    /// As they are configured; of the largest body that the routes take, there is room for one in any case.
    init(_ settings: IntakeSettings) {
        self.init(
            reports: settings.underWayMax,
            bytes: Admission.Need(
                memory: max(
                    settings.underWayBytesMax ?? max(256 << 20, 2 * settings.eventBytesMax), settings.eventBytesMax),
                disk: max(settings.arrivingBytesMax ?? max(1 << 30, 2 * settings.eventBytesMax), settings.eventBytesMax)
            ))
    }
}

extension Admission {
    /// For Prometheus.
    var metrics: String {
        let (limits, standing) = (limits, standing)
        let gauges: [(String, String, Int)] = [
            ("andon_intake_under_way", "Reports under way over HTTP.", standing.underWay),
            ("andon_intake_under_way_limit", "How many of them are let in at once.", limits.reports),
            (
                "andon_intake_memory_bytes", "Bytes of their bodies in memory, as they were announced.",
                standing.taken.memory
            ),
            ("andon_intake_memory_limit_bytes", "How many of these are let in at once.", limits.bytes.memory),
            (
                "andon_intake_arriving_bytes", "Bytes of pictures that arrive, as they were announced.",
                standing.taken.disk
            ),
            ("andon_intake_arriving_limit_bytes", "How many of these are let in at once.", limits.bytes.disk),
        ]
        let refused = "andon_intake_refused_total"
        return gauges.map { "# HELP \($0) \($1)\n# TYPE \($0) gauge\n\($0) \($2)\n" }.joined()
            + "# HELP \(refused) Reports that were answered 429, by what there was no room in.\n# TYPE \(refused) counter\n"
            + Shortage.allCases.map { "\(refused){room=\"\($0)\"} \(standing.refused[$0] ?? 0)\n" }.joined()
    }

    /// What the alarm says.
    var words: String {
        let (limits, standing) = (limits, standing)
        return
            "reports come faster than they can be kept: \(standing.refusals) since the start were told to come again (429), "
            + "for want of places \(standing.refused[.reports] ?? 0), of memory \(standing.refused[.memory] ?? 0), of room for "
            + "pictures \(standing.refused[.disk] ?? 0); \(limits.reports) are taken at once"
    }
}
