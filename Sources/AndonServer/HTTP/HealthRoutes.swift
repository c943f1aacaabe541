import AndonIntake
import AndonLedger
import AndonModel
import AndonSites
import AndonSources
import Hummingbird

/// Whether the server lives, whether it can take reports, and its figures for Prometheus.
struct HealthRoutes: Sendable {
    let store: Store
    let space: SpaceGuard
    let sources: ListenedSources
    let watch: AcceptanceWatch
    let admission: Admission
    /// The other servers of the store.
    let others: @Sendable () -> (names: [String], differing: [String])
    /// Nil where nothing is forwarded.
    let forwarder: Forwarder?

    func add(to router: Router<some RequestContext>) {
        router.get("/healthz") { _, _ in
            Answer.text(
                "ok\n" + SourceRoutes.lines(sources.systems) + EventFigures.lines(sources.events)
                    + CameraFigures.lines(sources.cameras) + (forwarder.map { ForwardFigures.line($0.standing) } ?? ""))
        }
        router.get("/readyz") { _, _ in
            if let failure = store.failure ?? store.shortage?.error { throw failure }
            let standing = space.standing
            var words = standing.state == .enough ? "ready\n" : "ready\n\(SpaceGuard.words(standing)).\n"
            for name in others().differing {
                words += "\(name) works on the same store with another configuration.\n"
            }
            return Answer.text(words)
        }
        router.get("/metrics") { _, _ in try await metrics() }
    }

    private func metrics() async throws -> Response {
        let now = store.time.now()
        let standing = space.standing
        let (running, toOrder, alarms, oldest) = try await store.read { reader in
            (
                try reader.runningReconciliation(), try reader.secondsToOrder(last: 1000).sorted(),
                try reader.countOfAlarms(), try reader.oldestWaiting()
            )
        }
        let (sum, sums) = running
        let accepted = watch.figures
        let figures: [(String, String, Double)] = [
            ("andon_inspections_total", "Reports taken in.", Double(sum.inspections)),
            ("andon_detections_total", "Detections decided on.", Double(sum.detections)),
            ("andon_orders_raised_total", "Orders raised.", Double(sum.raised)),
            ("andon_orders_acknowledged_total", "Orders that the CMMS has.", Double(sum.acknowledged)),
            ("andon_orders_waiting", "Orders on their way.", Double(sum.waiting)),
            ("andon_orders_dead", "Orders that need a person.", Double(sum.dead)),
            (
                "andon_orders_waiting_oldest_seconds", "Age of an order that waits.",
                oldest.map { (now - $0).seconds } ?? 0
            ),
            (
                "andon_seconds_to_order_p50", "Acceptance to the CMMS's acknowledgement, the newest 1000 orders.",
                Self.percentile(toOrder, 0.5)
            ),
            (
                "andon_seconds_to_order_p99", "Acceptance to the CMMS's acknowledgement, the newest 1000 orders.",
                Self.percentile(toOrder, 0.99)
            ),
            (
                "andon_accept_seconds_p50", "From the sender's stamp to acceptance, the newest 1000 reports over HTTP.",
                accepted?.p50.seconds ?? 0
            ),
            (
                "andon_accept_seconds_p95", "From the sender's stamp to acceptance, the newest 1000 reports over HTTP.",
                accepted?.p95.seconds ?? 0
            ),
            ("andon_alarms", "Alarms that are up.", Double(alarms)),
            ("andon_pictures_kept", "Pictures that are kept.", Double(sums.pictures)),
            ("andon_pictures_kept_bytes", "Their bytes.", Double(sums.pictureBytes)),
            (
                "andon_pictures_not_kept", "Pictures of which only the description is kept.",
                Double(sums.picturesRemoved)
            ),
            ("andon_disk_free_bytes", "Free on the disk of the pictures.", Double(standing.disk?.free ?? 0)),
            ("andon_disk_free_limit_bytes", "What should be free there.", Double(standing.limit)),
            (
                "andon_disk_shortage", "0: enough, 1: pictures without an order are removed, 2: none are left.",
                [.enough: 0, .shedding: 1, .exhausted: 2][standing.state] ?? 0
            ),
            ("andon_servers", "Servers that work on the store.", Double(others().names.count + 1)),
            ("andon_servers_differing", "Others of them with another configuration.", Double(others().differing.count)),
            ("andon_conservation_holds", "1 when the sum adds up.", sum.holds ? 1 : 0),
        ]
        let text = figures.map { name, help, value in
            "# HELP \(name) \(help)\n# TYPE \(name) \(name.hasSuffix("_total") ? "counter" : "gauge")\n\(name) \(value)\n"
        }
        return Answer.text(
            text.joined() + admission.metrics + SourceRoutes.metrics(sources.systems)
                + EventFigures.metrics(sources.events)
                + CameraFigures.metrics(sources.cameras) + (try await siteMetrics()),
            type: "text/plain; version=0.0.4; charset=utf-8")
    }

    /// Of what this server forwards, and of the sites that forward to it.
    private func siteMetrics() async throws -> String {
        let (position, sites) = try await store.read { (try $0.forwardPosition(), try $0.sites()) }
        let now = store.time.now()
        return (forwarder.map { ForwardFigures.metrics($0.standing, position, now: now) } ?? "")
            + ForwardFigures.metrics(sites, now: now)
    }

    /// Of sorted values; 0 of none.
    private static func percentile(_ values: [Double], _ share: Double) -> Double {
        values.isEmpty ? 0 : values[min(values.count - 1, Int(Double(values.count) * share))]
    }
}
