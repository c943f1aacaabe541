/// The state of a log at one size (c2sp.org/tlog-checkpoint): the text that the log and its witnesses sign.
public struct Checkpoint: Hashable, Sendable, CustomStringConvertible {
    /// The log's name, and the name of its key.
    public let origin: String
    /// Entries.
    public let size: Int64
    /// 32 bytes.
    public let root: [UInt8]
    /// Further lines; this program writes none.
    public let extensions: [String]

    public init(origin: String, size: Int64, root: [UInt8]) throws(TransparencyError) {
        guard VerifierKey.isName(origin) else { throw .malformed("checkpoint", "\"\(origin)\" is not an origin") }
        guard size >= 0, root.count == 32 else { throw .malformed("checkpoint", "it needs a size and 32 bytes") }
        self.origin = origin
        self.size = size
        self.root = root
        extensions = []
    }

    /// The text of a note, without its signatures.
    public init(parsing text: String) throws(TransparencyError) {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard lines.count >= 4, lines.last == "", !lines.dropLast().contains("") else {
            throw .malformed("checkpoint", "it should be an origin, a size and a root, each on a line of its own")
        }
        guard let size = Int64(plainDecimal: lines[1]) else {
            throw .malformed("checkpoint", "its size \"\(lines[1].prefix(40))\" is not a plain decimal number")
        }
        guard let root = Base64.hash(lines[2]) else {
            throw .malformed("checkpoint", "its root \"\(lines[2].prefix(60))\" is not 32 bytes in base64")
        }
        origin = lines[0]
        self.size = size
        self.root = root
        extensions = Array(lines[3..<lines.count - 1])
    }

    public var description: String {
        "\(origin)\n\(size)\n\(Base64.text(root))\n\(extensions.map { "\($0)\n" }.joined())"
    }

    public func signed(by key: SigningKey) throws(TransparencyError) -> SignedNote {
        guard key.verifier.name == origin else {
            throw .untrue("the key \(key.verifier.name) does not sign for the log \(origin)")
        }
        return try SignedNote(text: description, signatures: [key.sign(description)])
    }
}

extension SignedNote {
    /// The checkpoint of a note that one of the log's own `keys` signed; `witnesses` are verified where they signed.
    public func checkpoint(
        by keys: [VerifierKey], witnesses: [VerifierKey] = []
    ) throws(TransparencyError) -> (checkpoint: Checkpoint, signatures: [VerifiedSignature]) {
        let checkpoint = try Checkpoint(parsing: text)
        let own = keys.filter { $0.name == checkpoint.origin }
        let found = try verified(by: own + witnesses)
        guard found.contains(where: { own.contains($0.key) }) else {
            throw .untrue("no known key of the log \(checkpoint.origin) signed the checkpoint of \(checkpoint.size)")
        }
        return (checkpoint, found)
    }
}
