import AndonModel
import AndonSQL

/// A section of the configuration that a person changed in the interface, or that the file took back.
public struct SettingChange: Sendable, Equatable {
    /// From 1, in the order of the changes; the newest of a section counts.
    public var number: Int64
    public var at: Timestamp
    /// The way to it from the root of the configuration, such as `rules` or `plant.zones`.
    public var section: String
    /// What stands there from then on; nil where the file's own counts from then on.
    public var document: JSON?
    /// SHA-256 of what the file said there at that time, hexadecimal. While the file still says that, the document counts.
    public var fileDigest: String
    public var by: String?
    public var approvedBy: String?
    public var reason: String?
}

/// A change of a section as it is asked for.
public struct SettingRequest: Sendable {
    public var section: String
    /// Nil: the file's own shall count again.
    public var document: JSON?
    public var by: String?
    public var approvedBy: String?
    public var reason: String?
    /// Whether a person asks for it in the interface, or the file was changed.
    public var source: Source

    public enum Source: String, Sendable {
        case interface
        case file
    }

    public init(
        section: String, document: JSON?, by: String?, reason: String?, approvedBy: String? = nil,
        source: Source = .interface
    ) {
        self.section = section
        self.document = document
        self.by = by
        self.approvedBy = approvedBy
        self.reason = reason
        self.source = source
    }
}

enum SettingChanges {
    /// Settings that people changed. A row is written once: a later one counts more.
    static let schema = """
        CREATE TABLE setting_change (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, section TEXT NOT NULL, document TEXT, file_digest TEXT NOT NULL,
            changed_by TEXT, approved_by TEXT, reason TEXT);
        CREATE INDEX setting_change_section ON setting_change (section, id);
        """

    static func change(_ row: Row) throws -> SettingChange {
        SettingChange(
            number: row["id"], at: Timestamp(row, "at"), section: row["section"],
            document: try (row["document"] as String?).map(parsed), fileDigest: row["file_digest"],
            by: row["changed_by"], approvedBy: row["approved_by"], reason: row["reason"])
    }

    /// A document that was taken within narrower limits.
    static func parsed(_ text: String) throws -> JSON {
        try JSON(parsing: Array(text.utf8), limits: JSONLimits(bytesMax: 64 << 20, valuesMax: 1_000_000))
    }
}

extension Transaction {
    /// Keeps a change of a section, with an entry that says what was before, what is now, and who says why.
    ///
    /// - Parameters:
    ///   - before: what was in force in the section; nil for nothing.
    ///   - now: what is in force from now on: the document asked for, or the file's own.
    ///   - fileDigest: of the file's section at this moment.
    /// - Returns: its number.
    @discardableResult
    public func change(
        _ request: SettingRequest, from before: JSON?, to now: JSON?, fileDigest: String
    ) throws -> Int64 {
        let number = try runInsert(
            """
            INSERT INTO setting_change (at, section, document, file_digest, changed_by, approved_by, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                self.now.microseconds, request.section, request.document?.canonicalText, fileDigest, request.by,
                request.approvedBy, request.reason,
            ])
        let differences = JSONDifference.between(before ?? .null, now ?? .null)
        var body: [String: JSON] = JSONDifference.list(differences)
        body["change"] = .integer(number)
        body["section"] = .string(request.section)
        body["source"] = .string(request.source.rawValue)
        body["was"] = .string(Hex.sha256((before ?? .null).canonicalBytes))
        body["sha256"] = .string(Hex.sha256((now ?? .null).canonicalBytes))
        body["fileSha256"] = .string(fileDigest)
        body["by"] = request.by.map(JSON.string)
        body["approvedBy"] = request.approvedBy.map(JSON.string)
        body["why"] = request.reason.map(JSON.string)
        try record("settings.changed", of: "configuration", .object(body), names: ["/by", "/approvedBy"])
        return number
    }
}

extension Reader {
    /// The newest change of each section, in the order of their names.
    public func newestSettings() throws -> [SettingChange] {
        try rows(
            """
            SELECT * FROM setting_change WHERE id IN (SELECT MAX(id) FROM setting_change GROUP BY section)
            ORDER BY section
            """
        ).map(SettingChanges.change)
    }

    /// The changes of a section, the newest first.
    public func settingChanges(of section: String, limit: Int = 200) throws -> [SettingChange] {
        try rows("SELECT * FROM setting_change WHERE section = ? ORDER BY id DESC LIMIT ?", [section, limit]).map(
            SettingChanges.change)
    }
}

extension JSONDifference {
    /// Differences that an entry names one by one.
    private static let listMax = 100
    private static let valueMax = 200

    /// What an entry says of differences: `changes`, and in `further` how many more there are. Bounded, so that an entry has
    /// room for them.
    static func list(_ differences: [JSONDifference]) -> [String: JSON] {
        var members: [String: JSON] = [
            "changes": .array(differences.prefix(listMax).map { $0.short(valueMax).json })
        ]
        if differences.count > listMax { members["further"] = .integer(differences.count - listMax) }
        return members
    }

    /// The same with values of more bytes by their digests alone.
    public func short(_ bytesMax: Int) -> JSONDifference {
        func short(_ value: JSON?) -> JSON? {
            value.map { value in
                let bytes = value.canonicalBytes
                return bytes.count <= bytesMax ? value : ["sha256": .string(Hex.sha256(bytes))]
            }
        }
        return JSONDifference(pointer: pointer, old: short(old), new: short(new))
    }
}
