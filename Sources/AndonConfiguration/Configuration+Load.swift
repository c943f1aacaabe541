import AndonModel
import Foundation

extension Configuration {
    /// Reads a connector's own options and notes its faults, so that they stand beside all others. A type that
    /// does not exist is a fault at `entry.settings` too.
    public typealias ConnectorCheck = (_ entry: ConnectorEntry, _ reader: SettingsReader) -> Void

    /// The same for a source.
    public typealias SourceCheck = (_ entry: SourceEntry, _ reader: SettingsReader) -> Void

    /// Sections that stand in the place of the file's own, chosen by what the file says (`Configuration.settings`).
    public typealias SectionChoice = (_ file: JSON) -> [SettingsSection]

    /// Reads and checks the file at `path` and the files that it names, which lie relative to it.
    ///
    /// - Parameters:
    ///   - check: called for each connector; the default leaves the connectors' own options unread.
    ///   - uploads: the folder of what people uploaded in the interface; nil where nobody can.
    ///   - sections: what people changed in the interface. It is checked like the file; its faults name the section
    ///     in the place of a file, and a JSON Pointer in the place of a line.
    /// - Throws: every fault of the files, none left out.
    public static func load(
        path: String, secrets: SecretSource = .system, check: @escaping ConnectorCheck = { _, _ in },
        checkSource: @escaping SourceCheck = { _, _ in }, uploads: String? = nil,
        sections: @escaping SectionChoice = { _ in [] }
    ) throws(ConfigurationError) -> Configuration {
        let name = (path as NSString).lastPathComponent
        let folder = (path as NSString).deletingLastPathComponent
        func place(_ file: String) -> String { file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)" }
        return try ConfigurationReader(
            file: name, secrets: secrets, content: { TextFile.read(place($0)) },
            bytes: { name, max in
                guard name.hasPrefix(FloorPlanReader.uploadMark) else { return TextFile.bytes(place(name), max: max) }
                return TextFile.uploaded(name.dropFirst(FloorPlanReader.uploadMark.count), in: uploads, max: max)
            }, check: check,
            checkSource: checkSource, sections: sections
        ).read()
    }

    /// The same for a text in memory; `files` answers for the files that it names, `pictures` for those that are no text.
    public static func load(
        yaml: String, file: String = "andon.yaml", secrets: SecretSource = .system,
        files: @escaping (String) -> String? = { _ in nil }, pictures: @escaping (String) -> [UInt8]? = { _ in nil },
        check: @escaping ConnectorCheck = { _, _ in }, checkSource: @escaping SourceCheck = { _, _ in },
        sections: @escaping SectionChoice = { _ in [] }
    ) throws(ConfigurationError) -> Configuration {
        try ConfigurationReader(
            file: file, secrets: secrets,
            content: { name in
                if name == file { return .success(yaml) }
                return files(name).map { .success($0) } ?? .failure(TextFile.Refusal(reason: "cannot be read"))
            },
            bytes: { name, max in
                guard let found = pictures(name) ?? files(name).map({ Array($0.utf8) }) else {
                    return .failure(TextFile.Refusal(reason: "cannot be read"))
                }
                return found.count > max ? .failure(.tooLong(max)) : .success(found)
            },
            check: check, checkSource: checkSource, sections: sections
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

        static func tooLong(_ max: Int) -> Refusal { Refusal(reason: "is longer than \(max) bytes") }
    }

    static func read(_ path: String) -> Result<String, Refusal> {
        bytes(path, max: bytesMax).flatMap { bytes in
            String(bytes: bytes, encoding: .utf8).map { .success($0) } ?? .failure(Refusal(reason: "is not UTF-8"))
        }
    }

    /// What lies under its digest in the folder of uploads, and nowhere else.
    static func uploaded(_ name: Substring, in folder: String?, max: Int) -> Result<[UInt8], Refusal> {
        guard let folder, name.wholeMatch(of: /[0-9a-f]{64}\.[a-z]{3}/) != nil else {
            return .failure(Refusal(reason: "is not among the uploaded ones: upload it again"))
        }
        return bytes("\(folder)/\(name)", max: max)
    }

    static func bytes(_ path: String, max: Int) -> Result<[UInt8], Refusal> {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return .failure(Refusal(reason: "cannot be read"))
        }
        // One byte more than is allowed tells a file that is too long, whatever its size says.
        guard let data = try? handle.read(upToCount: max + 1) else {
            return .failure(Refusal(reason: "cannot be read, or is empty"))
        }
        return data.count <= max ? .success(Array(data)) : .failure(.tooLong(max))
    }
}
