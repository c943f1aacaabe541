import AndonModel

/// What one entry of a site's ledger tells, as the joint views need it. Names of persons are not among it: an erasure at the
/// site would not reach them.
public struct SiteItem: Sendable, Equatable {
    /// Of the entry in the site's ledger.
    public var number: Int64
    public var at: Timestamp
    public var fact: Fact

    public enum Fact: Sendable, Equatable {
        case report(Report)
        case order(Order)
        case frames(Frames)
    }

    /// An inspection with what was decided about each defect.
    public struct Report: Sendable, Equatable {
        public var id: String
        public var detectedAt: Timestamp
        public var camera: String
        public var asset: String
        public var lot: String?
        public var inspected: Int64
        public var picture: Picture?
        public var defects: [Defect]
        /// The document as the vision system sent it; nil without a defect, and where it is too large.
        public var body: JSON?
        /// Its digest where it is too large.
        public var bodyDigest: String?

        public struct Picture: Sendable, Equatable {
            public var sha256: String
            public var bytes: Int64
            public var mediaType: AndonModel.Picture.MediaType
        }

        public struct Defect: Sendable, Equatable {
            public var defectClass: String
            public var outcome: Outcome
            public var reference: String?
            public var reason: String
        }
    }

    /// An order as it stands when it is sent: a later item about it says more.
    public struct Order: Sendable, Equatable {
        public var reference: String
        public var asset: String
        public var defectClass: String
        public var kind: OrderKind
        public var priority: Int64
        public var delivery: Delivery
        public var state: OrderState
        public var raisedAt: Timestamp
        public var report: String
        public var connector: String
        public var remoteNumber: String?
        public var endedAt: Timestamp?
        /// Further members, to be shown as they are.
        public var further: JSON
    }

    /// Counts of parts without a defect.
    public struct Frames: Sendable, Equatable {
        public var id: String
        public var inspected: Int64
        /// By asset.
        public var assets: [String: Int64]
    }

    static let defectsMax = 10_000
    static let assetsMax = 10_000

    public init(number: Int64, at: Timestamp, fact: Fact) {
        self.number = number
        self.at = at
        self.fact = fact
    }

    // MARK: The document

    var document: JSON {
        var members: [String: JSON?]
        switch fact {
        case .report(let report): members = Self.members(report)
        case .order(let order): members = Self.members(order)
        case .frames(let frames):
            members = [
                "kind": "frames", "id": .string(frames.id), "inspected": .integer(frames.inspected),
                "assets": .object(frames.assets.mapValues { .integer($0) }),
            ]
        }
        members["n"] = .integer(number)
        members["at"] = .time(at)
        return .object(present: members)
    }

    private static func members(_ report: Report) -> [String: JSON?] {
        [
            "kind": "report", "id": .string(report.id), "detectedAt": .time(report.detectedAt),
            "camera": .string(report.camera), "asset": .string(report.asset), "lot": report.lot.map { .string($0) },
            "inspected": .integer(report.inspected),
            "picture": report.picture.map {
                [
                    "sha256": .string($0.sha256), "bytes": .integer($0.bytes),
                    "mediaType": .string($0.mediaType.rawValue),
                ]
            },
            "defects": .array(
                report.defects.map { defect in
                    .object(present: [
                        "class": .string(defect.defectClass), "outcome": .string(defect.outcome.rawValue),
                        "order": defect.reference.map { .string($0) }, "reason": .string(defect.reason),
                    ])
                }), "body": report.body, "bodySha256": report.bodyDigest.map { .string($0) },
        ]
    }

    private static func members(_ order: Order) -> [String: JSON?] {
        [
            "kind": "order", "reference": .string(order.reference), "asset": .string(order.asset),
            "class": .string(order.defectClass), "orderKind": .string(order.kind.rawValue),
            "priority": .integer(order.priority), "delivery": .string(order.delivery.rawValue),
            "state": .string(order.state.rawValue), "raisedAt": .time(order.raisedAt),
            "report": .string(order.report), "connector": .string(order.connector),
            "number": order.remoteNumber.map { .string($0) }, "endedAt": order.endedAt.map { .time($0) },
            "further": order.further,
        ]
    }

    init(reading reader: SiteItemReader) throws(Problem) {
        number = try reader.number("n")
        at = try reader.time("at")
        switch try reader.text("kind") {
        case "report": fact = .report(try Self.report(reader))
        case "order": fact = .order(try Self.order(reader))
        case "frames": fact = .frames(try Self.frames(reader))
        default: throw reader.fault("kind", "should be report, order or frames")
        }
    }

    private static func report(_ reader: SiteItemReader) throws(Problem) -> Report {
        var picture: Report.Picture?
        if let shown = try reader.optionalObject("picture") {
            picture = .init(
                sha256: try shown.digest("sha256"), bytes: try shown.number("bytes"),
                mediaType: try shown.word("mediaType"))
        }
        var defects: [Report.Defect] = []
        for element in try reader.elements("defects", upTo: defectsMax) {
            let outcome: Outcome = try element.word("outcome")
            let reference = try element.optionalText("order", upTo: 40)
            guard (reference == nil) == (outcome == .recorded) else {
                throw element.fault("order", "should be there where the outcome is not recorded, and only there")
            }
            defects.append(
                .init(
                    defectClass: try element.text("class"), outcome: outcome, reference: reference,
                    reason: try element.text("reason", upTo: 4000)))
        }
        return Report(
            id: try reader.text("id"), detectedAt: try reader.time("detectedAt"), camera: try reader.text("camera"),
            asset: try reader.text("asset"), lot: try reader.optionalText("lot"),
            inspected: try reader.number("inspected"), picture: picture, defects: defects,
            body: try reader.optionalObject("body")?.json, bodyDigest: try reader.optionalText("bodySha256", upTo: 64))
    }

    private static func order(_ reader: SiteItemReader) throws(Problem) -> Order {
        Order(
            reference: try reader.text("reference", upTo: 40), asset: try reader.text("asset"),
            defectClass: try reader.text("class"), kind: try reader.word("orderKind"),
            priority: try reader.number("priority"), delivery: try reader.word("delivery"),
            state: try reader.word("state"), raisedAt: try reader.time("raisedAt"), report: try reader.text("report"),
            connector: try reader.text("connector"), remoteNumber: try reader.optionalText("number"),
            endedAt: try reader.optionalTime("endedAt"), further: try reader.object("further").json)
    }

    private static func frames(_ reader: SiteItemReader) throws(Problem) -> Frames {
        let list = try reader.object("assets")
        let names = (list.json.object ?? [:]).keys.sorted()
        guard names.count <= assetsMax else { throw reader.fault("assets", "should have at most \(assetsMax) members") }
        var assets: [String: Int64] = [:]
        for name in names { assets[name] = try list.number(name) }
        let inspected = try reader.number("inspected")
        guard assets.values.reduce(Double(0), { $0 + Double($1) }) == Double(inspected) else {
            throw reader.fault("inspected", "should be the sum of assets")
        }
        return Frames(id: try reader.text("id"), inspected: inspected, assets: assets)
    }
}
