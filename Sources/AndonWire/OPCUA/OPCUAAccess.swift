import AndonModel
import Foundation
import UAClient
import UASecurity

/// To which server, and as whom: what a session is shared by.
struct OPCUAAccess: Sendable, Hashable {
    var address: ServerAddress
    var security: SecurityRequirement
    var identity: Identity

    enum Identity: Sendable, Hashable {
        case anonymous
        case user(String, password: Secret)
        case certificate(path: String, key: String)
    }

    init(_ request: WireRequest, _ address: ServerAddress, query: [String: String]) throws(WireError) {
        func value(_ name: String) -> String? {
            request.headers.first { $0.name == name && !$0.value.isEmpty }?.value ?? query[name]
        }
        self.address = address
        guard let security = Self.security(value("security") ?? "strongest") else {
            throw .notSent("\(value("security") ?? "") is no security that this server has")
        }
        self.security = security
        if let user = value("user") {
            identity = .user(user, password: Secret(value("password") ?? ""))
        } else if let path = value("user-certificate") {
            identity = .certificate(path: path, key: value("user-key") ?? "")
        } else {
            identity = .anonymous
        }
    }

    /// Nil for a word that means nothing. What is not encrypted has to be asked for by name.
    static func security(_ text: String) -> SecurityRequirement? {
        switch text {
        case "strongest": return .strongest(atLeast: .signAndEncrypt)
        case "signed": return .strongest(atLeast: .sign)
        case "none": return SecurityRequirement.none
        default:
            let parts = text.split(separator: "/", maxSplits: 1)
            let modes: [String: UASecurity.MessageSecurityMode] = ["Sign": .sign, "SignAndEncrypt": .signAndEncrypt]
            guard let policy = SecurityPolicy(rawValue: String(parts[0])), policy != .none,
                let mode = modes[parts.count > 1 ? String(parts[1]) : "SignAndEncrypt"]
            else { return nil }
            return .exactly(policy, mode)
        }
    }

    /// - Throws: 401 where a person's certificate cannot be read.
    func userIdentity() throws(OPCUAFailure) -> UserIdentity {
        switch identity {
        case .anonymous: return .anonymous
        case .user(let name, let password): return .userName(name, password: password.reveal())
        case .certificate(let path, let key):
            do {
                return .certificate(try ApplicationInstance.load(certificate: path, key: key))
            } catch {
                throw .answered(status: 401, name: "BadIdentityTokenInvalid", "\(error)")
            }
        }
    }
}
