import AndonModel
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The real `andon` program as a process of its own.
public final class AndonProcess: Sendable {
    private let process: Mutex<Process>
    private let output = Pipe()
    public let address: String

    public struct StartError: Error, CustomStringConvertible {
        public var description: String
    }

    /// The program that was built beside the running test, or the one that `ANDON_TEST_PROGRAM` names: campaigns kill what
    /// is shipped.
    public static var program: URL {
        let named = ProcessInfo.processInfo.environment["ANDON_TEST_PROGRAM"].map { URL(fileURLWithPath: $0) }
        let test = URL(fileURLWithPath: CommandLine.arguments[0])
        return named ?? test.deletingLastPathComponent().appendingPathComponent("andon")
    }

    /// Starts `andon serve` on a free port and waits until it says where it listens.
    ///
    /// - Parameters:
    ///   - access: `open`, or `accounts` for people who sign in.
    ///   - port: 0 for a free one; for who must know it before.
    ///   - filesMax: files that it may have open at most, where that is not as many as here.
    public init(
        config: String, data: String, access: String = "open", port: Int = 0, arguments: [String] = [],
        environment: [String: String] = [:], filesMax: Int? = nil
    ) throws {
        let process = Process()
        let words = ["serve", "--config", config, "--data", data, "--port", "\(port)", "--access", access] + arguments
        if let filesMax {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            process.arguments = ["--nofile=\(filesMax):\(filesMax)", Self.program.path] + words
        } else {
            process.executableURL = Self.program
            process.arguments = words
        }
        process.standardOutput = output
        process.environment = ProcessInfo.processInfo.environment.merging(["ANDON_LOG": "critical"]) { $1 }
            .merging(environment) { $1 }
        try process.run()
        self.process = Mutex(process)
        address = try Self.address(in: output)
    }

    /// The address that is printed next: of the set-up first, and then of the server that goes on.
    public func nextAddress() async throws -> String {
        try await onOwnThread { [self] in try Self.address(in: output) }
    }

    private static func address(in output: Pipe) throws -> String {
        var text = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n"), text.contains("://") { break }
        }
        guard let start = text.range(of: "https://") ?? text.range(of: "http://") else {
            throw StartError(description: "the server did not start: \(text)")
        }
        return String(text[start.lowerBound...].dropLast())
    }

    public var port: Int { Int(address.split(separator: ":").last ?? "") ?? 0 }

    /// Sends a signal that does not end it.
    public func signal(_ number: Int32) {
        process.withLock { _ = Foundation.kill($0.processIdentifier, number) }
    }

    /// SIGKILL, and waits for the end.
    public func kill() {
        process.withLock { process in
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    public var identifier: pid_t { process.withLock { $0.processIdentifier } }

    public var isRunning: Bool { process.withLock { $0.isRunning } }

    public var wasKilled: Bool {
        process.withLock { $0.terminationReason == .uncaughtSignal && $0.terminationStatus == SIGKILL }
    }

    /// SIGTERM, and waits for the end. Returns the exit status.
    @discardableResult
    public func stop() async throws -> Int32 {
        try await onOwnThread { [self] in
            process.withLock { process in
                process.terminate()
                process.waitUntilExit()
                return process.terminationStatus
            }
        }
    }

    /// `andon` with `arguments`, which goes on until it is ended.
    public final class Background: Sendable {
        private let process: Mutex<Process>

        init(_ process: Process) { self.process = Mutex(process) }

        public func end() {
            process.withLock { process in
                _ = Foundation.kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
        }
    }

    public static func background(_ arguments: [String]) throws -> Background {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return Background(process)
    }

    /// Runs `andon` with `arguments` to its end.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> (status: Int32, output: String) {
        try await runProgram(program, arguments, environment: environment, input: input)
    }
}

/// Runs a program to its end; what it prints on both streams comes back together.
///
/// Waits on a thread of its own: the program may be talking to a stand-in that needs the test's threads.
public func runProgram(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:], input: String = ""
) async throws -> (status: Int32, output: String) {
    try await onOwnThread { try waitForProgram(program, arguments, environment: environment, input: input) }
}

/// Where the test's own threads must not be kept waiting.
public func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

private func waitForProgram(
    _ program: URL, _ arguments: [String], environment: [String: String], input: String
) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    let entrance = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    process.standardInput = entrance
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
    try entrance.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try entrance.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}

/// A client of a server's HTTP interface, for tests.
public struct TestClient: Sendable {
    public var address: String
    public var headers: [String: String]

    public struct Answer: Sendable {
        public var status: Int
        public var headers: [String: String]
        public var body: Data

        public var text: String { String(decoding: body, as: UTF8.self) }
        public var json: JSON { (try? JSON(parsing: Array(body), limits: JSONLimits(bytesMax: 64 << 20))) ?? .null }
    }

    public init(_ address: String, headers: [String: String] = [:]) {
        self.address = address
        self.headers = headers
    }

    public func send(
        _ method: String, _ path: String, headers extra: [String: String] = [:], body: Data? = nil
    ) async throws -> Answer {
        guard let url = URL(string: address + path) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = 60
        for (name, value) in headers.merging(extra, uniquingKeysWith: { $1 }) {
            request.setValue(value, forHTTPHeaderField: name)
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = response as? HTTPURLResponse
        var fields: [String: String] = [:]
        for (name, value) in http?.allHeaderFields ?? [:] {
            if let name = name as? String, let value = value as? String { fields[name.lowercased()] = value }
        }
        return Answer(status: http?.statusCode ?? 0, headers: fields, body: data)
    }

    public func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    public func post(_ path: String, _ json: JSON) async throws -> Answer {
        try await send(
            "POST", path, headers: ["Content-Type": "application/json"], body: Data(json.canonicalBytes))
    }

    /// A report with its picture, as a form.
    public func report(
        _ json: JSON, picture: Data, type: String = "image/jpeg", fileName: String = "p.jpg"
    ) async throws -> Answer {
        try await send(
            "POST", "/api/v1/inspections", headers: ["Content-Type": Self.formType],
            body: Self.form(json, picture: picture, type: type, fileName: fileName))
    }

    /// The type of what ``form(_:picture:type:fileName:)`` makes.
    public static let formType = "multipart/form-data; boundary=andontest"

    public static func form(_ json: JSON, picture: Data, type: String, fileName: String) -> Data {
        var form = Data("--andontest\r\nContent-Disposition: form-data; name=\"inspection\"\r\n".utf8)
        form += Data("Content-Type: application/json\r\n\r\n".utf8) + Data(json.canonicalBytes)
        form += Data(
            "\r\n--andontest\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"\(fileName)\"\r\n".utf8)
        return form + Data("Content-Type: \(type)\r\n\r\n".utf8) + picture + Data("\r\n--andontest--\r\n".utf8)
    }
}

/// Asks again and again until `condition` holds; false after two minutes, which only something stuck needs.
public func eventually(
    within limit: Duration = .seconds(600), _ condition: () async throws -> Bool
) async throws -> Bool {
    let time = SystemTime()
    let end = time.uptime() + limit
    while time.uptime() < end {
        if try await condition() { return true }
        try await time.sleep(for: .milliseconds(10))
    }
    return false
}
