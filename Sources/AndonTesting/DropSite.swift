import Foundation

/// The other side of a shared folder, to be run again and again.
public protocol FolderStandIn: Sendable {
    /// One look into the folder.
    func run() throws
}

/// A folder's other side that can be started by its connector's type.
public struct FolderStandInKind: Sendable {
    public var type: String
    /// Makes the folders below the one that is given.
    public var make: @Sendable (String) throws -> any FolderStandIn

    public static let all = [
        FolderStandInKind(type: "maintimizer") { try MaintimizerImporter(folder: $0) },
        FolderStandInKind(type: "mp2") { try MP2Job(folder: $0, equipment: nil) },
    ]
}

/// The other side of a shared folder: whole files, moved by renaming.
struct DropSite: Sendable {
    let folder: String

    /// Makes the folders, and the marker that says that the share is there.
    init(folder: String, folders: [String]) throws {
        self.folder = folder
        for name in folders {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Data("drop".utf8).write(to: URL(fileURLWithPath: "\(folder)/andon-drop.id"))
    }

    /// Written a while ago, as far as the reader can see: it waits for files to stand still.
    func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(path)")
        try Data(text.utf8).write(to: url, options: .atomic)
        let past = Date(timeIntervalSinceNow: -10)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: url.path)
    }

    func move(_ from: String, _ to: String) throws {
        guard rename("\(folder)/\(from)", "\(folder)/\(to)") == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func refuse(_ name: String, in inbox: String, _ reason: String) throws {
        try move("\(inbox)\(name)", "rejected/\(name)")
        try write(reason, to: "rejected/\(name).reason.txt")
    }

    /// The one record of a file below its header, with quotes and line breaks in it; nil when the file is not whole.
    /// Columns by their order, with the values by name.
    func record(_ path: String) -> (columns: [String], row: [String: String])? {
        let text = String(decoding: FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data(), as: UTF8.self)
        guard text.hasSuffix("\r\n") else { return nil }
        var rows: [[String]] = [[]]
        var cell = ""
        var open = false
        for character in text {
            switch character {
            case "\"": open.toggle()
            case "," where !open:
                rows[rows.count - 1].append(cell)
                cell = ""
            case "\r\n" where !open:
                rows[rows.count - 1].append(cell)
                cell = ""
                rows.append([])
            default: cell.append(character)
            }
        }
        guard !open, rows.count == 3, rows[0].count == rows[1].count, Set(rows[0]).count == rows[0].count else {
            return nil
        }
        return (rows[0], Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1])))
    }

    /// What a spreadsheet would run.
    static func formula(in row: [String: String]) -> String? {
        row.values.first { "=+@\t".contains($0.first ?? " ") }
    }
}
