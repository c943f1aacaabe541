import AndonModel
import AndonSQL

/// A defect that the model did not see, or called by another name, as a person reports it.
public struct MissedDefect: Hashable, Sendable, Codable {
    /// What it is.
    public var defectClass: String
    public var asset: String?
    public var camera: String?
    public var seenAt: Timestamp
    public var words: String?
    /// Lower-case hexadecimal SHA-256 of a picture that shows it.
    public var picture: String?
    /// The id of the report that should have had it.
    public var inspection: String?
    /// In pixels of the picture's file, origin top left, before any turning by Exif.
    public var box: Box?
    /// The order whose defect was this one, and not what the model called it; nil for one that the model did not see.
    public var order: Reference?
    public var by: String

    public init(
        defectClass: String, asset: String? = nil, camera: String? = nil, seenAt: Timestamp, words: String? = nil,
        picture: String? = nil, inspection: String? = nil, box: Box? = nil, order: Reference? = nil, by person: String
    ) {
        self.defectClass = defectClass
        self.asset = asset
        self.camera = camera
        self.seenAt = seenAt
        self.words = words
        self.picture = picture
        self.inspection = inspection
        self.box = box
        self.order = order
        by = person
    }

    /// As the ledger has it.
    public var json: JSON { json(from: nil) }

    /// - Parameter source: the order in a CMMS that said it.
    func json(from source: JSON?) -> JSON {
        .object(present: [
            "class": .string(defectClass), "asset": asset.map(JSON.string), "camera": camera.map(JSON.string),
            "seenAt": .time(seenAt), "words": words.map(JSON.string), "picture": picture.map(JSON.string),
            "inspection": inspection.map(JSON.string),
            "box": box.map {
                ["x": .number($0.x), "y": .number($0.y), "width": .number($0.width), "height": .number($0.height)]
            }, "order": order.map { .string($0.text) }, "by": .string(by), "from": source,
        ])
    }
}

enum Labels {
    /// What persons report beyond the verdicts that orders end with. `reference` is the order whose class was wrong.
    static let schema = """
        CREATE TABLE missed_defect (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, reported_by TEXT NOT NULL, class TEXT NOT NULL, asset TEXT,
            camera TEXT, seen_at INTEGER NOT NULL, words TEXT, picture TEXT, inspection TEXT, box_x REAL, box_y REAL,
            box_width REAL, box_height REAL, reference TEXT);
        CREATE INDEX missed_defect_order ON missed_defect (reference) WHERE reference IS NOT NULL;
        CREATE INDEX missed_defect_picture ON missed_defect (picture) WHERE picture IS NOT NULL;
        """

    /// Orders of people in a CMMS that were taken as reports. Where a look goes on, and no fact: the entry names the order.
    static let ordersOfPeople = """
        CREATE TABLE missed_order (
            connector TEXT NOT NULL, remote_id TEXT NOT NULL, label INTEGER NOT NULL, PRIMARY KEY (connector, remote_id))
            WITHOUT ROWID;
        """

    static func missed(_ row: Row) -> MissedDefect {
        let box: Box? = (row["box_x"] as Double?).map {
            Box(x: $0, y: row["box_y"], width: row["box_width"], height: row["box_height"])
        }
        return MissedDefect(
            defectClass: row["class"], asset: row["asset"], camera: row["camera"], seenAt: Timestamp(row, "seen_at"),
            words: row["words"], picture: row["picture"], inspection: row["inspection"], box: box,
            order: (row["reference"] as String?).flatMap(Reference.init), by: row["reported_by"])
    }
}

extension Transaction {
    /// Keeps what a person reports, as it is given: what it names has been looked for before.
    ///
    /// - Returns: its number.
    @discardableResult
    public func report(_ missed: MissedDefect) throws -> Int64 { try report(missed, from: nil) }

    /// Keeps what an order of people in a CMMS says, once.
    ///
    /// - Returns: its number; nil when the order was taken before.
    @discardableResult
    public func report(_ missed: MissedDefect, from order: OldOrder, in connector: String) throws -> Int64? {
        let id = order.remote.remoteID
        guard
            try reader.count(
                "SELECT COUNT(*) FROM missed_order WHERE connector = ? AND remote_id = ?", [connector, id]) == 0
        else { return nil }
        let label = try report(
            missed, from: ["connector": .string(connector), "id": .string(id), "number": .string(order.number)])
        try run("INSERT INTO missed_order (connector, remote_id, label) VALUES (?, ?, ?)", [connector, id, label])
        return label
    }

    private func report(_ missed: MissedDefect, from source: JSON?) throws -> Int64 {
        let id = try runInsert(
            """
            INSERT INTO missed_defect (at, reported_by, class, asset, camera, seen_at, words, picture, inspection, box_x,
                box_y, box_width, box_height, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                now.microseconds, missed.by, missed.defectClass, missed.asset, missed.camera,
                missed.seenAt.microseconds, missed.words, missed.picture, missed.inspection, missed.box?.x,
                missed.box?.y, missed.box?.width, missed.box?.height, missed.order?.text,
            ])
        try record("label.missed", of: "label \(id)", missed.json(from: source), names: ["/by"])
        return id
    }
}

extension Reader {
    /// A report with what follows from the order and the inspection that it names; those that are not there add nothing.
    public func filled(_ given: MissedDefect) throws -> MissedDefect {
        var missed = given
        if let order = try given.order.flatMap({ try self.order($0) }) {
            missed.asset = missed.asset ?? order.asset
            missed.inspection = missed.inspection ?? order.inspectionID
        }
        if let inspection = try missed.inspection.flatMap({ try self.inspection($0) }) {
            missed.asset = missed.asset ?? inspection.asset
            missed.camera = missed.camera ?? inspection.camera
            missed.picture = missed.picture ?? inspection.picture
        }
        return missed
    }

    /// The newest word on what an order's defect was, where it was not what the model said.
    public func rightClass(of reference: Reference) throws -> String? {
        try row("SELECT class FROM missed_defect WHERE reference = ? ORDER BY id DESC LIMIT 1", [reference.text])?[
            "class"]
    }

    /// What persons reported, oldest first, each handed to `body` with its number.
    public func eachMissed(_ body: (Int64, MissedDefect) throws -> Void) throws {
        let cursor = try db.cursor(
            "SELECT * FROM missed_defect ORDER BY id")
        while let row = try cursor.next() { try body(row["id"], Labels.missed(row)) }
    }

    /// What persons reported on one picture, oldest first.
    public func missed(picture sha256: String) throws -> [MissedDefect] {
        try rows("SELECT * FROM missed_defect WHERE picture = ? ORDER BY id", [sha256]).map(Labels.missed)
    }
}
