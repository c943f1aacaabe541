import AndonModel

/// The fields of the set-up as they are typed, whichever way: on pages or at a terminal.
public struct SetUpForm: Sendable, Equatable {
    /// What stands in each field, by its name; a missing one is empty.
    public var fields: [String: String]

    public init(_ fields: [String: String] = [:]) { self.fields = fields }

    public enum Field {
        public static let listen = "server.listen"
        public static let publicURL = "server.publicURL"
        public static let dataFolder = "server.dataFolder"
        public static let plantName = "plant.name"
        public static let site = "plant.site"
        public static let timeZone = "plant.timeZone"
        public static let defaultLocation = "plant.defaultLocation"
        public static let assets = "plant.assets"
        public static let cameras = "cameras"
        public static let connector = "connector.type"
        public static let networks = "network.allowed"
        public static let authorities = "network.trustedCertificates"
        public static let classes = "rules.classes"
        public static let minConfidence = "rules.minConfidence"
        public static let minSeverity = "rules.minSeverity"
        /// The whole, where no field is at fault.
        public static let whole = ""

        /// Of one connector: what was typed for one type stays when another one is looked at.
        public static func option(_ key: String, of type: String) -> String { "connector.\(type).\(key)" }

        /// `env` or `file`.
        public static func secretKind(_ key: String, of type: String) -> String { "connector.\(type).\(key).kind" }

        /// The connector's name in the configuration; its type where none is given.
        public static func name(of type: String) -> String { "connector.\(type)..name" }

        public static func further(of type: String) -> String { "connector.\(type)..further" }
    }

    /// The type of the connector, and nil for the desk.
    public var connectorType: String? {
        guard let type = text(Field.connector), type != ConnectorEntry.desk.type else { return nil }
        return type
    }

    /// Without space around it; nil when it is empty.
    public func text(_ name: String) -> String? {
        guard let text = fields[name]?.trimmed, !text.isEmpty else { return nil }
        return text
    }

    /// - Parameter sample: of the chosen connector; nil for the desk.
    /// - Returns: the answers, and what is wrong with the lists that are typed a line an entry.
    public func answers(_ sample: ConnectorSample?) -> (answers: SetUpAnswers, remarks: [SetUpRemark]) {
        var answers = SetUpAnswers()
        var remarks: [SetUpRemark] = []
        answers.listen = text(Field.listen) ?? answers.listen
        answers.publicURL = text(Field.publicURL)
        answers.dataFolder = text(Field.dataFolder) ?? answers.dataFolder
        answers.plantName = text(Field.plantName) ?? ""
        answers.site = text(Field.site)
        answers.timeZone = text(Field.timeZone) ?? answers.timeZone
        answers.defaultLocation = text(Field.defaultLocation)
        answers.assetsCSV = text(Field.assets).map { $0 + "\n" }
        answers.networks = words(Field.networks)
        answers.authorities = words(Field.authorities)
        answers.minConfidence = text(Field.minConfidence) ?? answers.minConfidence
        answers.minSeverity = text(Field.minSeverity) ?? answers.minSeverity
        let cameras = SetUpLines.cameras(fields[Field.cameras] ?? "")
        let classes = SetUpLines.classes(fields[Field.classes] ?? "")
        (answers.cameras, answers.classes) = (cameras.cameras, classes.classes)
        remarks += cameras.faults.map { SetUpRemark(Field.cameras, $0) }
        remarks += classes.faults.map { SetUpRemark(Field.classes, $0) }
        answers.connector = connector(sample)
        return (answers, remarks)
    }

    private func words(_ name: String) -> [String] {
        (fields[name] ?? "").split { $0.isWhitespace || $0 == "," }.map(String.init)
    }

    private func connector(_ sample: ConnectorSample?) -> SetUpAnswers.Connector? {
        guard let type = connectorType else { return nil }
        var connector = SetUpAnswers.Connector(
            name: text(Field.name(of: type)) ?? type, type: type, further: fields[Field.further(of: type)] ?? "")
        for option in sample?.options ?? [] {
            guard option.kind != .section, let value = text(Field.option(option.key, of: type)) else { continue }
            connector.options.append(.init(option.key, self.value(value, option, type)))
        }
        return connector
    }

    private func value(
        _ text: String, _ option: ConnectorSample.Option, _ type: String
    ) -> SetUpAnswers.Connector.Value {
        guard option.kind == .secret else { return .text(text) }
        return fields[Field.secretKind(option.key, of: type)] == "file" ? .file(text) : .environment(text)
    }
}
