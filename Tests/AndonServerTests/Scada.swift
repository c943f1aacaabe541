import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing
import UASecurity

/// A SCADA client of another maker (asyncua), run by Python in a process of its own. It ends when its input is closed.
final class Scada: Sendable {
    struct Failed: Error, CustomStringConvertible { let description: String }

    static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_OPCUA_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-opcua/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let reason: Comment =
        "no Python with asyncua: set ANDON_OPCUA_PYTHON, or run scripts/setup --tests for .venv-opcua"

    private let process: Mutex<Process>
    private let input = Pipe()
    private let output = Pipe()

    init(_ settings: JSON) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/scada.py")
        process.arguments = ["-W", "ignore", script.path, settings.canonicalText]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = Mutex(process)
    }

    /// Has one thing done.
    @discardableResult
    func callAsFunction(_ action: String, _ arguments: JSON...) async throws -> JSON {
        let line = JSON.array([.string(action)] + arguments).canonicalText + "\n"
        try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        let answer = try await withCheckedThrowingContinuation { continuation in
            let handle = output.fileHandleForReading
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        var bytes: [UInt8] = []
                        while let next = try handle.read(upToCount: 1)?.first, next != 10 { bytes.append(next) }
                        return bytes
                    })
            }
        }
        let json = try JSON(parsing: answer)
        if let error = json["error"]?.string { throw Failed(description: "\(action): \(error)") }
        return json["answer"] ?? .null
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.withLock { $0.waitUntilExit() }
    }

    /// A client's own certificate and key, as files. Its name is one that a page must not take for markup.
    static func certificate(in folder: String) throws -> (certificate: String, key: String, thumbprint: String) {
        let made = try ApplicationInstance.make(
            ApplicationDescription(applicationURI: "urn:test:client", name: "SCADA <b>1</b>", hostNames: ["localhost"]),
            key: RSAPrivateKey(bits: 2048))
        let (certificate, key) = ("\(folder)/scada.der", "\(folder)/scada.pem")
        try Data(made.chain).write(to: URL(fileURLWithPath: certificate))
        try Data(made.key.pem.utf8).write(to: URL(fileURLWithPath: key))
        return (certificate, key, made.certificate.thumbprintText)
    }
}
