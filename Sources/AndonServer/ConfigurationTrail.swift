import AndonConfiguration
import AndonLedger
import AndonModel
import Foundation

/// Writes down each configuration that was read, with every value that was changed, what it was before, and who says why.
/// Whole configurations lie beside the ledger under their digests.
struct ConfigurationTrail: Sendable {
    let store: Store

    static let subject = "configuration"
    static let entryKind = "configuration.read"
    /// Changes that an entry names one by one; the whole is in the file of its digest.
    private static let changesMax = 200
    private static let valueMax = 300

    private var folder: String { store.folder + "/configurations" }

    private func path(_ sha256: String) -> String { "\(folder)/\(sha256).json" }

    /// The same configuration once more is not written again.
    func record(_ configuration: Configuration) async throws {
        let whole: JSON = [
            "settings": Self.withoutChange(configuration.settings),
            "files": .object(configuration.files.mapValues { .string($0) }),
        ]
        let sha256 = Hex.sha256(whole.canonicalBytes)
        let last = try await store.read { reader in
            try reader.ledgerEntries(of: Self.subject, kinds: [Self.entryKind]).last?.body["sha256"]?.string
        }
        guard last != sha256 else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try DurableFile.write(whole.canonicalText, to: path(sha256), mode: 0o640)
        let before = last.flatMap { FileManager.default.contents(atPath: path($0)) }.flatMap {
            try? JSON(parsing: Array($0), limits: JSONLimits(bytesMax: 64 << 20))
        }
        let differences = before.map { JSONDifference.between($0, whole) }
        let change = configuration.change
        try await store.write { transaction in
            _ = try transaction.record(
                Self.entryKind, of: Self.subject,
                .object(present: [
                    "sha256": .string(sha256), "was": last.map { .string($0) },
                    "changes": differences.map {
                        .array($0.prefix(Self.changesMax).map { $0.short(Self.valueMax).json })
                    },
                    "further": differences.flatMap {
                        $0.count > Self.changesMax ? .integer($0.count - Self.changesMax) : nil
                    },
                    "by": change.map { .string($0.by) }, "why": change.map { .string($0.reason) },
                ]), names: ["/by"])
        }
    }

    /// Who and why are the entry's, and no change of their own.
    private static func withoutChange(_ settings: JSON) -> JSON {
        guard case .object(var members) = settings else { return settings }
        members["change"] = nil
        return .object(members)
    }
}
