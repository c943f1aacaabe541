import AndonTesting
import Foundation
import Testing

/// The maker of the validation pack is a program in Python (`Validation`); it is tested as what it is.
@Suite("The validation pack")
struct ValidationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func python(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let run = try await runProgram(URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-B"] + arguments)
        return (run.status, run.output)
    }

    @Test("Every test that a requirement names is in the sources, and each requirement is whole")
    func patterns() async throws {
        let run = try await Self.python(["\(Self.root)/Validation/make.py", "--check"])
        #expect(run.status == 0, "\(run.output)")
    }

    @Test("A requirement passes only by tests that ran and passed; what is missing, skipped or misspelt is untested")
    func matching() async throws {
        let run = try await Self.python(["-m", "unittest", "discover", "-s", "\(Self.root)/Tests/Validation"])
        #expect(run.status == 0 && run.output.contains("OK"), "\(run.output)")
    }
}
