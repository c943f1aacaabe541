import Foundation

/// The repository's own files, as seeds.
enum Samples {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func file(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }

    static func files(_ folder: String, _ suffix: String) throws -> [[UInt8]] {
        let path = root.appendingPathComponent(folder).path
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
        return try names.map { try file("\(folder)/\($0)") }
    }

    /// Each connector's sample of the configuration, by its folder.
    static func connectors() throws -> [(folder: String, text: String)] {
        let folder = "Sources/AndonConnectors"
        return try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
            .compactMap { name in
                guard let bytes = try? file("\(folder)/\(name)/sample.yaml") else { return nil }
                return (name, String(decoding: bytes, as: UTF8.self))
            }
    }
}

extension [String] {
    var asBytes: [[UInt8]] { map { [UInt8]($0.utf8) } }
}
