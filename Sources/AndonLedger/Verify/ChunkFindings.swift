import AndonModel
import AndonTransparency

/// What the reading of one chunk of the ledger found, for whoever puts the chunks together in their order.
struct ChunkFindings: Sendable {
    /// Entries up to the end of what was right.
    var end: Int64
    /// Of the chunk's entries; one where the chunk is whole.
    var peaks: [[UInt8]] = []
    /// The stored hashes of larger subtrees that the chunk's last entry completes.
    var above: [UInt8] = []
    /// In the order of the entries.
    var events: [Event] = []

    enum Event: Sendable {
        /// An entry about the ledger's keys.
        case key(index: Int64, kind: String, body: JSON)
        /// Values that an entry says were erased.
        case erased([ValuePlace])
        /// A commitment without its value.
        case withheld(ValuePlace, digest: String)
        case checkpoint(CheckpointFindings)
        case fault(Verification.Fault)
    }
}

/// A checkpoint as far as a chunk can tell: its signature by the key that the table of keys names. Whether that is the key
/// which was in force, and whether its root is that of the entries, is told with the chunks before it.
struct CheckpointFindings: Sendable {
    var size: Int64
    var note: String?
    /// Nil when the note cannot be read.
    var parsed: SignedNote?
    /// By whom, and what: nil when the signature is not that key's.
    var signed: (key: VerifierKey, checkpoint: Checkpoint)?
    /// Peaks of the chunk's entries at that size.
    var peaks: [[UInt8]]
    /// Witnesses' signatures that hold; nil when one does not.
    var cosignatures: Int?
}
