/// What a client showed of itself over TLS; its chain and its dates were checked before.
public struct ClientCertificate: Sendable, Hashable {
    /// Nil where it cannot be read as a name; such a certificate is known by its fingerprint alone.
    public var subject: SubjectName?
    /// SHA-256 over its DER form: 64 hexadecimal digits in small letters.
    public var fingerprint: String

    public init(subject: SubjectName?, fingerprint: String) {
        self.subject = subject
        self.fingerprint = fingerprint
    }
}

/// Whom a client's certificate stands for: a row of `accounts.certificates`.
///
/// A subject is as good as the authorities of `server.tls.clientCA`: whoever has a certificate of theirs with that name is
/// the one that is meant. A fingerprint means one certificate alone.
public struct CertificateRule: Sendable, Equatable {
    public enum Mark: Sendable, Equatable {
        case subject(SubjectName)
        /// 64 hexadecimal digits in small letters.
        case fingerprint(String)
    }

    public enum Holder: Sendable, Equatable {
        /// - Parameter sites: where the permissions hold; empty for everywhere.
        case machine(name: String, Set<Permission>, sites: Set<String>)
        /// A person with an account of this login name, and with the roles of that account.
        case person(login: String)
    }

    public var mark: Mark
    public var holder: Holder

    public init(_ mark: Mark, _ holder: Holder) {
        self.mark = mark
        self.holder = holder
    }

    public func matches(_ certificate: ClientCertificate) -> Bool {
        switch mark {
        case .subject(let name): certificate.subject.map(name.names) ?? false
        case .fingerprint(let digest): certificate.fingerprint == digest
        }
    }

    /// The rule that a certificate falls under: one that names its fingerprint before one that names its subject, and of
    /// several the first.
    public static func first(for certificate: ClientCertificate, in rules: [CertificateRule]) -> CertificateRule? {
        let found = rules.filter { $0.matches(certificate) }
        return found.first(where: \.isExact) ?? found.first
    }

    private var isExact: Bool {
        if case .fingerprint = mark { true } else { false }
    }
}
