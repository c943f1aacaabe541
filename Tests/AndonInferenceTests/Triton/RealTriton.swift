import AndonModel
import AndonTesting
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// NVIDIA's own server, from the wheel that carries it, with the models of this folder and without a GPU.
final class RealTriton: ModelServer {
    let http: Int
    let grpc: Int
    private let folder: TemporaryFolder
    private let process: Mutex<Process?>
    private let input = Pipe()

    /// A Python whose packages have the server, or nil.
    static let python: String? = {
        let path = Counterpart.root.appendingPathComponent(".venv-triton/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Whether the system has the library of that Python, in which Triton runs what is behind it.
    private static let hasLibrary = {
        let files = FileManager.default
        let lib = Counterpart.root.appendingPathComponent(".venv-triton/lib").path
        let version = (try? files.contentsOfDirectory(atPath: lib))?.first { $0.hasPrefix("python") } ?? "none"
        return ["x86_64", "aarch64"].contains {
            files.fileExists(atPath: "/usr/lib/\($0)-linux-gnu/lib\(version).so.1.0")
        }
    }()

    static let isThere = python != nil && hasLibrary && Counterpart.isThere
    static let reason: Comment =
        "no Triton, or no library of its Python: run scripts/setup --tests for .venv-triton and .venv-vision"

    static let shared = Task { try await RealTriton() }

    init(http: Int? = nil, grpc: Int? = nil) async throws {
        folder = try TemporaryFolder("andon-triton")
        self.http = try http ?? freePort()
        self.grpc = try grpc ?? freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [
            Counterpart.folder.appendingPathComponent("triton_server.py").path, folder.path, String(self.http),
            String(self.grpc),
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.process = Mutex(process)
        let words = await Self.firstLine(output.fileHandleForReading)
        try #require(words == "ready\n", "Triton did not start")
    }

    private static func firstLine(_ handle: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes = Data()
                while bytes.last != 10, case let piece = handle.availableData, !piece.isEmpty { bytes += piece }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// Calls that were made, and how often the model ran for them.
    func counts(_ model: String) async throws -> (calls: Int, runs: Int) {
        let text = try await HTTPText.get("http://127.0.0.1:\(http)/v2/models/\(model)/stats")
        let stats = try #require(try JSON(parsing: text)["model_stats"]?.array?.first)
        return (
            Int(try #require(stats["inference_count"]?.integer)), Int(try #require(stats["execution_count"]?.integer))
        )
    }

    /// Loads a model that is not there, or takes it away.
    func tell(_ what: String, _ model: String) async throws {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(http)/v2/repository/models/\(model)/\(what)")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: "{}"))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        #expect(answer.status == .ok)
        _ = try await answer.body.collect(upTo: 1 << 20)
    }

    /// Ends it at once: the server's death follows that of the program which started it.
    func kill() {
        process.withLock { process in
            guard let process else { return }
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        process.withLock { $0 = nil }
    }

    deinit { kill() }
}
