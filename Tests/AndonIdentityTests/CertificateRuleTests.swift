import AndonIdentity
import Testing

@Suite("Whom a client's certificate stands for")
struct CertificateRuleTests {
    private static let digest = String(repeating: "a1", count: 32)

    private func certificate(_ subject: String, _ fingerprint: String = digest) -> ClientCertificate {
        ClientCertificate(subject: SubjectName(subject), fingerprint: fingerprint)
    }

    private func rule(_ subject: String, _ name: String = "camera") throws -> CertificateRule {
        CertificateRule(.subject(try #require(SubjectName(subject))), .machine(name: name, [.report], sites: []))
    }

    @Test("A subject is the same however its types, spaces, escapes and order are written")
    func sameNames() throws {
        let name = "CN=press-vision,OU=Line 1\\, left,O=Plant"
        for other in [
            "cn=press-vision, ou=Line 1\\, left, o=Plant", "commonName=press-vision,OU=Line 1\\2C left,O=Plant",
            "O=Plant,OU=Line 1\\, left,CN=press-vision", " CN = press-vision ,OU=Line 1\\, left,O= Plant ",
        ] {
            #expect(try rule(other).matches(certificate(name)), "\(other)")
        }
        #expect(SubjectName("emailAddress=a@b.example") == SubjectName("E=a@b.example"))
    }

    @Test("Another value, a missing or a further attribute, and another case of a value are another name")
    func otherNames() throws {
        for other in [
            "CN=press-vision", "CN=press-vision2,O=Plant", "CN=Press-Vision,O=Plant", "CN=press-vision,O=Plant,C=DE",
            "O=press-vision,CN=Plant",
        ] {
            #expect(try !rule(other).matches(certificate("CN=press-vision,O=Plant")), "\(other)")
        }
        #expect(try !rule("CN=x").matches(ClientCertificate(subject: nil, fingerprint: Self.digest)))
    }

    @Test(
        "What is no name is none", arguments: ["", "press", "CN=", "CN", "=x", "CN=a,", "CN=a\\", "C N=a,?=b", "CN=  "])
    func noNames(_ text: String) {
        #expect(SubjectName(text) == nil)
    }

    @Test("Spaces around a value count when they are escaped, and any byte may be written by its number")
    func escapes() {
        #expect(SubjectName("CN=\\ a\\ ")?.commonName == " a ")
        #expect(SubjectName("CN=M\\C3\\BCller\\+Sohn")?.commonName == "Müller+Sohn")
        #expect(SubjectName(String(repeating: "CN=a,", count: 500) + "O=b") == nil, "2000 bytes at most")
    }

    @Test("A fingerprint goes before a subject, and of several subjects the first counts")
    func precedence() throws {
        let exact = CertificateRule(.fingerprint(Self.digest), .person(login: "m.weber"))
        let rules = [try rule("CN=a", "first"), try rule("CN=a", "second"), exact]
        #expect(CertificateRule.first(for: certificate("CN=a"), in: rules) == exact)
        let other = certificate("CN=a", String(repeating: "b2", count: 32))
        #expect(CertificateRule.first(for: other, in: rules) == rules[0])
        #expect(CertificateRule.first(for: certificate("CN=b", "00"), in: rules) == nil)
    }
}
