import Foundation

/// An authority of a plant, a server of 127.0.0.1 and a client, made by openssl. PEM files.
public final class PlantCertificates: Sendable {
    private let folder: TemporaryFolder

    public var authority: String { folder.path + "/ca.pem" }
    public var server: (certificate: String, key: String) { pair("server") }
    public var client: (certificate: String, key: String) { pair("client") }

    private func pair(_ name: String) -> (certificate: String, key: String) {
        ("\(folder.path)/\(name).pem", "\(folder.path)/\(name).key")
    }

    public struct Failure: Error {
        public var output: String
    }

    public init() async throws {
        folder = try TemporaryFolder("andon-certificates")
        let path = folder.path
        try await Self.openssl("req -x509 \(Self.key) -keyout \(path)/ca.key -out \(path)/ca.pem -subj /CN=PlantCA")
        try await sign("server", Self.address)
        try await sign("client")
    }

    private static let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    private static let address = " -addext subjectAltName=IP:127.0.0.1"

    /// Another key and certificate of the server, by the same authority, as each year brings them.
    public func renewedServer() async throws -> (certificate: String, key: String) {
        try await sign("renewed", Self.address)
        return pair("renewed")
    }

    private func sign(_ name: String, _ extra: String = "") async throws {
        let path = folder.path
        try await Self.openssl(
            "req -x509 \(Self.key) -CA \(path)/ca.pem -CAkey \(path)/ca.key -keyout \(path)/\(name).key "
                + "-out \(path)/\(name).pem -subj /CN=\(name)\(extra)")
    }

    private static func openssl(_ arguments: String) async throws {
        let words = arguments.split(separator: " ").map(String.init)
        let run = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), ["openssl"] + words)
        guard run.status == 0 else { throw Failure(output: run.output) }
    }
}
