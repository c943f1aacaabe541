import UACodec
import UASecurity

/// What a server offers, and to whom.
public struct ServerCoreConfiguration: Sendable {
    /// A way in: a policy and a mode of the secure channel.
    public struct Endpoint: Hashable, Sendable {
        public var policy: SecurityPolicy
        public var mode: UASecurity.MessageSecurityMode

        public init(_ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode) {
            self.policy = policy
            self.mode = mode
        }

        /// All policies with keys in both modes; None is left out.
        public static let secured: [Endpoint] = [
            SecurityPolicy.basic256Sha256, .aes128Sha256RsaOaep, .aes256Sha256RsaPss,
        ].flatMap { [Endpoint($0, .sign), Endpoint($0, .signAndEncrypt)] }
    }

    public var applicationUri: String
    public var productUri: String
    public var applicationName: String
    public var manufacturer = ""
    public var softwareVersion = ""
    /// Where clients reach it, such as `opc.tcp://press-hall:4840`; the host of a client's own URL takes its place.
    public var endpointUrl: String
    public var endpoints: [Endpoint]
    /// Ways to say who one is.
    public var tokens: Set<TokenKind>
    /// Whether a password may come over a channel that does not encrypt it. Then anyone on the way can read it.
    public var allowsPlainPasswords = false
    /// How secrets and signatures of user tokens are made on a channel without keys of its own.
    public var tokenPolicyOnNone = SecurityPolicy.basic256Sha256
    public var codec = CodecLimits.standard
    public var sessions = SessionLimits()
    public var subscriptions = SubscriptionLimits()
    public var services = ServiceLimits()

    public enum TokenKind: Hashable, Sendable, CaseIterable { case anonymous, userName, certificate }

    public init(
        applicationUri: String, productUri: String, applicationName: String, endpointUrl: String,
        endpoints: [Endpoint] = Endpoint.secured, tokens: Set<TokenKind> = [.userName, .certificate]
    ) {
        self.applicationUri = applicationUri
        self.productUri = productUri
        self.applicationName = applicationName
        self.endpointUrl = endpointUrl
        self.endpoints = endpoints
        self.tokens = tokens
    }
}

/// Bounds of sessions and of the work that they ask for. Times are in milliseconds.
public struct SessionLimits: Sendable {
    public var inAll = 50
    public var perUser = 10
    public var timeoutMin: Int64 = 10_000
    public var timeoutMax: Int64 = 3_600_000
    /// How long a session may be there before it is activated.
    public var activationTime: Int64 = 30_000
    /// Pieces of work that are away from the loop at one time: of all, of one address and of one session.
    public var workInAll = 64
    public var workPerAddress = 32
    public var workPerSession = 8
    /// How long a piece of work may take before its caller is answered Bad_Timeout.
    public var workTime: Int64 = 30_000
    /// When a refused log-in is answered, counted from its request: the same whatever was wrong.
    public var refusalTime: Int64 = 1000
    public var logIns = LogInGuard.Limits()

    public init() {}
}

/// What the core takes from outside; none of it has a clock or chance of its own.
public struct ServerEnvironment {
    /// Milliseconds on a clock that never goes back.
    public var now: () -> Int64
    /// The time of day, for timestamps.
    public var time: () -> DateTime
    /// That many unguessable bytes.
    public var random: (Int) -> [UInt8]
    public var worker: any Worker

    public init(
        now: @escaping () -> Int64, time: @escaping () -> DateTime, random: @escaping (Int) -> [UInt8],
        worker: any Worker
    ) {
        self.now = now
        self.time = time
        self.random = random
        self.worker = worker
    }
}

/// Where work goes that would hold up the loop.
public protocol Worker {
    /// Does the work elsewhere, and calls back on the loop with what came of it.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value, then: @escaping (Value) -> Void)
}
