import AndonInference
import AndonVision
import Foundation
import Testing

@Suite("Open Inference Protocol over TLS", .enabled(if: Counterpart.isThere, Counterpart.reason))
struct SecureTests {
    @Test("A plant's own authority is trusted where it is named, and only there", arguments: BackEnd.allCases)
    func authority(_ backEnd: BackEnd) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("inference-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["certificate.pem", "key.pem"].map { folder.appendingPathComponent($0).path }
        try Self.makeCertificate(files)
        let process = try await ServerProcess(tls: files)
        var server = OpenInferenceServer(
            host: "localhost", port: backEnd == .http ? process.http : process.grpc, usesTLS: true, model: "classify",
            deadline: .seconds(20), readyWithin: .zero)
        let untrusted = await failure { [server] in _ = try await Self.connect(backEnd, server) }
        #expect(untrusted?.kind == .unavailable)
        server.trustedCertificates = [files[0]]
        let engine = try await Self.connect(backEnd, server)
        let input = ["image": sample([2, 3, 16, 16])]
        let own = try await Counterpart.engine("classify").infer(input, outputs: ["best"])
        #expect(try await engine.infer(input, outputs: ["best"]) == own)
        await engine.close()
        process.kill()
    }

    private static func connect(_ backEnd: BackEnd, _ server: OpenInferenceServer) async throws -> any InferenceEngine {
        switch backEnd {
        case .http: try await OpenInferenceHTTP.connect(to: server, connect: loopback)
        case .grpc: try await OpenInferenceGRPC.connect(to: server, connect: loopback)
        }
    }

    private static func makeCertificate(_ files: [String]) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1],
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }
}
