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

    @Option(name: .shortAndLong, help: "The archive to write.")
    var out: String

    @OptionGroup var server: ServerOption

    func run() async throws {
        let partial = out + ".partial"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let file = FileHandle(forWritingAtPath: partial)
        else { throw CleanExit.failure("\(partial) cannot be written") }
        do {
            let bytes = try await download(to: file)
            try file.synchronize()
            try file.close()
            _ = try? FileManager.default.removeItem(atPath: out)
            try FileManager.default.moveItem(atPath: partial, toPath: out)
            print("\(out): \(bytes) bytes")
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw (error is CleanExit || error is ExitCode)
                ? error : CleanExit.failure("the package could not be made, and nothing is left of it: \(error)")
        }
    }

    private func download(to file: FileHandle) async throws -> Int {
        // A server that is not there is said so at once.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        do {
            let count = try await download(to: file, by: client)
            try await client.shutdown()
            return count
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func download(to file: FileHandle, by client: HTTPClient) async throws -> Int {
        var request = HTTPClientRequest(url: server.server + path)
        if let key = ProcessInfo.processInfo.environment[server.keyVariable] {
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
        }
        let answer = try await client.execute(request, timeout: .hours(12))
        guard answer.status == .ok else {
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
            throw CleanExit.failure((try? JSON(parsing: text))?["detail"]?.string ?? "\(answer.status): \(text)")
        }
        let expected = answer.headers.first(name: "Andon-Expected-Bytes").flatMap { Int64($0) } ?? 0
        let line = ProgressLine("KiB")
        var count = 0
        for try await part in answer.body {
            try file.write(contentsOf: Data(part.readableBytesView))
            count += part.readableBytes
            line.show(min(Int64(count), expected - 1) >> 10, of: expected >> 10)
        }
        line.end()
        return count
    }

    private var path: String {
        let parts = [
            "standard": standard, "from": from, "to": to, "asset": asset, "lot": lot, "class": defectClass,
        ]
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        let query = parts.compactMap { name, value in
            value.map { "\(name)=\($0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")" }
        }
        return "/api/v1/export?" + query.sorted().joined(separator: "&")
    }
}
