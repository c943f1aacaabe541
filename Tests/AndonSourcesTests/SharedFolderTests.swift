import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonSources

@Suite("A shared folder with pictures")
struct SharedFolderTests {
    private let folder: TemporaryFolder
    private var shared: SharedFolder { SharedFolder(folder: folder.path + "/in", time: SystemTime()) }

    init() throws {
        folder = try TemporaryFolder("shared")
        try FileManager.default.createDirectory(atPath: folder.path + "/in/line", withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: folder.path + "/secret.png"))
    }

    private func read(_ path: String, wait: Duration = .zero, bytesMax: Int = 100) async throws -> [UInt8] {
        try await shared.read(path, stableFor: .milliseconds(20), wait: wait, bytesMax: bytesMax)
    }

    private func write(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/in/\(path)"))
    }

    @Test("A whole file is read, with either kind of slash")
    func whole() async throws {
        try write("line/1.png", "picture")
        for path in ["line/1.png", "line\\1.png"] {
            #expect(try await read(path, wait: .seconds(60)) == Array("picture".utf8))
        }
    }

    @Test(
        "Nothing outside is read",
        arguments: [
            "../secret.png", "line/../../secret.png", "/etc/passwd", "", "line//1.png", "./1.png", "C:\\..\\x",
            "a\u{0}b",
            "link.png", "out/secret.png", "line", "pipe",
        ])
    func outside(_ path: String) async throws {
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: folder.path + "/in/link.png", withDestinationPath: folder.path + "/secret.png")
        try manager.createSymbolicLink(atPath: folder.path + "/in/out", withDestinationPath: folder.path)
        #expect(mkfifo(folder.path + "/in/pipe", 0o600) == 0)
        let error = await #expect(throws: SharedFolder.Failure.self) { try await read(path, wait: .seconds(60)) }
        if path != "C:\\..\\x" { #expect(error == .outside(path)) }
    }

    @Test("A file that does not come, and one that is too large, are named")
    func missing() async throws {
        #expect(await #expect(throws: SharedFolder.Failure.self) { try await read("no.png") } == .notThere("no.png"))
        try write("big.png", String(repeating: "x", count: 101))
        let error = await #expect(throws: SharedFolder.Failure.self) { try await read("big.png", wait: .seconds(60)) }
        #expect(error == .tooLarge(bytesMax: 100))
    }

    @Test("A file that grows is waited for, and an empty one is not whole")
    func growing() async throws {
        try write("grows.png", "")
        #expect(
            await #expect(throws: SharedFolder.Failure.self) { try await read("grows.png", wait: .milliseconds(1)) }
                == .stillWritten("grows.png"))
        async let found = read("grows.png", wait: .seconds(120))
        try write("grows.png", "all of it")
        #expect(try await found == Array("all of it".utf8))
    }
}
