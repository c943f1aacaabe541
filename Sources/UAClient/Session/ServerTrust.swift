import Foundation
import UACodec
import UASecurity

/// The check of a server's certificate before anything secret goes to it.
enum ServerTrust {
    /// - Returns: the certificate and what is wrong with it but not refused.
    static func check(
        _ endpoint: EndpointDescription, _ address: ServerAddress, _ configuration: ClientConfiguration
    ) async throws(ClientError) -> ValidatedCertificate {
        guard let trust = configuration.application.trust else {
            throw .configuration("A protected connection needs a trust list: configure its folder.")
        }
        guard let chain = endpoint.serverCertificate?.bytes, !chain.isEmpty else {
            throw .insecure("The server at \(address) names no certificate for a protected endpoint.")
        }
        let expectation = CertificateExpectation(
            role: .server, applicationURI: endpoint.server.applicationUri, hostName: address.host,
            refusesWrongHost: configuration.refusesWrongHost)
        do throws(CertificateFault) {
            return try await trust.check(chain: chain, expectation)
        } catch {
            throw .certificate(error, thumbprint: thumbprint(chain), rejectedFolder: folder(error, trust))
        }
    }

    private static func thumbprint(_ chain: [UInt8]) -> String {
        let certificates = try? PeerCertificate.chain(chain)
        return certificates?.first?.thumbprintText ?? "(unreadable)"
    }

    private static func folder(_ fault: CertificateFault, _ trust: TrustList) -> String? {
        switch fault {
        case .untrusted, .chainIncomplete: trust.folder.appendingPathComponent("rejected").path
        default: nil
        }
    }
}
