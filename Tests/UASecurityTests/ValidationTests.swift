import Foundation
import Testing

@testable import UASecurity

@Suite("A peer's certificate is checked in the order of the standard")
struct ValidationTests {
    private let client = CertificateExpectation(role: .client, applicationURI: Authority.uri)

    @discardableResult
    private func check(
        _ chain: [String], trusted: [String], issuers: [String] = [], lists: [String] = [],
        _ expected: CertificateExpectation? = nil, now: Date = Date()
    ) throws -> ValidatedCertificate {
        let plant = try Authority.plant()
        let anchors = try plant.anchors(trusted: trusted, issuers: issuers, lists: lists)
        let sent = try PeerCertificate.chain(chain.flatMap { try plant($0) })
        return try CertificateValidator(anchors: anchors, now: now).validate(sent, expected ?? client)
    }

    /// The name of the status with which a chain is refused.
    private func refusal(
        _ chain: [String], trusted: [String] = ["root"], issuers: [String] = ["sub"],
        lists: [String] = ["rootList", "subList"], _ expected: CertificateExpectation? = nil
    ) throws -> String {
        let fault = #expect(throws: CertificateFault.self, "\(chain)") {
            try check(chain, trusted: trusted, issuers: issuers, lists: lists, expected)
        }
        return fault.map(\.statusName) ?? "accepted"
    }

    @Test("Trusted are a listed certificate, and what a listed authority issued")
    func trusted() throws {
        #expect(try check(["self"], trusted: ["self"]).chain.count == 1)
        let lists = ["rootList", "subList"]
        #expect(try check(["good"], trusted: ["root"], issuers: ["sub"], lists: lists).chain.count == 3)
        #expect(try check(["good", "sub"], trusted: ["root"], lists: lists).chain.count == 3)
        #expect(try check(["good", "sub", "root"], trusted: ["root"], lists: lists).chain.count == 3)
        #expect(try check(["good", "sub"], trusted: ["sub"], issuers: ["root"], lists: lists).chain.count == 3)
        #expect(try check(["good", "root", "sub"], trusted: ["root"], lists: lists).chain.count == 3)
        try check(["underRoot"], trusted: ["root"], lists: ["rootList"])
        try check(["both"], trusted: ["root"], issuers: ["sub"], lists: lists)
        try check(
            ["serverOnly"], trusted: ["root"], issuers: ["sub"], lists: lists,
            .init(role: .server, applicationURI: Authority.uri))
        try check(["user"], trusted: ["root"], issuers: ["sub"], lists: lists, .init(role: .user))
        // A leaf that the plant itself listed needs no revocation list.
        try check(["good"], trusted: ["good"], issuers: ["sub", "root"])
        // Before CreateSession the URI is not known yet, but there must be one.
        try check(["self"], trusted: ["self"], .init(role: .client))
        #expect(try check(["self"], trusted: ["self"]).publicKey.bitCount == 2048)
    }

    @Test("Nothing is trusted because the peer sent it, or because it helps to build a chain")
    func untrusted() throws {
        #expect(try refusal(["stranger"]) == "Bad_CertificateUntrusted")
        #expect(try refusal(["good", "sub", "root"], trusted: ["self"], issuers: []) == "Bad_CertificateUntrusted")
        #expect(try refusal(["good"], trusted: [], issuers: ["sub", "root"]) == "Bad_CertificateUntrusted")
        #expect(try refusal(["good"], trusted: ["root"], issuers: []) == "Bad_CertificateChainIncomplete")
        #expect(try refusal(["good", "sub"], trusted: ["self"], issuers: []) == "Bad_CertificateChainIncomplete")
    }

    @Test(
        "Each fault has the status of the standard",
        arguments: [
            ("forged", "Bad_CertificateInvalid"), ("selfForged", "Bad_CertificateInvalid"),
            ("small", "Bad_CertificatePolicyCheckFailed"),
            ("sha1", "Bad_CertificatePolicyCheckFailed"), ("critical", "Bad_CertificatePolicyCheckFailed"),
            ("expired", "Bad_CertificateTimeInvalid"), ("early", "Bad_CertificateTimeInvalid"),
            ("noURI", "Bad_CertificateUriInvalid"), ("otherURI", "Bad_CertificateUriInvalid"),
            ("noUses", "Bad_CertificateUseNotAllowed"), ("noSignature", "Bad_CertificateUseNotAllowed"),
            ("noEncipherment", "Bad_CertificateUseNotAllowed"), ("serverOnly", "Bad_CertificateUseNotAllowed"),
            ("revoked", "Bad_CertificateRevoked"), ("big", "Bad_CertificateRevoked"),
        ])
    func faults(_ name: String, _ status: String) throws {
        #expect(try refusal([name]) == status)
    }

    @Test(
        "The issuers are held to the same",
        arguments: [
            ("underNoCA", "noCA", "Bad_CertificateIssuerUseNotAllowed"),
            ("underNoSign", "noSign", "Bad_CertificateIssuerUseNotAllowed"),
            ("underOldCA", "oldCA", "Bad_CertificateIssuerTimeInvalid"),
            ("underTooDeep", "tooDeep", "Bad_CertificateIssuerUseNotAllowed"),
        ])
    func issuers(_ name: String, _ issuer: String, _ status: String) throws {
        #expect(try refusal([name, issuer], trusted: ["root", "flatRoot"], issuers: []) == status)
    }

    @Test("A chain without end and one too deep end in a refusal")
    func endless() throws {
        #expect(try refusal(["underLoop", "loopA", "loopB"], trusted: ["loopA"]) == "Bad_CertificateChainIncomplete")
        #expect(try refusal(["underDeep", "deep2", "deep1", "sub"], trusted: ["root"]) == "Bad_CertificateInvalid")
    }

    @Test("Without a current list of the issuer's nobody knows what it took back")
    func revocation() throws {
        let unknown = "Bad_CertificateRevocationUnknown"
        #expect(try refusal(["good"], lists: ["rootList"]) == unknown)
        for list in ["oldList", "futureList", "forgedList"] {
            #expect(try refusal(["good"], lists: ["rootList", list]) == unknown, "\(list)")
        }
        #expect(try refusal(["good"], lists: ["subList"]) == "Bad_CertificateIssuerRevocationUnknown")
        #expect(try refusal(["good"], lists: ["subRevoked", "subList"]) == "Bad_CertificateIssuerRevoked")
        // An authority whose key usage does not allow it signed a list.
        #expect(try refusal(["underNoLists", "noLists"], lists: ["rootList", "listOfNoLists"]) == unknown)
        // A list that is too old still says what it says, beside one that is current.
        #expect(try refusal(["good"], lists: ["rootList", "emptyList", "oldRevoking"]) == "Bad_CertificateRevoked")
        // Listed by the plant, but taken back by its authority.
        #expect(
            try refusal(["revoked"], trusted: ["revoked"], issuers: ["sub", "root"], lists: ["subList"])
                == "Bad_CertificateRevoked")
        let plant = try Authority.plant()
        #expect(throws: (any Error).self) { try RevocationList(der: plant("deltaList")) }
    }

    @Test("openssl's own lists are read, and openssl agrees about who is revoked")
    func openssl() throws {
        let plant = try Authority.plant()
        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String) -> String { folder.appendingPathComponent(name).path }
        let configuration = """
            [req]
            distinguished_name = name
            [name]
            [ca]
            default_ca = plant
            [plant]
            database = \(file("index"))
            crlnumber = \(file("number"))
            default_md = sha256
            default_crl_days = 30
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: file("cnf")))
        try Data().write(to: URL(fileURLWithPath: file("index")))
        try Data("01\n".utf8).write(to: URL(fileURLWithPath: file("number")))
        let key = try Peer.openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        try Data(key.utf8).write(to: URL(fileURLWithPath: file("key")))
        _ = try Peer.openssl(
            "req", "-config", file("cnf"), "-x509", "-new", "-key", file("key"), "-subj", "/CN=Works CA", "-addext",
            "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", file("ca"))
        for name in ["one", "two"] {
            _ = try Peer.openssl(
                "req", "-config", file("cnf"), "-x509", "-CA", file("ca"), "-CAkey", file("key"), "-newkey", "rsa:2048",
                "-nodes", "-keyout",
                file("k"), "-subj", "/CN=\(name)", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
                "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment", "-addext",
                "subjectAltName=URI:\(Authority.uri)", "-out", file(name))
        }
        let ca = ["-config", file("cnf"), "-cert", file("ca"), "-keyfile", file("key")]
        _ = try Peer.openssl("ca", "-revoke", file("two"), ca[0], ca[1], ca[2], ca[3], ca[4], ca[5])
        _ = try Peer.openssl("ca", "-gencrl", "-out", file("crl"), ca[0], ca[1], ca[2], ca[3], ca[4], ca[5])
        func der(_ kind: String, _ name: String) throws -> [UInt8] {
            _ = try Peer.openssl(kind, "-in", file(name), "-outform", "DER", "-out", file("der"))
            return Array(try Data(contentsOf: URL(fileURLWithPath: file("der"))))
        }
        let anchors = try TrustAnchors(trusted: [der("x509", "ca"), plant("root")], lists: [der("crl", "crl")])
        let now = Date().addingTimeInterval(2)
        let validator = CertificateValidator(anchors: anchors, now: now)
        #expect(try validator.validate(PeerCertificate.chain(der("x509", "one")), client).chain.count == 2)
        let fault = #expect(throws: CertificateFault.self) {
            try validator.validate(PeerCertificate.chain(der("x509", "two")), client)
        }
        #expect(fault?.statusName == "Bad_CertificateRevoked")
        let verify = ["verify", "-crl_check", "-CAfile", file("ca"), "-CRLfile", file("crl")]
        #expect(
            try Peer.openssl(verify[0], verify[1], verify[2], verify[3], verify[4], verify[5], file("one")).contains(
                "OK"))
        #expect(throws: Peer.Failed.self) {
            try Peer.openssl(verify[0], verify[1], verify[2], verify[3], verify[4], verify[5], file("two"))
        }
    }

    @Test("A wrong host is a warning, or a refusal where that is asked for")
    func hosts() throws {
        for host in ["camera.plant7", "PRESS7", "192.0.2.9"] {
            let checked = try check(
                ["self"], trusted: ["self"], .init(role: .server, applicationURI: Authority.uri, hostName: host))
            #expect(checked.warnings.isEmpty, "\(host)")
        }
        for host in ["camera", "plant7", "192.0.2.90", "camera.plant7.", ""] {
            var expected = CertificateExpectation(role: .server, applicationURI: Authority.uri, hostName: host)
            #expect(
                try check(["self"], trusted: ["self"], expected).warnings.map(\.statusName) == [
                    "Bad_CertificateHostNameInvalid"
                ])
            expected.refusesWrongHost = true
            #expect(try refusal(["self"], trusted: ["self"], expected) == "Bad_CertificateHostNameInvalid")
        }
    }

    @Test("The peer hears only of time, use, URI and host; the engineer hears what to do")
    func words() throws {
        let all: [CertificateFault] = [
            .structure("x"), .chainIncomplete(issuer: "CN=CA"), .signature(subject: "CN=A"), .policy("x"),
            .untrusted(thumbprint: "00ff"), .time(notBefore: .distantPast, notAfter: .distantFuture, issuer: false),
            .hostName(expected: "a", named: ["b"]), .uri(expected: "urn:a", named: nil), .use("x", issuer: true),
            .revocationUnknown(issuer: "CN=CA", ofIssuer: false), .revoked(subject: "CN=A", ofIssuer: true),
        ]
        let told = Set(all.filter { $0.answer == $0.statusCode }.map(\.statusName))
        #expect(
            told == [
                "Bad_CertificateTimeInvalid", "Bad_CertificateHostNameInvalid", "Bad_CertificateUriInvalid",
                "Bad_CertificateIssuerUseNotAllowed",
            ])
        #expect(all.filter { $0.answer != $0.statusCode }.allSatisfy { $0.answer == SecurityChecksFailed.statusCode })
        #expect(all.allSatisfy { $0.description.hasSuffix(".") && $0.description.count > 40 })
        #expect("\(CertificateFault.untrusted(thumbprint: "00ff"))".contains("00ff"))
    }
}
