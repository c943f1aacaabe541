import Logging
import ServiceLifecycle
import UnixSignals

/// Reads certificate and key again at each SIGHUP, so that a renewed certificate needs no restart.
struct CertificateService: Service {
    let security: TransportSecurity
    let logger: Logger

    func run() async throws {
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in hangUps { reload() }
        }
        // A service that ends ends the server.
        try? await gracefulShutdown()
    }

    private func reload() {
        do {
            try security.reload()
            logger.notice("new connections are served with the certificate as its file has it now")
        } catch {
            logger.error("the earlier certificate stays in force", metadata: ["error": "\(error)"])
        }
    }
}
