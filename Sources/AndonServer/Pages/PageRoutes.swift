import AndonWeb
import Hummingbird

/// All pages for people, and who may see them.
struct PageRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        SignInRoutes.access,
        OpenIDRoutes.access,
        AccountRoutes.access,
        KeyRoutes.access,
        MeRoutes.access,
        TrustRoutes.access,
        NowRoutes.access,
        ThumbnailRoutes.access,
        OrdersRoutes.access,
        OrderDetailRoutes.access,
        ConnectorPages.access,
        CameraPages.access,
        DeskPages.access,
        ChartCauseRoutes.access,
        ChartsRoutes.access,
        LearnRoutes.access,
        AuditPages.access,
        HoldPages.access,
        ExportRoutes.access,
        SitePages.access,
        TestDetectionRoutes.access,
        MapRoutes.access,
        MapPages.access,
        RulesRoutes.access,
        RuleDraftPages.access,
        RuleEditPages.access)

    func add(to router: Router<AppContext>) {
        KeyRoutes(tools: tools).add(to: router)
        MeRoutes(tools: tools).add(to: router)
        NowRoutes(tools: tools).add(to: router)
        ThumbnailRoutes(tools: tools).add(to: router)
        OrdersRoutes(tools: tools).add(to: router)
        ChartsRoutes(tools: tools).add(to: router)
        OrderDetailRoutes(tools: tools).add(to: router)
        RulesRoutes(tools: tools).add(to: router)
        RuleDraftPages(tools: tools).add(to: router)
        RuleEditPages(tools: tools).add(to: router)
    }
}
