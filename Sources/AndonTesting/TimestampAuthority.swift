import Foundation

/// A real time stamping authority (RFC 3161): `openssl ts` with a certificate of its own.
public final class TimestampAuthority: Sendable {
    private let folder: TemporaryFolder

    /// What openssl asks for; the signer's certificate must be for time stamping alone.
    private static let configuration = """
        [req]
        distinguished_name = name
        x509_extensions = signer
        [name]
        [signer]
        basicConstraints = critical, CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        [tsa]
        default_tsa = authority
        [authority]
        serial = FOLDER/serial
        signer_cert = FOLDER/certificate.pem
        signer_key = FOLDER/key.pem
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        accuracy = secs:1
        ordering = yes
        tsa_name = yes
        ess_cert_id_chain = no

        """

    public init() async throws {
        folder = try TemporaryFolder("andon-tsa")
        let text = Self.configuration.replacing("FOLDER", with: folder.path)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/openssl.cnf"))
        try Data("01\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/serial"))
        try await openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=Test authority", "-config", folder.path + "/openssl.cnf", "-keyout", folder.path + "/key.pem", "-out",
            folder.path + "/certificate.pem",
        ])
    }

    /// The answer to a request, both DER. A request that openssl does not understand is answered with a refusal.
    public func answer(_ request: [UInt8]) async throws -> [UInt8] {
        let name = folder.path + "/\(UUID().uuidString)"
        try Data(request).write(to: URL(fileURLWithPath: name + ".tsq"))
        try await openssl([
            "ts", "-reply", "-config", folder.path + "/openssl.cnf", "-section", "authority", "-queryfile",
            name + ".tsq", "-out", name + ".tsr",
        ])
        return Array(try Data(contentsOf: URL(fileURLWithPath: name + ".tsr")))
    }

    /// Whether `openssl ts -verify` takes the answer for one about `bytes`, by this authority.
    public func verifies(_ answer: [UInt8], of bytes: [UInt8]) async throws -> Bool {
        let name = folder.path + "/\(UUID().uuidString)"
        try Data(answer).write(to: URL(fileURLWithPath: name + ".tsr"))
        try Data(bytes).write(to: URL(fileURLWithPath: name + ".data"))
        let result = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/openssl"),
            [
                "ts", "-verify", "-in", name + ".tsr", "-data", name + ".data", "-CAfile",
                folder.path + "/certificate.pem",
            ])
        return result.status == 0
    }

    private func openssl(_ arguments: [String]) async throws {
        let result = try await runProgram(URL(fileURLWithPath: "/usr/bin/openssl"), arguments)
        guard result.status == 0 else { throw Failure(words: result.output) }
    }

    struct Failure: Error {
        var words: String
    }

    /// Serves it, whatever the path.
    public func serve() async throws -> StandInServer {
        try await StandInServer { request in
            guard let answer = try? await self.answer(request.body) else { return .answer(status: 500) }
            return .answer(status: 200, headers: [("Content-Type", "application/timestamp-reply")], body: answer)
        }
    }
}
