import AndonConfiguration
import AndonLedger
import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a configuration: each is there whole or not at all.
public struct SetUpFiles: Sendable {
    /// The configuration's.
    public let config: String
    private let answers: SetUpAnswers

    public init(_ answers: SetUpAnswers, config: String) { (self.answers, self.config) = (answers, config) }

    /// Where it lies.
    public var folder: String {
        let folder = (config as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    private var assets: String { "\(folder)/\(SetUpAnswers.assetsFile)" }

    /// What there is to write, the configuration last: where it is, all is.
    private var content: [(path: String, text: String)] {
        var content: [(path: String, text: String)] = []
        if let csv = answers.assetsCSV { content.append((path: assets, text: csv)) }
        content.append((path: config, text: SetUpDocument(answers).text))
        return content
    }

    /// Those that are there already.
    public var present: [String] { content.map(\.path).filter { FileManager.default.fileExists(atPath: $0) } }

    /// Writes them.
    ///
    /// - Parameter replaces: whether files that are there are overwritten.
    /// - Throws: ``Problem`` 409 `file-exists`, and nothing is written; 500 `not-written`.
    public func write(replaces: Bool = false) throws(Problem) {
        guard replaces || present.isEmpty else { throw Self.exists(present) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Self.failure(folder, error.localizedDescription)
        }
        var written: [String] = []
        do throws(Problem) {
            for (path, text) in content {
                try Self.place(text, at: path, replaces: replaces)
                written.append(path)
            }
        } catch {
            if !replaces { for path in written { unlink(path) } }
            throw error
        }
    }

    /// Takes back what was written over nothing.
    func remove() { for (path, _) in content { unlink(path) } }

    /// Under another name first; a name that exists is never taken by linking to it.
    private static func place(_ text: String, at path: String, replaces: Bool) throws(Problem) {
        let draft = "\(path).\(UUID().uuidString)"
        do {
            try DurableFile.write(text, to: draft)
        } catch {
            throw failure(path, "\(error)")
        }
        defer { unlink(draft) }
        if replaces {
            guard rename(draft, path) == 0 else { throw failure(path, systemReason) }
        } else if link(draft, path) != 0 {
            throw errno == EEXIST ? exists([path]) : failure(path, systemReason)
        }
    }

    private static var systemReason: String { String(cString: strerror(errno)) }

    private static func exists(_ paths: [String]) -> Problem {
        Problem(
            status: 409, type: "file-exists", title: "There is a file already",
            detail:
                "\(paths.joined(separator: " and ")): nothing is written over it. Move it away, or take another folder."
        )
    }

    private static func failure(_ path: String, _ reason: String) -> Problem {
        Problem(
            status: 500, type: "not-written", title: "The configuration could not be written",
            detail: "\(path): \(reason). Give the server's user the right to write there, or take another folder.")
    }
}
