import AndonModel
import Foundation

extension Configuration {
    /// Reads a connector's own options and notes its faults, so that they stand beside all others. A type that
    /// does not exist is a fault at `entry.settings` too.
    public typealias ConnectorCheck = (_ entry: ConnectorEntry, _ reader: SettingsReader) -> Void

    /// Reads and checks the file at `path` and the files that it names, which lie relative to it.
    ///
    /// - Parameter check: called for each connector; the default leaves the connectors' own options unread.
    /// - Throws: every fault of the files, none left out.
    public static func load(
        path: String, secrets: SecretSource = .system, check: @escaping ConnectorCheck = { _, _ in }
    ) throws(ConfigurationError) -> Configuration {
        let name = (path as NSString).lastPathComponent
        let folder = (path as NSString).deletingLastPathComponent
        return try ConfigurationReader(
            file: name, secrets: secrets,
            content: { file in TextFile.read(file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)") },
            check: check
        ).read()
    }

    /// The same for a text in memory; `files` answers for the files that it names.
    public static func load(
        yaml: String, file: String = "andon.yaml", secrets: SecretSource = .system,
        files: @escaping (String) -> String? = { _ in nil }, check: @escaping ConnectorCheck = { _, _ in }
    ) throws(ConfigurationError) -> Configuration {
        try ConfigurationReader(
            file: file, secrets: secrets,
            content: { name in
                if name == file { return .success(yaml) }
                return files(name).map { .success($0) } ?? .failure(TextFile.Refusal(reason: "cannot be read"))
            },
            check: check
        ).read()
    }
}

extension SecretSource {
    /// The process's environment, and files.
    public static let system = SecretSource(
        environment: { ProcessInfo.processInfo.environment[$0] },
        file: { try? TextFile.read($0).get() })
}

/// A configuration file's text, within its limits.
enum TextFile {
    static let bytesMax = 4 << 20

    struct Refusal: Error {
        var reason: String
    }

    static func read(_ path: String) -> Result<String, Refusal> {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return .failure(Refusal(reason: "cannot be read"))
        }
        // One byte more than is allowed tells a file that is too long, whatever its size says.
        guard let data = try? handle.read(upToCount: bytesMax + 1) else {
            return .failure(Refusal(reason: "cannot be read, or is empty"))
        }
        guard data.count <= bytesMax else {
            return .failure(Refusal(reason: "is longer than \(bytesMax) bytes"))
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            return .failure(Refusal(reason: "is not UTF-8"))
        }
        return .success(text)
    }
}
