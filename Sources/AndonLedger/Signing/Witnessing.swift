import AndonModel
import AndonSQL
import AndonTransparency

// MARK: Others sign for us

extension LedgerSigner {
    /// What a witness is asked to sign: the newest checkpoint, with the proof that it continues the one of `old` entries.
    public func witnessRequest(old: Int64) async throws -> WitnessRequest {
        let newest = try await checkpoint()
        return try await store.read { reader in
            guard old <= newest.checkpoint.size else {
                throw TransparencyError.untrue(
                    "the witness has seen \(old) entries, and the ledger has \(newest.checkpoint.size)")
            }
            let proof = try reader.prover.consistency(from: old, to: newest.checkpoint.size)
            return WitnessRequest(old: old, proof: proof, note: newest.note)
        }
    }

    /// Keeps the cosignatures of known witnesses, each verified over a checkpoint of ours. Others are passed over.
    ///
    /// - Parameter lines: signature lines of the checkpoint of `size` entries.
    /// - Returns: the witnesses whose signatures are kept now.
    /// - Throws: `TransparencyError` when there is no such checkpoint, or a known witness's signature does not hold.
    public func keepCosignatures(_ lines: String, size: Int64, witnesses: [VerifierKey]) async throws -> [VerifierKey] {
        guard let stored = try await store.read({ try $0.checkpoint(size: size) }) else {
            throw TransparencyError.untrue("there is no checkpoint of \(size) entries")
        }
        let text = lines.hasSuffix("\n") ? lines : lines + "\n"
        let note = try SignedNote(parsing: stored.note.text + "\n" + text)
        let found = try note.verified(by: witnesses.filter { $0.algorithm == .cosignature })
        try await store.write { transaction in
            for verified in found {
                try transaction.run(
                    """
                    INSERT INTO ledger_cosignature (size, vkey, line) VALUES (?, ?, ?) ON CONFLICT (size, vkey)
                    DO UPDATE SET line = excluded.line
                    """, [size, "\(verified.key)", "\(verified.signature)"])
            }
        }
        return found.map(\.key)
    }
}

extension Reader {
    /// The size of the newest checkpoint that a witness signed; 0 when it signed none.
    public func cosigned(by witness: VerifierKey) throws -> Int64 {
        try row("SELECT COALESCE(MAX(size), 0) AS size FROM ledger_cosignature WHERE vkey = ?", ["\(witness)"])
            .map { $0["size"] } ?? 0
    }

    /// The newest checkpoint that at least so many witnesses signed, with their signatures.
    public func newestCosigned(by count: Int = 1) throws -> StoredCheckpoint? {
        let size: Int64? = try row(
            """
            SELECT size FROM ledger_cosignature GROUP BY size HAVING COUNT(*) >= ? ORDER BY size DESC LIMIT 1
            """, [count])?["size"]
        return try size.flatMap { try checkpoint(size: $0, withCosignatures: true) }
    }
}

// MARK: We sign for others

/// Why a witness does not sign (c2sp.org/tlog-witness, add-checkpoint).
public enum WitnessRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// 400
    case malformed(String)
    /// 404
    case unknownLog(String)
    /// 403
    case notSigned(String)
    /// 409: the size that was signed last.
    case otherSize(Int64)
    /// 422
    case inconsistent(String)

    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .unknownLog(let origin): "the log \(origin) is none of those in ledger.witnessOf"
        case .notSigned(let reason): reason
        case .otherSize(let size): "the last checkpoint that was signed here has \(size) entries: prove from there"
        case .inconsistent(let reason): "the checkpoint does not continue what was signed before: \(reason)"
        }
    }
}

/// Signs the checkpoints of other logs, each only when it continues the one before.
public struct Witness: Sendable {
    let store: Store
    let key: SigningKey
    let logs: [VerifierKey]

    /// - Parameter name: of a new key; an old one keeps its own.
    public init(_ store: Store, name: String, logs: [VerifierKey]) throws {
        let file = KeyFile(store.folder + "/witness.key")
        let key =
            try file.exists
            ? file.read() : file.make(name: name, algorithm: .cosignature, random: store.random)
        self.init(store, key: key, logs: logs)
    }

    init(_ store: Store, key: SigningKey, logs: [VerifierKey]) {
        self.store = store
        self.key = key
        self.logs = logs
    }

    public var verifier: VerifierKey { key.verifier }

    /// The cosignature line, with its newline. Durable before it is returned: no later start signs for a shorter log.
    ///
    /// - Throws: `WitnessRefusal`.
    public func cosign(_ body: String) async throws -> String {
        let request: WitnessRequest
        let checkpoint: Checkpoint
        do {
            request = try WitnessRequest(parsing: body)
            checkpoint = try Checkpoint(parsing: request.note.text)
        } catch {
            throw WitnessRefusal.malformed("\(error)")
        }
        let known = logs.filter { $0.name == checkpoint.origin }
        guard !known.isEmpty else { throw WitnessRefusal.unknownLog(checkpoint.origin) }
        do {
            _ = try request.note.checkpoint(by: known)
        } catch {
            throw WitnessRefusal.notSigned("\(error)")
        }
        guard request.old <= checkpoint.size else {
            throw WitnessRefusal.malformed("the old size \(request.old) is above the checkpoint's")
        }
        let key = key
        return try await store.write { transaction in
            try transaction.accept(checkpoint, request)
            let seconds = transaction.now.microseconds / 1_000_000
            return "\(try key.sign(checkpoint.description, time: seconds))\n"
        }
    }
}

extension Transaction {
    /// Remembers another log's checkpoint after it was found to continue the one before.
    fileprivate func accept(_ checkpoint: Checkpoint, _ request: WitnessRequest) throws {
        let before = try reader.row(
            "SELECT note FROM witnessed_log WHERE origin = ?", [checkpoint.origin]
        ).map { try Checkpoint(parsing: SignedNote(parsing: $0["note"] as String).text) }
        guard request.old == before?.size ?? 0 else { throw WitnessRefusal.otherSize(before?.size ?? 0) }
        do {
            try MerkleVerifier.checkConsistency(
                from: request.old, oldRoot: before?.root ?? MerkleHash.empty, to: checkpoint.size,
                root: checkpoint.root, proof: request.proof)
        } catch {
            throw WitnessRefusal.inconsistent(error.description)
        }
        let note = request.note.description
        // Not an entry of the ledger: two sites that watch each other would never come to rest.
        guard before != checkpoint else { return }
        try run(
            """
            INSERT INTO witnessed_log (origin, size, note) VALUES (?, ?, ?) ON CONFLICT (origin)
            DO UPDATE SET size = excluded.size, note = excluded.note
            """, [checkpoint.origin, checkpoint.size, note])
    }
}
