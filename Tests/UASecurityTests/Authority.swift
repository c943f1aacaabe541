import Foundation
import Testing

@testable import UASecurity

/// Certificates and lists of a small plant, made by Python's cryptography: a root, an authority under it, applications.
struct Authority {
    private(set) var der: [String: [UInt8]] = [:]

    static let uri = "urn:press-7:camera"

    /// Certificates by name, as peer.py's fields; what is missing is usual: subject = name, key "leaf", a leaf's uses.
    private static let certificates: [[String: String]] = [
        ["name": "root", "key": "root", "ca": "yes"],
        ["name": "sub", "key": "sub", "issuer": "root", "issuerKey": "root", "ca": "yes", "serial": "500"],
        leaf("good", ["serial": "1001"]), leaf("revoked", ["serial": "1002"]), leaf("big", ["serial": "\(UInt64.max)"]),
        ["name": "self", "key": "leaf", "uri": uri, "dns": "camera.plant7,press7", "ip": "192.0.2.9"],
        ["name": "stranger", "key": "other", "uri": uri],
        ["name": "selfForged", "key": "leaf", "issuerKey": "other", "uri": uri],
        ["name": "underRoot", "key": "leaf", "issuer": "root", "issuerKey": "root", "uri": uri],
        leaf("expired", ["from": "-9", "to": "-3"]), leaf("early", ["from": "3"]), leaf("noURI", ["uri": ""]),
        leaf("otherURI", ["uri": uri + "2"]), leaf("noUses", ["uses": ""]),
        leaf("noSignature", ["uses": "key_encipherment,data_encipherment"]),
        leaf("noEncipherment", ["uses": "digital_signature,key_encipherment"]),
        leaf("serverOnly", ["extended": "SERVER_AUTH"]), leaf("both", ["extended": "SERVER_AUTH,CLIENT_AUTH"]),
        leaf("critical", ["critical": "1.3.6.1.4.1.99999.1"]), leaf("sha1", ["digest": "SHA1"]),
        leaf("forged", ["issuerKey": "other"]), leaf("small", ["key": "small"]),
        leaf("user", ["uri": "", "uses": "digital_signature"]),
        // An issuer that is none, one that may not sign, one that may not stand so high, one out of date.
        ["name": "noCA", "key": "sub", "issuer": "root", "issuerKey": "root"],
        ["name": "underNoCA", "key": "leaf", "issuer": "noCA", "issuerKey": "sub", "uri": uri],
        ["name": "noSign", "key": "sub", "issuer": "root", "issuerKey": "root", "ca": "yes", "uses": "crl_sign"],
        ["name": "underNoSign", "key": "leaf", "issuer": "noSign", "issuerKey": "sub", "uri": uri],
        ["name": "flatRoot", "key": "root", "ca": "yes", "pathLength": "0"],
        ["name": "tooDeep", "key": "sub", "issuer": "flatRoot", "issuerKey": "root", "ca": "yes"],
        ["name": "underTooDeep", "key": "leaf", "issuer": "tooDeep", "issuerKey": "sub", "uri": uri],
        ["name": "oldCA", "key": "sub", "issuer": "root", "issuerKey": "root", "ca": "yes", "from": "-9", "to": "-3"],
        ["name": "underOldCA", "key": "leaf", "issuer": "oldCA", "issuerKey": "sub", "uri": uri],
        ["name": "noLists", "key": "sub", "issuer": "root", "issuerKey": "root", "ca": "yes", "uses": "key_cert_sign"],
        ["name": "underNoLists", "key": "leaf", "issuer": "noLists", "issuerKey": "sub", "uri": uri],
        // Each signed the other: a chain without end.
        ["name": "loopA", "key": "root", "issuer": "loopB", "issuerKey": "sub", "ca": "yes"],
        ["name": "loopB", "key": "sub", "issuer": "loopA", "issuerKey": "root", "ca": "yes"],
        ["name": "underLoop", "key": "leaf", "issuer": "loopA", "issuerKey": "root", "uri": uri],
        // Deeper than four.
        ["name": "deep1", "key": "sub", "issuer": "sub", "issuerKey": "sub", "ca": "yes"],
        ["name": "deep2", "key": "sub", "issuer": "deep1", "issuerKey": "sub", "ca": "yes"],
        ["name": "underDeep", "key": "leaf", "issuer": "deep2", "issuerKey": "sub", "uri": uri],
    ]

    private static let lists: [[String: String]] = [
        ["name": "rootList", "issuer": "root", "key": "root", "revoked": "77"],
        ["name": "subList", "issuer": "sub", "key": "sub", "revoked": "1002,\(UInt64.max)", "reason": "yes"],
        ["name": "emptyList", "issuer": "sub", "key": "sub"],
        ["name": "oldList", "issuer": "sub", "key": "sub", "from": "-9", "to": "-1"],
        ["name": "oldRevoking", "issuer": "sub", "key": "sub", "from": "-9", "to": "-1", "revoked": "1001"],
        ["name": "futureList", "issuer": "sub", "key": "sub", "from": "1"],
        ["name": "forgedList", "issuer": "sub", "key": "other"],
        ["name": "listOfNoLists", "issuer": "noLists", "key": "sub"],
        ["name": "deltaList", "issuer": "sub", "key": "sub", "delta": "yes"],
        ["name": "subRevoked", "issuer": "root", "key": "root", "revoked": "500"],
    ]

    private static func leaf(_ name: String, _ fields: [String: String]) -> [String: String] {
        ["name": name, "key": "leaf", "issuer": "sub", "issuerKey": "sub", "uri": uri].merging(fields) { $1 }
    }

    private static let made = Result { try Authority() }

    /// The plant, made once.
    static func plant() throws -> Authority { try made.get() }

    private init() throws {
        let keys = ["root", "sub", "leaf", "other"].map { ["op": "key", "name": $0, "bits": "2048"] }
        let certificates = Self.certificates.map {
            $0.merging(["op": "certificate", "subject": $0["name"] ?? ""]) { $1 }
        }
        let lists = Self.lists.map { $0.merging(["op": "crl"]) { $1 } }
        let small = ["op": "key", "name": "small", "bits": "1024"]
        let results = try Peer.run(keys + [small] + certificates + lists).dropFirst(keys.count + 1)
        for (call, result) in zip(Self.certificates + Self.lists, results) {
            der[call["name"] ?? ""] = try bytes(result)
        }
    }

    func callAsFunction(_ name: String) throws -> [UInt8] { try #require(der[name], "\(name)") }

    func anchors(trusted: [String], issuers: [String] = [], lists: [String] = []) throws -> TrustAnchors {
        try TrustAnchors(
            trusted: trusted.map { try self($0) }, issuers: issuers.map { try self($0) },
            lists: lists.map { try self($0) })
    }
}
