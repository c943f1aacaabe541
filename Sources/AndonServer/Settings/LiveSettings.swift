import AndonConfiguration
import AndonLedger
import AndonModel
import Logging

/// The settings in force: the file, and in the place of its sections what people changed in the interface.
///
/// The later change wins. A document of the interface counts while the file still says in that section what it said when
/// the document came; when somebody changes it in the file afterwards, the file's counts again, and the ledger and the log
/// say so.
public final class LiveSettings: Sendable {
    let store: Store
    private let path: String
    private let logger: Logger
    /// One reading or change after the other: an older one never takes the place of a newer one.
    let gate = AsyncGate()

    /// - Parameter path: of the configuration file.
    public init(store: Store, path: String, logger: Logger) {
        self.store = store
        self.path = path
        self.logger = logger
    }

    /// Reads and checks the file and the sections that count, and writes down which ones the file took back.
    ///
    /// - Throws: ``ConfigurationError`` with all faults of both; then nothing is written.
    public func load() async throws -> Configuration {
        let newest = try await store.read { try $0.newestSettings() }
        let configuration = try read(newest)
        for change in newest where change.document != nil && !change.counts(in: configuration.settings) {
            try await takeBack(change, by: configuration)
        }
        return configuration
    }

    /// The configuration as it would be with another document in a section; nothing is kept.
    ///
    /// - Parameter document: nil for the file's own.
    /// - Throws: ``ConfigurationError`` with the faults of the document, by their pointers, and of all that no longer agrees
    ///   with it.
    func trial(_ section: String, _ document: JSON?) async throws -> Configuration {
        var newest = try await store.read { try $0.newestSettings() }
        newest.removeAll { $0.section == section }
        return try read(newest, document.map { SettingsSection(name: section, document: $0) })
    }

    private func read(
        _ changes: [SettingChange], _ further: SettingsSection? = nil
    ) throws(ConfigurationError) -> Configuration {
        try Wiring.load(path, dataFolder: store.folder) { file in
            let counting = changes.filter { $0.counts(in: file) }.compactMap { change in
                change.document.map { SettingsSection(name: change.section, document: $0) }
            }
            return counting + [further].compactMap(\.self)
        }
    }

    /// The section was changed in the file after it was changed in the interface.
    private func takeBack(_ change: SettingChange, by file: Configuration) async throws {
        let section = change.section
        let (now, digest) = (file.section(section), Configuration.digest(of: section, in: file.settings))
        let who = file.change
        try await store.write { transaction in
            // Another reading may have written it down meanwhile.
            guard try transaction.reader.settingChanges(of: section, limit: 1).first?.number == change.number else {
                return
            }
            let request = SettingRequest(
                section: section, document: nil, by: who?.by, reason: who?.reason, source: .file)
            try transaction.change(request, from: change.document, to: now, fileDigest: digest)
        }
        logger.notice(
            "the file was changed after the interface: the file's section counts again",
            metadata: ["section": "\(section)", "changedInInterface": "\(change.at)"])
    }
}

extension SettingChange {
    /// Whether the file still says in the section what it said when the change was made.
    func counts(in file: JSON) -> Bool { Configuration.digest(of: section, in: file) == fileDigest }
}
