import AndonIdentity
import HTTPTypes

/// The table itself. Pages bring their own rows along, beside their routes.
extension AccessTable {
    static let rows = Access.all(
        open, programs, evidence, people, CameraRoutes.access, EventRoutes.access, PageRoutes.access,
        RuleDraftRoutes.access, SiteRoutes.access)

    /// What needs nobody's permission.
    private static let open = Access.all(
        Access.open(
            get: "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/schemas/:file",
            "/ledger/checkpoint", "/assets/:name"),
        // A witness's signature is its own proof of who asks.
        Access.open(post: "/ledger/add-checkpoint"))

    private static let programs = Access.all(
        Access.post(.report, "/api/v1/inspections", "/api/v1/frames"),
        Access.get(
            .read, "/api/v1/inspections/:id", "/api/v1/detections/:id", "/api/v1/orders", "/api/v1/orders/:reference",
            "/api/v1/connectors", "/api/v1/lots/:lot", "/api/v1/alarms", "/api/v1/charts", "/api/v1/charts/:chart",
            "/api/v1/charts/:chart/figure", "/api/v1/rules", "/api/v1/rules/:version", "/api/v1/learn",
            "/api/v1/learn/:question"),
        // Sums of everything, and what no report says an asset of.
        Access.whole(
            Access.get(
                .read, "/api/v1/reconciliation", "/api/v1/shadow", "/api/v1/pictures", "/api/v1/holds",
                "/api/v1/sources", "/api/v1/sources/:name/refusals")),
        Access.post(.plan, "/api/v1/orders/:reference/retry", "/api/v1/learn/proposals"),
        Access.whole(Access.post(.plan, "/api/v1/connectors/:name/retry")),
        [Access(.post, "/api/v1/connectors/:name/webhook", .report)],
        Access.post(.tune, "/api/v1/charts/:chart/limits"),
        // A replay decides on the whole plant at once; an old file of a CMMS is of all of its sites.
        Access.whole(
            Access.all(
                Access.post(
                    .tune, "/api/v1/backtest", "/api/v1/learn/histories", "/api/v1/learn/histories/:id/remove"),
                Access.get(.tune, "/api/v1/tune", "/api/v1/learn/histories"))),
        [Access(.post, "/api/v1/learn/missed", .work)],
        Access.post(.administer, "/api/v1/pictures/sweep"))

    private static let evidence = Access.all(
        Access.whole(
            Access.get(
                .audit, "/api/v1/ledger", "/ledger/tile/**", "/api/v1/ledger/keys", "/api/v1/ledger/proof/:index",
                "/api/v1/ledger/witness-request", "/api/v1/validation", "/api/v1/validation/:digest",
                "/api/v1/lots/:lot/recall", "/api/v1/learn/labels")),
        // A hold of a line, a lot or a camera reaches whatever is below it.
        Access.whole(Access.post(.retain, "/api/v1/holds", "/api/v1/holds/:id/release")),
        Access.post(.audit, "/api/v1/ledger/checkpoint"),
        Access.post(
            .retain, "/api/v1/validation", "/orders/:reference/evidence", "/api/v1/orders/:reference/evidence"),
        Access.post(
            .administer, "/api/v1/ledger/key", "/api/v1/ledger/erasure", "/api/v1/ledger/cosignatures"))

    private static let people = Access.all(
        Access.byPage(
            Access.get(
                .read, "/pictures/:digest", "/orders/:reference/chart", "/orders/:reference/annotated",
                "/orders/:reference/crop", "/orders/:reference/map")),
        Access.get(
            .read, "/orders/:reference/sheet.pdf", "/orders/:reference/record", "/orders/:reference/record.pdf",
            "/api/v1/orders/:reference/record", "/api/v1/orders/:reference/signatures"),
        // Who signs shows login name and password once more.
        Access.post(
            .read, "/orders/:reference/sign", "/api/v1/orders/:reference/signatures"),
        // The rules are signed as a whole.
        Access.whole(Access.post(.read, "/api/v1/rules/:version/signatures")))
}
