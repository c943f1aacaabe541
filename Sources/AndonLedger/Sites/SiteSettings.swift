import AndonModel
import AndonTransparency

/// Where a site's server forwards to, and how.
public struct UpstreamSettings: Sendable {
    /// `https://andon.company.example`, without a slash at its end.
    public var url: String
    /// What this site is called there.
    public var site: String
    /// A key of the server above, where no certificate is shown.
    public var apiKey: Secret?
    public var pictures = ForwardedPictures.all
    /// How long it waits for something new.
    public var every: Duration = .seconds(5)
    /// After this time behind an alarm stands.
    public var alarmAfter: Duration = .seconds(3600)
    /// Whether pictures that the server above lacks wait for it, whatever their age.
    public var keepsPictures = true
    /// Also without anything new the server above hears of this site.
    public var heartbeat: Duration = .seconds(30)
    /// Longest wait between two attempts.
    public var retryCap: Duration = .seconds(300)

    public init(url: String, site: String) {
        self.url = url
        self.site = site
    }
}

/// Which pictures a site forwards.
public enum ForwardedPictures: String, Sendable, CaseIterable {
    /// Of every report with a defect.
    case all
    /// Of reports whose defects raised or joined an order.
    case orders
    case none
}

/// How the server of a plant or a company takes what sites forward.
public struct SitesSettings: Sendable {
    /// How long pictures of sites are kept from when they came.
    public var picturesFor: Duration = .seconds(366 * 86_400)
    /// After this time without a word of a site an alarm stands.
    public var alarmAfter: Duration = .seconds(3600)
    /// Keys of the ledgers of sites, by the site's name: their checkpoints must be signed by one of them.
    public var keys: [String: [VerifierKey]] = [:]

    public init() {}
}
