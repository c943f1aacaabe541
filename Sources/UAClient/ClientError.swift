import UACodec
import UASecurity
import UATransport

/// Why the client could not do what it was asked for. The words say what to do next.
public indirect enum ClientError: Error, Sendable, CustomStringConvertible {
    /// The configuration or the call asks for something that cannot be.
    case configuration(String)
    /// There is no session at this moment; nothing was sent.
    case notConnected(String)
    /// The server's certificate does not pass. It lies in `rejectedFolder` where it is only not trusted yet.
    case certificate(CertificateFault, thumbprint: String, rejectedFolder: String?)
    /// What the server offers or proves is less than what is configured.
    case insecure(String)
    /// The request did not leave this side: it surely had no effect.
    case notSent(StatusCode, String)
    /// The request left and no answer came: it may have had its effect. Look before you repeat it.
    case unanswered(StatusCode, String)
    /// The server refused the request or the operation: it had no effect.
    case refused(StatusCode, String)
    /// A method was refused; a status for each of its arguments, where the server gives them.
    case argumentsRefused(StatusCode, [StatusCode])
    /// A request that had to be cut into several: the first `done` operations were answered, then came `cause`.
    case partly(done: Int, of: Int, cause: ClientError)
    /// The server answered what it may not. The connection was closed.
    case violation(String)
    /// The server has or sends more than this client takes.
    case limit(String, allowed: Int)
    /// The server has no such thing: a namespace, a path, a method, an argument.
    case missing(String)
    /// The client or the subscription was closed.
    case closed

    /// Whether the server may have acted, though there is no answer that says so.
    public var mayHaveHappened: Bool {
        switch self {
        case .unanswered, .partly, .violation: true
        case .configuration, .notConnected, .certificate, .insecure, .notSent, .refused, .argumentsRefused, .limit,
            .missing, .closed:
            false
        }
    }

    /// Whether the server answered, so that the connection can go on.
    var leavesConnection: Bool {
        switch self {
        case .limit, .refused, .missing: true
        default: false
        }
    }

    /// The status code behind the error, where there is one.
    public var status: StatusCode? {
        switch self {
        case .notSent(let status, _), .unanswered(let status, _), .refused(let status, _),
            .argumentsRefused(let status, _):
            status
        case .certificate(let fault, _, _): StatusCode(fault.statusCode)
        case .partly(_, _, let cause): cause.status
        default: nil
        }
    }

    public var description: String {
        switch self {
        case .configuration(let what): what
        case .notConnected(let why): "There is no connection, and nothing was sent: \(why)"
        case .certificate(let fault, let thumbprint, let folder):
            "The server's certificate \(thumbprint) was refused (\(fault.statusName)). \(fault)"
                + (folder.map { " It lies in \($0)." } ?? "")
        case .insecure(let what): what
        case .notSent(let status, let detail): "Nothing was sent (\(status.name)): \(detail)"
        case .unanswered(let status, let detail):
            "No answer came (\(status.name)), and the server may have acted: look before you repeat it. \(detail)"
        case .refused(let status, let detail): "The server refuses (\(status.name)): \(detail)"
        case .argumentsRefused(let status, let arguments):
            "The server refuses the call (\(status.name))"
                + (arguments.isEmpty ? "" : "; argument by argument: \(arguments.map(\.name).joined(separator: ", "))")
        case .partly(let done, let all, let cause): "\(done) of \(all) operations were answered, then: \(cause)"
        case .violation(let what): "The server broke the protocol, and its connection was closed: \(what)"
        case .limit(let what, let allowed): "\(what) is limited to \(allowed), and the server goes beyond that"
        case .missing(let what): what
        case .closed: "It was closed"
        }
    }

    init(_ error: TransportError) {
        let detail = printable(error.detail)
        switch error.reach {
        case .notSent: self = .notSent(error.status, detail)
        case .refused: self = .refused(error.status, detail)
        case .sent where error.isViolation: self = .violation("\(error.status.name): \(detail)")
        case .sent: self = .unanswered(error.status, detail)
        }
    }
}

extension TransportError {
    /// Whether an answer came that could not be read, or was to another question.
    var isViolation: Bool {
        reach == .sent && [.badDecodingError, .badEncodingLimitsExceeded, .badUnknownResponse].contains(status)
    }
}
