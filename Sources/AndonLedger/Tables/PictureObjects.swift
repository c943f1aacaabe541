import AndonModel
import AndonSQL

/// Which object of a picture counts where pictures are in object storage.
///
/// An object goes by a request that may arrive late: from a process that was paused, or over a network that kept it. So an
/// object whose right has ended is **retired**: its generation is over, in one transaction with what says why, and whoever
/// brings the same bytes again writes them under the next one. What is deleted is never what counts.
enum PictureObjects {
    /// `generation` is the one that counts, 0 where there is no row; those from `cleared` on below it are to be deleted.
    /// `picture_place` says where the objects are.
    static let schema = """
        CREATE TABLE picture_object (
            sha256 TEXT PRIMARY KEY, generation INTEGER NOT NULL, cleared INTEGER NOT NULL);
        CREATE INDEX picture_object_retired ON picture_object (sha256) WHERE cleared < generation;
        CREATE TABLE picture_place (one INTEGER PRIMARY KEY CHECK (one = 1), place TEXT NOT NULL);
        """
}

/// Objects of a picture that are to be deleted.
public struct RetiredObjects: Sendable, Equatable {
    public var sha256: String
    public var generations: Range<Int>
}

extension Reader {
    /// The generation of a picture's object that counts.
    public func objectGeneration(_ sha256: String) throws -> Int {
        try row("SELECT generation FROM picture_object WHERE sha256 = ?", [sha256]).map { $0["generation"] } ?? 0
    }

    /// Objects that are still to be deleted.
    public func retiredObjects(after sha256: String = "", limit: Int) throws -> [RetiredObjects] {
        try rows(
            """
            SELECT sha256, cleared, generation FROM picture_object WHERE cleared < generation AND sha256 > ?
            ORDER BY sha256 LIMIT ?
            """, [sha256, limit]
        ).map { row in
            let (cleared, generation) = (row["cleared"] as Int, row["generation"] as Int)
            return RetiredObjects(sha256: row["sha256"], generations: cleared..<generation)
        }
    }

    /// Kept pictures by their digests, with the generations of their objects.
    public func keptByDigest(after sha256: String, limit: Int) throws -> [(picture: Picture, generation: Int)] {
        try rows(
            """
            SELECT p.*, COALESCE(o.generation, 0) AS generation
            FROM picture p LEFT JOIN picture_object o ON o.sha256 = p.sha256
            WHERE p.removed_at IS NULL AND p.sha256 > ? ORDER BY p.sha256 LIMIT ?
            """, [sha256, limit]
        ).map { (try Pictures.picture($0), $0["generation"]) }
    }

    /// Where the pictures of this store are, where that is object storage.
    public func picturePlace() throws -> String? {
        try row("SELECT place FROM picture_place").map { $0["place"] }
    }
}

extension Transaction {
    /// Ends the generation that counts of each of these pictures that is not kept.
    public func retireObjects(_ digests: [String]) throws {
        for sha256 in digests where try !reader.isPictureKept(sha256) {
            try run(
                """
                INSERT INTO picture_object (sha256, generation, cleared) VALUES (?, 1, 0)
                ON CONFLICT (sha256) DO UPDATE SET generation = picture_object.generation + 1
                """, [sha256])
        }
    }

    /// These objects are deleted for good.
    public func cleared(_ objects: [RetiredObjects]) throws {
        for object in objects {
            try run(
                "UPDATE picture_object SET cleared = ? WHERE sha256 = ? AND cleared < ?",
                [object.generations.upperBound, object.sha256, object.generations.upperBound])
        }
    }

    public func setPicturePlace(_ place: String) throws {
        try run(
            """
            INSERT INTO picture_place (one, place) VALUES (1, ?)
            ON CONFLICT (one) DO UPDATE SET place = excluded.place
            """, [place])
    }
}
