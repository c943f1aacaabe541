import AndonDraw
import AndonLedger
import AndonModel
import Foundation

/// The newest recorded validation pack of a version; that there is none is said as well.
struct ValidationEvidence {
    private let version: String
    private let entry: LedgerEntry?
    private let bytes: [UInt8]?

    init(_ reader: Reader, folder: String, version: String) throws {
        self.version = version
        entry = try reader.newestValidation(of: version)
        let sha256 = entry?.body["sha256"]?.string
        bytes = sha256.flatMap { sha256 in
            FileManager.default.contents(atPath: ValidationPack.path(sha256, in: folder)).map { Array($0) }
                .flatMap { Hex.sha256($0) == sha256 ? $0 : nil }
        }
    }

    private static let pack = "system/validation-pack.json"

    var part: SystemPart {
        var files = [SystemPart.File("system/validation.json", json.canonicalBytes)]
        if let bytes { files.append(.init(Self.pack, bytes)) }
        return SystemPart(
            finding, files: files, entries: entry.map { [$0.index] } ?? [],
            blocks: [
                .heading(2, "Validation of this version"),
                .facts([
                    .init("Software", "Andon \(version)"), .init("Recorded", finding.words),
                    .init("SHA-256 of the pack", entry?.body["sha256"]?.string),
                ]),
            ])
    }

    private func count(_ name: String) -> Int { entry?.body["counts"]?[name]?.integer ?? 0 }

    private var finding: SystemFinding {
        guard let entry else {
            return SystemFinding(.validation, .missing, "no validation pack is recorded for version \(version)")
        }
        guard bytes != nil else {
            return SystemFinding(
                .validation, .missing,
                "the pack that entry \(entry.index) records is not in the data folder as it was recorded")
        }
        let words =
            "\(count("passed")) of \(count("tests")) tests passed, \(count("failed")) failed; "
            + "\(count("covered")) of \(count("requirements")) requirements covered; entry \(entry.index), \(entry.at)"
        let isWhole = count("failed") == 0 && count("covered") == count("requirements")
        return SystemFinding(.validation, isWhole ? .shown : .finding, words)
    }

    private var json: JSON {
        .object(present: [
            "schema": "andon.validation-evidence/1", "software": .string(version), "recorded": .bool(bytes != nil),
            "words": .string(finding.words), "entry": entry.map { .integer($0.index) },
            "sha256": entry?.body["sha256"], "counts": entry?.body["counts"],
            "file": bytes == nil ? nil : .string(Self.pack),
        ])
    }
}

extension Reader {
    /// The newest entry about a recorded pack of this version.
    public func newestValidation(of version: String) throws -> LedgerEntry? {
        for index in try ledgerIndices(of: ValidationPack.subject).reversed() {
            guard let entry = try ledgerEntries(from: index, limit: 1).first else { continue }
            if entry.kind == ValidationPack.entryKind, entry.body["version"] == .string(version) { return entry }
        }
        return nil
    }
}
