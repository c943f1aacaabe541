import AndonCapture
import AndonInference
import AndonModel
import AndonServer
import AndonSources
import AndonTesting
import AndonVision
import ArgumentParser
import Foundation

struct VisionCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Make a model's scores say how often it is right.",
        discussion: """
            Fits on one half of pictures that the training never saw, and shows the figures of the other half. What is \
            calibrated is the highest score of any defect in a picture.
            """)

    enum Method: String, CaseIterable, ExpressibleByArgument { case temperature, platt, isotonic }

    @Argument(help: "The model's card.")
    var card: String

    @Option(
        help: "Lines of file,label or file,label,probability; a picture with the model's probability is not looked at.")
    var labels: String

    @Option(help: "The folder that the files are in.")
    var pictures: String?

    @Option(help: "temperature, platt or isotonic; isotonic wants some hundred pictures.")
    var method = Method.platt

    @Option(help: "Of the halves.")
    var seed: UInt64 = 1

    @Flag(help: "Write the calibration into the card; nothing else of the file changes.")
    var write = false

    @OptionGroup var engine: EngineOption

    /// In each half, of each kind.
    private static let labelsMin = 5

    private struct Scored {
        var scores: [Double] = []
        var labels: [Bool] = []
    }

    func run() async throws {
        let read = try await refusing { () async throws(ModelRefusal) in try VisionTools.card(card) }
        let lines = try LabelledPictures(labels, card: read).lines
        for kind in [true, false] {
            let count = lines.count { $0.isDefect == kind }
            guard count >= 2 * Self.labelsMin else {
                throw CleanExit.failure(
                    "\(labels) has \(count) pictures \(kind ? "with a defect" : "that are good"); at least "
                        + "\(2 * Self.labelsMin) are needed, better 100")
            }
        }
        let scores = try await scores(of: lines)
        let (fitted, held) = halves(lines, scores)
        let calibration: Calibration
        do { calibration = try fit(fitted) } catch { throw CleanExit.failure("\(error)") }
        print("fitted on \(fitted.labels.count) pictures, shown on the other \(held.labels.count), seed \(seed)")
        let before = Self.show("the model's scores", .none, held)
        if read.calibration != .none { Self.show("the card's calibration", read.calibration, held) }
        if Self.show(method.rawValue, calibration, held) >= before {
            print("no better than the model's own scores on these pictures; take another --method, or more pictures")
        }
        if write { try write(calibration, into: read) }
    }

    /// What the model says of each picture, whatever its card makes of it.
    private func scores(of lines: [LabelledPictures.Line]) async throws -> [Double] {
        if lines.allSatisfy({ $0.probability != nil }) { return lines.compactMap(\.probability) }
        guard let pictures else {
            throw CleanExit.failure("not all lines of \(labels) have a probability; name the folder with --pictures")
        }
        let (time, chosen) = (SystemTime(), try engine.engine())
        let model = try await refusing { () async throws(ModelRefusal) in
            try await VisionTools.load(card, chosen, isCalibrated: false, time: time)
        }
        var (scores, faults) = ([Double](), [String]())
        for line in lines {
            do {
                let path = (pictures as NSString).appendingPathComponent(line.file)
                if let known = line.probability {
                    scores.append(known)
                } else {
                    let pixels = try PictureFiles.pixels(path, as: model.card.input.colour)
                    scores.append(try await model.look(pixels).verdict.score)
                }
            } catch {
                faults.append("\(labels), line \(line.number): \(error)")
            }
        }
        await model.engine.close()
        guard faults.isEmpty else { throw CleanExit.failure(faults.prefix(20).joined(separator: "\n")) }
        return scores
    }

    /// Every other picture of each kind, in an order made by chance.
    private func halves(_ lines: [LabelledPictures.Line], _ scores: [Double]) -> (fitted: Scored, held: Scored) {
        var random = SeededRandom(seed: seed)
        var (fitted, held) = (Scored(), Scored())
        for kind in [true, false] {
            let indices = lines.indices.filter { lines[$0].isDefect == kind }.shuffled(using: &random)
            for (place, index) in indices.enumerated() {
                if place.isMultiple(of: 2) {
                    fitted.scores.append(scores[index])
                    fitted.labels.append(kind)
                } else {
                    held.scores.append(scores[index])
                    held.labels.append(kind)
                }
            }
        }
        return (fitted, held)
    }

    private func fit(_ half: Scored) throws(CalibrationError) -> Calibration {
        switch method {
        case .temperature: try Calibration.fitTemperature(scores: half.scores, labels: half.labels)
        case .platt: try Calibration.fitPlatt(scores: half.scores, labels: half.labels)
        case .isotonic: try Calibration.fitIsotonic(scores: half.scores, labels: half.labels)
        }
    }

    /// - Returns: Brier's score.
    @discardableResult
    private static func show(_ name: String, _ calibration: Calibration, _ half: Scored) -> Double {
        let confidences = half.scores.map(calibration.confidence)
        let error = Calibration.expectedError(confidences: confidences, labels: half.labels) ?? .nan
        let brier = Calibration.brier(confidences: confidences, labels: half.labels) ?? .nan
        print("\(name): ECE \(String(format: "%.4f", error)), Brier \(String(format: "%.4f", brier))")
        return brier
    }

    /// - Throws: when the file would then say something else than before in any other place.
    private func write(_ calibration: Calibration, into read: ModelCard) throws {
        let old = try Data(contentsOf: URL(fileURLWithPath: card))
        let new = CalibrationBlock.replacing(in: Array(old), by: calibration)
        var wanted = read
        wanted.calibration = calibration
        guard (try? VisionTools.card(new, file: card)) == wanted else {
            throw CleanExit.failure(
                "\(card) is laid out so that its calibration cannot be changed alone; nothing was written. Let calibration: "
                    + "begin a line, with its options indented below it")
        }
        let whole = try WholeFile(card)
        try whole.write(new)
        try whole.finish()
        print(
            "\(card): calibration written; the model's file and hash are as they were. Thresholds are of the calibrated"
        )
        print("confidence, so what is reported may change; for a learned model its rate of false alarms as well")
    }
}
