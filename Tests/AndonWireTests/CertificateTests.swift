import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing

@Suite("Certificates on both sides")
struct CertificateTests {
    /// An authority, a server of 127.0.0.1 and a client, made by openssl.
    private func make(in folder: TemporaryFolder) async throws {
        func openssl(_ arguments: String) async throws {
            let words = arguments.split(separator: " ").map(String.init)
            let run = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), ["openssl"] + words)
            guard run.status == 0 else { throw Failure(output: run.output) }
        }
        let path = folder.path
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        try await openssl("req -x509 \(key) -keyout \(path)/ca.key -out \(path)/ca.pem -subj /CN=PlantCA")
        for (name, extra) in [("server", " -addext subjectAltName=IP:127.0.0.1"), ("client", "")] {
            try await openssl(
                "req -x509 \(key) -CA \(path)/ca.pem -CAkey \(path)/ca.key -keyout \(path)/\(name).key -out \(path)/\(name).pem -subj /CN=\(name)\(extra)"
            )
        }
    }

    private struct Failure: Error {
        var output: String
    }

    private func words(_ settings: WireSettings, _ address: String) async -> String {
        let time = SystemTime()
        let wire = LiveWire(egress: EgressGuard(time: time, allows: { _ in true }), time: time, settings: settings)
        do throws(WireError) {
            let answer = try await wire.exchange(WireRequest("GET", address))
            await wire.close()
            return "answered \(answer.status)"
        } catch {
            await wire.close()
            return "\(error)"
        }
    }

    @Test(
        "A server that asks for a certificate gets ours; without one, or with a stranger's server, nothing is exchanged"
    )
    func both() async throws {
        let folder = try TemporaryFolder()
        try await make(in: folder)
        let certificates = StandInServer.Certificates(
            certificate: folder.path + "/server.pem", key: folder.path + "/server.key", clients: folder.path + "/ca.pem"
        )
        let server = try await StandInServer(certificates: certificates) { _ in .answer(status: 204) }
        let own = (folder.path + "/client.pem", folder.path + "/client.key")
        let trusted = [folder.path + "/ca.pem"]
        #expect(
            await words(WireSettings(trustedCertificates: trusted, clientCertificate: own), server.address)
                == "answered 204")
        #expect(await !words(WireSettings(trustedCertificates: trusted), server.address).contains("answered"))
        let stranger = await words(WireSettings(clientCertificate: own), server.address)
        #expect(stranger.contains("notSent") && stranger.lowercased().contains("certificate"), "\(stranger)")
        let gone = await words(
            WireSettings(trustedCertificates: trusted, clientCertificate: (folder.path + "/none", "x")), server.address)
        #expect(gone.contains("cannot be used"), "\(gone)")
        try await server.stop()
    }
}
