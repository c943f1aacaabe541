/// The list of a backup's files with their digests, in the form of `sha256sum`.
package struct FileSums: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package var digest: String
        /// Within the backup's own folder; `../../pictures/…` for what all backups share.
        package var path: String
    }

    package private(set) var lines: [Line] = []

    init() {}

    mutating func add(_ digest: String, _ path: String) { lines.append(Line(digest: digest, path: path)) }

    package var text: String { lines.map { "\($0.digest)  \($0.path)\n" }.joined() }

    /// - Throws: ``BackupError/damaged(_:_:)`` for a line that is none, or that leaves the backup.
    package init(parsing text: String, of backup: String) throws {
        for (number, line) in text.split(separator: "\n").enumerated() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[1].first == " ", parts[0].utf8.count == 64,
                parts[0].allSatisfy({ $0.isHexDigit && !$0.isUppercase })
            else { throw BackupError.damaged(backup, "line \(number + 1) of \(BackupFolder.sums) is none") }
            let path = String(parts[1].dropFirst())
            guard Self.stays(path) else {
                throw BackupError.damaged(backup, "\(BackupFolder.sums) names \(path), which is not of a backup")
            }
            add(String(parts[0]), path)
        }
    }

    /// Whether a path is within the backup, or one of a shared picture, and can be listed on a line.
    static func stays(_ path: String) -> Bool {
        guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else { return false }
        var path = Substring(path)
        for pool in BackupFolder.pools where path.hasPrefix("../../\(pool)/") { path = path.dropFirst(6) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
