import Foundation
import UACodec
import UASecurity
import UATransport

/// Who uses the session.
public enum UserIdentity: Sendable {
    case anonymous
    /// The password is encrypted for the server as its token policy says.
    case userName(String, password: String)
    /// A certificate of a person, with its key.
    case certificate(ApplicationInstance)
}

/// How a connection has to be protected.
public enum SecurityRequirement: Sendable, Hashable {
    /// The strongest that the server offers, and never less than this mode.
    case strongest(atLeast: UASecurity.MessageSecurityMode)
    case exactly(SecurityPolicy, UASecurity.MessageSecurityMode)
    /// No protection: anyone on the network reads and writes along.
    case none
}

/// Who this application is to its servers, and whom it trusts.
public struct ClientApplication: Sendable {
    /// Certificate and key; nil where only unprotected connections are made.
    public var instance: ApplicationInstance?
    public var trust: TrustList?
    /// Equals the URI in the certificate.
    public var applicationUri: String
    public var productUri: String
    public var name: String

    public init(
        instance: ApplicationInstance? = nil, trust: TrustList? = nil, applicationUri: String? = nil,
        productUri: String = "", name: String = ""
    ) {
        self.instance = instance
        self.trust = trust
        self.applicationUri = applicationUri ?? instance?.certificate.applicationURI ?? "urn:opcua:client"
        self.productUri = productUri
        self.name = name
    }
}

/// What the client takes from a server that nobody vouches for, and how much it asks at once.
public struct ClientLimits: Sendable, Hashable {
    public var transport = TransportLimits(messageBytes: 16 << 20, chunkCount: 512)
    public var codec = CodecLimits(messageBytes: 16 << 20, byteStringBytes: 16 << 20)
    /// References that one browse gathers.
    public var references = 100_000
    /// Answers that one browse or history read is pieced together from.
    public var continuations = 10_000
    /// Values that one history read gathers.
    public var historyValues = 1_000_000
    /// Bytes of one file.
    public var fileBytes = 64 << 20
    /// Data types that are loaded from one server.
    public var dataTypes = 2_000
    /// Data types between a type and its built-in base.
    public var typeDepth = 32
    /// Operations in one request where the server names no limit.
    public var operations = 1_000
    /// Messages that wait for the consumer of one subscription; then the server has to hold them.
    public var bufferedMessages = 64
    /// Messages that are asked for again after one gap.
    public var republished = 1_000
    public var namespaces = 1_000
    public var endpoints = 100

    public init() {}
}

/// How a client gets and keeps its connection.
public struct ClientConfiguration: Sendable {
    public var address: ServerAddress
    public var application: ClientApplication
    public var security: SecurityRequirement
    public var identity: UserIdentity
    /// Says which address a host's name stands for, before each connection: the place for a rule about where connections may
    /// go. What it throws ends the attempt before anything was sent. Nil leaves it to the system.
    public var resolve: (@Sendable (_ host: String) async throws -> String)?
    /// Lets a password travel where anyone can read it.
    public var allowsPlainPassword = false
    /// Refuses a server whose certificate does not name the host, in place of a warning.
    public var refusesWrongHost = false
    public var sessionName: String
    public var locales: [String] = []
    public var limits = ClientLimits()
    public var connectTimeout: Duration = .seconds(10)
    public var requestTimeout: Duration = .seconds(30)
    public var sessionTimeout: Duration = .seconds(120)
    public var tokenLifetime: Duration = .seconds(3600)
    /// How often the server is asked whether it is there while nothing else is going on.
    public var keepAliveInterval: Duration = .seconds(10)
    public var backoff = Backoff()
    /// Publish requests that wait at the server, 1...10.
    public var publishRequests = 3

    public init(
        address: ServerAddress, application: ClientApplication = ClientApplication(),
        security: SecurityRequirement = .strongest(atLeast: .signAndEncrypt), identity: UserIdentity = .anonymous,
        sessionName: String = "session"
    ) {
        self.address = address
        self.application = application
        self.security = security
        self.identity = identity
        self.sessionName = sessionName
    }
}

/// The waits between attempts to connect: at random between the shortest and a ceiling that doubles up to the longest,
/// so that the clients of a server that comes back do not all come at once.
public struct Backoff: Sendable, Hashable {
    public var shortest: Duration
    public var longest: Duration

    public init(shortest: Duration = .seconds(1), longest: Duration = .seconds(60)) {
        self.shortest = shortest
        self.longest = max(shortest, longest)
    }

    /// - Parameters:
    ///   - attempt: from 1.
    ///   - random: in 0..<1.
    public func delay(attempt: Int, random: Double) -> Duration {
        let ceiling = min(longest, shortest * (1 << min(max(attempt, 1), 20)))
        return shortest + (ceiling - shortest) * min(max(random, 0), 1)
    }
}

/// Time and chance, so that tests have them in hand.
struct ClientTime: Sendable {
    /// Since any moment in the past.
    var now: @Sendable () -> Duration
    var sleep: @Sendable (Duration) async throws -> Void
    /// In 0..<1.
    var random: @Sendable () -> Double
    var wall: @Sendable () -> DateTime = {
        DateTime(unixMicroseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    static let real: ClientTime = {
        let start = ContinuousClock.now
        return ClientTime(
            now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) },
            random: { Double.random(in: 0..<1) })
    }()
}
