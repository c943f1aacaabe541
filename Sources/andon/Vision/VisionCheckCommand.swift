import AndonCapture
import AndonInference
import AndonModel
import AndonServer
import AndonSources
import AndonVision
import ArgumentParser

struct VisionCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a model against its card, and show what it finds in pictures.",
        discussion: """
            All faults of the card are listed at once, with their lines. Severity is that of the standard rule; a camera's \
            own rule stands in the configuration.
            """)

    @Argument(help: "The model's card, such as cells.card.yaml.")
    var card: String

    @Argument(help: "JPEG or PNG files, or folders of them.")
    var pictures: [String] = []

    @Flag(help: "One JSON document instead of lines.")
    var json = false

    @OptionGroup var engine: EngineOption

    func run() async throws {
        let time = SystemTime()
        let chosen = try engine.engine()
        let model = try await refusing { () async throws(ModelRefusal) in
            try await VisionTools.load(card, chosen, time: time)
        }
        let paths = try pictures.flatMap { PictureFiles.isFolder($0) ? try PictureFiles.list($0) : [$0] }
        if !json { print(Self.line(model)) }
        var (looks, failures) = ([JSON](), 0)
        for path in paths {
            do {
                let look = try await Look(path, model, time)
                if json { looks.append(look.json) } else { print(look.text) }
            } catch {
                failures += 1
                if json {
                    looks.append(["file": .string(path), "error": .string("\(error)")])
                } else {
                    print("NOT \(error)")
                }
            }
        }
        if json { print(JSON.object(["model": Self.json(model), "pictures": .array(looks)]).canonicalText) }
        await model.engine.close()
        if failures > 0 { throw ExitCode(1) }
    }

    private static func line(_ model: LoadedModel) -> String {
        let (card, engine) = (model.card, model.engine.identity)
        let hash =
            model.isHashChecked ? "its file has the card's hash" : "nobody sees the server's file; hash not checked"
        return
            "ok  \(card.name) \(card.version), \(card.task.rawValue) of \(card.classes.joined(separator: ", ")), runs on "
            + "\(engine.kind) \(engine.version); \(hash)"
    }

    private static func json(_ model: LoadedModel) -> JSON {
        let (card, engine) = (model.card, model.engine.identity)
        return [
            "name": .string(card.name), "version": .string(card.version), "task": .string(card.task.rawValue),
            "sha256": .string(model.sha256), "isHashChecked": .bool(model.isHashChecked),
            "engine": .string(engine.kind), "engineVersion": .string(engine.version),
        ]
    }
}

/// What a model says of one picture.
struct Look {
    let path: String
    let pixels: Pixels
    let verdict: Verdict
    let times: ModelTimes
    let decode: Duration

    init(_ path: String, _ model: LoadedModel, _ time: any TimeSource) async throws {
        self.path = path
        let picture = try PictureFiles.read(path)
        let start = time.uptime()
        pixels = try PictureFiles.decode(picture, path, as: model.card.input.colour)
        decode = time.uptime() - start
        (verdict, times) = try await model.look(pixels)
    }

    private var severities: [Double] {
        verdict.findings.map { SeverityRule().severity(of: $0, frame: (pixels.width, pixels.height)).value }
    }

    private var stages: [(name: String, milliseconds: Double)] {
        [
            ("decode", decode), ("preprocess", times.preprocess), ("infer", times.infer),
            ("postprocess", times.postprocess),
        ].map { ($0, Self.rounded($1 / .milliseconds(1), 10)) }
    }

    var text: String {
        let found = zip(verdict.findings, severities).map { finding, severity in
            let place = finding.box.map { box in
                " at \([box.x, box.y, box.width, box.height].map { Self.text($0, 1) }.joined(separator: ","))"
            }
            let sure = "\(Self.text(finding.confidence)) (\(finding.isCalibrated ? "calibrated" : "not calibrated"))"
            return "    \(finding.defectClass) \(sure)\(place ?? ", no place known"), severity \(Self.text(severity))"
        }
        let head = "\(path): \(verdict.isGood ? "good" : "defect"), score \(Self.text(verdict.score)); "
        let took = stages.map { "\($0.name) \(JSON.ecmaScriptText(of: $0.milliseconds)) ms" }.joined(separator: ", ")
        return ([head + took] + found).joined(separator: "\n")
    }

    var json: JSON {
        let found = zip(verdict.findings, severities).map { finding, severity in
            JSON.object(present: [
                "class": .string(finding.defectClass), "confidence": .number(finding.confidence),
                "isCalibrated": .bool(finding.isCalibrated), "severity": .number(severity),
                "box": finding.box.map { [.number($0.x), .number($0.y), .number($0.width), .number($0.height)] },
            ])
        }
        return [
            "file": .string(path), "isGood": .bool(verdict.isGood), "score": .number(verdict.score),
            "width": .integer(pixels.width), "height": .integer(pixels.height), "findings": .array(found),
            "milliseconds": .object(
                Dictionary(uniqueKeysWithValues: stages.map { ($0.name, .number($0.milliseconds)) })),
        ]
    }

    private static func text(_ value: Double, _ parts: Double = 1_000) -> String {
        JSON.ecmaScriptText(of: rounded(value, parts))
    }

    private static func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
}
