import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// A checkpoint as it is stored.
public struct StoredCheckpoint: Sendable {
    public var checkpoint: Checkpoint
    /// Signed by the log; with the cosignatures of its witnesses where they were asked for.
    public var note: SignedNote
}

extension Transaction {
    /// Signs the ledger as it is within this transaction, unless it was signed at this size already.
    ///
    /// - Throws: `StoreError.inconsistent` when the newest checkpoint is not one of the beginning of this tree: nothing is
    ///   signed then, now or later.
    func makeCheckpoint(_ key: SigningKey) throws -> StoredCheckpoint {
        let newest = try reader.newestCheckpoint()
        let checkpoint = try Checkpoint(origin: key.verifier.name, size: tree.size, root: tree.root)
        if let newest, newest.checkpoint == checkpoint { return newest }
        if let newest { try checkConsistency(from: newest.checkpoint) }
        let note = try checkpoint.signed(by: key)
        try run("INSERT INTO ledger_checkpoint (size, note) VALUES (?, ?)", [checkpoint.size, note.description])
        return StoredCheckpoint(checkpoint: checkpoint, note: note)
    }

    /// That this tree begins with the one of the checkpoint, by a proof of the stored hashes.
    func checkConsistency(from old: Checkpoint) throws {
        try reader.checkConsistency(from: old, to: tree.size, tree.root)
    }
}

extension Reader {
    /// That the stored ledger begins with the tree of a checkpoint.
    ///
    /// - Throws: `StoreError.inconsistent`.
    public func checkConsistency(from old: Checkpoint) throws {
        let size = try ledgerSize()
        try checkConsistency(from: old, to: size, try ledgerRoot(size: size))
    }

    func checkConsistency(from old: Checkpoint, to size: Int64, _ root: [UInt8]) throws {
        do {
            try MerkleVerifier.checkConsistency(
                from: old.size, oldRoot: old.root, to: size, root: root,
                proof: prover.consistency(from: old.size, to: size))
        } catch {
            throw StoreError.inconsistent(
                "the ledger of \(size) entries is not a continuation of its own checkpoint of \(old.size) "
                    + "(\(error)); run andon ledger verify, and restore the data folder from a backup")
        }
    }

    public func newestCheckpoint(withCosignatures: Bool = false) throws -> StoredCheckpoint? {
        try row("SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1").map {
            try checkpoint($0, withCosignatures)
        }
    }

    public func checkpoint(size: Int64, withCosignatures: Bool = false) throws -> StoredCheckpoint? {
        try row("SELECT size, note FROM ledger_checkpoint WHERE size = ?", [size]).map {
            try checkpoint($0, withCosignatures)
        }
    }

    /// The smallest checkpoint that covers an entry.
    public func checkpoint(covering index: Int64) throws -> StoredCheckpoint? {
        try row("SELECT size, note FROM ledger_checkpoint WHERE size > ? ORDER BY size LIMIT 1", [index]).map {
            try checkpoint($0, false)
        }
    }

    private func checkpoint(_ row: Row, _ withCosignatures: Bool) throws -> StoredCheckpoint {
        let size: Int64 = row["size"]
        do {
            var note = try SignedNote(parsing: row["note"])
            let checkpoint = try Checkpoint(parsing: note.text)
            guard checkpoint.size == size else {
                throw TransparencyError.untrue("it is of \(checkpoint.size) entries")
            }
            if withCosignatures { note.signatures += try cosignatures(size: size) }
            return StoredCheckpoint(checkpoint: checkpoint, note: note)
        } catch {
            throw StoreError.inconsistent("the stored checkpoint of \(size) entries cannot be read: \(error)")
        }
    }

    func cosignatures(size: Int64) throws -> [NoteSignature] {
        try rows("SELECT line FROM ledger_cosignature WHERE size = ? ORDER BY vkey", [size]).map {
            try NoteSignature(parsing: $0["line"] as String)
        }
    }

    /// The Merkle root of the first `size` entries, of the stored hashes.
    public func ledgerRoot(size: Int64) throws -> [UInt8] { try prover.root(size: size) }

    /// Entries, as they were last written.
    public func ledgerSize() throws -> Int64 {
        try row("SELECT size FROM ledger_head WHERE one = 1").map { $0["size"] } ?? 0
    }
}
