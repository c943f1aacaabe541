import CSQLite
import Foundation
import GRDB
import GRDBSQLite

/// The write-ahead log as a file.
enum SQLiteLog {
    /// SQLite's own files take fewer than 2^17 bytes at once (os_unix.c, seekAndWriteFd): of a multiple of that, none.
    private static let pieceBytes = 1 << 16

    /// Writes what the log has once more, and syncs it: to be called at a start, before anything is added.
    ///
    /// After a sync that failed, the system takes what it could not write for written. A process that starts then reads it back
    /// from the system's memory, and goes on behind it; no later sync would write it, and a power cut would leave a hole there,
    /// behind which SQLite reads nothing. What is written again is written by this sync, or the start fails.
    static func rewrite(_ db: GRDB.Database) throws {
        // Whoever holds the write lock is alone with the end of the log.
        try db.inTransaction(.immediate) {
            try rewriteLocked(db)
            return .rollback
        }
    }

    /// Whether a connection that is the last one folds the log into the database when it is closed.
    ///
    /// Not before the log is known to be on the disk: of one that is in the system's memory alone some pages would reach the
    /// database, and a power cut would then leave those without the rest of their transaction.
    static func setFoldsOnClose(_ db: GRDB.Database, _ folds: Bool) {
        _ = sqlite_set_folds_on_close(db.sqliteConnection, folds ? 1 : 0)
    }

    private static func rewriteLocked(_ db: GRDB.Database) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let found = withUnsafeMutablePointer(to: &file) {
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, $0)
        }
        guard found == SQLITE_OK, let file, let methods = file.pointee.pMethods?.pointee else { return }
        var size: sqlite3_int64 = 0
        try check(methods.xFileSize(file, &size))
        guard size > 0 else { return }
        let piece = UnsafeMutableRawPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { piece.deallocate() }
        for offset in stride(from: 0, to: size, by: pieceBytes) {
            let count = Int32(min(sqlite3_int64(pieceBytes), size - offset))
            try check(methods.xRead(file, piece, count, offset))
            try check(methods.xWrite(file, piece, count, offset))
        }
        try check(methods.xSync(file, SQLITE_SYNC_NORMAL))
    }

    private static func check(_ code: Int32) throws {
        guard code == SQLITE_OK else {
            throw GRDB.DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: "the log cannot be written again: \(String(cString: sqlite3_errstr(code)))")
        }
    }
}
