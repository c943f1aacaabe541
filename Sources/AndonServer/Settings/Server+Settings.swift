import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel

/// Changes of the configuration while the server runs: by the file, and by people in the interface.
extension Server {
    /// Reads the file again, with the sections that count, and puts the result in force.
    ///
    /// - Throws: ``ConfigurationError`` with all faults; what is in force stays.
    public func reload() async throws {
        let settings = try changeable()
        try await settings.gate.pass { try await self.reload(settings.load()) }
    }

    /// Puts new rules, plant data, retention and free space in force. The rest of the configuration needs a restart.
    public func reload(_ new: Configuration) async throws {
        var new = new
        try await ConfigurationTrail(store: store).record(new)
        new.rules.version = try await Self.version(of: new, in: store)
        try await put(new)
    }

    /// The configuration as it would be with another document in a section; nothing is kept.
    ///
    /// - Throws: ``Problem`` 422 with the faults, each with its pointer in the document.
    func trial(_ section: String, _ document: JSON?) async throws -> Configuration {
        do {
            return try await changeable().trial(section, document)
        } catch let error as ConfigurationError {
            throw Self.problem(error, section)
        }
    }

    /// Puts a document in the place of a section, at once and with no restart. Reports that are under way keep the version
    /// of the rules that they were decided by.
    ///
    /// What was changed in the file meanwhile comes into force before: the change is made on what the file says now.
    ///
    /// - Parameters:
    ///   - check: asked before anything is kept, with what is in force; throws to refuse.
    ///   - also: further writes of the same transaction; is handed the version of the rules in force from then on.
    /// - Returns: the version of the rules in force.
    /// - Throws: ``Problem`` 422 with the faults; whatever `check` and `also` throw. Then nothing has changed.
    @discardableResult
    func change(
        _ request: SettingRequest,
        check: @escaping @Sendable (Configuration) throws -> Void = { _ in },
        also: @escaping @Sendable (Transaction, _ version: Int) throws -> Void = { _, _ in }
    ) async throws -> Int {
        let settings = try changeable()
        return try await settings.gate.pass {
            do {
                return try await self.changed(request, settings, check: check, also: also)
            } catch let error as ConfigurationError {
                throw Self.problem(error, request.section)
            }
        }
    }

    private func changed(
        _ request: SettingRequest, _ settings: LiveSettings, check: (Configuration) throws -> Void,
        also: @escaping @Sendable (Transaction, _ version: Int) throws -> Void
    ) async throws -> Int {
        let file = try await settings.load()
        if file.settings != inForceNow.settings { try await reload(file) }
        try check(inForceNow)
        var new = try await settings.trial(request.section, request.document)
        let section = request.section
        let (before, now) = (inForceNow.section(section), new.section(section))
        let digest = Configuration.digest(of: section, in: new.settings)
        let step = Self.versionStep(of: new, change: request.change)
        let version = try await store.write { transaction in
            try transaction.change(request, from: before, to: now, fileDigest: digest)
            let version = try step(transaction)
            try also(transaction, version)
            return version
        }
        new.rules.version = version
        try await RuleSigning(store: store, policy: new.accounts).watch(version)
        try await put(new)
        return version
    }

    /// The version of a configuration's rules: the same rules keep theirs.
    static func version(of configuration: Configuration, in store: Store) async throws -> Int {
        let version = try await store.write(versionStep(of: configuration, change: configuration.change))
        try await RuleSigning(store: store, policy: configuration.accounts).watch(version)
        return version
    }

    /// Gives the rules of a configuration their version.
    static func versionStep(
        of configuration: Configuration, change: ConfigurationChange?
    ) -> @Sendable (Transaction) throws -> Int {
        var unversioned = configuration.rules
        unversioned.version = 0
        let (body, document) = (unversioned.json, configuration.section("rules") ?? [:])
        return { try $0.putRulesInForce(body, document: document, change: change) }
    }

    private func changeable() throws -> LiveSettings {
        guard let settings else {
            throw Problem(
                status: 409, type: "no-settings", title: "Nothing can be changed here",
                detail: "This server runs without a configuration file, so that no change could outlive it.")
        }
        return settings
    }

    /// Faults of the document by their pointers; those of the file in words, as they have no place in the document.
    static func problem(_ error: ConfigurationError, _ section: String) -> Problem {
        let label = SettingsSection.label(section)
        let count = error.faults.count
        return Problem(
            status: 422, type: "invalid-settings", title: "The settings have faults",
            detail: "\(count) fault\(count == 1 ? "" : "s"): nothing was changed. Each is named with its place.",
            errors: error.faults.prefix(200).map { fault in
                fault.file == label
                    ? Problem.Fault(pointer: fault.path, detail: fault.message)
                    : Problem.Fault(pointer: "", detail: fault.description)
            })
    }
}

extension SettingRequest {
    /// As the version of the rules says it.
    var change: ConfigurationChange? {
        guard let by, let reason else { return nil }
        return ConfigurationChange(by: by, reason: reason, approvedBy: approvedBy)
    }
}
