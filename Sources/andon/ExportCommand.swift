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
            throw error
        }
    }

    private func download(to file: WholeFile, _ password: String?) async throws -> Int {
        let connection = ServerConnection(server)
        return try await connection.download(
            try request(password, connection), to: file, "the package", line: ProgressLine("records"))
    }

    /// What is signed for goes in the body: a password has no place in an address.
    private func request(_ password: String?, _ connection: ServerConnection) throws -> HTTPClientRequest {
        var parts = [
            "standard": standard, "from": from, "to": to, "asset": asset, "lot": lot, "class": defectClass,
            "gap": "\(gap)", "annotated": annotated ? nil : "false",
        ].compactMapValues { $0 }
        guard let login, let password else {
            return try connection.request(.GET, "/api/v1/export?\(Self.query(parts))")
        }
        parts.merge(["login": login, "password": password, "meaning": meaning, "reason": reason ?? ""]) { $1 }
        var request = try connection.request(.POST, "/api/v1/export")
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
