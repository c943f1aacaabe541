import AndonAudit
import AndonModel
import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Where the running server is, what is shown to it, and who may have signed its certificate: the same for every command that
/// asks one.
struct ServerOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "Address of the running server.")
    var server = "http://127.0.0.1:8080"

    @Option(help: "Name of the environment variable that holds the API key, where the server asks for one.")
    var keyVariable = "ANDON_API_KEY"

    @Option(
        help:
            "PEM file with the plant's authority that signed the server's certificate; else the one that ANDON_CA names."
    )
    var ca: String?
}

/// The way to a running server.
struct ServerConnection {
    let address: String
    private let key: String?
    /// Trusted beside the system's authorities; a PEM file.
    private let authorityFile: String?

    private static let connectTimeout = TimeAmount.seconds(10)
    /// Of silence; an answer as a whole may take longer.
    private static let readTimeout = TimeAmount.seconds(60)
    private static let timeLimit = TimeAmount.hours(12)
    private static let answerBytesMax = 256 << 20

    init(_ option: ServerOption) {
        let environment = ProcessInfo.processInfo.environment
        address = option.server
        key = environment[option.keyVariable]
        authorityFile = option.ca ?? environment["ANDON_CA"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A server on this machine that asks for no key.
    init(address: String) {
        self.address = address
        (key, authorityFile) = (nil, nil)
    }

    /// A request with the key.
    func request(_ method: HTTPMethod, _ path: String) throws -> HTTPClientRequest {
        let parts = URLComponents(string: address)
        guard let scheme = parts?.scheme?.lowercased(), scheme == "http" || scheme == "https",
            parts?.host?.isEmpty == false
        else {
            throw CleanExit.failure("\(address) is not an address; one looks like https://andon.plant.example:8080")
        }
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        return request
    }

    /// - Returns: the answer, whatever its status; of 256 MiB at most.
    func exchange(_ request: HTTPClientRequest) async throws -> (status: Int, bytes: Data) {
        do {
            return try await withClient { client -> (status: Int, bytes: Data) in
                let answer = try await client.execute(request, timeout: Self.timeLimit)
                let body = try await answer.body.collect(upTo: Self.answerBytesMax)
                return (Int(answer.status.code), Data(body.readableBytesView))
            }
        } catch {
            throw error is ExitCode ? error : CleanExit.failure(words(error))
        }
    }

    /// Fetches an archive, however large.
    ///
    /// - Parameters:
    ///   - what: as it is called where it cannot be had.
    ///   - line: shows how far it is, by the records that the server announces.
    /// - Returns: its bytes.
    func download(
        _ request: HTTPClientRequest, to file: WholeFile, _ what: String, line: ProgressLine? = nil
    ) async throws -> Int {
        let failed = "\(what) could not be made, and nothing is left of it"
        do {
            return try await withClient { client -> Int in
                let answer = try await client.execute(request, timeout: Self.timeLimit)
                let (count, isWhole) = try await Self.write(answer, to: file, line)
                guard isWhole else { throw CleanExit.failure("\(failed): the answer ends early") }
                return count
            }
        } catch {
            throw error is ExitCode ? error : CleanExit.failure("\(failed): \(words(error))")
        }
    }

    private static func write(
        _ answer: HTTPClientResponse, to file: WholeFile, _ line: ProgressLine?
    ) async throws -> (count: Int, isWhole: Bool) {
        guard answer.status == .ok else {
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
            throw CleanExit.failure((try? JSON(parsing: text))?["detail"]?.string ?? "\(answer.status): \(text)")
        }
        let records = answer.headers.first(name: "Andon-Records").flatMap { Int64($0) } ?? 0
        var (count, walk) = (0, ZipWalk())
        for try await part in answer.body {
            try file.write(part.readableBytesView)
            walk.add(part.readableBytesView)
            count += part.readableBytes
            line?.show(Int64(walk.records), of: records)
        }
        line?.end()
        return (count, walk.isWhole)
    }

    // MARK: The client

    private func withClient<Value: Sendable>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        let client = HTTPClient(configuration: try configuration())
        do {
            let value = try await body(client)
            try await client.shutdown()
            return value
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func configuration() throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorityFile { tls.additionalTrustRoots = [.certificates(try Self.authorities(authorityFile))] }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.timeout = HTTPClient.Configuration.Timeout(
            connect: Self.connectTimeout, read: Self.readTimeout)
        // A server that is not there is said so at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static func authorities(_ path: String) throws -> [NIOSSLCertificate] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw CleanExit.failure("the authority's file \(path) (--ca or ANDON_CA) cannot be read")
        }
        let found = (try? NIOSSLCertificate.fromPEMFile(path)) ?? []
        guard !found.isEmpty else {
            throw CleanExit.failure(
                "the authority's file \(path) (--ca or ANDON_CA) has no certificate in PEM form: it begins with a line "
                    + "-----BEGIN CERTIFICATE-----")
        }
        return found
    }

    /// What keeps an answer from coming, and what to do.
    private func words(_ error: any Error) -> String {
        if (error as? NIOSSLExtraError) == .failedToValidateHostname {
            return "the certificate of \(address) is for another name; give the address that it was made for"
        }
        if error is NIOSSLError, "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
            let way =
                authorityFile.map { "not of \($0) either: take the authority that signed it" }
                ?? "give the plant's own with --ca FILE or ANDON_CA"
            return "the certificate of \(address) is of no authority that this machine trusts; \(way)"
        }
        if let refused = error as? NIOConnectionError {
            return
                "no answer from \(address): \(refused.connectionErrors.first.map { "\($0.error)" } ?? "no connection")"
        }
        if let client = error as? HTTPClientError { return "no answer from \(address): \(client.shortDescription)" }
        return "no answer from \(address): \(error)"
    }
}
