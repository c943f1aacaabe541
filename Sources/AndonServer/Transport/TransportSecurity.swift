import AndonConfiguration
import Foundation
import NIOSSL

/// Why the files of `server.tls` cannot be used.
public struct TransportFault: Error, Sendable, CustomStringConvertible {
    public var description: String
}

/// The certificate and key that new connections are served with, and whom clients must have theirs from.
final class TransportSecurity: Sendable {
    private let settings: TransportSettings
    private let kept: Latest<NIOSSLContext>

    /// Reads the files.
    init(_ settings: TransportSettings) throws(TransportFault) {
        self.settings = settings
        kept = Latest(try Self.context(settings))
    }

    var context: NIOSSLContext { kept.value }

    /// Reads the files again. Connections that are open go on with what they began with; with a fault in the files the
    /// earlier ones stay in force.
    func reload() throws(TransportFault) { kept.put(try Self.context(settings)) }

    private static func context(_ settings: TransportSettings) throws(TransportFault) -> NIOSSLContext {
        let chain = try certificates(settings.certificate)
        let key: NIOSSLPrivateKey = try reading(settings.key) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        switch settings.minimumVersion {
        case .tls12: tls.minimumTLSVersion = .tlsv12
        case .tls13: tls.minimumTLSVersion = .tlsv13
        }
        tls.applicationProtocols = ["http/1.1"]
        if let authorities = settings.clientCA {
            tls.trustRoots = .certificates(try certificates(authorities))
            tls.certificateVerification = settings.requiresClient ? .noHostnameVerification : .optionalVerification
        }
        do {
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw TransportFault(
                description:
                    "the certificate \(settings.certificate) and the key \(settings.key) cannot be used together; "
                    + "make sure that the key is the certificate's own (\(error))")
        }
    }

    private static func certificates(_ path: String) throws(TransportFault) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate] = try reading(path) { try NIOSSLCertificate.fromPEMFile($0) }
        guard !found.isEmpty else {
            throw TransportFault(description: "\(path) holds no certificate in PEM form")
        }
        return found
    }

    private static func reading<Found>(
        _ path: String, _ read: (String) throws -> Found
    ) throws(TransportFault) -> Found {
        do {
            return try read(path)
        } catch {
            throw TransportFault(
                description: "\(path) cannot be read as PEM, without a pass phrase (\(error))")
        }
    }
}
