import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// What stands in an application's own certificate (OPC 10000-6, 6.2.2).
public struct ApplicationDescription: Sendable {
    /// The ApplicationUri: globally unique and the same for ever, such as `urn:host:vendor:product`.
    public var applicationURI: String
    /// The application's name, the subject's common name.
    public var name: String
    public var organization: String?
    /// The DNS names under which it is reached.
    public var hostNames: [String]
    /// The IP addresses under which it is reached, as text.
    public var addresses: [String]
    /// 2048 to 4096, a multiple of 8.
    public var keyBits = 2048
    /// How long the certificate holds, in days from now.
    public var days = 1826

    public init(
        applicationURI: String, name: String, organization: String? = nil, hostNames: [String] = [],
        addresses: [String] = []
    ) {
        self.applicationURI = applicationURI
        self.name = name
        self.organization = organization
        self.hostNames = hostNames
        self.addresses = addresses
    }
}

/// This application's own certificate and private key.
public struct ApplicationInstance: Sendable {
    public let certificate: PeerCertificate
    /// What goes on the wire: the certificate in DER and, when another issued it, the issuers after it.
    public let chain: [UInt8]
    public let key: RSAPrivateKey

    /// The certificate or its key cannot be had.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case file(path: String, reason: String)
        case keyDoesNotFit(certificate: String, key: String)
        case otherApplication(certificate: String, uri: String?, wanted: String)
        case description(String)

        public var description: String {
            switch self {
            case .file(let path, let reason): "\(path): \(reason)"
            case .keyDoesNotFit(let certificate, let key):
                "\(certificate) was not made for the private key in \(key): put the pair that belongs together there, "
                    + "or move both away to have a new pair made"
            case .otherApplication(let certificate, let uri, let wanted):
                "\(certificate) is for the application \(uri ?? "(no URI)"), but this one is \(wanted): set that URI in "
                    + "the configuration, or move certificate and key away to have a new pair made"
            case .description(let what): "no certificate can be made: \(what)"
            }
        }
    }

    /// Where `loadOrMake` keeps the certificate (DER or PEM) and the key (PEM, mode 0600), under the PKI folder.
    public static let certificatePath = "own/certs/own.der"
    public static let keyPath = "own/private/own.pem"

    /// Reads certificate and key from the PKI folder; at the first start, makes both.
    ///
    /// The key is written before the certificate: after a crash in between, the next start goes on with that key. So
    /// does a renewal: move the certificate away, and the next start makes a new one, which the peers then have to trust.
    public static func loadOrMake(
        folder: URL, _ description: ApplicationDescription, now: Date = Date()
    ) throws(Failure) -> ApplicationInstance {
        let certificateFile = folder.appendingPathComponent(certificatePath)
        let keyFile = folder.appendingPathComponent(keyPath)
        let key: RSAPrivateKey
        if FileManager.default.fileExists(atPath: keyFile.path) {
            key = try readKey(keyFile)
        } else {
            guard !FileManager.default.fileExists(atPath: certificateFile.path) else {
                throw .file(path: keyFile.path, reason: "the private key of the certificate beside it is missing")
            }
            do { key = try RSAPrivateKey(bits: description.keyBits) } catch { throw .description("\(error)") }
            try writeSecret(key.pem, to: keyFile)
        }
        if !FileManager.default.fileExists(atPath: certificateFile.path) {
            let made = try make(description, key: key, now: now)
            do {
                try FileManager.default.createDirectory(
                    at: certificateFile.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(made.chain).write(to: certificateFile, options: .atomic)
            } catch { throw .file(path: certificateFile.path, reason: error.localizedDescription) }
        }
        let chain = try readChain(certificateFile)
        guard let publicKey = try? chain[0].publicKey(),
            publicKey.signing.derRepresentation == key.publicKey.signing.derRepresentation
        else { throw .keyDoesNotFit(certificate: certificateFile.path, key: keyFile.path) }
        guard chain[0].applicationURI == description.applicationURI else {
            throw .otherApplication(
                certificate: certificateFile.path, uri: chain[0].applicationURI, wanted: description.applicationURI)
        }
        return ApplicationInstance(certificate: chain[0], chain: chain.flatMap(\.der), key: key)
    }

    /// Reads a certificate with its chain, and its private key, from files that somebody else made.
    public static func load(certificate: String, key: String) throws(Failure) -> ApplicationInstance {
        let chain = try readChain(URL(fileURLWithPath: certificate))
        let privateKey = try readKey(URL(fileURLWithPath: key))
        guard let publicKey = try? chain[0].publicKey(),
            publicKey.signing.derRepresentation == privateKey.publicKey.signing.derRepresentation
        else { throw .keyDoesNotFit(certificate: certificate, key: key) }
        return ApplicationInstance(certificate: chain[0], chain: chain.flatMap(\.der), key: privateKey)
    }

    /// Makes a self-signed certificate for a key, without writing anything.
    ///
    /// It holds from an hour before `now`, as clocks in a plant differ.
    public static func make(
        _ description: ApplicationDescription, key: RSAPrivateKey, now: Date = Date()
    ) throws(Failure) -> ApplicationInstance {
        guard !description.applicationURI.isEmpty,
            description.applicationURI.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7F })
        else { throw .description("the application URI must be ASCII and not empty") }
        var names: [GeneralName] = [.uniformResourceIdentifier(description.applicationURI)]
        for name in description.hostNames {
            guard !name.isEmpty, name.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7F }) else {
                throw .description("\"\(name)\" is not a host name in ASCII")
            }
            names.append(.dnsName(name))
        }
        for text in description.addresses {
            guard let bytes = ipAddress(text) else { throw .description("\"\(text)\" is not an IP address") }
            names.append(.ipAddress(ASN1OctetString(contentBytes: bytes[...])))
        }
        do {
            let certificate = try sign(description, names, key, now)
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            let read = try PeerCertificate(der: serializer.serializedBytes)
            return ApplicationInstance(certificate: read, chain: read.der, key: key)
        } catch { throw .description("\(error)") }
    }

    private static func sign(
        _ description: ApplicationDescription, _ names: [GeneralName], _ key: RSAPrivateKey, _ now: Date
    ) throws -> Certificate {
        let subject = try DistinguishedName {
            CommonName(description.name)
            if let organization = description.organization { OrganizationName(organization) }
        }
        let publicKey = Certificate.PublicKey(key.publicKey.signing)
        let identifier = SubjectKeyIdentifier(hash: publicKey)
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(
                KeyUsage(
                    digitalSignature: true, nonRepudiation: true, keyEncipherment: true, dataEncipherment: true,
                    keyCertSign: true))
            try ExtendedKeyUsage([.serverAuth, .clientAuth])
            SubjectAlternativeNames(names)
            identifier
            AuthorityKeyIdentifier(keyIdentifier: identifier.keyIdentifier)
        }
        return try Certificate(
            version: .v3, serialNumber: serialNumber(), publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(Double(description.days) * 86_400), issuer: subject, subject: subject,
            signatureAlgorithm: .sha256WithRSAEncryption, extensions: extensions, issuerPrivateKey: .init(key.signing))
    }

    /// 16 random bytes, positive and with a first byte that is not zero, so that the DER has 16 (RFC 5280, 4.1.2.2).
    private static func serialNumber() -> Certificate.SerialNumber {
        var random = SystemRandomNumberGenerator()
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes[0] = bytes[0] & 0x3F | 0x40
        return .init(bytes: bytes)
    }
}

// Files of certificate and key.
extension ApplicationInstance {
    private static func readKey(_ file: URL) throws(Failure) -> RSAPrivateKey {
        let mode: Int
        let text: String
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            text = try String(contentsOf: file, encoding: .utf8)
        } catch { throw .file(path: file.path, reason: error.localizedDescription) }
        guard mode & 0o077 == 0 else {
            throw .file(path: file.path, reason: "others may read this private key: run chmod 600 on it")
        }
        do { return try RSAPrivateKey(pem: text) } catch { throw .file(path: file.path, reason: "\(error)") }
    }

    private static func readChain(_ file: URL) throws(Failure) -> [PeerCertificate] {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw .file(path: file.path, reason: error.localizedDescription)
        }
        var bytes = Array(data)
        if data.first != 0x30, let text = String(data: data, encoding: .utf8),
            let documents = try? PEMDocument.parseMultiple(pemString: text)
        {
            bytes = documents.filter { $0.discriminator == "CERTIFICATE" }.flatMap(\.derBytes)
        }
        do { return try PeerCertificate.chain(bytes) } catch { throw .file(path: file.path, reason: "\(error)") }
    }

    /// Writes a file that only its owner may read: it has mode 0600 from the moment it exists.
    private static func writeSecret(_ text: String, to file: URL) throws(Failure) {
        let folder = file.deletingLastPathComponent()
        let part = folder.appendingPathComponent(file.lastPathComponent + ".part")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try? FileManager.default.removeItem(at: part)
        } catch { throw .file(path: folder.path, reason: error.localizedDescription) }
        guard let reason = writeExclusively(Array(text.utf8), path: part.path, mode: 0o600, renamedTo: file.path) else {
            return
        }
        throw .file(path: file.path, reason: reason)
    }
}
