import AndonAudit
import AndonModel
import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Make a compliance package: records, pictures, proofs and a verifier in one archive.",
        discussion: """
            The running server makes it. The file appears under its name only when it is whole; a broken export leaves
            nothing behind. Check it with andon ledger verify-bundle FILE --key KEY.
            """)

    @Option(help: "iso-9001, iso-13485, as9100, iatf-16949 or fda-qmsr.")
    var standard: String

    @Option(help: "Orders raised from this day or time on, such as 2026-01-01.")
    var from: String

    @Option(help: "Orders raised before this day or time.")
    var to: String

    @Option(help: "Only orders of this asset.")
    var asset: String?

    @Option(help: "Only orders of this lot.")
    var lot: String?

    @Option(name: .customLong("class"), help: "Only orders of this class.")
    var defectClass: String?

    @Option(help: "A camera that sent nothing for so many minutes was silent.")
    var gap = 60

    @Flag(inversion: .prefixedNo, help: "Draw the annotated copies.")
    var annotated = true

    @Option(help: "Sign it: your login name. The password is asked for.")
    var login: String?

    @Option(help: "What you say by signing: authorship, responsibility, review or approval.")
    var meaning = "approval"

    @Option(help: "A remark beside the signature.")
    var reason: String?

    @Option(name: .shortAndLong, help: "The archive to write.")
    var out: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        let password = try login.map { try SecretPrompt.ask("Password of \($0)") }
        let file = try WholeFile(out)
        do {
            let bytes = try await download(to: file, password)
            try file.finish()
            print("\(out): \(bytes) bytes")
        } catch {
            file.discard()
            throw (error is CleanExit || error is ExitCode)
                ? error : CleanExit.failure("the package could not be made, and nothing is left of it: \(error)")
        }
    }

    private func download(to file: WholeFile, _ password: String?) async throws -> Int {
        // A server that is not there is said so at once.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        do {
            let count = try await download(to: file, by: client, password)
            try await client.shutdown()
            return count
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func download(to file: WholeFile, by client: HTTPClient, _ password: String?) async throws -> Int {
        var request = request(password)
        if let key = ProcessInfo.processInfo.environment[server.keyVariable] {
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
        }
        let answer = try await client.execute(request, timeout: .hours(12))
        guard answer.status == .ok else {
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
            throw CleanExit.failure((try? JSON(parsing: text))?["detail"]?.string ?? "\(answer.status): \(text)")
        }
        let records = answer.headers.first(name: "Andon-Records").flatMap { Int64($0) } ?? 0
        let line = ProgressLine("records")
        var (count, walk) = (0, ZipWalk())
        for try await part in answer.body {
            try file.write(part.readableBytesView)
            walk.add(part.readableBytesView)
            count += part.readableBytes
            line.show(Int64(walk.records), of: records)
        }
        line.end()
        guard walk.isWhole else {
            throw CleanExit.failure("the package could not be made, and nothing is left of it: the answer ends early")
        }
        return count
    }

    /// What is signed for goes in the body: a password has no place in an address.
    private func request(_ password: String?) -> HTTPClientRequest {
        var parts = [
            "standard": standard, "from": from, "to": to, "asset": asset, "lot": lot, "class": defectClass,
            "gap": "\(gap)", "annotated": annotated ? nil : "false",
        ].compactMapValues { $0 }
        guard let login, let password else {
            return HTTPClientRequest(url: "\(server.server)/api/v1/export?\(Self.query(parts))")
        }
        parts.merge(["login": login, "password": password, "meaning": meaning, "reason": reason ?? ""]) { $1 }
        var request = HTTPClientRequest(url: server.server + "/api/v1/export")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: JSON.object(parts.mapValues { .string($0) }).canonicalBytes))
        return request
    }

    private static func query(_ parts: [String: String]) -> String {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return parts.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.sorted().joined(separator: "&")
    }
}
