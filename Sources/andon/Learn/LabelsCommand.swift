import AndonAudit
import AndonModel
import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

struct LabelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels",
        abstract: "Pictures and labels from work orders, for training the model.",
        discussion: """
            The running server makes them. The archive or folder appears under its name only when it is whole.
            provenance.json in it says which pictures were left out, and why.
            """)

    @Argument(help: "The archive to write, such as labels.zip, or a new folder for its files.")
    var out: String

    @Option(help: "coco or yolo.")
    var format = "coco"

    @Option(name: .customLong("class"), help: "Only pictures with a detection of this class.")
    var defectClass: String?

    @Option(help: "Only of this asset.")
    var asset: String?

    @Option(help: "Only of this camera.")
    var camera: String?

    @Option(help: "Only of the model with this name.")
    var model: String?

    @Option(help: "Only of this version of the model.")
    var modelVersion: String?

    @Option(help: "Seen from this day or time on, such as 2026-01-01.")
    var from: String?

    @Option(help: "Seen before this day or time.")
    var until: String?

    @Option(help: "Pictures at most, up to 100000.")
    var limit = 10_000

    @Flag(help: "Take pictures as well on which not everything is known; the unknown has no box.")
    var keepGaps = false

    @OptionGroup var server: ServerOption

    func run() async throws {
        if out.hasSuffix(".zip") {
            print("\(out): \(try await fetch(out)) bytes")
            return
        }
        var folder = out
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw CleanExit.failure("\(folder) is there already; name a new folder, or an archive that ends in .zip")
        }
        let archive = folder + ".zip.partial"
        defer { try? FileManager.default.removeItem(atPath: archive) }
        _ = try await fetch(archive)
        print("\(folder): \(try LabelFolder.unpack(archive, to: folder)) files")
    }

    private func fetch(_ path: String) async throws -> Int {
        let whole = try WholeFile(path)
        do {
            let bytes = try await download(to: whole)
            try whole.finish()
            return bytes
        } catch {
            whole.discard()
            throw (error is CleanExit || error is ExitCode)
                ? error : CleanExit.failure("the archive could not be made, and nothing is left of it: \(error)")
        }
    }

    private func download(to file: WholeFile) async throws -> Int {
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

    private func download(to file: WholeFile, by client: HTTPClient) async throws -> Int {
        var request = HTTPClientRequest(url: "\(server.server)/api/v1/learn/labels?\(query)")
        if let key = ProcessInfo.processInfo.environment[server.keyVariable] {
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
        }
        let answer = try await client.execute(request, timeout: .hours(12))
        guard answer.status == .ok else {
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
            throw CleanExit.failure((try? JSON(parsing: text))?["detail"]?.string ?? "\(answer.status): \(text)")
        }
        var (count, walk) = (0, ZipWalk())
        for try await part in answer.body {
            try file.write(part.readableBytesView)
            walk.add(part.readableBytesView)
            count += part.readableBytes
        }
        guard walk.isWhole else {
            throw CleanExit.failure("the archive could not be made, and nothing is left of it: the answer ends early")
        }
        return count
    }

    private var query: String {
        let parts = [
            "format": format, "class": defectClass, "asset": asset, "camera": camera, "model": model,
            "version": modelVersion, "from": from, "until": until, "limit": "\(limit)", "gaps": keepGaps ? "keep" : nil,
        ].compactMapValues { $0 }
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return parts.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.sorted().joined(separator: "&")
    }
}
