import AndonModel
import AndonSQL

/// What cameras showed when all was well, so that one that was moved while the server was down is found.
enum CameraScenes {
    /// `settings`: the camera and the part of its picture that it was learned with; with others it does not count.
    static let schema = """
        CREATE TABLE camera_scene (
            source TEXT PRIMARY KEY, settings TEXT NOT NULL, learned_at INTEGER NOT NULL, scene TEXT NOT NULL);
        """
}

/// A camera's scene as it was learned.
public struct CameraScene: Sendable, Hashable {
    /// What it was learned with.
    public var settings: JSON
    public var learnedAt: Timestamp
    /// As the one who learned it writes it.
    public var scene: JSON

    public init(settings: JSON, learnedAt: Timestamp, scene: JSON) {
        (self.settings, self.learnedAt, self.scene) = (settings, learnedAt, scene)
    }
}

extension Reader {
    public func cameraScene(of source: String) throws -> CameraScene? {
        guard let row = try row("SELECT * FROM camera_scene WHERE source = ?", [source]) else { return nil }
        return CameraScene(
            settings: try JSON(parsing: row["settings"] as String), learnedAt: Timestamp(row, "learned_at"),
            scene: try JSON(parsing: row["scene"] as String))
    }
}

extension Transaction {
    /// In place of the one before it.
    public func put(_ scene: CameraScene, of source: String) throws {
        try run(
            """
            INSERT INTO camera_scene (source, settings, learned_at, scene) VALUES (?, ?, ?, ?)
            ON CONFLICT (source) DO UPDATE SET
                settings = excluded.settings, learned_at = excluded.learned_at, scene = excluded.scene
            """,
            [source, scene.settings.canonicalText, scene.learnedAt.microseconds, scene.scene.canonicalText])
    }

    /// Somebody says that the camera looks where it should: its scene is learned anew.
    public func forgetCameraScene(of source: String, by person: String, reason: String) throws {
        try run("DELETE FROM camera_scene WHERE source = ?", [source])
        try record(
            "vision.scene", of: Sources.subject(source), ["by": .string(person), "reason": .string(reason)],
            names: ["/by"])
    }
}
