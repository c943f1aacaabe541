import AndonLedger
import AndonModel

/// The way into the intake that every other report takes too: limits, durable picture, decision, ledger.
public protocol SourceIntake: Sendable {
    /// Whether a report with this id was taken in before.
    func isKnown(_ id: String) async throws -> Bool

    /// Takes an inspection document in. Returns when it is durable.
    ///
    /// - Throws: what a later attempt may mend: no room, no disk.
    func take(_ document: JSON, picture: SourcePicture) async throws -> Taken

    /// Counts parts without a defect, the denominators of the charts. Returns when they are durable; a batch whose id was
    /// there before counts once.
    ///
    /// - Throws: as `take`.
    func count(_ frames: [FrameCount], id: String) async throws -> Taken

    /// Keeps frames around a report that was taken in, beside its own picture. Frames that were there before stay one.
    ///
    /// - Throws: as `take`.
    func keep(_ evidence: [EvidenceFrame], of report: String) async throws
}

/// A frame before or after the one that a report is about.
public struct EvidenceFrame: Sendable, Hashable {
    /// Frames from the report's own: -1 is the one before it, 1 the one after it.
    public var offset: Int
    public var capturedAt: Timestamp
    public var bytes: [UInt8]

    public init(offset: Int, capturedAt: Timestamp, bytes: [UInt8]) {
        (self.offset, self.capturedAt, self.bytes) = (offset, capturedAt, bytes)
    }
}

/// The picture of a source's report.
public enum SourcePicture: Sendable {
    /// None was ever expected.
    case none
    case bytes([UInt8])
    /// On the disk already, and not kept yet. Of one report alone.
    case arrived(any ArrivedPicture)
    /// One was expected; why it is not there.
    case missing(String)
}

/// A picture that was written down while its request came, so that it is never whole in memory.
public protocol ArrivedPicture: Sendable {
    /// Hexadecimal.
    var sha256: String { get }

    /// All of it, for more reports than one.
    ///
    /// - Throws: what the disk refuses.
    func bytes() async throws -> [UInt8]
}

extension SourcePicture {
    /// Hexadecimal; nil where there are no bytes.
    var sha256: String? {
        switch self {
        case .none, .missing: nil
        case .bytes(let bytes): Hex.sha256(bytes)
        case .arrived(let picture): picture.sha256
        }
    }
}

/// What became of a report.
public enum Taken: Sendable {
    /// `pictureMissing` says why it went in without the picture that it should have.
    case accepted(pictureMissing: String?)
    /// It was there before.
    case repeated
    /// It cannot be taken as it is.
    case refused(Problem)
}

extension JSON {
    /// The document of a report whose picture is missing, with the reason; boxes in shares of a picture that nobody has
    /// become attributes, as they cannot be brought to pixels.
    public func withoutPicture(_ reason: String) -> JSON {
        guard case .object(var members) = self else { return self }
        var attributes = members["attributes"]?.object ?? [:]
        attributes["pictureMissing"] = .string(reason.cut(to: 300).asOneLine)
        members["attributes"] = .object(attributes)
        if case .array(let defects)? = members["defects"] {
            members["defects"] = .array(defects.map(\.withBoxAside))
        }
        return .object(members)
    }

    private var withBoxAside: JSON {
        guard case .object(var members) = self, let box = members["box"], box["unit"] == "normalised" else {
            return self
        }
        members["box"] = nil
        var attributes = members["attributes"]?.object ?? [:]
        attributes["boxOfMissingPicture"] = box
        members["attributes"] = .object(attributes)
        return .object(members)
    }
}
