import AndonModel

/// Reads the section `connectors`: the common options of each, and leaves the rest to the connector.
struct ConnectorsReader {
    let faults: SettingsFaults
    let secrets: SecretSource
    let content: (String) -> Result<String, TextFile.Refusal>
    let check: Configuration.ConnectorCheck

    func read(_ root: SettingsReader) -> [ConnectorEntry] {
        var entries: [ConnectorEntry] = []
        for written in root.entries("connectors") {
            guard let entry = entry(written) else { continue }
            check(entry, entry.reader(faults: faults, secrets: secrets))
            entries.append(entry)
        }
        if !entries.contains(where: { $0.name == ConnectorEntry.desk.name }) { entries.append(.desk) }
        return entries
    }

    private func entry(_ written: Settings.Entry) -> ConnectorEntry? {
        let own: [Settings.Entry]
        var common: [Settings.Entry] = []
        switch written.value.value {
        case .map(let members):
            common = members.filter { Self.commonNames.contains($0.key) }
            own = members.filter { !Self.commonNames.contains($0.key) }
        case .null: own = []
        case .list, .scalar:
            faults.add("should be a section with options, found \(written.value.kindName)", at: written.value)
            return nil
        }
        if !Self.isName(written.key) {
            faults.add("a connector's name has letters, digits, \"-\" and \"_\" only, at most 40", at: written)
        }
        var section = written.value
        section.value = .map(common)
        let reader = SettingsReader(section, faults: faults, secrets: secrets)
        let type = reader.text("type", default: written.key)
        if written.key == ConnectorEntry.desk.name, type != ConnectorEntry.desk.type, let node = reader.raw("type") {
            faults.add("the connector named desk is the built-in desk; give another name to this one", at: node)
        }
        let settings = ConnectorSettings(reading: reader)
        let mapping = reader.raw("mappingFile").flatMap { node in
            reader.text(of: node).flatMap { self.mapping($0, at: node) }
        }
        reader.finish()
        section.value = .map(own + (mapping.map { [$0] } ?? []))
        return ConnectorEntry(name: written.key, type: type, settings: section, common: settings)
    }

    /// The file's whole content as the connector's section `mapping`.
    private func mapping(_ file: String, at node: Settings) -> Settings.Entry? {
        switch content(file) {
        case .failure(let refusal): faults.add("the file \(file) \(refusal.reason)", at: node)
        case .success(let text):
            do {
                let settings = try YAMLSettings.parse(text, file: file)
                return Settings.Entry(key: "mapping", keyLine: node.line, keyColumn: node.column, value: settings)
            } catch {
                faults.add(error)
            }
        }
        return nil
    }

    static func isName(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// Every option that `ConnectorSettings` reads, and `type`. One that is missing here is an unknown option to the
    /// connector that does not ask for it.
    static let commonNames: Set<String> = [
        "type", "maxInFlight", "timeout", "ordering", "poll", "searchAgainAfter", "retryBase", "retryCap",
        "breakerFailures", "breakerProbeAfter", "appendAtMostEvery", "picturesPerOccurrenceNote", "onCancelled",
        "onMissing", "readAssetsEvery", "census", "mappingFile", "attachments", "tls", "findings",
    ]
}

extension ConnectorSettings {
    init(reading reader: SettingsReader) {
        self.init()
        let hour: Duration = .seconds(3600)
        maxInFlight = reader.integer("maxInFlight", in: 1...64) ?? maxInFlight
        timeout = reader.duration("timeout", in: .seconds(1) ... .seconds(600)) ?? timeout
        ordering = reader.choice("ordering", default: ordering)
        poll = reader.duration("poll", in: .seconds(1) ... .seconds(86_400)) ?? poll
        census = reader.duration("census", in: .seconds(1) ... .seconds(7 * 86_400)) ?? census
        searchAgainAfter = reader.duration("searchAgainAfter", in: .zero...hour) ?? searchAgainAfter
        retryBase = reader.duration("retryBase", in: .milliseconds(10)...hour) ?? retryBase
        retryCap = reader.duration("retryCap", in: .milliseconds(10) ... .seconds(86_400)) ?? retryCap
        breakerFailures = reader.integer("breakerFailures", in: 1...1000) ?? breakerFailures
        breakerProbeAfter = reader.duration("breakerProbeAfter", in: .milliseconds(10)...hour) ?? breakerProbeAfter
        appendAtMostEvery = reader.duration("appendAtMostEvery", in: .zero ... .seconds(86_400)) ?? appendAtMostEvery
        picturesPerOccurrenceNote =
            reader.integer("picturesPerOccurrenceNote", in: 0...20) ?? picturesPerOccurrenceNote
        attachments = Self.chosenAttachments(reader) ?? attachments
        readAssetsEvery = reader.duration("readAssetsEvery", in: .zero ... .seconds(7 * 86_400)) ?? readAssetsEvery
        onCancelled = reader.choice("onCancelled", default: onCancelled)
        onMissing = reader.choice("onMissing", default: onMissing)
        clientCertificate = reader.section("tls").flatMap { ClientCertificate(reading: $0) }
        findings = reader.section("findings").map { Findings(reading: $0) } ?? findings
        if retryCap < retryBase, let node = reader.raw("retryCap") ?? reader.raw("retryBase") {
            reader.faults.add(
                "retryCap (\(Quantity.text(retryCap))) should be at least retryBase (\(Quantity.text(retryBase)))",
                at: node)
        }
    }
}

extension ConnectorSettings {
    /// In the order in which they are sent, whatever the order in which they are written.
    private static func chosenAttachments(_ reader: SettingsReader) -> [Attachment.Role]? {
        guard reader.raw("attachments") != nil else { return nil }
        var chosen: Set<Attachment.Role> = []
        for node in reader.list("attachments") {
            let offered = Attachment.Role.offered
            guard case .scalar(let text, _) = node.value, let role = Attachment.Role(rawValue: text),
                offered.contains(role), chosen.insert(role).inserted
            else {
                reader.faults.add(
                    "should be one of \(allowed(offered.map(\.rawValue))), each once; found \(node.kindName)", at: node)
                continue
            }
        }
        return Attachment.Role.offered.filter(chosen.contains)
    }
}

extension ConnectorSettings.ClientCertificate {
    fileprivate init?(reading reader: SettingsReader) {
        defer { reader.finish() }
        func file(_ name: String, _ mark: String) -> String? {
            guard let node = reader.raw(name), let path = reader.text(of: node) else {
                reader.missing(name)
                return nil
            }
            guard reader.secrets.file(path)?.contains(mark) == true else {
                reader.faults.add(
                    "should be a readable file in PEM form with \(mark), found \(node.kindName)", at: node)
                return nil
            }
            return path
        }
        let paths = (file("certificate", "-----BEGIN CERTIFICATE-----"), file("key", "PRIVATE KEY-----"))
        guard let certificate = paths.0, let key = paths.1 else { return nil }
        self.init(certificate: certificate, key: key)
    }
}
