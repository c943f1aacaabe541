import AndonLedger
import AndonModel
import AndonServer
import AndonTesting
import AndonVision
import Foundation
import Testing

@Suite("Models by command")
struct VisionCommandTests {
    private static let side = 64

    /// A grainy surface; with a bright spot of 16 pixels where one is asked for.
    private static func samples(_ random: inout SeededRandom, spot: (x: Int, y: Int)? = nil) -> [UInt8] {
        (0..<side * side).map { index in
            let (x, y) = (index % side, index / side)
            let isIn = spot.map { ($0.x..<$0.x + 16).contains(x) && ($0.y..<$0.y + 16).contains(y) } ?? false
            return UInt8(100 + random.int(0...30) + (x / 8 + y / 8) % 2 * 20 + (isIn ? 90 : 0))
        }
    }

    /// A JPEG made by a program that is not ours.
    private static func write(_ samples: [UInt8], width: Int = side, _ path: String) async throws {
        let plain = path + ".pgm"
        try Data(Array("P5 \(width) \(samples.count / width) 255\n".utf8) + samples).write(
            to: URL(fileURLWithPath: plain))
        let made = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["cjpeg", "-quality", "95", "-outfile", path, plain])
        #expect(made.status == 0, "\(made.output)")
        try FileManager.default.removeItem(atPath: plain)
    }

    private static func good(_ count: Int, _ folder: String, _ random: inout SeededRandom) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for index in 0..<count { try await write(samples(&random), "\(folder)/\(100 + index).jpg") }
    }

    @Test("From good pictures a model is learned, refused to be overwritten, checked, and finds a spot where it is")
    func learnsAndChecks() async throws {
        let temporary = try TemporaryFolder("andon-vision")
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        var random = SeededRandom(seed: 5)
        try await Self.good(52, folder + "/good", &random)
        let learn = ["vision", "learn", "--good", folder + "/good", "--out", folder + "/surface", "--size", "64"]
        let learned = try await AndonProcess.run(learn + ["--class", "stain", "--seed", "7"])
        #expect(learned.status == 0, "\(learned.output)")
        #expect(learned.output.contains("100 %\n") && learned.output.contains("with 95 % confidence at most"))
        #expect(learned.output.contains("pictures without one above would show it"))
        let card = try VisionTools.card(folder + "/surface.card.yaml")
        let model = try Data(contentsOf: URL(fileURLWithPath: folder + "/surface.anomaly"))
        #expect(card.name == "surface" && card.classes == ["stain"] && card.sha256 == Hex.sha256(Array(model)))

        let again = try await AndonProcess.run(learn)
        #expect(again.status == 1 && again.output.contains("is there already; name another with --out, or say --force"))
        let same = try await AndonProcess.run(learn + ["--class", "stain", "--seed", "7", "--force"])
        #expect(same.status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/surface.anomaly")) == model)

        try await Self.write(Self.samples(&random, spot: (40, 8)), folder + "/spot.jpg")
        try await Self.write(Self.samples(&random), folder + "/fine.jpg")
        let check = ["vision", "check", folder + "/surface.card.yaml", folder + "/spot.jpg", folder + "/fine.jpg"]
        let text = try await AndonProcess.run(check)
        #expect(text.status == 0 && text.output.contains("runs on andon-anomaly 1; its file has the card's hash"))
        #expect(text.output.contains("    stain ") && text.output.contains("fine.jpg: good"), "\(text.output)")
        let pictures = try JSON(parsing: try await AndonProcess.run(check + ["--json"]).output)["pictures"]
        let corners = pictures?[0]?["findings"]?[0]?["box"]?.array?.compactMap(\.number)
        let box = try #require(corners, "\(text.output)")
        #expect(box[0] >= 32 && box[0] <= 48 && box[1] <= 16 && box[2] <= 32 && box[3] <= 32, "\(box)")
        #expect(pictures?[1]?["isGood"] == true && pictures?[1]?["milliseconds"]?["infer"]?.number != nil)
        let missing = try await AndonProcess.run(check + [folder + "/none.jpg"])
        #expect(missing.status == 1 && missing.output.contains("none.jpg cannot be opened"))
    }

    @Test("Pictures that cannot be learned from are said all at once: too few, other sizes, twice there, no pictures")
    func refusesPictures() async throws {
        let temporary = try TemporaryFolder("andon-vision")
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        var random = SeededRandom(seed: 6)
        try await Self.good(5, folder + "/good", &random)
        try FileManager.default.copyItem(atPath: folder + "/good/100.jpg", toPath: folder + "/good/copy.jpg")
        try await Self.write([UInt8](repeating: 9, count: 600), width: 30, folder + "/good/odd.jpg")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/good/text.jpg"))
        let run = try await AndonProcess.run(["vision", "learn", "--good", folder + "/good", "--out", folder + "/m"])
        #expect(run.status == 1)
        for words in [
            "has 6 pictures to learn from; give at least 20, better 50 to 500", "odd.jpg is 30 by 20",
            "copy.jpg is the same as \(folder)/good/100.jpg", "text.jpg: the bytes are no JPEG or PNG file",
        ] { #expect(run.output.contains(words), "\(run.output)") }
        #expect(!FileManager.default.fileExists(atPath: folder + "/m.anomaly"))
    }

    private static let card = """
        schema: andon.model-card/1   # kept
        name: cells
        version: "1"
        task: classification
        file: cells.onnx
        sha256: "\(String(repeating: "a", count: 64))"
        licence: test
        input: { name: image, width: 8, height: 8 }
        outputs: { probabilities: p }
        classes: [good, crack]
        goodClass: good
        calibration:
          method: temperature
          t: 2

        # the end
        threshold: 0.4
        """

    /// Scores that are far too sure: the share of defects is 0.3 where they say 0.05, and 0.7 where they say 0.95.
    private static let labels =
        "file,label,probability\n"
        + (0..<400).map { index in
            let isHigh = index % 2 == 0
            let isDefect = (index / 2) % 10 < (isHigh ? 7 : 3)
            return "\(index).png,\(isDefect ? "crack" : "good"),\(isHigh ? 0.95 : 0.05)"
        }.joined(separator: "\n")

    @Test("A calibration lessens both errors on pictures that it was not fitted on, and only its section is rewritten")
    func calibrates() async throws {
        let temporary = try TemporaryFolder("andon-vision")
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        func put(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            return "\(folder)/\(name)"
        }
        let labels = try put("labels.csv", Self.labels)
        for (name, text) in [
            ("lf", Self.card), ("crlf", Self.card.replacing("\n", with: "\r\n")),
            ("none", Self.card.replacing("calibration:\n  method: temperature\n  t: 2\n\n", with: "")),
        ] {
            let card = try put("\(name).yaml", text)
            let shown = try await AndonProcess.run(["vision", "calibrate", card, "--labels", labels])
            let figures = shown.output.matches(of: /ECE ([0-9.]+), Brier ([0-9.]+)/).compactMap { match in
                Double(match.1).flatMap { error in Double(match.2).map { (error, $0) } }
            }
            let (first, last) = (try #require(figures.first, "\(shown.output)"), try #require(figures.last))
            #expect(figures.count == (name == "none" ? 2 : 3) && last.0 < first.0 / 2 && last.1 < first.1, "\(figures)")
            #expect(try String(contentsOfFile: card, encoding: .utf8) == text)

            for method in ["temperature", "isotonic", "platt"] {
                let written = try await AndonProcess.run(
                    ["vision", "calibrate", card, "--labels", labels, "--method", method, "--write"])
                #expect(written.status == 0, "\(written.output)")
            }
            let after = try String(contentsOfFile: card, encoding: .utf8)
            guard case .platt(a: let a, b: let b) = try VisionTools.card(card).calibration else {
                Issue.record("no platt in \(after)")
                continue
            }
            let end = name == "crlf" ? "\r\n" : "\n"
            let block = [
                "calibration:", "  method: platt", "  a: \(JSON.ecmaScriptText(of: a))",
                "  b: \(JSON.ecmaScriptText(of: b))",
            ].joined(separator: end)
            let expected =
                name == "none"
                ? text + "\n" + block + "\n"
                : text.replacing(
                    ["calibration:", "  method: temperature", "  t: 2"].joined(separator: end), with: block)
            #expect(Array(after.utf8) == Array(expected.utf8))
        }
    }

    @Test("Faults of a card and of labels are said all at once with their lines, and nothing is written")
    func refusesCardsAndLabels() async throws {
        let temporary = try TemporaryFolder("andon-vision")
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        let (card, labels) = (folder + "/c.yaml", folder + "/l.csv")
        try Data(Self.card.replacing("width: 8", with: "width: 0").replacing("task: c", with: "task: x").utf8)
            .write(to: URL(fileURLWithPath: card))
        let bad = try await AndonProcess.run(["vision", "check", card])
        #expect(bad.status == 1 && bad.output.contains("line 4, ") && bad.output.contains("line 8, "), "\(bad.output)")

        // In braces that end on a line of their own, the section cannot be told from what follows.
        let odd = Self.card.replacing(
            "calibration:\n  method: temperature\n  t: 2\n", with: "calibration: {\n  method: none\n}\n")
        try Data(odd.utf8).write(to: URL(fileURLWithPath: card))
        try Data(Self.labels.utf8).write(to: URL(fileURLWithPath: labels))
        let kept = try await AndonProcess.run(["vision", "calibrate", card, "--labels", labels, "--write"])
        #expect(
            kept.status == 1 && kept.output.contains("cannot be changed alone; nothing was written"), "\(kept.output)")
        try Data("a.png,good\n../b.png,good\nc.png,scratch\nd.png,0.4,2".utf8).write(to: URL(fileURLWithPath: labels))
        let refused = try await AndonProcess.run(["vision", "calibrate", card, "--labels", labels])
        #expect(refused.status == 1 && !refused.output.contains("line 1:"))
        for words in [
            "line 2: ../b.png should be a path within", "line 3: the label \"scratch\" should be good, defect, a class",
            "line 4: the probability \"2\" should be a number from 0 to 1",
        ] { #expect(refused.output.contains(words), "\(refused.output)") }
        #expect(try String(contentsOfFile: card, encoding: .utf8) == odd)
    }
}
