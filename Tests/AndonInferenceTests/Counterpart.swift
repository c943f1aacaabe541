import AndonInference
import AndonModel
import AndonVision
import Foundation
import Synchronization
import Testing

/// ONNX Runtime and a server around it, as Python has them.
enum Counterpart {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Counterpart")

    /// A Python with onnxruntime and tritonclient, or nil.
    static let python: String? = {
        let path = root.appendingPathComponent(".venv-vision/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let isThere = python != nil
    static let reason: Comment = "no Python with onnxruntime: run scripts/setup --tests for .venv-vision"

    /// The library that lies in that Python.
    static func library() throws -> ONNXRuntimeLibrary {
        let files = FileManager.default
        let lib = root.appendingPathComponent(".venv-vision/lib")
        let version = try #require(try files.contentsOfDirectory(atPath: lib.path).first { $0.hasPrefix("python") })
        let folder = lib.appendingPathComponent("\(version)/site-packages/onnxruntime/capi")
        let file = try #require(
            try files.contentsOfDirectory(atPath: folder.path).first { $0.hasPrefix("libonnxruntime.so.1") })
        return try ONNXRuntimeLibrary.open(path: folder.appendingPathComponent(file).path)
    }

    static func model(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("\(name).onnx")))
    }

    static func engine(_ name: String) throws -> ONNXRuntimeEngine {
        try ONNXRuntimeEngine(library: library(), model: model(name), name: name, threads: 1)
    }
}

/// A server of the Open Inference Protocol, by its ports on 127.0.0.1.
protocol ModelServer: Sendable {
    var http: Int { get }
    var grpc: Int { get }
}

/// The server in a process of its own. It ends when its input is closed, and so with the test's process too.
final class ServerProcess: ModelServer {
    let http: Int
    let grpc: Int
    private let process: Mutex<Process?>
    private let input = Pipe()

    static let shared = Task { try await ServerProcess() }

    /// - Parameter tls: files of certificate and key.
    init(http: Int = 0, grpc: Int = 0, tls: [String] = []) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Counterpart.python))
        let script = Counterpart.folder.appendingPathComponent("openinference.py").path
        process.arguments = [script, String(http), String(grpc)] + tls
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.process = Mutex(process)
        let handle = output.fileHandleForReading
        let words: [Substring] = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var text = ""
                while !text.contains("\n") {
                    let data = handle.availableData
                    if data.isEmpty { break }
                    text += String(decoding: data, as: UTF8.self)
                }
                continuation.resume(returning: text.split { $0.isWhitespace })
            }
        }
        try #require(words.count == 3, "the server did not start")
        self.http = try #require(Int(words[1]))
        self.grpc = try #require(Int(words[2]))
    }

    /// Ends it as a power cut would.
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

/// The one address that tests may reach.
let loopback: AddressCheck = { host, _ throws(InferenceError) in
    guard host == "127.0.0.1" || host == "localhost" else { throw InferenceError(.refused, "\(host) is not allowed") }
    return "127.0.0.1"
}

/// A clock on which a deadline is over when the test says so.
final class ToldTime: TimeSource {
    private let isOver = Mutex(false)

    func set(isOver value: Bool) { isOver.withLock { $0 = value } }

    func now() -> Timestamp { Timestamp(microseconds: 0) }
    func uptime() -> Duration { .zero }
    func sleep(for duration: Duration) async throws {
        while !isOver.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }
}

enum BackEnd: String, CaseIterable, Sendable {
    case http, grpc

    func connect(
        _ model: String, version: String? = nil, to server: some ModelServer, bytesMax: Int = 1 << 20,
        time: any TimeSource = SystemTime()
    ) async throws -> any InferenceEngine {
        let settings = OpenInferenceServer(
            host: "127.0.0.1", port: self == .http ? server.http : server.grpc, model: model, version: version,
            deadline: .seconds(20), readyWithin: .zero, answerBytesMax: bytesMax)
        return switch self {
        case .http: try await OpenInferenceHTTP.connect(to: settings, connect: loopback, time: time)
        case .grpc: try await OpenInferenceGRPC.connect(to: settings, connect: loopback, time: time)
        }
    }
}

/// The rule that the Python side has too.
func sample(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 * 37 % 101) / 101 })
}

/// What a body of an `InferenceEngine` throws, or nil.
func failure(_ body: () async throws -> Void) async -> InferenceError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? InferenceError
    }
}
