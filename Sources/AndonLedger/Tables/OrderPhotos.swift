import AndonModel
import AndonSQL

/// A photo that a person took at the machine: after the repair, mostly.
public struct OrderPhoto: Sendable, Equatable {
    /// From 1, in the order in which they came.
    public var number: Int64
    public var reference: Reference
    public var picture: Picture
    public var at: Timestamp
    /// Who took it; a name that was erased is withheld.
    public var by: String
}

enum OrderPhotos {
    /// A photo is a picture like any other: kept once by its digest, and as long as the pictures of its order.
    static let schema = """
        CREATE TABLE order_photo (
            id INTEGER PRIMARY KEY, reference TEXT NOT NULL, sha256 TEXT NOT NULL, at INTEGER NOT NULL,
            taken_by TEXT NOT NULL);
        CREATE INDEX order_photo_order ON order_photo (reference);
        CREATE INDEX order_photo_picture ON order_photo (sha256);
        """

    /// When the orders of photos with the digest `p.sha256` ended, as `ended`.
    static let ends = """
        SELECT CASE WHEN w.ended_at IS NULL OR w.delivery <> 'acknowledged' THEN 9223372036854775807
                WHEN w.ended_at < f.at THEN f.at ELSE w.ended_at END AS ended
            FROM order_photo f JOIN work_order w ON w.reference = f.reference WHERE f.sha256 = p.sha256
        """

    /// A hold in force that covers a report of an order which has a photo with the digest `p.sha256`.
    static let held = """
        SELECT 1 FROM order_photo f JOIN detection o ON o.reference = f.reference
            JOIN inspection i ON i.seq = o.inspection_seq JOIN hold h ON h.released_at IS NULL
            WHERE f.sha256 = p.sha256 AND \(Holds.covers)
        """

    static func photo(_ row: Row) throws -> OrderPhoto {
        guard let reference = Reference(row["reference"]) else {
            throw StoreError.inconsistent("the photo \(row["id"] as Int64) is of no order")
        }
        return OrderPhoto(
            number: row["id"], reference: reference, picture: try Pictures.picture(row), at: Timestamp(row, "at"),
            by: row["taken_by"])
    }
}

extension Reader {
    /// The photos of an order, oldest first; those whose bytes are not kept any more are among them.
    public func photos(of reference: Reference) throws -> [OrderPhoto] {
        try rows(
            """
            SELECT f.id, f.reference, f.at, f.taken_by, p.* FROM order_photo f JOIN picture p ON p.sha256 = f.sha256
            WHERE f.reference = ? ORDER BY f.id
            """, [reference.text]
        ).map(OrderPhotos.photo)
    }
}

extension Transaction {
    /// Keeps a photo of an order; its bytes lie in the folder of pictures already.
    ///
    /// The same picture again for the same order changes nothing.
    ///
    /// - Returns: its number.
    @discardableResult
    public func keepPhoto(_ picture: Picture, of reference: Reference, by person: String) throws -> Int64 {
        let same = try reader.row(
            """
            SELECT f.id FROM order_photo f JOIN picture p ON p.sha256 = f.sha256
            WHERE f.reference = ? AND f.sha256 = ? AND p.removed_at IS NULL
            """, [reference.text, picture.sha256])
        if let same { return same["id"] }
        try insert(picture)
        let number = try runInsert(
            "INSERT INTO order_photo (reference, sha256, at, taken_by) VALUES (?, ?, ?, ?)",
            [reference.text, picture.sha256, now.microseconds, person])
        try record(
            "order.photo", of: reference.text,
            .object(present: [
                "photo": .integer(number), "sha256": .string(picture.sha256), "bytes": .integer(picture.bytes),
                "mediaType": .string(picture.mediaType.rawValue), "width": picture.width.map { .integer($0) },
                "height": picture.height.map { .integer($0) }, "by": .string(person),
            ]), names: ["/by"])
        return number
    }
}
