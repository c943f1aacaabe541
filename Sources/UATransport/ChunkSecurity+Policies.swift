import UACodec
import UASecurity

extension MessageProtection: MessageSecurity {}

extension OpeningProtection: ChunkSecurity {}

extension ChannelToken {
    /// A token of a channel under a policy, seen from one side.
    ///
    /// - Parameters:
    ///   - role: whose side this is.
    ///   - created: milliseconds on the clock of the connection.
    ///   - lifetime: milliseconds, as the server revised it.
    init(
        id: UInt32, role: SecureConnection.Role, policy: SecurityPolicy, mode: UASecurity.MessageSecurityMode,
        clientNonce: [UInt8], serverNonce: [UInt8], created: Int64, lifetime: UInt32
    ) {
        let keys = ChannelKeys(policy: policy, clientNonce: clientNonce, serverNonce: serverNonce)
        let client = MessageProtection(policy: policy, mode: mode, keys: keys.client)
        let server = MessageProtection(policy: policy, mode: mode, keys: keys.server)
        self.init(
            id: id, receiving: role == .client ? server : client, sending: role == .client ? client : server,
            createdAt: created, lifetime: Int64(lifetime))
    }
}

extension UASecurity.MessageSecurityMode {
    /// The mode that a message names, or nil for one that is none (answer Bad_SecurityModeRejected).
    public init?(_ mode: UACodec.MessageSecurityMode) {
        guard let number = UInt32(exactly: mode.rawValue), let known = Self(rawValue: number) else { return nil }
        self = known
    }

    public var wire: UACodec.MessageSecurityMode { .init(rawValue: Int32(rawValue)) }
}

extension TransportError {
    init(_ fault: CertificateFault) { self.init(StatusCode(fault.answer), "\(fault.statusName): \(fault)") }
}
