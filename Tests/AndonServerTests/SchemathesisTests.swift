import AndonTesting
import Foundation
import Testing

/// Another maker's tool (schemathesis) makes requests up from the API's description and holds each answer against it.
@Suite("The API's description against made-up requests")
struct SchemathesisTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let python: String? = {
        let named = ProcessInfo.processInfo.environment["ANDON_WEB_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-web/bin/python").path
        let tool = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("schemathesis").path
        return FileManager.default.isExecutableFile(atPath: tool) ? path : nil
    }()

    private static let reason: Comment =
        "no Python with schemathesis: set ANDON_WEB_PYTHON, or run scripts/setup --tests for .venv-web"

    @Test(
        "No request that can be made up is answered with a fault of the server, or with what openapi.json does not say",
        .enabled(if: python != nil, reason), .timeLimit(.minutes(10)))
    func campaign() async throws {
        let script = Self.root.appendingPathComponent("scripts/schemathesis")
        let environment = [
            "ANDON_PROGRAM": AndonProcess.program.path, "ANDON_WEB_PYTHON": try #require(Self.python),
        ]
        let run = try await runProgram(script, [], environment: environment)
        #expect(run.status == 0, "\(run.output)")
    }
}
