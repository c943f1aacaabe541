import AndonDraw
import AndonLedger
import AndonModel

/// Evidence that is of the whole system and not of one record: files of a package, what they come to, and the entries of the
/// ledger behind them.
public struct SystemPart: Sendable {
    /// A file, by its path in the package.
    public struct File: Sendable {
        public var name: String
        public var bytes: [UInt8]

        public init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
    }

    public var finding: SystemFinding
    public var files: [File]
    /// Indexes in the ledger; their proofs go into `proofs/system.json`.
    public var entries: [Int64]
    /// What people read of it in `register.pdf`, below its own heading.
    public var blocks: [Document.Block]

    public init(
        _ finding: SystemFinding, files: [File] = [], entries: [Int64] = [], blocks: [Document.Block] = []
    ) {
        (self.finding, self.files, self.entries, self.blocks) = (finding, files, entries, blocks)
    }
}

/// What evidence of the whole system comes to.
public struct SystemFinding: Sendable, Equatable {
    public enum Status: String, Sendable {
        case shown
        /// It is there, and says that something is not as it should be.
        case finding
        case missing
    }

    public var evidence: Standard.SystemEvidence
    public var status: Status
    public var words: String

    public init(_ evidence: Standard.SystemEvidence, _ status: Status, _ words: String) {
        (self.evidence, self.status, self.words) = (evidence, status, words)
    }

    var json: JSON {
        ["evidence": .string(evidence.rawValue), "status": .string(status.rawValue), "words": .string(words)]
    }
}

/// What the package says of the system itself.
struct SystemEvidence {
    let reader: Reader
    let query: PackageQuery
    let settings: SystemSettings
    let checkpoint: StoredCheckpoint

    func parts() throws -> [SystemPart] {
        [
            try LedgerStanding(reader: reader, query: query, settings: settings, checkpoint: checkpoint).part(),
            try CameraActivities(reader, query, settings).part,
            try RulesInForce(reader, query).part, try AccountRights(reader).part,
            try ValidationEvidence(reader, folder: settings.folder, version: settings.version).part,
        ]
    }
}

/// What a package needs to know of the system that makes it.
public struct SystemSettings: Sendable {
    /// The data folder.
    public var folder: String
    /// Of this program.
    public var version: String
    public var now: Timestamp
    /// Cameras of the plant file.
    public var cameras: [String]
    /// Vkeys of the witnesses that the configuration names.
    public var witnesses: [String]

    public init(folder: String, version: String, now: Timestamp, cameras: [String], witnesses: [String] = []) {
        (self.folder, self.version, self.now) = (folder, version, now)
        (self.cameras, self.witnesses) = (cameras, witnesses)
    }
}
