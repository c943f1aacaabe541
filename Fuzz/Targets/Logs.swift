import AndonSQL
import Foundation

/// What a crash left on the disk.
extension FuzzTarget {
    static let logs = [writeAheadLog]

    /// Whatever lies beside a database is a log or none: a loss is of a frame that is in it, and of commits behind that.
    private static let writeAheadLog = FuzzTarget(
        "write-ahead-log",
        seeds: {
            let log = try written()
            // The smallest pages, and a page that says less than it has.
            return [log, Array(log.prefix(log.count / 2)), Array(log.prefix(32 + 536)), Array(log.prefix(40))]
        },
        check: { input in
            for pageBytes in [nil, 512, 4096, 65_536] {
                let found = input.withUnsafeBytes { WriteAheadLog.loss(in: $0, pageBytes: pageBytes) }
                guard let found else { continue }
                try promise(found.commits > 0, "a loss of nothing")
                try promise(found.frame >= 0 && found.frame * 536 <= input.count, "a frame that is not there")
                try promise(found.description.utf8.count < 400, "the words are long")
            }
        })

    /// The log of some transactions, as SQLite writes it.
    private static func written() throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("log.sqlite").path
        let engine = try SQLiteEngine(path: path, isReadOnly: false)
        _ = try engine.writeNow { try $0.run("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT NOT NULL)") }
        for number in 0..<5 {
            _ = try engine.writeNow { db in
                try db.run("INSERT INTO t (text) VALUES (?)", [String(repeating: "x", count: number * 300)])
            }
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        try engine.close()
        return Array(log)
    }
}
