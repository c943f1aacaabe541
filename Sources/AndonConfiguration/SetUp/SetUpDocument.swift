/// The configuration that answers make, as text.
public struct SetUpDocument: Sendable {
    /// YAML, for the configuration file.
    public let text: String
    /// The lines, from 1, on which a connector's further options stand as they were typed.
    let furtherLines: ClosedRange<Int>?

    public init(_ answers: SetUpAnswers) {
        var writer = SetUpWriter()
        writer.server(answers)
        writer.plant(answers)
        writer.rules(answers)
        writer.connector(answers)
        text = writer.lines.joined(separator: "\n") + "\n"
        furtherLines = writer.furtherLines
    }
}

private struct SetUpWriter {
    var lines = [
        "# Written by the set-up. Every option stands in docs/configuration.md; andon check reads this file and says what is",
        "# wrong. Rules and plant may be changed while the server runs.",
    ]
    var furtherLines: ClosedRange<Int>?

    private mutating func option(_ key: String, _ value: String?, margin: Int = 2) {
        guard let value else { return }
        lines.append(String(repeating: " ", count: margin) + "\(key): \(YAMLText.scalar(value))")
    }

    private mutating func list(_ key: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        lines.append("  \(key): [\(values.map { YAMLText.scalar($0, isInFlow: true) }.joined(separator: ", "))]")
    }

    mutating func server(_ answers: SetUpAnswers) {
        lines += ["", "server:"]
        option("listen", answers.listen)
        option("dataFolder", answers.dataFolder)
        option("publicURL", answers.publicURL)
        guard !answers.networks.isEmpty || !answers.authorities.isEmpty else { return }
        lines += ["", "network:"]
        if !answers.networks.isEmpty {
            list("allowed", NetworkSettings.privateRanges.map(\.description) + answers.networks)
        }
        list("trustedCertificates", answers.authorities)
    }

    mutating func plant(_ answers: SetUpAnswers) {
        lines += ["", "plant:"]
        option("name", answers.plantName.isEmpty ? nil : answers.plantName)
        option("site", answers.site)
        option("timeZone", answers.timeZone)
        option("defaultConnector", answers.connector?.name)
        option("defaultLocation", answers.defaultLocation)
        if answers.assetsCSV != nil { option("assetsFile", SetUpAnswers.assetsFile) }
        guard !answers.cameras.isEmpty else { return }
        lines.append("  cameras:")
        for camera in answers.cameras {
            let asset = camera.asset.map { ", asset: \(YAMLText.scalar($0, isInFlow: true))" } ?? ""
            lines.append("    - { id: \(YAMLText.scalar(camera.id, isInFlow: true))\(asset) }")
        }
    }

    mutating func rules(_ answers: SetUpAnswers) {
        lines += ["", "rules:", "  defaults:"]
        option("minConfidence", answers.minConfidence, margin: 4)
        option("minSeverity", answers.minSeverity, margin: 4)
        guard !answers.classes.isEmpty else { return }
        lines.append("  classes:")
        for found in answers.classes {
            let code = found.code.map { " code: \(YAMLText.scalar($0, isInFlow: true)) " } ?? ""
            lines.append("    \(YAMLText.scalar(found.label, isInFlow: true)): {\(code)}")
        }
    }

    mutating func connector(_ answers: SetUpAnswers) {
        guard let connector = answers.connector else { return }
        lines += ["", "connectors:", "  \(YAMLText.scalar(connector.name, isInFlow: true)):"]
        option("type", connector.type, margin: 4)
        for written in connector.options {
            let key = YAMLText.scalar(written.key, isInFlow: true)
            switch written.value {
            case .text(let text): option(key, text, margin: 4)
            case .environment(let name): secret(key, "env", name)
            case .file(let path): secret(key, "file", path)
            }
        }
        let further = YAMLText.block(connector.further, margin: 4)
        guard !further.isEmpty else { return }
        furtherLines = lines.count + 1...lines.count + further.count
        lines += further
    }

    private mutating func secret(_ key: String, _ kind: String, _ value: String) {
        lines.append("    \(key): { \(kind): \(YAMLText.scalar(value, isInFlow: true)) }")
    }
}
