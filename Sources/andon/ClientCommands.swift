import AndonModel
import ArgumentParser
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

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
    private let server: String
    private let key: String?

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

    init(_ option: ServerOption) {
        self.init(server: option.server, key: ProcessInfo.processInfo.environment[option.keyVariable])
    }

    init(server: String, key: String? = nil) {
        self.server = server
        self.key = key
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    func post(_ path: String, type: String = "application/json", body: Data = Data()) async throws -> Answer {
        try await send("POST", path, type: type, body: body)
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
        let (status, data) = try await exchange("GET", path)
        return (status, data)
    }

    private func send(_ method: String, _ path: String, type: String? = nil, body: Data? = nil) async throws -> Answer {
        let (status, data) = try await exchange(method, path, type: type, body: body)
        return Answer(status: status, text: String(decoding: data, as: UTF8.self))
    }

    private func exchange(
        _ method: String, _ path: String, type: String? = nil, body: Data? = nil
    ) async throws -> (Int, Data) {
        guard let url = URL(string: server + path) else { throw CleanExit.failure("\(server) is not an address") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = 60
        if let type { request.setValue(type, forHTTPHeaderField: "Content-Type") }
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        do {
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch {
            throw CleanExit.failure("no answer from \(server): \(error.localizedDescription)")
        }
    }
}
