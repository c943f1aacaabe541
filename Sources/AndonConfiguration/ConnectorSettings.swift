import AndonModel

/// The options that every connector has.
public struct ConnectorSettings: Sendable, Equatable {
    public enum Ordering: String, Sendable, CaseIterable {
        /// The orders of one asset go one after the other.
        case asset
        /// Only the steps of one order go one after the other.
        case order
    }

    public enum OnCancelled: String, Sendable, CaseIterable {
        case accept
        case alarm
    }

    public enum OnMissing: String, Sendable, CaseIterable {
        case alarm
        case raiseAgain
        case accept
    }

    /// Attempts under way at once.
    public var maxInFlight = 4
    /// Of one exchange, from the first byte of the request to the last of the answer.
    public var timeout: Duration = .seconds(45)
    public var ordering = Ordering.asset
    /// How often closed orders are asked for.
    public var poll: Duration = .seconds(60)
    /// How often each open order is asked for by name, to find those that were deleted there.
    public var census: Duration = .seconds(900)
    /// How long after an attempt without an answer the effect is looked for a second time, because the CMMS may
    /// have been slower than our first search.
    public var searchAgainAfter: Duration = .seconds(30)
    public var retryBase: Duration = .seconds(1)
    public var retryCap: Duration = .seconds(300)
    /// Failures in a row after which nothing more is tried for `breakerProbeAfter`.
    public var breakerFailures = 5
    public var breakerProbeAfter: Duration = .seconds(30)
    /// Further occurrences of one order are told to the CMMS at most this often.
    public var appendAtMostEvery: Duration = .seconds(60)
    /// Newest pictures that go with such a note.
    public var picturesPerOccurrenceNote = 3
    /// What is made for each order and attached to it, beside the original picture.
    public var attachments: [Attachment.Role] = [.annotated, .crop, .chart, .map]
    /// How often the CMMS's asset registry is read; zero never. Nothing where the system has none.
    public var readAssetsEvery: Duration = .seconds(3600)
    public var onCancelled = OnCancelled.accept
    public var onMissing = OnMissing.alarm
    /// What this server shows of itself where the CMMS asks for a certificate.
    public var clientCertificate: ClientCertificate?
    /// What the codes of its orders say of the detections.
    public var findings = Findings()

    public struct ClientCertificate: Sendable, Equatable {
        /// PEM files: the certificate with its chain, and the key without a pass phrase.
        public var certificate: String
        public var key: String
    }

    public init() {}
}
