import Foundation
import Testing

@testable import UASecurity

@Suite("This application's own certificate")
struct OwnCertificateTests {
    private var description: ApplicationDescription {
        ApplicationDescription(
            applicationURI: "urn:plant-7:andon:server", name: "Andon Sérvice", organization: "Plant 7",
            hostNames: ["andon.plant7.example", "localhost"], addresses: ["192.0.2.7", "2001:db8::7"])
    }

    @Test("Two other readers find in it what OPC UA asks for")
    func contents() throws {
        let now = Date()
        let made = try ApplicationInstance.make(description, key: TestKeys.client(), now: now)
        let fields = try Peer.run([["op": "read", "der": hexadecimal(made.certificate.der)]])[0].split(
            separator: "|", omittingEmptySubsequences: false
        ).map(String.init)
        #expect(fields[0] == fields[1] && fields[0].contains("CN=Andon Sérvice") && fields[0].contains("O=Plant 7"))
        #expect(fields[2] == "urn:plant-7:andon:server")
        #expect(fields[3] == "andon.plant7.example,localhost")
        #expect(fields[4] == "192.0.2.7,2001:db8::7")
        #expect(fields[5] == "digital_signature,content_commitment,key_encipherment,data_encipherment,key_cert_sign")
        #expect(fields[6] == "clientAuth,serverAuth")
        #expect(fields[7] == "\(1826.0 * 86_400 + 3600)")
        #expect(fields[8] == "sha256")
        #expect(fields[9] == made.certificate.thumbprintText)
        #expect(fields[10] == "127", "the serial number has 16 bytes and its first bit is clear")
        #expect(fields[11] == "2048")

        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.der").path
        try Data(made.chain).write(to: URL(fileURLWithPath: file))
        let text = try Peer.openssl("x509", "-inform", "DER", "-in", file, "-noout", "-text")
        #expect(text.contains("CA:FALSE") && text.contains("X509v3 Basic Constraints: critical"))
        #expect(text.contains("URI:urn:plant-7:andon:server") && text.contains("X509v3 Key Usage: critical"))
        let pem = try Peer.openssl("x509", "-inform", "DER", "-in", file)
        try Data(pem.utf8).write(to: URL(fileURLWithPath: file + ".pem"))
        #expect(try Peer.openssl("verify", "-check_ss_sig", "-CAfile", file + ".pem", file + ".pem").contains("OK"))

        #expect(made.certificate.applicationURI == "urn:plant-7:andon:server")
        #expect(made.certificate.hostNames == ["andon.plant7.example", "localhost"])
        #expect(made.certificate.addresses.compactMap(addressText) == ["192.0.2.7", "2001:db8::7"])
        #expect(made.certificate.notBefore <= now && now.addingTimeInterval(1825 * 86_400) < made.certificate.notAfter)
    }

    @Test("It is made at the first start, its key for its owner only, and found again at the next")
    func firstStart() throws {
        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try ApplicationInstance.loadOrMake(folder: folder, description)
        let keyFile = folder.appendingPathComponent(ApplicationInstance.keyPath)
        func mode(_ url: URL) throws -> Int? {
            (try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode(keyFile) == 0o600)
        #expect(try mode(keyFile.deletingLastPathComponent()) == 0o700)
        #expect(try Peer.openssl("rsa", "-in", keyFile.path, "-check", "-noout").contains("RSA key ok"))
        let second = try ApplicationInstance.loadOrMake(folder: folder, description)
        #expect(second.certificate == first.certificate && second.chain == first.chain)

        // A crash after the key and before the certificate: the next start goes on with that key.
        let certificateFile = folder.appendingPathComponent(ApplicationInstance.certificatePath)
        try FileManager.default.removeItem(at: certificateFile)
        let third = try ApplicationInstance.loadOrMake(folder: folder, description)
        #expect(third.key.pem == first.key.pem && third.certificate != first.certificate)

        var other = description
        other.applicationURI = "urn:plant-8"
        #expect(throws: ApplicationInstance.Failure.self) { try ApplicationInstance.loadOrMake(folder: folder, other) }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keyFile.path)
        let readable = #expect(throws: ApplicationInstance.Failure.self) {
            try ApplicationInstance.loadOrMake(folder: folder, description)
        }
        #expect("\(readable, default: "")".contains("chmod 600"))
        try Data(TestKeys.server().pem.utf8).write(to: keyFile)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile.path)
        let unfit = #expect(throws: ApplicationInstance.Failure.self) {
            try ApplicationInstance.loadOrMake(folder: folder, description)
        }
        #expect("\(unfit, default: "")".contains("was not made for the private key"))
        try FileManager.default.removeItem(at: keyFile)
        let missing = #expect(throws: ApplicationInstance.Failure.self) {
            try ApplicationInstance.loadOrMake(folder: folder, description)
        }
        #expect("\(missing, default: "")".contains("missing"))
    }

    @Test("A pair that openssl made, in PEM with its issuer after it, is taken")
    func foreignPair() throws {
        let uri = description.applicationURI
        let key = try TestKeys.server()
        let made = try Peer.run([
            ["op": "key", "name": "ca", "bits": "2048"], ["op": "key", "name": "own", "pem": key.pem],
            ["op": "certificate", "name": "ca", "subject": "CA", "key": "ca", "ca": "yes"],
            [
                "op": "certificate", "name": "a", "subject": "A", "issuer": "CA", "issuerKey": "ca", "key": "own",
                "uri": uri,
            ],
        ])
        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        for (path, text) in [
            (ApplicationInstance.keyPath, key.pem),
            (ApplicationInstance.certificatePath, try [made[3], made[2]].map { try pem(bytes($0)) }.joined()),
        ] {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
        let loaded = try ApplicationInstance.loadOrMake(folder: folder, description)
        #expect(try loaded.chain == bytes(made[3] + made[2]))
        #expect(loaded.certificate.issuer.contains("CA"))
    }

    @Test("What cannot stand in a certificate is refused in words")
    func badDescriptions() throws {
        let key = try TestKeys.client()
        var none = description
        none.applicationURI = ""
        var address = description
        address.addresses = ["192.0.2"]
        var host = description
        host.hostNames = ["höst"]
        var weak = description
        weak.keyBits = 1024
        for wrong in [none, address, host] {
            #expect(throws: ApplicationInstance.Failure.self) { try ApplicationInstance.make(wrong, key: key) }
        }
        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: ApplicationInstance.Failure.self) { try ApplicationInstance.loadOrMake(folder: folder, weak) }
    }
}

/// DER as a PEM certificate.
func pem(_ der: [UInt8]) throws -> String {
    let body = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
}
