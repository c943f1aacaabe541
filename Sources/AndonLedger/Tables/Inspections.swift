import AndonModel
import AndonSQL

/// An inspection as it is kept.
public struct InspectionRecord: Sendable {
    public var seq: Int64
    public var id: String
    /// Of the canonical body and the picture's digest: what makes a repeated report the same report.
    public var digest: String
    public var receivedAt: Timestamp
    public var detectedAt: Timestamp
    public var camera: String
    public var asset: String
    public var lot: String?
    public var picture: String?
    /// When the picture's bytes went; nil while they are kept.
    public var pictureRemovedAt: Timestamp?
    /// Whether the sender's clock was off by more than the configured limit.
    public var isSkewed: Bool
    public var body: JSON

    public init(
        seq: Int64, id: String, digest: String, receivedAt: Timestamp, detectedAt: Timestamp, camera: String,
        asset: String, lot: String?, picture: String?, pictureRemovedAt: Timestamp? = nil, isSkewed: Bool, body: JSON
    ) {
        self.seq = seq
        self.id = id
        self.digest = digest
        self.receivedAt = receivedAt
        self.detectedAt = detectedAt
        self.camera = camera
        self.asset = asset
        self.lot = lot
        self.picture = picture
        self.pictureRemovedAt = pictureRemovedAt
        self.isSkewed = isSkewed
        self.body = body
    }
}

/// One detection with what became of it.
public struct DetectionRecord: Sendable {
    public var inspectionID: String
    public var ordinal: Int
    public var asset: String
    public var defectClass: String
    public var confidence: Double?
    public var severity: Double?
    public var detectedAt: Timestamp
    public var outcome: Outcome
    /// The order that it raised or joined.
    public var reference: Reference?
    public var priority: Int
    public var isUnmapped: Bool
    public var rule: String
    public var rulesVersion: Int
    public var reason: String
}

extension DetectionRecord {
    /// As ``Transaction/insert(_:inspectionSeq:partsAt:decision:reference:)`` keeps it.
    public init(_ detection: Detection, _ decision: Decision, reference: Reference?) {
        let place = detection.place
        self.init(
            inspectionID: detection.inspectionID, ordinal: detection.ordinal, asset: place.asset,
            defectClass: detection.defect.defectClass, confidence: detection.defect.confidence,
            severity: decision.severity, detectedAt: detection.detectedAt, outcome: decision.outcome,
            reference: reference, priority: decision.priority,
            isUnmapped: !(decision.classKnown && place.assetKnown && place.cameraKnown), rule: decision.rule,
            rulesVersion: decision.rulesVersion, reason: decision.reason)
    }
}

extension Transaction {
    /// Keeps an inspection and its picture's description. The caller has looked for the id before.
    public func insert(
        _ inspection: Inspection, body: JSON, digest: String, asset: String, picture: Picture?, isSkewed: Bool
    ) throws -> Int64 {
        if let picture { try insert(picture) }
        return try runInsert(
            """
            INSERT INTO inspection (id, digest, received_at, detected_at, camera, asset, lot, unit, picture, defects,
                inspected, skewed, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                inspection.id, digest, now.microseconds, inspection.detectedAt.microseconds, inspection.camera, asset,
                inspection.lot, inspection.unit, picture?.sha256, inspection.defects.count, inspection.inspected,
                isSkewed, body.canonicalText,
            ])
    }

    /// Adds inspected parts to the asset's count and returns the count after them.
    public func countParts(_ parts: Int, asset: String) throws -> Int64 {
        try post(
            """
            INSERT INTO part_counter (asset, parts) VALUES (?, ?)
            ON CONFLICT (asset) DO UPDATE SET parts = part_counter.parts + excluded.parts
            """, [asset, parts])
        return Int64(try reader.count("SELECT parts FROM part_counter WHERE asset = ?", [asset]))
    }

    public func insert(
        _ detection: Detection, inspectionSeq: Int64, partsAt: Int64, decision: Decision, reference: Reference?
    ) throws {
        let place = detection.place
        let stated = History.stated(detection.defect.severity)
        try post(
            """
            INSERT INTO detection (inspection_seq, ordinal, asset, class, confidence, severity, detected_at,
                received_at, parts_at, outcome, reference, kind, priority, unmapped, rule, rules_version, reason,
                stated_severity, severity_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                inspectionSeq, detection.ordinal, place.asset, detection.defect.defectClass,
                detection.defect.confidence, decision.severity, detection.detectedAt.microseconds, now.microseconds,
                partsAt, decision.outcome.rawValue, reference?.text, decision.kind.rawValue, decision.priority,
                DetectionRecord(detection, decision, reference: reference).isUnmapped, decision.rule,
                decision.rulesVersion, decision.reason, stated.score, stated.name,
            ])
    }

    /// Keeps a batch of counts of defect-free parts. Returns false when the batch is there already.
    public func insert(_ frames: [(count: FrameCount, asset: String)], batch: String, digest: String) throws {
        try run(
            "INSERT INTO frame_batch (id, digest, received_at) VALUES (?, ?, ?)", [batch, digest, now.microseconds])
        for (count, asset) in frames {
            try run(
                """
                INSERT INTO frame_count (batch, camera, asset, lot, from_at, to_at, inspected)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    batch, count.camera, asset, count.lot, count.from.microseconds, count.to.microseconds,
                    count.inspected,
                ])
            _ = try countParts(count.inspected, asset: asset)
        }
    }
}

extension Reader {
    public func inspection(_ id: String) throws -> InspectionRecord? {
        try row(Self.inspections + " WHERE i.id = ?", [id]).map(Self.inspection)
    }

    /// What is here already of a report: itself, and whether the bytes of its picture are kept.
    public func seen(
        _ id: String, picture sha256: String?
    ) throws -> (inspection: InspectionRecord?, isPictureKept: Bool) {
        var questions = [DatabaseQuestion(Self.inspections + " WHERE i.id = ?", [id])]
        if let sha256 {
            questions.append(
                DatabaseQuestion("SELECT 1 FROM picture WHERE sha256 = ? AND removed_at IS NULL", [sha256]))
        }
        let found = try db.rows(of: questions)
        return (try found[0].first.map(Self.inspection), found.count > 1 && !found[1].isEmpty)
    }

    /// Inspections of a lot, newest first.
    public func inspections(lot: String, limit: Int) throws -> [InspectionRecord] {
        try rows(Self.inspections + " WHERE i.lot = ? ORDER BY i.seq DESC LIMIT ?", [lot, limit]).map(Self.inspection)
    }

    private static let inspections = """
        SELECT i.*, p.removed_at AS picture_removed_at FROM inspection i LEFT JOIN picture p ON p.sha256 = i.picture
        """

    private static func inspection(_ row: Row) throws -> InspectionRecord {
        InspectionRecord(
            seq: row["seq"], id: row["id"], digest: row["digest"], receivedAt: Timestamp(row, "received_at"),
            detectedAt: Timestamp(row, "detected_at"), camera: row["camera"], asset: row["asset"], lot: row["lot"],
            picture: row["picture"], pictureRemovedAt: Timestamp(optional: row, "picture_removed_at"),
            isSkewed: row["skewed"], body: try JSON(parsing: row["body"] as String))
    }

    /// A detection by its name, with its report; nil where there is none.
    ///
    /// - Parameter name: the report's id, a `#` and the number from 0.
    public func detection(named name: String) throws -> (inspection: InspectionRecord, detection: DetectionRecord)? {
        guard let mark = name.lastIndex(of: "#"), let ordinal = Int(name[name.index(after: mark)...]),
            let record = try inspection(String(name[..<mark]))
        else { return nil }
        return try detections(of: record).first { $0.ordinal == ordinal }.map { (record, $0) }
    }

    /// Parts of an asset that were inspected so far.
    public func parts(of asset: String) throws -> Int64 {
        Int64(try count("SELECT parts FROM part_counter WHERE asset = ?", [asset]))
    }

    public func frameBatchDigest(_ id: String) throws -> String? {
        try row("SELECT digest FROM frame_batch WHERE id = ?", [id])?["digest"]
    }

    public func detections(of inspection: InspectionRecord) throws -> [DetectionRecord] {
        try rows("SELECT * FROM detection WHERE inspection_seq = ? ORDER BY ordinal", [inspection.seq])
            .map { try Self.detection($0, inspectionID: inspection.id) }
    }

    /// The detections that an order was raised for or grouped into, oldest first.
    public func detections(of reference: Reference, limit: Int = 1000) throws -> [DetectionRecord] {
        try rows(
            """
            SELECT d.*, i.id AS inspection_id FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
            WHERE d.reference = ? ORDER BY d.inspection_seq, d.ordinal LIMIT ?
            """, [reference.text, limit]
        ).map { try Self.detection($0, inspectionID: $0["inspection_id"]) }
    }

    /// Every detection that was received from `from` on and before `to`, oldest first, each handed to `body`: a
    /// day's list may be longer than the memory.
    public func eachDetection(
        from: Timestamp, to: Timestamp, _ body: (DetectionRecord, _ receivedAt: Timestamp) throws -> Void
    ) throws {
        let cursor = try db.cursor(
            """
            SELECT d.*, i.id AS inspection_id FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
            WHERE i.received_at >= ? AND i.received_at < ? ORDER BY i.seq, d.ordinal
            """, [from.microseconds, to.microseconds])
        while let row = try cursor.next() {
            try body(Self.detection(row, inspectionID: row["inspection_id"]), Timestamp(row, "received_at"))
        }
    }

    static func detection(_ row: Row, inspectionID: String) throws -> DetectionRecord {
        guard let outcome = Outcome(rawValue: row["outcome"]) else {
            throw StoreError.inconsistent("a detection of \(inspectionID) has the outcome \(row["outcome"] as String)")
        }
        return DetectionRecord(
            inspectionID: inspectionID, ordinal: row["ordinal"], asset: row["asset"], defectClass: row["class"],
            confidence: row["confidence"], severity: row["severity"], detectedAt: Timestamp(row, "detected_at"),
            outcome: outcome, reference: (row["reference"] as String?).flatMap(Reference.init),
            priority: row["priority"], isUnmapped: row["unmapped"], rule: row["rule"],
            rulesVersion: row["rules_version"], reason: row["reason"])
    }

    /// A picture's description, which stays when its bytes go: `removal(ofPicture:)` tells.
    public func picture(_ sha256: String) throws -> Picture? {
        try row("SELECT * FROM picture WHERE sha256 = ?", [sha256]).map(Pictures.picture)
    }

    /// The past that a decision asked for, as of this snapshot.
    public func facts(_ wanted: FactsWanted, for detection: Detection, partsAt: Int64) throws -> Facts {
        let stream: StatementArguments = [detection.place.asset, detection.defect.defectClass]
        var questions = [StreamOrders.open, StreamOrders.last, StreamOrders.ended].map { DatabaseQuestion($0, stream) }
        if let window = windowQuestion(wanted, for: detection, partsAt: partsAt) { questions.append(window) }
        let found = try db.rows(of: questions).map(\.first)
        let (open, last, ended) = (found[0], found[1], found[2])
        let count: Int = found.count > 3 ? found[3]?["count"] ?? 0 : 0
        return Facts(
            openOrder: open.flatMap { row in
                Reference(row["reference"]).map {
                    Facts.OpenOrder(
                        reference: $0, priority: row["priority"], worstSeverity: row["worst_severity"],
                        occurrences: row["occurrences"])
                }
            },
            countInWindow: count,
            lastRaisedAt: last.map { Timestamp($0, "detected_at") },
            lastEnded: ended.flatMap { row in
                guard let reference = Reference(row["reference"]), let state = OrderState(rawValue: row["state"]) else {
                    return nil
                }
                return Facts.EndedOrder(reference: reference, at: Timestamp(row, "ended_at"), state: state)
            })
    }

    /// Counts no further than the rule needs, so that a flood costs the same as a trickle.
    private func windowQuestion(_ wanted: FactsWanted, for detection: Detection, partsAt: Int64) -> DatabaseQuestion? {
        guard let window = wanted.window, wanted.countMax > 0 else { return nil }
        let edge: (column: String, after: Int64)
        switch window {
        case .time(let length): edge = ("detected_at", detection.detectedAt.microseconds - length.microseconds)
        case .parts(let parts): edge = ("parts_at", partsAt - Int64(parts))
        }
        return DatabaseQuestion(
            """
            SELECT COUNT(*) AS count FROM (SELECT 1 FROM detection WHERE asset = ? AND class = ? AND \(edge.column) > ?
                AND detected_at <= ? AND (confidence IS NULL OR confidence >= ?)
                AND (severity IS NULL OR severity >= ?) LIMIT ?) AS found
            """,
            [
                detection.place.asset, detection.defect.defectClass, edge.after, detection.detectedAt.microseconds,
                wanted.minConfidence ?? 0, wanted.minSeverity ?? 0, wanted.countMax,
            ])
    }
}

/// The orders of a stream that a decision looks at: of an asset and a class. Each is found at once, however many orders
/// the stream has (``Schema``, `orders-of-stream`).
enum StreamOrders {
    static let open = """
        SELECT reference, priority, worst_severity, occurrences FROM work_order
        WHERE asset = ? AND class = ? AND state IN ('open', 'inProgress') ORDER BY priority, seq DESC LIMIT 1
        """
    static let last = "SELECT detected_at FROM work_order WHERE asset = ? AND class = ? ORDER BY seq DESC LIMIT 1"
    static let ended = """
        SELECT reference, ended_at, state FROM work_order
        WHERE asset = ? AND class = ? AND ended_at IS NOT NULL ORDER BY seq DESC LIMIT 1
        """
}
