import AndonModel
import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send one report, with its picture if there is one, to a running server.")

    @Argument(help: "The report: a JSON file, or - for standard input.")
    var report: String

    @Option(name: .shortAndLong, help: "The picture: a JPEG or PNG file.")
    var picture: String?

    @OptionGroup var server: ServerOption

    func run() async throws {
        let json = try report == "-" ? FileHandle.standardInput.readToEnd() ?? Data() : read(report)
        let client = APIClient(server)
        let answer = try await client.send(report: json, picture: picture.map { try read($0) })
        print(answer.text)
        if answer.status >= 300 { throw ExitCode(1) }
    }

    private func read(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanExit.failure("\(path) cannot be read")
        }
        return data
    }
}

/// The API of a running server, as the commands use it.
struct APIClient {
    private let connection: ServerConnection

    struct Answer {
        var status: Int
        var text: String
        var json: JSON { (try? JSON(parsing: text)) ?? .null }

        /// Why the server refused, in words: of a problem (RFC 9457) its title, its detail and its faults, else the text.
        var problem: String {
            guard let title = json["title"]?.string else { return text }
            let faults = (json["errors"]?.array ?? []).compactMap { $0["detail"]?.string }
            let detail = json["detail"]?.string ?? ""
            return ([detail.isEmpty ? title : "\(title). \(detail)"] + faults).joined(separator: "\n")
        }
    }

    init(_ option: ServerOption) { connection = ServerConnection(option) }

    /// Of a server on this machine that asks for no key.
    init(server: String) { connection = ServerConnection(address: server) }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    func post(_ path: String, type: String = "application/json", body: Data = Data()) async throws -> Answer {
        try await send(.POST, path, type: type, body: body)
    }

    func send(report: Data, picture: Data?) async throws -> Answer {
        guard let picture else { return try await post("/api/v1/inspections", body: report) }
        let boundary = "andon-\(UUID().uuidString)"
        var body = Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"inspection\"\r\n".utf8)
        body += Data("Content-Type: application/json\r\n\r\n".utf8) + report
        body += Data("\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p\"\r\n".utf8)
        body += Data("Content-Type: image/jpeg\r\n\r\n".utf8) + picture + Data("\r\n--\(boundary)--\r\n".utf8)
        return try await post("/api/v1/inspections", type: "multipart/form-data; boundary=\(boundary)", body: body)
    }

    /// What is not text.
    func bytes(_ path: String) async throws -> (status: Int, bytes: Data) {
        try await exchange(.GET, path)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, type: String? = nil, body: Data? = nil
    ) async throws -> Answer {
        let (status, data) = try await exchange(method, path, type: type, body: body)
        return Answer(status: status, text: String(decoding: data, as: UTF8.self))
    }

    private func exchange(
        _ method: HTTPMethod, _ path: String, type: String? = nil, body: Data? = nil
    ) async throws -> (status: Int, bytes: Data) {
        var request = try connection.request(method, path)
        if let type { request.headers.add(name: "Content-Type", value: type) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return try await connection.exchange(request)
    }
}
