import AndonModel
import AndonTransparency
import Foundation

/// What a site's server sends to the plant's or the company's: all that its ledger holds from one number to another, as far
/// as the joint views need it, with the hashes of all entries in between.
public struct SiteBatch: Sendable, Equatable {
    public static let schema = "andon.site-batch/1"

    public var site: String
    /// Number of the first entry, and of the one behind the last.
    public var first: Int64
    public var next: Int64
    /// Root of the site's ledger before `first`: what the receiver must have.
    public var base: [UInt8]
    /// One hash for each entry, whether an item tells of it or not.
    public var leaves: [[UInt8]]
    public var ledger: Ledger
    public var standing: Standing
    /// A signed checkpoint of a size within the batch.
    public var checkpoint: String?
    /// Pictures that were asked for and are not kept at the site any more.
    public var gone: [String]
    public var items: [SiteItem]

    /// The site's ledger at the time of sending.
    public struct Ledger: Sendable, Equatable {
        public var size: Int64
        public var at: Timestamp
        /// Time of the oldest entry that is not acknowledged; nil where all are.
        public var oldestAt: Timestamp?

        public init(size: Int64, at: Timestamp, oldestAt: Timestamp? = nil) {
            (self.size, self.at, self.oldestAt) = (size, at, oldestAt)
        }
    }

    /// How the site's own queue stands.
    public struct Standing: Sendable, Equatable {
        public var waiting: Int
        public var dead: Int
        public var alarms: Int

        public init(waiting: Int = 0, dead: Int = 0, alarms: Int = 0) {
            (self.waiting, self.dead, self.alarms) = (waiting, dead, alarms)
        }

        public var json: JSON {
            ["waiting": .integer(waiting), "dead": .integer(dead), "alarms": .integer(alarms)]
        }
    }

    public init(
        site: String, first: Int64, next: Int64, base: [UInt8], leaves: [[UInt8]], ledger: Ledger,
        standing: Standing = Standing(), checkpoint: String? = nil, gone: [String] = [], items: [SiteItem] = []
    ) {
        self.site = site
        self.first = first
        self.next = next
        self.base = base
        self.leaves = leaves
        self.ledger = ledger
        self.standing = standing
        self.checkpoint = checkpoint
        self.gone = gone
        self.items = items
    }

    // MARK: Limits

    /// Entries that one batch may be of, bytes of its document, and what the JSON in it may cost. The body of a report within it
    /// has at most ``bodyBytesMax``.
    public static let entriesMax = 1000
    public static let bytesMax = 4 << 20
    public static let bodyBytesMax = 1 << 20
    public static let goneMax = 100
    static let json = JSONLimits(
        bytesMax: bytesMax, depthMax: 40, valuesMax: 1_000_000, stringBytesMax: 256 << 10)

    /// Whether a text may be the name of a site: what `role@SITE` takes.
    public static func isName(_ text: String) -> Bool {
        (1...40).contains(text.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
    }

    // MARK: The document

    public var document: JSON {
        .object(present: [
            "schema": .string(Self.schema), "site": .string(site), "first": .integer(first), "next": .integer(next),
            "base": .string(Hex.text(base)), "leaves": .string(Base64.text(leaves.joined())),
            "ledger": .object(present: [
                "size": .integer(ledger.size), "at": .time(ledger.at), "oldestAt": ledger.oldestAt.map { .time($0) },
            ]),
            "standing": standing.json, "checkpoint": checkpoint.map { .string($0) },
            "gone": gone.isEmpty ? nil : .array(gone.map { .string($0) }), "items": .array(items.map(\.document)),
        ])
    }

    /// - Throws: ``Problem`` 400 for what is no JSON within the limits, 422 for what is no batch.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        let json: JSON
        do throws(JSONSyntaxError) { json = try JSON(parsing: bytes, limits: Self.json) } catch {
            throw Problem(
                status: 400, type: "invalid-json", title: "The batch is not JSON that is taken", detail: "\(error).")
        }
        let reader = SiteItemReader(json, "")
        guard try reader.text("schema") == Self.schema else {
            throw reader.fault("schema", "should be \(Self.schema)")
        }
        site = try reader.text("site", upTo: 40)
        guard Self.isName(site) else { throw reader.fault("site", "should be 1 to 40 of A-Z, a-z, 0-9, . - and _") }
        first = try reader.number("first")
        next = try reader.number("next")
        guard first <= next, next - first <= Self.entriesMax else {
            throw reader.fault("next", "should be first or up to \(Self.entriesMax) behind it")
        }
        base = try reader.hash("base")
        leaves = try Self.leaves(reader, next - first)
        let about = try reader.object("ledger")
        ledger = Ledger(
            size: try about.number("size"), at: try about.time("at"), oldestAt: try about.optionalTime("oldestAt"))
        guard ledger.size >= next else { throw about.fault("size", "should be next at least") }
        let queue = try reader.object("standing")
        standing = Standing(
            waiting: Int(try queue.number("waiting")), dead: Int(try queue.number("dead")),
            alarms: Int(try queue.number("alarms")))
        checkpoint = try reader.optionalText("checkpoint", upTo: 8000)
        gone = try reader.digests("gone", upTo: Self.goneMax)
        items = try Self.items(reader, first, next)
    }

    private static func leaves(_ reader: SiteItemReader, _ count: Int64) throws(Problem) -> [[UInt8]] {
        guard let bytes = Base64.bytes(try reader.text("leaves", upTo: 256 << 10)), bytes.count == Int(count) * 32
        else { throw reader.fault("leaves", "should be 32 bytes for each of \(count) entries, in base64") }
        return stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<$0 + 32]) }
    }

    private static func items(
        _ reader: SiteItemReader, _ first: Int64, _ next: Int64
    ) throws(Problem) -> [SiteItem] {
        var items: [SiteItem] = []
        var last = first - 1
        for element in try reader.elements("items", upTo: entriesMax) {
            let item = try SiteItem(reading: element)
            guard item.number > last, item.number < next else {
                throw element.fault("n", "should be within the batch, and behind the item before")
            }
            last = item.number
            items.append(item)
        }
        return items
    }
}
