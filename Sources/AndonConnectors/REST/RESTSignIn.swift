import AndonModel
import Crypto
import Foundation

/// How a request says who it is from. A client certificate is the business of the connector's option `tls`, and a
/// session that of the mapping's `login`.
enum RESTSignIn: Sendable {
    case none
    case basic(user: String, password: Secret)
    case bearer(Secret)
    case apiKey(Secret, header: String?, query: String?)
    case oauth(TokenSource)
    case hmac(RESTSignature)

    private enum Form: String, CaseIterable { case none, basic, bearer, apiKey, oauth, hmac }

    init(reading reader: SettingsReader, user: String?, password: Secret?) {
        let form = reader.choice("signIn", default: Form.none)
        let token = reader.secret("token")
        let key = reader.secret("apiKey")
        let header = reader.text("apiKeyHeader")
        let query = reader.text("apiKeyQuery")
        let oauth = reader.section("oauth").map { TokenSource(reading: $0) }
        let hmac = reader.section("hmac").map { RESTSignature(reading: $0) }
        func need(_ name: String, _ isThere: Bool) {
            if !isThere, reader.raw(name) == nil { reader.missing(name) }
        }
        self = .none
        switch form {
        case .none: break
        case .basic:
            need("user", user != nil)
            need("password", password != nil)
            self = .basic(user: user ?? "", password: password ?? Secret(""))
        case .bearer:
            need("token", token != nil)
            self = .bearer(token ?? Secret(""))
        case .apiKey:
            need("apiKey", key != nil)
            self = .apiKey(key ?? Secret(""), header: header ?? (query == nil ? "X-API-Key" : nil), query: query)
        case .oauth:
            need("oauth", oauth != nil)
            if let oauth { self = .oauth(oauth) }
        case .hmac:
            need("hmac", hmac != nil)
            if let hmac { self = .hmac(hmac) }
        }
    }

    func sign(_ request: inout WireRequest, over wire: any Wire) async throws(ConnectorError) {
        switch self {
        case .none: break
        case .basic(let user, let password): request.headers.append(.basic(user, password))
        case .bearer(let token): request.headers.append(.bearer(token.reveal()))
        case .apiKey(let key, let header, let query):
            if let header { request.headers.append(.init(header, key.reveal())) }
            if let query {
                request.url +=
                    (request.url.contains("?") ? "&" : "?")
                    + "\(WebAddress.encoded(query))=\(WebAddress.encoded(key.reveal()))"
            }
        case .oauth(let tokens): request.headers.append(.bearer(try await tokens.token(over: wire)))
        case .hmac(let signature): try signature.sign(&request, now: wire.now())
        }
    }

    /// Whether a refusal may only mean that a token ran out.
    var renews: Bool { if case .oauth = self { true } else { false } }

    func forget() { if case .oauth(let tokens) = self { tokens.forget() } }
}

/// A keyed hash over parts of the request (RFC 2104), as the system wants it put together.
struct RESTSignature: Sendable {
    enum Algorithm: String, CaseIterable { case sha1, sha256, sha512 }
    enum Encoding: String, CaseIterable { case hex, base64 }

    var key: Secret
    var algorithm: Algorithm
    var encoding: Encoding
    var message: RESTTemplate
    var header: String
    /// Around the signature, with `{signature}`.
    var value: RESTTemplate
    var dateHeader: String?
    var dateForm: String
    var keyID: String

    private static let names: Set<String> = [
        "method", "url", "path", "query", "date", "body", "bodySha256", "keyId", "host",
    ]

    init(reading reader: SettingsReader) {
        let secret = reader.secret("key")
        if secret == nil, reader.raw("key") == nil { reader.missing("key") }
        key = secret ?? Secret("")
        keyID = reader.text("keyId", default: "")
        algorithm = reader.choice("algorithm", default: .sha256)
        encoding = reader.choice("encoding", default: .hex)
        header = reader.text("header", default: "Authorization")
        dateHeader = reader.text("dateHeader")
        dateForm = reader.text("dateForm", default: "seconds")
        if !RESTTemplate.timeForms.contains(dateForm), let node = reader.raw("dateForm") {
            reader.faults.add(
                "should be one of \(RESTTemplate.timeForms.sorted().joined(separator: ", ")), found \(node.kindName)",
                at: node)
        }
        message = Self.template(reader, "message", "{method}\\n{path}\\n{date}\\n{body}", Self.names)
        value = Self.template(reader, "value", "{signature}", Self.names.union(["signature"]))
        reader.finish()
    }

    /// `\n` in the file is a line break.
    private static func template(
        _ reader: SettingsReader, _ key: String, _ fallback: String, _ names: Set<String>
    ) -> RESTTemplate {
        let text = reader.text(key, default: fallback).replacing("\\n", with: "\n")
        do {
            return try RESTTemplate(text, tables: []) { names.contains($0) }
        } catch {
            reader.faults.add(error.reason, at: reader.raw(key) ?? reader.node)
            return .nothing
        }
    }

    /// A body that is streamed from a file is signed as an empty one.
    func sign(_ request: inout WireRequest, now: Timestamp) throws(ConnectorError) {
        var body: [UInt8] = []
        if case .bytes(let bytes) = request.body { body = bytes }
        let rest = request.url.drop { $0 != "/" }.dropFirst(2)
        let target = rest.drop { $0 != "/" }
        let form = try RESTTemplate("{date|time:\(dateForm)}", known: ["date"])
        let date = try form.text(RESTTemplate.Scope(values: ["date": .time(now)], tables: [:])) ?? ""
        var values: [String: JSON] = [
            "method": .string(request.method), "url": .string(request.url),
            "path": .string(String(target.prefix { $0 != "?" })),
            "query": .string(WebAddress.queryText(of: request.url) ?? ""), "date": .string(date),
            "body": .string(String(decoding: body, as: UTF8.self)),
            "bodySha256": .string(SHA256.hash(data: body).hexadecimal), "keyId": .string(keyID),
            "host": .string(String(rest.prefix { $0 != "/" })),
        ]
        let text = try message.text(RESTTemplate.Scope(values: values, tables: [:])) ?? ""
        values["signature"] = .string(signature(of: Array(text.utf8)))
        if let dateHeader { request.headers.append(.init(dateHeader, date)) }
        request.headers.append(.init(header, try value.text(RESTTemplate.Scope(values: values, tables: [:])) ?? ""))
    }

    private func signature(of message: [UInt8]) -> String {
        let key = SymmetricKey(data: Array(self.key.reveal().utf8))
        let code: [UInt8] =
            switch algorithm {
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
            }
        return encoding == .hex ? code.hexadecimal : Data(code).base64EncodedString()
    }
}
