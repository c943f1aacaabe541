import AndonModel

/// How the server speaks TLS (`server.tls`). All files are PEM, relative to where the server is started.
public struct TransportSettings: Sendable, Equatable {
    public enum Version: String, Sendable, CaseIterable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// The server's certificate, with the chain behind it.
    public var certificate: String
    /// Its key, without a pass phrase.
    public var key: String
    /// The authorities whose certificates clients may show; nil where no client is asked for one.
    public var clientCA: String?
    /// Whether a client without a certificate is turned away before it has said anything.
    public var requiresClient: Bool
    public var minimumVersion: Version

    public init(
        certificate: String, key: String, clientCA: String? = nil, requiresClient: Bool = false,
        minimumVersion: Version = .tls12
    ) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
        self.requiresClient = requiresClient
        self.minimumVersion = minimumVersion
    }
}

extension TransportSettings {
    /// Reads the section `server.tls`; nil, with faults, when it names no certificate and key.
    init?(reading reader: SettingsReader) {
        defer { reader.finish() }
        let own = (
            Self.file("certificate", holding: "-----BEGIN CERTIFICATE-----", in: reader),
            Self.file("key", holding: "PRIVATE KEY-----", in: reader)
        )
        let clientCA =
            reader.raw("clientCA") == nil
            ? nil : Self.file("clientCA", holding: "-----BEGIN CERTIFICATE-----", in: reader)
        let requiresClient = reader.bool("requireClient", default: false)
        let minimumVersion = reader.choice("minimumVersion", default: Version.tls12)
        if requiresClient, reader.raw("clientCA") == nil {
            reader.faults.add(
                "requireClient needs clientCA: the file with the authorities whose certificates clients show",
                at: reader.node)
        }
        guard let certificate = own.0, let key = own.1 else { return nil }
        self.init(
            certificate: certificate, key: key, clientCA: clientCA, requiresClient: requiresClient,
            minimumVersion: minimumVersion)
    }

    private static func file(_ name: String, holding mark: String, in reader: SettingsReader) -> String? {
        guard let node = reader.raw(name) else {
            reader.missing(name)
            return nil
        }
        guard let path = reader.text(of: node) else { return nil }
        guard reader.secrets.file(path)?.contains(mark) == true else {
            reader.faults.add("should be a readable file in PEM form with \(mark), found \(node.kindName)", at: node)
            return nil
        }
        return path
    }
}
