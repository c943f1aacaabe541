import AndonTransparency
import Foundation

/// The newest checkpoint in a place outside the data folder: on another disk, or one that others can only append to. By
/// it a start sees that the data folder was put back to an earlier state, or is another one.
struct OutsideCopy: Sendable {
    let path: String

    /// Nil when there is no file yet.
    func read() throws -> (note: SignedNote, checkpoint: Checkpoint)? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let note = try SignedNote(parsing: String(contentsOfFile: path, encoding: .utf8))
            return (note, try Checkpoint(parsing: note.text))
        } catch {
            throw LedgerHistoryError.unreadableCopy(path, "\(error)")
        }
    }

    func write(_ note: SignedNote) throws { try DurableFile.write(note.description, to: path) }

    /// Keeps what the ledger contradicts, for those who will ask.
    func setAside(size: Int64) throws {
        let other = "\(path).before-\(size)"
        if FileManager.default.fileExists(atPath: other) { try FileManager.default.removeItem(atPath: other) }
        try FileManager.default.moveItem(atPath: path, toPath: other)
    }

    /// What the checkpoint outside says about the ledger; nil when the ledger continues it.
    func contradiction(_ note: SignedNote, _ outside: Checkpoint, _ reader: Reader) throws -> LedgerHistoryError? {
        let chain = try reader.keyChain()
        let size = try reader.ledgerSize()
        let keys = chain.links.map(\.key)
        guard (try? note.checkpoint(by: keys)) != nil else {
            return .foreign(path, origin: outside.origin, ours: keys.last?.name ?? "none")
        }
        guard outside.size <= size else { return .rollback(path, outside: outside.size, ours: size) }
        guard try reader.ledgerRoot(size: outside.size) == outside.root else { return .fork(path, size: outside.size) }
        return nil
    }
}

/// The data folder is not what it was.
public enum LedgerHistoryError: Error, Equatable, Sendable, CustomStringConvertible {
    case rollback(String, outside: Int64, ours: Int64)
    case fork(String, size: Int64)
    case foreign(String, origin: String, ours: String)
    case unreadableCopy(String, String)

    private var finding: String {
        switch self {
        case .rollback(let path, let outside, let ours):
            "the data folder was put back to an earlier state: it has \(ours) entries, and the checkpoint in \(path) says "
                + "that there were \(outside) (a rollback)"
        case .fork(let path, let size):
            "the first \(size) entries of this ledger are not those of the checkpoint in \(path): the data folder was put "
                + "back to an earlier state and went on from there, or it was rewritten, or this is another one (a fork)"
        case .foreign(let path, let origin, let ours):
            "the checkpoint in \(path) is of the log \(origin), and none of this ledger's keys signed it (its own is "
                + "\(ours)): this is another data folder, or it was rewritten (a fork)"
        case .unreadableCopy(let path, let reason): "the checkpoint in \(path) cannot be read: \(reason)"
        }
    }

    public var description: String {
        "\(finding). Restore the right data folder. If this one is all that is left, start once with "
            + "`andon serve --accept-rollback WHO WHY`: that is recorded, and the ledger goes on under a new name and key"
    }
}
