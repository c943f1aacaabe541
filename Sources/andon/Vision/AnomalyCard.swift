import AndonInference
import AndonModel
import AndonVision

/// The card of a model that was learned from good pictures.
struct AnomalyCard {
    var name: String
    var version: String
    /// The model's plain file name.
    var file: String
    var sha256: String
    var licence: String
    var trainedOn: String
    var defectClass: String
    var input: ModelCard.InputSpec
    var metrics: JSON

    /// YAML that `ModelCard` reads.
    var text: String {
        let mean = input.mean.map(JSON.ecmaScriptText).joined(separator: ", ")
        let std = input.std.map(JSON.ecmaScriptText).joined(separator: ", ")
        let padding = input.resize == .letterbox ? "\n  padding: \(input.padding)" : ""
        return """
            # Learned by: andon vision learn. A score of 0.5 is the threshold that was found.
            schema: \(ModelCard.schema)
            name: \(Self.quoted(name))
            version: \(Self.quoted(version))
            task: anomaly
            file: \(Self.quoted(file))
            sha256: "\(sha256)"
            licence: \(Self.quoted(licence))
            trainedOn: \(Self.quoted(trainedOn))
            input:
              name: \(input.name)
              layout: \(input.layout.rawValue)
              width: \(input.width)
              height: \(input.height)
              colour: \(input.colour == .grey ? "grey" : "rgb")
              scale: \(JSON.ecmaScriptText(of: input.scale))
              mean: [\(mean)]
              std: [\(std)]
              resize: \(input.resize.rawValue)\(padding)
            outputs:
              map: \(AnomalyEngine.mapName)
              scoreRange: { lower: 0, upper: 1 }
              regionLevel: 0.5
            classes: [\(Self.quoted(defectClass))]
            threshold: 0.5
            metrics: \(metrics.canonicalText)

            """
    }

    /// A text of JSON is one of YAML.
    private static func quoted(_ text: String) -> String { JSON.string(text).canonicalText }
}
