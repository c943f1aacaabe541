import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// A time stamp (RFC 3161) over a checkpoint's note as the log signed it.
public struct LedgerStamp: Sendable {
    /// Entries of the checkpoint.
    public var size: Int64
    /// DER.
    public var request: [UInt8]
    public var reply: [UInt8]

    /// Whether the answer is about this note, and answers that question.
    func isOf(_ note: SignedNote) -> Bool {
        guard let parsed = try? TimestampReply(parsing: reply) else { return false }
        let question = TimestampRequest(of: Array(note.description.utf8), nonce: parsed.nonce)
        return question.bytes == request && (try? parsed.check(question)) != nil
    }
}

extension LedgerSigner {
    /// A question about the newest checkpoint; nil when that one has a stamp.
    public func stampRequest() async throws -> (size: Int64, request: TimestampRequest)? {
        let newest = try await checkpoint()
        let size = newest.checkpoint.size
        guard try await store.read({ try $0.stamp(size: size) }) == nil else { return nil }
        return (size, TimestampRequest(of: Array(newest.note.description.utf8), nonce: store.random.bytes(8)))
    }

    /// Keeps an authority's answer.
    ///
    /// - Throws: `TransparencyError` when it refuses, or answers another question.
    /// - Returns: the time that the authority states.
    public func keep(_ reply: [UInt8], to request: TimestampRequest, size: Int64) async throws -> String {
        let parsed = try TimestampReply(parsing: reply)
        try parsed.check(request)
        _ = try await store.write { transaction in
            try transaction.run(
                "INSERT INTO ledger_stamp (size, request, reply) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [size, Data(request.bytes), Data(reply)])
        }
        return parsed.time
    }
}

extension Reader {
    public func stamp(size: Int64) throws -> LedgerStamp? {
        try row("SELECT * FROM ledger_stamp WHERE size = ?", [size]).map(Self.stamp)
    }

    public func newestStamp() throws -> LedgerStamp? {
        try row("SELECT * FROM ledger_stamp ORDER BY size DESC LIMIT 1").map(Self.stamp)
    }

    private static func stamp(_ row: Row) -> LedgerStamp {
        LedgerStamp(size: row["size"], request: Array(row["request"] as Data), reply: Array(row["reply"] as Data))
    }
}
