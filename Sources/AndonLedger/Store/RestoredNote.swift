import AndonModel
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lies in a data folder that came out of a backup until the first start has taken note of it.
public struct RestoredNote: Sendable, Equatable {
    /// Another one for each restoration.
    public var id: String
    /// The backup's name: when it was taken.
    public var backup: String
    /// Entries of the ledger in the backup.
    public var entries: Int64
    public var person: String
    public var reason: String
    /// Whether the server had ended before the backup, and nothing was done since: its ledger goes on under its name.
    public var isMove: Bool

    public init(id: String, backup: String, entries: Int64, person: String, reason: String, isMove: Bool) {
        (self.id, self.backup, self.entries) = (id, backup, entries)
        (self.person, self.reason, self.isMove) = (person, reason, isMove)
    }

    private static func path(_ folder: String) -> String { "\(folder)/restored.json" }

    public func write(to folder: String) throws {
        let text: JSON = [
            "id": .string(id), "backup": .string(backup), "entries": .integer(entries), "by": .string(person),
            "reason": .string(reason), "moved": .bool(isMove),
        ]
        try DurableFile.write(text.canonicalText, to: Self.path(folder), mode: 0o640)
    }

    /// Nil where there is none.
    ///
    /// - Throws: ``StoreError/unusable(_:)`` where it cannot be read: what it is about must not be passed over.
    public static func read(from folder: String) throws -> RestoredNote? {
        guard FileManager.default.fileExists(atPath: path(folder)) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path(folder)),
            let text = try? JSON(parsing: Array(bytes)),
            let id = text["id"]?.string, let backup = text["backup"]?.string, let entries = text["entries"]?.integer,
            let person = text["by"]?.string, let reason = text["reason"]?.string
        else {
            throw StoreError.unusable(
                "\(path(folder)) says of which backup this folder is, and cannot be read; restore the backup once more")
        }
        return RestoredNote(
            id: id, backup: backup, entries: Int64(entries), person: person, reason: reason,
            isMove: text["moved"] == true)
    }

    /// To be called before anything is sent.
    public func apply(to store: Store) async throws {
        _ = try await store.write { try $0.noteRestore(self) }
    }

    /// What the ledger is told: it goes on as a new log, unless it was only moved.
    public var acceptance: LedgerSigner.Acceptance? {
        isMove ? nil : LedgerSigner.Acceptance(person: person, reason: reason, restored: entries)
    }

    /// Everything that it says has been taken note of.
    public static func remove(from folder: String) throws {
        guard unlink(path(folder)) == 0 || errno == ENOENT else {
            throw StoreError.unusable("\(path(folder)) cannot be removed: \(String(cString: strerror(errno)))")
        }
        try DurableFile.syncFolder(of: path(folder))
    }
}
