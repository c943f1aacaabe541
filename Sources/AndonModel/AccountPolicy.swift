/// How the accounts of those who sign are kept; each value has a limit in the configuration.
public struct AccountPolicy: Sendable, Equatable {
    /// Characters of a password at least.
    public var passwordLengthMin = 12
    /// A password must be changed after this time (21 CFR 11.300(b)).
    public var passwordAgeMax: Duration = .seconds(365 * 86_400)
    /// Wrong passwords in a row that lock an account (21 CFR 11.300(d)).
    public var attemptsMax = 5
    public var lockFor: Duration = .seconds(15 * 60)
    /// How long a code to set a password is good.
    public var invitationAgeMax: Duration = .seconds(7 * 86_400)
    /// Whether an alarm stands while nobody has approved the rules in force.
    public var expectsSignedRules = false
    /// Whether who closes an order on the desk signs the closure with the password.
    public var signsClosures = false
    /// Whether rules that somebody changes in the interface wait until a second person lets them pass.
    public var rulesNeedApproval = false

    /// A session ends when nothing was asked for so long.
    public var idleTimeout: Duration = .seconds(30 * 60)
    /// A session ends after this time whatever happens.
    public var sessionAgeMax: Duration = .seconds(12 * 3600)

    public init() {}
}

/// Who changed the configuration and why, as the one who did it wrote into the file or said in the interface.
public struct ConfigurationChange: Sendable, Equatable {
    public var by: String
    public var reason: String
    /// Of a change in the interface that a second person let pass.
    public var approvedBy: String?

    public init(by: String, reason: String, approvedBy: String? = nil) {
        (self.by, self.reason, self.approvedBy) = (by, reason, approvedBy)
    }
}
