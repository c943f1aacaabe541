import AndonModel
import AndonTesting
import AndonWire
import Foundation
import Testing

@Suite("Certificates on both sides")
struct CertificateTests {
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
        let plant = try await PlantCertificates()
        let certificates = StandInServer.Certificates(
            certificate: plant.server.certificate, key: plant.server.key, clients: plant.authority
        )
        let server = try await StandInServer(certificates: certificates) { _ in .answer(status: 204) }
        let own = (plant.client.certificate, plant.client.key)
        let trusted = [plant.authority]
        #expect(
            await words(WireSettings(trustedCertificates: trusted, clientCertificate: own), server.address)
                == "answered 204")
        #expect(await !words(WireSettings(trustedCertificates: trusted), server.address).contains("answered"))
        let stranger = await words(WireSettings(clientCertificate: own), server.address)
        #expect(stranger.contains("notSent") && stranger.lowercased().contains("certificate"), "\(stranger)")
        let gone = await words(
            WireSettings(trustedCertificates: trusted, clientCertificate: (plant.authority + ".none", "x")),
            server.address)
        #expect(gone.contains("cannot be used"), "\(gone)")
        try await server.stop()
    }
}
