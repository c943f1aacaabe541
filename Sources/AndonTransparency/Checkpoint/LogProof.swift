/// A proof for one entry that needs no server (c2sp.org/tlog-proof): where it stands, the hashes to the root, and the
/// checkpoint with its signatures. The extra data holds the entry itself, so that one file is enough.
public struct LogProof: Sendable, CustomStringConvertible {
    public var index: Int64
    /// From the leaf's sibling up.
    public var hashes: [[UInt8]]
    /// The entry's bytes. Nothing vouches for them but the proof.
    public var entry: [UInt8]?
    public var note: SignedNote

    private static let header = "c2sp.org/tlog-proof@v1"

    public init(index: Int64, hashes: [[UInt8]], entry: [UInt8]?, note: SignedNote) {
        self.index = index
        self.hashes = hashes
        self.entry = entry
        self.note = note
    }

    public init(parsing text: String) throws(TransparencyError) {
        let bytes = Array(text.utf8)
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A }) else {
            throw .malformed("proof", "it has no empty line before the checkpoint")
        }
        var lines = bytes[..<gap].split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard lines.popFirst() == Self.header else {
            throw .malformed("proof", "its first line is not \(Self.header)")
        }
        entry = nil
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let extra = Base64.bytes(String(line.dropFirst(6))) else {
                throw .malformed("proof", "its extra data is not base64")
            }
            entry = extra
            lines.removeFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "),
            let index = Int64(plainDecimal: line.dropFirst(6))
        else { throw .malformed("proof", "it has no line \"index N\"") }
        self.index = index
        hashes = try Self.hashes(lines, of: "proof")
        note = try SignedNote(parsing: String(decoding: bytes[(gap + 2)...], as: UTF8.self))
    }

    static func hashes(_ lines: ArraySlice<String>, of what: String) throws(TransparencyError) -> [[UInt8]] {
        guard lines.count <= 63 else { throw .malformed(what, "it has more than 63 hashes") }
        var hashes: [[UInt8]] = []
        for line in lines {
            guard let hash = Base64.hash(line) else {
                throw .malformed(what, "\"\(line.prefix(60))\" is not 32 bytes in base64")
            }
            hashes.append(hash)
        }
        return hashes
    }

    public var description: String {
        let extra = entry.map { "extra \(Base64.text($0))\n" } ?? ""
        let lines = hashes.map { Base64.text($0) + "\n" }.joined()
        return "\(Self.header)\n\(extra)index \(index)\n\(lines)\n\(note)"
    }

    /// Checks the checkpoint's signatures and that the entry stands where the proof says.
    ///
    /// - Parameter entry: the entry's bytes; those that the proof brings along when nil.
    public func verified(
        entry other: [UInt8]? = nil, by keys: [VerifierKey], witnesses: [VerifierKey] = []
    ) throws(TransparencyError) -> (checkpoint: Checkpoint, signatures: [VerifiedSignature]) {
        guard let entry = other ?? entry else { throw .untrue("the proof does not bring its entry along") }
        let (checkpoint, signatures) = try note.checkpoint(by: keys, witnesses: witnesses)
        try MerkleVerifier.checkInclusion(
            of: MerkleHash.leaf(entry), at: index, size: checkpoint.size, root: checkpoint.root, proof: hashes)
        return (checkpoint, signatures)
    }
}

/// What a log sends to a witness (c2sp.org/tlog-witness, `add-checkpoint`).
public struct WitnessRequest: Sendable, CustomStringConvertible {
    /// The size of the last checkpoint that the witness signed.
    public var old: Int64
    public var proof: [[UInt8]]
    public var note: SignedNote

    public init(old: Int64, proof: [[UInt8]], note: SignedNote) {
        self.old = old
        self.proof = proof
        self.note = note
    }

    public init(parsing text: String) throws(TransparencyError) {
        let bytes = Array(text.utf8)
        guard let gap = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A }) else {
            throw .malformed("request", "it has no empty line before the checkpoint")
        }
        var lines = bytes[..<gap].split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard let line = lines.popFirst(), line.hasPrefix("old "), let old = Int64(plainDecimal: line.dropFirst(4))
        else { throw .malformed("request", "its first line is not \"old SIZE\"") }
        self.old = old
        proof = try LogProof.hashes(lines, of: "request")
        note = try SignedNote(parsing: String(decoding: bytes[(gap + 2)...], as: UTF8.self))
    }

    public var description: String { "old \(old)\n\(proof.map { Base64.text($0) + "\n" }.joined())\n\(note)" }
}
