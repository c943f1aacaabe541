import AndonLedger
import AndonModel

/// Finds out who shows a client certificate.
public struct CertificateCallers: Sendable {
    private let store: Store
    private let rules: [CertificateRule]

    public init(_ store: Store, _ rules: [CertificateRule]) { (self.store, self.rules) = (store, rules) }

    /// Nil for a certificate that no rule names, and for a person without an active account that is open.
    public func caller(_ certificate: ClientCertificate) async throws -> Caller? {
        guard let rule = CertificateRule.first(for: certificate, in: rules) else { return nil }
        switch rule.holder {
        case .machine(let name, let permissions, let sites):
            return Caller(machine: name, permissions, sites: sites, hasCertificate: true)
        case .person(let login):
            let now = store.time.now()
            return try await store.read { reader in
                guard let account = try reader.account(login: login), account.state == .active,
                    !account.isLocked(at: now)
                else { return nil }
                return Caller(account)
            }
        }
    }
}
