import AndonLedger
import AndonModel
import Crypto
import Foundation

/// Who asks an object storage, and the proof of it that goes with each request: AWS Signature Version 4 in the Authorization
/// header, as S3 has it ("Authenticating Requests: Using the Authorization Header", Amazon S3 API Reference).
struct RequestSignature: Sendable {
    let accessKey: String
    let secretKey: Secret
    let region: String

    static let emptyDigest = Hex.sha256([UInt8]())

    /// A request as it is signed: its path and query in plain text, and the headers that are covered.
    struct Request {
        var method: String
        var host: String
        var path: String
        var query: [(name: String, value: String)] = []
        var headers: [WireRequest.Header] = []
        /// SHA-256 of the body in hexadecimal digits.
        var digest = RequestSignature.emptyDigest
    }

    /// The request's headers with the time, the body's digest and the signature. `host` is not among them: HTTP adds it.
    func headers(of request: Request, at time: Timestamp) -> [WireRequest.Header] {
        let stamp = Self.stamp(time)
        var headers = request.headers
        headers.append(.init("x-amz-content-sha256", request.digest))
        headers.append(.init("x-amz-date", stamp))
        let signed = (headers + [.init("host", request.host)]).map { header in
            (name: header.name.lowercased(), value: header.value.trimmingCharacters(in: .whitespaces))
        }.sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let canonical = [
            request.method, Self.encoded(request.path, keepsSlash: true), Self.query(request.query),
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, request.digest,
        ].joined(separator: "\n")
        let scope = "\(stamp.prefix(8))/\(region)/s3/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(Hex.sha256(Array(canonical.utf8)))"
        let signature = Hex.text(Self.mac(text, key: key(day: String(stamp.prefix(8)))))
        headers.append(
            .init(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope),SignedHeaders=\(names),Signature=\(signature)"))
        return headers
    }

    /// The key of a day: four steps from the secret, each with what narrows it.
    private func key(day: String) -> SymmetricKey {
        let first = SymmetricKey(data: Array("AWS4\(secretKey.reveal())".utf8))
        return [day, region, "s3", "aws4_request"].reduce(first) { SymmetricKey(data: Self.mac($1, key: $0)) }
    }

    private static func mac(_ text: String, key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// `20130524T000000Z`.
    private static func stamp(_ time: Timestamp) -> String {
        time.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// The query as it is signed, which is also how it is sent: percent-encoded and sorted by the encoded names.
    static func query(_ items: [(name: String, value: String)]) -> String {
        items.map { (encoded($0.name, keepsSlash: false), encoded($0.value, keepsSlash: false)) }
            .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// Percent-encoded but for the unreserved characters of RFC 3986, and for slashes in a path.
    static func encoded(_ text: String, keepsSlash: Bool) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case 47 where keepsSlash: encoded.append("/")
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
