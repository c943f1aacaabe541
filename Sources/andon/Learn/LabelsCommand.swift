import ArgumentParser
import Foundation
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
            let connection = ServerConnection(server)
            let request = try connection.request(.GET, "/api/v1/learn/labels?\(query)")
            let bytes = try await connection.download(request, to: whole, "the archive")
            try whole.finish()
            return bytes
        } catch {
            whole.discard()
            throw error
        }
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
