import AndonIdentity
import AndonModel
import Crypto
import SwiftASN1
import X509

extension ClientCertificate {
    /// - Parameter der: a certificate that TLS has checked.
    init(der: [UInt8]) {
        // A key that the library does not read (RSA below 2048 bits) leaves the fingerprint.
        let subject = (try? Certificate(derEncoded: der)).flatMap { SubjectName("\($0.subject)") }
        self.init(subject: subject, fingerprint: SHA256.hash(data: der).hexadecimal)
    }
}
