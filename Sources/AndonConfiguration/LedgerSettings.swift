import AndonModel
import AndonTransparency

/// How the record is signed, and who else says so.
public struct LedgerSettings: Sendable {
    /// The log's name; nil takes that of its key, or one made of the plant's.
    public var origin: String?
    /// How often a checkpoint is signed when there is something new.
    public var checkpointEvery: Duration = .seconds(60)
    /// A file outside the data folder that has the newest checkpoint as well.
    public var checkpointCopy: String?
    /// Whether the tiles are open to callers without the API key.
    public var openTiles = false
    /// Who signs our checkpoints as well.
    public var witnesses: [Witness] = []
    /// The logs whose checkpoints this server signs as a witness.
    public var witnessOf: [VerifierKey] = []
    /// The time stamping authority (RFC 3161).
    public var timestamps: Timestamps?

    public struct Witness: Sendable {
        public var key: VerifierKey
        /// Where it takes checkpoints, without `/add-checkpoint`; nil for one that is brought its checkpoints by hand.
        public var url: String?
    }

    public struct Timestamps: Sendable {
        public var url: String
        public var every: Duration = .seconds(3600)
    }

    public init() {}

    init(reading reader: SettingsReader) {
        self.init()
        if let node = reader.raw("origin"), let text = reader.text(of: node) {
            if VerifierKey.isName(text) {
                origin = text
            } else {
                reader.faults.add(
                    "should be a name without spaces and plus signs like andon.plant.example/line-1, found \(node.kindName)",
                    at: node)
            }
        }
        checkpointEvery = reader.duration("checkpointEvery", in: .seconds(1) ... .seconds(60)) ?? checkpointEvery
        checkpointCopy = reader.text("checkpointCopy")
        openTiles = reader.bool("openTiles", default: openTiles)
        witnesses = reader.list("witnesses").compactMap { Self.witness(reader.sub($0)) }
        witnessOf = reader.list("witnessOf").compactMap { node in
            Self.key(node, .ed25519, "the vkey of another log", reader)
        }
        if let section = reader.section("timestamps") { timestamps = Self.timestamps(section) }
        reader.finish()
    }

    private static func witness(_ reader: SettingsReader) -> Witness? {
        let node = reader.raw("key")
        if node == nil { reader.missing("key") }
        let key = node.flatMap { self.key($0, .cosignature, "the vkey of a witness (of type 4)", reader) }
        let url = reader.webAddress("url", example: "http://quality.plant.example:8080/ledger")
        reader.finish()
        return key.map { Witness(key: $0, url: url) }
    }

    private static func key(
        _ node: Settings, _ algorithm: NoteAlgorithm, _ what: String, _ reader: SettingsReader
    ) -> VerifierKey? {
        guard let text = reader.text(of: node) else { return nil }
        do {
            let key = try VerifierKey(parsing: text)
            if key.algorithm == algorithm { return key }
            reader.faults.add("should be \(what), found a key of type \(key.algorithm.rawValue)", at: node)
        } catch {
            reader.faults.add("should be \(what): \(error)", at: node)
        }
        return nil
    }

    private static func timestamps(_ reader: SettingsReader) -> Timestamps? {
        let url = reader.webAddress("url", example: "http://tsa.plant.example/stamp", isRequired: true)
        let every = reader.duration("every", in: .seconds(60) ... .seconds(30 * 86_400))
        reader.finish()
        return url.map { Timestamps(url: $0, every: every ?? .seconds(3600)) }
    }
}
