import AndonLedger
import AndonModel
import AndonTransparency

/// What the server above answers: how far it has a site's ledger, and which pictures it lacks.
public struct SitePosition: Sendable, Equatable {
    public var site: String
    public var history: Int64
    /// Number of the next entry that is wanted.
    public var position: Int64
    /// Root of the site's tree at that size.
    public var root: [UInt8]
    /// Entries up to which no picture is lacking.
    public var picturesTo: Int64
    public var wanted: [Wanted]

    /// A picture that is asked for, and how many of its bytes are there.
    public struct Wanted: Sendable, Equatable {
        public var sha256: String
        public var bytes: Int64
        public var have: Int64
    }

    public var json: JSON {
        [
            "site": .string(site), "history": .integer(history), "position": .integer(position),
            "root": .string(Hex.text(root)), "picturesTo": .integer(picturesTo),
            "wanted": .array(
                wanted.map {
                    ["sha256": .string($0.sha256), "bytes": .integer($0.bytes), "have": .integer($0.have)]
                }),
        ]
    }

    public init(
        site: String, history: Int64, position: Int64, root: [UInt8], picturesTo: Int64, wanted: [Wanted]
    ) {
        self.site = site
        self.history = history
        self.position = position
        self.root = root
        self.picturesTo = picturesTo
        self.wanted = wanted
    }

    /// Nil for what is no such answer.
    init?(_ json: JSON) {
        guard let site = json["site"]?.string, let history = json["history"]?.integer,
            let position = json["position"]?.integer, position >= 0,
            let root = json["root"]?.string.flatMap(Hex.bytes), root.count == 32,
            let picturesTo = json["picturesTo"]?.integer, picturesTo >= 0, let wanted = json["wanted"]?.array
        else { return nil }
        self.init(
            site: site, history: Int64(history), position: Int64(position), root: root, picturesTo: Int64(picturesTo),
            wanted: wanted.compactMap(Wanted.init))
    }
}

extension SitePosition.Wanted {
    fileprivate init?(_ json: JSON) {
        guard let sha256 = json["sha256"]?.string, Hex.bytes(sha256)?.count == 32,
            let bytes = json["bytes"]?.integer, let have = json["have"]?.integer, (0...max(0, bytes)).contains(have)
        else { return nil }
        self.init(sha256: sha256, bytes: Int64(bytes), have: Int64(have))
    }
}
