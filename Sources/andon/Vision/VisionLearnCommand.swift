import AndonInference
import AndonLedger
import AndonModel
import AndonServer
import AndonSources
import AndonTesting
import AndonVision
import ArgumentParser
import Foundation
import Synchronization

struct VisionLearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn", abstract: "Make a model from good pictures alone; it finds what is unlike them.",
        discussion: """
            50 to 500 pictures of good parts, all of one camera setting and in the order in which they were taken. NAME.anomaly \
            and NAME.card.yaml are written; a camera takes the card like that of any other model.
            """)

    @Option(help: "The folder of good pictures, JPEG or PNG.")
    var good: String

    @Option(help: "What to write: the path before .anomaly and .card.yaml.")
    var out: String

    @Option(help: "The model's name; without it the last part of --out.")
    var name: String?

    @Option(help: "The model's version; without it the first digits of its hash.")
    var version: String?

    @Option(help: "Under which terms the model may be used; goes into the card.")
    var licence = "of the owner of the pictures"

    @Option(name: .customLong("class"), help: "The class of every finding.")
    var defectClass = "anomaly"

    @Option(help: "The share of good pictures that may be reported, above 0 and below 0.5.")
    var falseAlarms = 0.01

    @Option(help: "Parts that the pictures are cut into; each is scored by a model of the others. 2 to 20.")
    var folds = 5

    @Option(help: "Of what is chosen by chance; the same pictures and seed make the same model.")
    var seed: UInt64 = 1

    @Option(help: "Pictures are stretched to a square of so many pixels, 16 to 1024.")
    var size = 256

    @Option(help: "The card of a network whose output are features, named as outputs.map of task: anomaly.")
    var backbone: String?

    @Option(help: "libonnxruntime.so, with --backbone.")
    var library: String?

    @Option(help: "Threads of the backbone, 1 to 256.")
    var threads = 1

    @Flag(help: "Take the place of files that are there.")
    var force = false

    func validate() throws {
        guard falseAlarms > 0, falseAlarms < 0.5 else {
            throw ValidationError("--false-alarms is above 0 and below 0.5")
        }
        guard (2...20).contains(folds) else { throw ValidationError("--folds is 2 to 20") }
        guard (16...1024).contains(size) else { throw ValidationError("--size is 16 to 1024") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads is 1 to 256") }
        guard !baseName.isEmpty, !baseName.hasPrefix(".") else {
            throw ValidationError("--out ends in a name, such as models/cells")
        }
        guard !licence.isEmpty, !defectClass.isEmpty, name != "", version != "" else {
            throw ValidationError("--licence, --class, --name and --version are not empty")
        }
    }

    private var baseName: String { (out as NSString).lastPathComponent }
    private var modelPath: String { out + ".anomaly" }
    private var cardPath: String { out + ".card.yaml" }

    func run() async throws {
        if !force, let there = [modelPath, cardPath].first(where: FileManager.default.fileExists) {
            throw CleanExit.failure("\(there) is there already; name another with --out, or say --force")
        }
        let folder = (out as NSString).deletingLastPathComponent
        guard folder.isEmpty || PictureFiles.isFolder(folder) else {
            throw CleanExit.failure("there is no folder \(folder) to write to; make it first")
        }
        let time = SystemTime()
        let start = time.uptime()
        let (trunk, network) = try await trunk()
        let pictures: GoodPictures
        do { pictures = try GoodPictures(folder: good) } catch let fault as PictureFault {
            throw CleanExit.failure("\(fault)")
        }
        for note in pictures.notes { print(note) }
        print(
            "\(pictures.paths.count) good pictures of \(pictures.width) by \(pictures.height), features \(trunk.identity)"
        )
        let result = try await learn(pictures.paths, trunk)
        let file = AnomalyFile(model: result.model, threshold: result.threshold, backbone: network)
        let seconds = (time.uptime() - start) / .seconds(1)
        try write(file, trunk.input, seconds: seconds)
        let written = try await refusing { () async throws(ModelRefusal) in
            try await VisionTools.load(cardPath, .onnxRuntime(library: library, threads: threads), time: time)
        }
        await written.engine.close()
        print("\(result.threshold.claim).")
        print("\(modelPath) and \(cardPath): learned in \(Int(seconds.rounded(.up))) s, written, and loaded once")
    }

    private func trunk() async throws -> (AnomalyTrunk, AnomalyFile.Backbone?) {
        guard let backbone else { return (.simple(side: size), nil) }
        let network = try await refusing { () async throws(ModelRefusal) in
            try VisionTools.backbone(backbone, library: library, threads: threads)
        }
        let output = network.card.outputs.names.first ?? ""
        return (
            try .backbone(network.card, network.engine), AnomalyFile.Backbone(bytes: network.bytes, output: output)
        )
    }

    private func learn(_ paths: [String], _ trunk: AnomalyTrunk) async throws -> AnomalyLearning.Result {
        var learning = AnomalyLearning()
        (learning.folds, learning.falseAlarms) = (folds, falseAlarms)
        let tenths = Mutex(0)
        do {
            return try await learning.learn(
                count: paths.count, features: trunk, random: SeededSource(seed: seed),
                picture: { try PictureFiles.pixels(paths[$0], as: trunk.input.colour) },
                progress: { share in
                    let tenth = Int(share * 10)
                    let isNew = tenths.withLock { last in
                        defer { last = max(last, tenth) }
                        return tenth > last
                    }
                    if isNew { print("\(tenth * 10) %") }
                })
        } catch {
            throw CleanExit.failure("\(error)")
        }
    }

    private func write(_ file: AnomalyFile, _ input: ModelCard.InputSpec, seconds: Double) throws {
        let bytes = try file.encode()
        guard bytes.count <= AnomalyModel.bytesMax else {
            throw CleanExit.failure(
                "the model would have \(bytes.count) bytes; take a smaller --size or another backbone")
        }
        let (hash, threshold) = (Hex.sha256(bytes), file.threshold)
        let card = AnomalyCard(
            name: name ?? baseName, version: version ?? String(hash.prefix(12)), file: baseName + ".anomaly",
            sha256: hash,
            licence: licence,
            trainedOn: "\(file.model.pictures) good pictures of \((good as NSString).lastPathComponent)",
            defectClass: defectClass, input: input,
            metrics: [
                "goodPictures": .integer(file.model.pictures), "falseAlarmsAsked": .number(threshold.falseAlarms),
                "heldOutAbove": .integer(threshold.above), "falseAlarmsAtMost": .number(threshold.rateAtMost),
                "confidence": .number(threshold.confidence), "folds": .integer(folds), "seed": .string("\(seed)"),
                "seconds": .number((seconds * 10).rounded() / 10),
            ])
        // The card last: until it is there, the old one refuses the new model, and nothing runs the wrong one.
        for (path, content) in [(modelPath, bytes), (cardPath, Array(card.text.utf8))] {
            let whole = try WholeFile(path)
            try whole.write(content)
            try whole.finish()
        }
    }
}
