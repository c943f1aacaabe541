/// One signature line of a note.
public struct NoteSignature: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public var keyID: UInt32
    public var bytes: [UInt8]

    public init(name: String, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// The line `— NAME BASE64`, without a newline.
    public init(parsing line: some StringProtocol) throws(TransparencyError) {
        let parts = String(line).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "\u{2014}", VerifierKey.isName(parts[1]),
            let bytes = Base64.bytes(parts[2]), bytes.count > 4
        else { throw .malformed("signature line", "it should be \u{2014} NAME BASE64, found \"\(line.prefix(100))\"") }
        name = parts[1]
        keyID = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        self.bytes = Array(bytes.dropFirst(4))
    }

    public var description: String {
        let id = (0..<4).reversed().map { UInt8(truncatingIfNeeded: keyID >> (8 * UInt32($0))) }
        return "\u{2014} \(name) \(Base64.text(id + bytes))"
    }

    /// Eight hexadecimal digits.
    public var keyIDText: String { NoteKeyID.text(keyID) }

    /// The time of a witness's signature (`cosignature/v1`) in POSIX seconds, as it says; nil for any other.
    public var cosignedAt: UInt64? { Cosignature.time(of: bytes) }

    public func isBy(_ key: VerifierKey) -> Bool { name == key.name && keyID == key.id }
}

/// A text with signatures (c2sp.org/signed-note).
public struct SignedNote: Sendable, CustomStringConvertible {
    /// Ends in a newline.
    public let text: String
    public var signatures: [NoteSignature]

    /// Bytes of a note, and signatures on it, at most.
    public static let bytesMax = 1 << 20
    public static let signaturesMax = 100

    public init(text: String, signatures: [NoteSignature]) throws(TransparencyError) {
        guard text.utf8.last == 0x0A else { throw .malformed("note", "its text does not end in a newline") }
        try Self.checkCharacters(text)
        self.text = text
        self.signatures = signatures
    }

    public init(parsing note: String) throws(TransparencyError) {
        let bytes = Array(note.utf8)
        guard bytes.count <= Self.bytesMax else { throw .malformed("note", "it has more than \(Self.bytesMax) bytes") }
        try Self.checkCharacters(note)
        guard bytes.last == 0x0A,
            let gap = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
        else { throw .malformed("note", "it should be a text, an empty line, and signature lines") }
        let lines = bytes[(gap + 2)...].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        guard !lines.isEmpty, lines.count <= Self.signaturesMax else {
            throw .malformed("note", "it has \(lines.count) signatures; it should have 1 to \(Self.signaturesMax)")
        }
        var signatures: [NoteSignature] = []
        for line in lines { signatures.append(try NoteSignature(parsing: String(decoding: line, as: UTF8.self))) }
        try self.init(text: String(decoding: bytes[...gap], as: UTF8.self), signatures: signatures)
    }

    public var description: String { "\(text)\n\(signatures.map { "\($0)\n" }.joined())" }

    /// The signatures of known keys. Those of unknown keys are passed over; a known key's that fails is an error.
    public func verified(by keys: [VerifierKey]) throws(TransparencyError) -> [VerifiedSignature] {
        var found: [VerifiedSignature] = []
        for signature in signatures {
            guard let key = keys.first(where: { signature.isBy($0) }) else { continue }
            let (isValid, time) = key.verify(signature.bytes, of: text)
            guard isValid else { throw .untrue("the signature of \(key.name) does not fit the text") }
            if !found.contains(where: { $0.key == key }) {
                found.append(VerifiedSignature(key: key, signature: signature, time: time))
            }
        }
        return found
    }

    /// The only control character of a note is the newline.
    private static func checkCharacters(_ text: String) throws(TransparencyError) {
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7F) }) else {
            throw .malformed("note", "it holds control characters")
        }
    }
}

/// A signature that holds.
public struct VerifiedSignature: Sendable {
    public var key: VerifierKey
    public var signature: NoteSignature
    /// What a witness says when it signed, in POSIX seconds.
    public var time: Int64?
}
