import AndonDecide
import AndonIdentity
import AndonModel

/// The whole configuration of a server, read from one YAML file and checked as a whole.
public struct Configuration: Sendable {
    public var server: ServerSettings
    public var intake: IntakeSettings
    public var evidence: EvidenceSettings
    public var ledger: LedgerSettings
    public var accounts: AccountPolicy
    /// Whom the certificates of clients stand for.
    public var certificates: [CertificateRule]
    /// The plant's provider of OpenID Connect; nil where people sign in by passwords alone.
    public var openID: OpenIDSettings?
    public var plant: Plant
    public var rules: Rules
    /// Who says that they changed it, and why.
    public var change: ConfigurationChange?
    /// The file as it was read, texts as they stand there: secrets are in no file, but named by it.
    public var settings: JSON
    /// The settings in force, numbers as numbers: the file's, with those in the place of `sections` that people changed.
    public var document: JSON
    /// Names of the sections that are not the file's.
    public var sections: [String]
    /// SHA-256 of the further files that it names, by name.
    public var files: [String: String]
    /// In the file's order; one named `desk` is always among them.
    public var connectors: [ConnectorEntry]
    /// Vision systems that the server listens to, in the file's order.
    public var sources: [SourceEntry]
    public var network: NetworkSettings
    /// Nil where Andon shows nothing over OPC UA.
    public var opcuaServer: OPCUAServerSettings?
    /// What the answers over years need to know: docs/learn.md.
    public var learn: LearnSettings
    /// Rules that run beside those in force and only count.
    public var shadow: ShadowSettings?
    /// The text that marks every order as ours in the CMMS; nil when switched off.
    public var originTag: String?
    /// What is allowed and probably not meant, in the form of the faults. The server starts with it.
    public var warnings: [ConfigurationError.Fault]

    public static let originTagDefault = "AI vision detection"
}

/// A candidate that runs in the shadow of the rules in force.
public struct ShadowSettings: Sendable {
    public var rules: Rules
    /// From when it counts; nil from when the server first saw it.
    public var since: Timestamp?

    public init(rules: Rules, since: Timestamp? = nil) {
        self.rules = rules
        self.since = since
    }
}
