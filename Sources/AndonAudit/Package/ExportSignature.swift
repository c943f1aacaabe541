import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency

/// A person's signature under a package: an entry of the ledger over what was asked for, and a line under the manifest.
public struct ExportSignature: Sendable {
    /// In the ledger: `export/…`.
    public var subject: String
    /// Signs the manifest with the person's key.
    public var sign: @Sendable (String) throws -> NoteSignature

    public init(subject: String, sign: @escaping @Sendable (String) throws -> NoteSignature) {
        (self.subject, self.sign) = (subject, sign)
    }

    /// The entries of it, with those that say whose key it is.
    func entries(_ reader: Reader) throws -> [LedgerEntry] {
        let signers = try reader.signatures(of: subject).map(\.statement.account)
        return try reader.ledgerEntries(of: subject) + signers.uniqued().flatMap(reader.keyEntries)
    }

    /// Printed name, meaning and time, as they stand on the package's front.
    func words(_ reader: Reader) throws -> [String] { try reader.signatures(of: subject).map(\.words) }
}
