import AndonConfiguration
import AndonConnectors
import AndonModel
import Foundation

/// The systems that the set-up offers, with the options that their samples show.
public struct SetUpConnectors: Sendable {
    /// One that can be chosen.
    public struct Choice: Sendable {
        public var sample: ConnectorSample
        /// The system's name, such as "IBM Maximo".
        public var system: String
        /// Keys of options that it cannot do without.
        public var required: Set<String>
        /// Whether its assets can be read, and the plant be made of them.
        public var hasAssets: Bool

        public var type: String { sample.type }

        /// The options that a form asks for: what is needed, and what most systems need.
        public var asked: [ConnectorSample.Option] {
            sample.options.filter { $0.kind != .section && ($0.isUsual || required.contains($0.key)) }
        }
    }

    /// By their names.
    public let choices: [Choice]

    /// - Throws: where the program's own samples are missing.
    public init() throws {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Samples/connectors")
        choices = try ConnectorType.all.map { type throws -> Choice in
            let file = folder.appendingPathComponent("\(type.name).yaml")
            guard let sample = ConnectorSample(yaml: try String(contentsOf: file, encoding: .utf8)) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return Self.choice(type, sample)
        }.sorted { $0.system.lowercased() < $1.system.lowercased() }
    }

    public subscript(type: String?) -> Choice? { choices.first { $0.type == type } }

    /// Asks the connector itself: what it misses in an empty section is what it needs.
    private static func choice(_ type: ConnectorType, _ sample: ConnectorSample) -> Choice {
        let faults = SettingsFaults()
        let empty = Settings(.map([]), line: 1, column: 1, path: "connectors.\(type.name)")
        let secrets = SecretSource(environment: { _ in nil }, file: { _ in nil })
        let traits = type.make(SettingsReader(empty, faults: faults, secrets: secrets)).traits
        let required = faults.faults.compactMap { fault in
            fault.message.firstMatch(of: /the option "([A-Za-z0-9]+)" is required/).map { String($0.1) }
        }
        return Choice(
            sample: sample, system: traits.system.isEmpty ? type.name : traits.system, required: Set(required),
            hasAssets: traits.hasAssetRegistry)
    }
}

/// What the set-up asks of the program beside the answers.
public enum SetUp {
    /// - Parameter folder: where the configuration will lie.
    public static func check(
        _ answers: SetUpAnswers, folder: String, secrets: SecretSource = .system
    ) -> SetUpCheck {
        SetUpCheck(answers, folder: folder, secrets: secrets, check: Wiring.check)
    }

    /// For a configuration that is written where the server does not run: its secrets may be elsewhere.
    public static let anySecret = SecretSource(
        environment: { _ in "x" }, file: { SecretSource.system.file($0) ?? "x" })

    /// The machine's own zone, for an answer that is mostly right.
    public static var timeZone: String {
        let name = TimeZone.current.identifier
        return TimeZone.knownTimeZoneIdentifiers.contains(name) && name != "GMT" ? name : "UTC"
    }
}
