import AndonDraw
import Foundation
import Testing

/// Python's standard library reads the pictures: it knows nothing of this program nor of Cairo.
enum Judge {
    struct PNG: Decodable {
        struct Place: Decodable {
            var count: Int
            var x: Double
            var y: Double
        }

        var width: Int
        var height: Int
        var kinds: [String]
        /// Pixels of the outermost row and column that are not white.
        var edge: Int
        var colours: [String: Place]
    }

    struct SVG: Decodable {
        var width: String
        var height: String
        var outside: [String]
        var elements: [String]
        var title: String?
        var description: String?
        var times: [String]
    }

    /// - Parameter box: where colours are looked for: left, top, right, bottom.
    static func png(_ bytes: [UInt8], in box: [Int] = [0, 0, 8000, 8000], colours: [String] = []) async throws -> PNG {
        try await read("png", bytes, box.map(String.init) + colours)
    }

    static func svg(_ bytes: [UInt8]) async throws -> SVG { try await read("svg", bytes, []) }

    private static func read<Answer: Decodable>(
        _ kind: String, _ bytes: [UInt8], _ arguments: [String]
    ) async throws -> Answer {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).\(kind)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("judge.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, kind, file.path] + arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let words = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(String(decoding: words, as: UTF8.self))")
        return try JSONDecoder().decode(Answer.self, from: data)
    }
}

/// Programs of others (poppler).
enum Tool {
    static func output(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments)")
        return String(decoding: data, as: UTF8.self)
    }
}

/// Seeded values.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
