import AndonModel

/// What is to be said about a field of the set-up.
public struct SetUpRemark: Sendable, Equatable {
    /// A name of ``SetUpForm/Field``.
    public var field: String
    public var message: String
    /// Allowed, and probably not meant.
    public var isWarning: Bool

    public init(_ field: String, _ message: String, isWarning: Bool = false) {
        (self.field, self.message, self.isWarning) = (field, message, isWarning)
    }
}

/// Asks the configuration what it says of answers, and brings each fault to its field.
public struct SetUpCheck: Sendable {
    /// Nil when there are faults.
    public let configuration: Configuration?
    public let remarks: [SetUpRemark]

    /// - Parameters:
    ///   - folder: where the configuration file will lie; files that further options name lie relative to it.
    ///   - check: reads the connector's own options.
    public init(
        _ answers: SetUpAnswers, folder: String, secrets: SecretSource = .system,
        check: @escaping Configuration.ConnectorCheck
    ) {
        let document = SetUpDocument(answers)
        let place = FieldPlace(answers: answers, furtherLines: document.furtherLines)
        if let refusal = Self.furtherFault(answers) {
            configuration = nil
            remarks = [refusal]
            return
        }
        let result: Result<Configuration, ConfigurationError>
        do throws(ConfigurationError) {
            result = .success(
                try Configuration.load(
                    yaml: document.text, secrets: secrets, files: { Self.file($0, answers, folder) }, check: check))
        } catch {
            result = .failure(error)
        }
        switch result {
        case .success(let found):
            configuration = found
            remarks = found.warnings.map { place.remark($0, isWarning: true) }
        case .failure(let error):
            configuration = nil
            remarks = error.faults.map { place.remark($0, isWarning: false) }
        }
    }

    private static func file(_ name: String, _ answers: SetUpAnswers, _ folder: String) -> String? {
        if name == SetUpAnswers.assetsFile { return answers.assetsCSV }
        return try? TextFile.read(name.hasPrefix("/") ? name : "\(folder)/\(name)").get()
    }

    /// Alone first: an open quote would swallow what stands behind it, and the fault would be anywhere.
    private static func furtherFault(_ answers: SetUpAnswers) -> SetUpRemark? {
        guard let connector = answers.connector else { return nil }
        let lines = YAMLText.block(connector.further, margin: 0)
        let field = SetUpForm.Field.further(of: connector.type)
        do {
            let json = try YAMLDocument.json(lines.joined(separator: "\n"))
            if json == .null || json.object != nil { return nil }
            return SetUpRemark(field, "should be options like name: value, one a line")
        } catch {
            return SetUpRemark(field, "\(error)")
        }
    }
}

/// Finds the field of a place in the configuration that was made of the fields.
private struct FieldPlace {
    typealias Field = SetUpForm.Field

    let answers: SetUpAnswers
    let furtherLines: ClosedRange<Int>?

    func remark(_ fault: ConfigurationError.Fault, isWarning: Bool) -> SetUpRemark {
        if fault.file == SetUpAnswers.assetsFile {
            let way = fault.path.isEmpty ? "" : "\(fault.path): "
            return SetUpRemark(
                Field.assets, "line \(fault.line), column \(fault.column): \(way)\(fault.message)", isWarning: isWarning
            )
        }
        // What is missing is a fault of the section that it is missing in.
        let missing = fault.message.firstMatch(of: /the option "([A-Za-z0-9]+)" is required/).map { String($0.1) }
        let path = missing.map { "\(fault.path).\($0)" } ?? fault.path
        if let connector = answers.connector, let rest = Self.rest(of: path, below: "connectors.\(connector.name)") {
            return connectorRemark(fault, rest, isMissing: missing != nil, connector, isWarning)
        }
        if let field = Self.fields.first(where: { Self.rest(of: path, below: $0.path) != nil })?.field {
            return SetUpRemark(field, fault.message, isWarning: isWarning)
        }
        if let camera = camera(path) {
            return SetUpRemark(Field.cameras, "\(camera): \(fault.message)", isWarning: isWarning)
        }
        if let label = label(path) {
            return SetUpRemark(Field.classes, "\(label): \(fault.message)", isWarning: isWarning)
        }
        return SetUpRemark(Field.whole, "\(fault)", isWarning: isWarning)
    }

    /// The steps of a path behind `above`; nil when it does not lead there.
    private static func rest(of path: String, below above: String) -> [String]? {
        guard path.hasPrefix(above) else { return nil }
        let rest = path.dropFirst(above.count)
        guard let next = rest.first else { return [] }
        return next == "." || next == "[" ? rest.split(separator: ".").map(String.init) : nil
    }

    private static let fields: [(path: String, field: String)] = [
        ("server.listen", Field.listen), ("server.publicURL", Field.publicURL),
        ("server.dataFolder", Field.dataFolder), ("plant.name", Field.plantName), ("plant.site", Field.site),
        ("plant.timeZone", Field.timeZone), ("plant.defaultLocation", Field.defaultLocation),
        ("plant.assetsFile", Field.assets), ("rules.defaults.minConfidence", Field.minConfidence),
        ("rules.defaults.minSeverity", Field.minSeverity), ("network.allowed", Field.networks),
        ("network.trustedCertificates", Field.authorities),
    ]

    private func camera(_ path: String) -> String? {
        guard let match = path.prefixMatch(of: /plant\.cameras\[(\d+)\]/), let index = Int(match.1),
            answers.cameras.indices.contains(index)
        else { return nil }
        return answers.cameras[index].id
    }

    /// A class's label may hold dots itself.
    private func label(_ path: String) -> String? {
        answers.classes.map(\.label).filter { Self.rest(of: path, below: "rules.classes.\($0)") != nil }
            .max { $0.count < $1.count }
    }

    private func connectorRemark(
        _ fault: ConfigurationError.Fault, _ steps: [String], isMissing: Bool, _ connector: SetUpAnswers.Connector,
        _ isWarning: Bool
    ) -> SetUpRemark {
        let type = connector.type
        func remark(_ field: String, _ message: String) -> SetUpRemark {
            SetUpRemark(field, message, isWarning: isWarning)
        }
        if let lines = furtherLines, lines.contains(fault.line) {
            let line = fault.line - lines.lowerBound + 1
            let way = steps.joined(separator: ".")
            return remark(Field.further(of: type), "line \(line): \(way.isEmpty ? "" : "\(way): ")\(fault.message)")
        }
        guard let key = steps.first else { return remark(Field.connector, fault.message) }
        let isField = isMissing || connector.options.contains { $0.key == key }
        return isField
            ? remark(Field.option(key, of: type), fault.message)
            : remark(Field.further(of: type), "\(key): \(fault.message)")
    }
}
