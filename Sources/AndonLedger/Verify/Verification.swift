import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// The result of recomputing the ledger.
public struct Verification: Sendable {
    /// Entries that the ledger has, as far as it was read.
    public var entries: Int64
    /// Hexadecimal; nil when a fault was found before the end.
    public var root: String?
    /// The first entry that is not what was written, and what is wrong with it.
    public var fault: Fault?
    /// Signed checkpoints over what was read, each with its signature and root.
    public var checkpoints = 0
    public var cosignatures = 0
    /// Whose signatures were followed, the first key first.
    public var keys = KeyChain()
    /// Values that entries commit to and that were erased: the entries say that something is withheld.
    public var withheld = 0
    /// The first entry that was read; above 0 after a resumption.
    public var from: Int64 = 0

    public struct Fault: Sendable, Equatable {
        public var index: Int64
        public var reason: String
    }

    public var isWhole: Bool { fault == nil }

    init(entries: Int64, root: String? = nil, fault: Fault? = nil) {
        self.entries = entries
        self.root = root
        self.fault = fault
    }
}

/// What a verification holds the ledger against, and where it begins.
public struct VerificationRequest: Sendable {
    /// A public key that was noted elsewhere: it must be among the ledger's keys, and vouched for by those before it.
    public var trusted: VerifierKey?
    /// Goes on from there, when the ledger still has that checkpoint.
    public var position: VerificationPosition?
    /// Connections that read at the same time; 1 reads on the caller's own.
    public var workers = ProcessInfo.processInfo.activeProcessorCount
    /// Entries are read in chunks of 2^level.
    var level = 12

    public init(trusted: VerifierKey? = nil, position: VerificationPosition? = nil) {
        self.trusted = trusted
        self.position = position
    }
}

extension Reader {
    /// Recomputes every leaf, every node and the root; checks each entry's index, kind and subject against the columns
    /// beside it, each kept value against its commitment, each checkpoint against the root at its size and the key that
    /// was in force then, and the keys against each other. Stops at the first fault. Memory does not grow with the
    /// ledger but by what was erased. Large ledgers are read on all cores, each by a connection of its own.
    ///
    /// It finds any change to what is stored. Someone who rewrites all of the ledger consistently, under new keys, is
    /// found only by something that was kept elsewhere: a key (`trusted`), a checkpoint, a witness.
    ///
    /// - Parameters:
    ///   - onPosition: called with a position from which a later verification can go on.
    public func verifyLedger(
        _ request: VerificationRequest = VerificationRequest(),
        progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in },
        onPosition: (VerificationPosition) -> Void = { _ in }
    ) throws -> Verification {
        let verifier = try LedgerVerifier(self, request)
        return try verifier.run(progress: progress, onPosition: onPosition)
    }
}
