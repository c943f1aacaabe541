/// The only way from a connector to the network. The dispatcher makes one for each attempt; every exchange over
/// it stands in the transmission log.
///
/// It follows no redirects, keeps no cookies and never sends a request twice: all three would hide from the
/// connector what happened.
public protocol Wire: Sendable {
    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse
    /// The time of day, for signatures and time windows.
    func now() -> Timestamp
}

public struct WireRequest: Sendable {
    public var method: String
    /// Absolute, percent-encoded.
    public var url: String
    public var headers: [Header]
    public var body: Body
    /// From the first byte of the request to the last of the answer; nil takes the connector's configured one.
    public var timeout: Duration?
    /// How long the request may still leave, and be under way; nil for as long as it takes.
    public var permit: SendPermit?

    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// The bytes of a file, streamed: never held whole in memory.
        case file(path: String, bytes: Int)
        /// Bytes and files one after the other, as forms have them.
        case parts([Part])
    }

    public enum Part: Sendable {
        case bytes([UInt8])
        case file(path: String, bytes: Int)
        /// A file's bytes in base64 (RFC 4648 section 4), for systems that take files within a JSON text.
        case base64(path: String, bytes: Int)

        /// Bytes on the wire.
        public var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let count): count
            case .base64(_, let count): (count + 2) / 3 * 4
            }
        }
    }

    public init(
        _ method: String, _ url: String, headers: [Header] = [], body: Body = .none, timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// The right to send, which may end while a request waits for its connection: asked for at the last moment before bytes
/// leave.
public struct SendPermit: Sendable {
    /// Zero or less when nothing may leave any more.
    public var left: @Sendable () -> Duration

    public init(left: @escaping @Sendable () -> Duration) { self.left = left }

    /// What a request that may not leave is refused with.
    public static let refusal = "this server has not renewed its lease in time: another one may have taken its work"

    /// - Throws: `.notSent` when nothing may leave any more.
    public func check() throws(WireError) {
        guard left() > .zero else { throw .notSent(Self.refusal) }
    }
}

public struct WireResponse: Sendable {
    public var status: Int
    public var headers: [WireRequest.Header]
    /// At most the wire's limit; a longer answer is an error.
    public var body: [UInt8]

    public init(status: Int, headers: [WireRequest.Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    public subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The `Retry-After` header (RFC 9110 section 10.2.3) in its delay form or, with `now`, its date form.
    public func retryAfter(now: Timestamp) -> Duration? {
        guard let text = self["retry-after"] else { return nil }
        if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        guard let date = HTTPDate.parse(text) else { return nil }
        return max(.zero, min(date - now, .seconds(86_400)))
    }
}

/// What kept the answer from coming.
public enum WireError: Error, Equatable, Sendable {
    /// No byte of the request can have been acted on: name, connection, TLS, or the egress guard.
    case notSent(String)
    /// The request may have arrived.
    case noAnswer(String)
}

extension WireError {
    /// What the dispatcher must know: whether anything can have been done.
    public var connectorError: ConnectorError {
        switch self {
        case .notSent(let reason): .unreachable(reason)
        case .noAnswer(let reason): .answerLost(reason)
        }
    }
}

/// The fixed date form of HTTP (IMF-fixdate, RFC 9110 section 5.6.7).
public enum HTTPDate {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    public static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2])),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { $0.utf8.count == 2 ? UInt8($0) : nil }.map(Int.init)
        guard clock.count == 3, !parts[4].utf8.contains(UInt8(ascii: "+")), clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + Int64(clock[0] * 3600 + clock[1] * 60 + clock[2])
        return Timestamp(microseconds: seconds * 1_000_000)
    }
}
