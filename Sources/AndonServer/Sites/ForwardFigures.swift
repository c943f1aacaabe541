import AndonLedger
import AndonModel
import AndonSites

/// How forwarding stands, for `/healthz` and `/metrics`.
enum ForwardFigures {
    static func line(_ standing: ForwardStanding) -> String {
        let words =
            standing.isConnected
            ? "connected" : standing.isRefused ? "refused" : "waiting"
        return "upstream \(standing.url) \(words)\(standing.lastError.map { ": \($0)" } ?? "")\n"
    }

    static func metrics(_ standing: ForwardStanding, _ position: ForwardPosition, now: Timestamp) -> String {
        let figures: [(String, String, Double)] = [
            ("andon_upstream_connected", "1 when the last batch was taken.", standing.isConnected ? 1 : 0),
            ("andon_upstream_refused", "1 when a person must act.", standing.isRefused ? 1 : 0),
            ("andon_upstream_behind_entries", "Entries that are not acknowledged.", Double(position.behind)),
            (
                "andon_upstream_behind_seconds", "Age of the oldest of them.",
                position.oldestAt.map { max(0, (now - $0).seconds) } ?? 0
            ),
            ("andon_upstream_batches_total", "Batches that were taken since the start.", Double(standing.batches)),
            ("andon_upstream_bytes_total", "Their bytes.", Double(standing.bytes)),
            ("andon_upstream_pictures_total", "Pictures that were taken since the start.", Double(standing.pictures)),
            ("andon_upstream_picture_bytes_total", "Their bytes.", Double(standing.pictureBytes)),
        ]
        return figures.map { name, help, value in
            "# HELP \(name) \(help)\n# TYPE \(name) \(name.hasSuffix("_total") ? "counter" : "gauge")\n\(name) \(value)\n"
        }.joined()
    }

    static func metrics(_ sites: [SiteRecord], now: Timestamp) -> String {
        guard !sites.isEmpty else { return "" }
        func rows(_ name: String, _ help: String, _ value: (SiteRecord) -> Double) -> String {
            "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
                + sites.map { "\(name){site=\"\($0.name)\"} \(value($0))\n" }.joined()
        }
        return rows("andon_site_contact_seconds", "Since a site was heard of.") { (now - $0.contactAt).seconds }
            + rows("andon_site_behind_entries", "Entries that a site has and that are not here.") { Double($0.behind) }
            + rows("andon_site_behind_seconds", "Age of the oldest of them, when the site said so.") {
                $0.behindFor.seconds
            }
            + rows("andon_site_refused", "1 when a site's ledger is not the one that came before.") {
                $0.refusal == nil ? 0 : 1
            }
    }
}
