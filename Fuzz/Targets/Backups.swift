import AndonBackup
import AndonModel

/// What lies in a backup, which somebody may have written to.
extension FuzzTarget {
    static let backups = [manifest, sums]

    private static let digest = String(repeating: "5f", count: 32)

    /// A manifest that is read says the same when it is written.
    private static let manifest = FuzzTarget(
        "backup-manifest",
        seeds: {
            let postgres: JSON = [
                "format": 1, "version": "1.0", "takenAt": "2026-11-29T22:45:00.123456Z", "engine": "postgres",
                "schema": "andon", "entries": 7, "root": .string(digest), "checkpoint": "andon\n7\n",
                "pictures": ["count": 2, "bytes": 900, "removedMeanwhile": 1, "missing": ["ab/cd.jpg"]],
                "holdsKeys": true, "objectStorage": "http://127.0.0.1:9000/andon/", "sumsSha256": .string(digest),
            ]
            let least: JSON = [
                "format": 1, "version": "1.0", "takenAt": "2026-11-29T22:45:00Z", "engine": "sqlite", "entries": 0,
                "root": .string(digest), "sumsSha256": .string(digest),
            ]
            return [postgres, least].map { Array($0.canonicalText.utf8) }
        },
        check: { input in
            guard let found = try own({ try BackupManifest(parsing: input, of: "b") }) else { return }
            let again = try own { try BackupManifest(parsing: Array(found.json.canonicalText.utf8), of: "b") }
            try promise(again == found, "a manifest that was written is another")
        })

    /// A list that is read names nothing outside of the backup but shared pictures, and says the same when it is written.
    private static let sums = FuzzTarget(
        "backup-sums",
        seeds: {
            let lines = ["andon.sqlite", "files/plans/hall 2.pdf", "../../pictures/5f/5f5f.jpg"].map {
                "\(digest)  \($0)\n"
            }
            return [Array(lines.joined().utf8), Array(lines[2].utf8), []]
        },
        check: { input in
            let text = String(decoding: input, as: UTF8.self)
            guard let found = try own({ try FileSums(parsing: text, of: "b") }) else { return }
            for line in found.lines {
                let within = line.path.hasPrefix("../../pictures") ? String(line.path.dropFirst(6)) : line.path
                let parts = within.split(separator: "/", omittingEmptySubsequences: false)
                try promise(!parts.contains("..") && !parts.contains(""), "\(line.path) leaves the backup")
                try promise(!line.path.utf8.contains(0), "\(line.path) ends early")
            }
            let again = try own { try FileSums(parsing: found.text, of: "b") }
            try promise(again == found, "a list that was written is another")
        })

    /// nil for what is refused in its own words.
    private static func own<Value>(_ body: () throws -> Value) throws -> Value? {
        do { return try body() } catch let error as BackupError {
            try promise(error.description.utf8.count < 2000, "the words are long")
            return nil
        }
    }
}
