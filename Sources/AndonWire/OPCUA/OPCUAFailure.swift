import AndonModel
import UAClient
import UACodec
import UASecurity

/// What came between a step and its result.
enum OPCUAFailure: Error, Sendable {
    /// The step surely changed nothing, and nothing came back that says more.
    case notSent(String)
    case noAnswer(String)
    /// The server said it, or this side knew it before anything was sent.
    case answered(status: Int, name: String, String)

    /// - Parameter application: names the trust list's command for a certificate that nobody trusts yet.
    init(_ error: ClientError) {
        switch error {
        case .notConnected, .closed: self = .notSent("\(error)")
        case .notSent(let status, _) where Self.tooLarge.contains(status.code):
            self = .answered(status: 413, name: status.name, "\(error)")
        case .notSent: self = .notSent("\(error)")
        case .certificate(let fault, let thumbprint, let folder):
            let next = folder == nil ? "" : " To trust it: andon opcua trust \(thumbprint)"
            self = .answered(status: 401, name: fault.statusName.replacing("_", with: ""), "\(error)\(next)")
        case .insecure: self = .answered(status: 401, name: "BadSecurityModeInsufficient", "\(error)")
        case .configuration: self = .answered(status: 400, name: "BadInvalidArgument", "\(error)")
        case .missing: self = .answered(status: 404, name: "BadNoMatch", "\(error)")
        case .limit: self = .answered(status: 413, name: "BadEncodingLimitsExceeded", "\(error)")
        case .refused(let status, _), .argumentsRefused(let status, _):
            self = .answered(status: Self.meaning(of: status), name: status.name, "\(error)")
        case .unanswered, .violation, .partly: self = .noAnswer("\(error)")
        }
    }

    /// The status of HTTP that says the same. What is not known to be a refusal may have had its effect: 500.
    static func meaning(of status: StatusCode) -> Int {
        let code = status.code
        if identity.contains(code) { return 401 }
        if unknown.contains(code) { return 404 }
        if busy.contains(code) { return 503 }
        if tooLarge.contains(code) { return 413 }
        return refusals.contains(code) ? 409 : 500
    }

    private static let identity: Set<StatusCode> = [
        .badUserAccessDenied, .badIdentityTokenInvalid, .badIdentityTokenRejected, .badUserSignatureInvalid,
        .badSecurityModeInsufficient, .badSecurityModeRejected, .badSecurityPolicyRejected, .badSecurityChecksFailed,
        .badCertificateInvalid, .badCertificateUntrusted, .badCertificateTimeInvalid, .badCertificateUriInvalid,
        .badCertificateHostNameInvalid, .badCertificateUseNotAllowed, .badCertificateRevoked,
        .badCertificateRevocationUnknown, .badCertificateChainIncomplete, .badCertificatePolicyCheckFailed,
        .badApplicationSignatureInvalid,
    ]
    private static let unknown: Set<StatusCode> = [
        .badNodeIdUnknown, .badNodeIdInvalid, .badMethodInvalid, .badNoMatch, .badNotFound, .badAttributeIdInvalid,
    ]
    private static let busy: Set<StatusCode> = [
        .badTooManyOperations, .badTooManySessions, .badResourceUnavailable, .badOutOfMemory, .badServerHalted,
        .badShutdown, .badServerNotConnected, .badTcpServerTooBusy, .badTcpNotEnoughResources, .badServerTooBusy,
        .badSessionIdInvalid, .badSessionClosed, .badSessionNotActivated, .badSecureChannelIdInvalid,
        .badSecureChannelClosed,
    ]
    private static let tooLarge: Set<StatusCode> = [
        .badRequestTooLarge, .badEncodingLimitsExceeded, .badTcpMessageTooLarge, .badResponseTooLarge,
    ]
    private static let refusals: Set<StatusCode> = [
        .badInvalidArgument, .badArgumentsMissing, .badTooManyArguments, .badTypeMismatch, .badOutOfRange,
        .badNotWritable, .badNotReadable, .badNotSupported, .badNotImplemented, .badServiceUnsupported,
        .badInvalidState, .badNothingToDo, .badNotExecutable, .badWriteNotSupported, .badIndexRangeInvalid,
        .badIndexRangeNoData, .badDuplicateReferenceNotAllowed, .badAlreadyExists, .badStateNotActive,
    ]

    /// Whether the server says that it does not know the session any more: it did nothing.
    static func endsSession(_ name: String) -> Bool {
        [
            "BadSessionIdInvalid", "BadSessionClosed", "BadSessionNotActivated", "BadSecureChannelIdInvalid",
            "BadSecureChannelClosed", "BadTcpSecureChannelUnknown",
        ].contains(name)
    }
}
