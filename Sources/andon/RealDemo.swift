import AndonLedger
import AndonModel
import ArgumentParser
import Foundation

/// The main job on real pictures: a folder played as a camera, a model that was trained on such pictures, and orders; true and
/// false alarms are counted against the labels.
struct RealDemo {
    /// As `Vision/train/run` leaves it: `elpv.card.yaml`, `elpv.onnx`, and `test` with the pictures and `labels.csv`.
    let folder: String
    let rate: Double
    let library: String?
    let say: (String) -> Void

    private struct Label {
        var isDefective: Bool
        /// 0, 1/3, 2/3 or 1: how sure the experts were that the cell is defective.
        var probability: Double
    }

    /// The configuration of a line with one camera.
    func configuration() throws -> String {
        func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        let whole = URL(fileURLWithPath: folder).standardizedFileURL.path
        for file in ["elpv.card.yaml", "test/labels.csv"]
        where !FileManager.default.fileExists(atPath: "\(whole)/\(file)") {
            throw CleanExit.failure(
                "\(whole) has no \(file). Make the model first: Vision/train/run (docs/vision.md says what it does)")
        }
        let engine =
            library.map { "{ onnxruntime: { library: \(quoted($0)), threads: 2 } }" }
            ?? "{ onnxruntime: { threads: 2 } }"
        return """
            plant:
              name: Solar cells
              site: DEMO
              assets: [{ id: EL-TABLE-1, name: Electroluminescence table 1, type: tester, criticality: A, line: CELLS }]
              cameras: [{ id: EL-CAM-1, asset: EL-TABLE-1 }]
            sources:
              cells:
                type: camera
                camera: EL-CAM-1
                capture: { from: played, path: \(quoted(whole + "/test")), framesPerSecond: \(rate), order: shuffled }
                model: { card: \(quoted(whole + "/elpv.card.yaml")), engine: \(engine) }
                evidence: { before: 0, after: 0 }

            """
    }

    /// Follows the camera to its last picture, and holds what was reported against the labels.
    func follow(_ client: APIClient) async throws {
        let labels = try labels()
        let files = try files(labels.keys)
        say("\(labels.count) pictures of solar cells at \(rate.formatted()) a second, and what a model says of each\n")
        var place = 0
        var alarms: [String: String] = [:]
        var orders: Set<String> = []
        var isOver = false
        while !isOver {
            isOver = try await isOverNow(client, labels.count)
            for entry in try await entries(from: &place, client) {
                // Of `vision:…#1`.
                let report = (entry["subject"]?.string ?? "").prefix { $0 != "#" }
                let answer = try await client.get("/api/v1/inspections/\(report)").json
                guard let picture = answer["picture"]?.string?.split(separator: "/").last.map(String.init),
                    let file = files[picture], let label = labels[file]
                else { continue }
                let outcome = entry["body"]?["outcome"]?.string ?? ""
                let order = entry["body"]?["order"]?.string
                if let order { orders.insert(order) }
                alarms[file] = outcome
                let truth = label.isDefective ? "defective" : "good"
                say("\(file)  labelled \(truth)  -> \(outcome) \(order ?? "")")
            }
            if !isOver { try await Task.sleep(for: .milliseconds(200)) }
        }
        say("")
        say(Self.summary(alarms: Set(alarms.keys), labels: labels.mapValues(\.isDefective)))
        let sure = labels.filter { $0.value.probability == 0 || $0.value.probability == 1 }
        say("Of those that the experts were sure of:")
        say(
            Self.summary(
                alarms: Set(alarms.keys).intersection(sure.keys), labels: sure.mapValues(\.isDefective)))
        say(
            "\(orders.count == 1 ? "1 work order has" : "\(orders.count) work orders have") them all: what a table shows again joins its open order."
        )
        try await tellTimes(client)
    }

    static func summary(alarms: Set<String>, labels: [String: Bool]) -> String {
        let defective = labels.filter(\.value).count
        let good = labels.count - defective
        let found = alarms.filter { labels[$0] == true }.count
        let wrong = alarms.count - found
        func share(_ part: Int, _ whole: Int) -> String {
            whole == 0 ? "" : " (\((Double(part) / Double(whole) * 1000).rounded() / 10) %)"
        }
        let right = found + good - wrong
        return """
              true alarms   \(found) of \(defective) defective\(share(found, defective))
              missed        \(defective - found)
              false alarms  \(wrong) of \(good) good\(share(wrong, good))
              right in all  \(right) of \(labels.count)\(share(right, labels.count))
            """
    }

    private func isOverNow(_ client: APIClient, _ count: Int) async throws -> Bool {
        let answer = try await client.get("/api/v1/sources").json
        guard let camera = answer["sources"]?.array?.first(where: { $0["name"]?.string == "cells" }) else {
            return false
        }
        if let reason = camera["unavailable"]?.string { throw CleanExit.failure("the model does not run: \(reason)") }
        return (camera["received"]?.integer ?? 0) >= count && camera["underWay"]?.integer == 0
    }

    private func entries(from place: inout Int, _ client: APIClient) async throws -> [JSON] {
        var found: [JSON] = []
        while true {
            let page = try await client.get("/api/v1/ledger?from=\(place)").json["entries"]?.array ?? []
            guard let last = page.last?["index"]?.integer else { return found }
            place = last + 1
            found += page.filter { $0["kind"]?.string == "detection.decided" }
        }
    }

    private func tellTimes(_ client: APIClient) async throws {
        let answer = try await client.get("/api/v1/sources").json
        guard let camera = answer["sources"]?.array?.first(where: { $0["name"]?.string == "cells" }),
            let stages = camera["latencyMs"]?.object
        else { return }
        let words = ["decode", "preprocess", "infer", "postprocess", "total"].compactMap { stage -> String? in
            guard let median = stages[stage]?["p50"]?.number, let late = stages[stage]?["p99"]?.number else {
                return nil
            }
            return "\(stage) \((median * 10).rounded() / 10) / \((late * 10).rounded() / 10)"
        }
        say("Milliseconds a frame, median / 99th percentile: " + words.joined(separator: ", "))
    }

    /// The pictures' names by their digest: what Andon keeps of a picture is its bytes.
    private func files(_ names: some Sequence<String>) throws -> [String: String] {
        var files: [String: String] = [:]
        for name in names {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/test/\(name)")))
            files[Hex.sha256(bytes)] = name
        }
        return files
    }

    private func labels() throws -> [String: Label] {
        let text = try String(contentsOfFile: folder + "/test/labels.csv", encoding: .utf8)
        var labels: [String: Label] = [:]
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 4, let probability = Double(fields[1]) else {
                throw CleanExit.failure("\(folder)/test/labels.csv: not file,probability,type,defective: \(line)")
            }
            labels[fields[0]] = Label(isDefective: fields[3] == "1", probability: probability)
        }
        return labels
    }

    /// Where `Vision/train/run` and `scripts/setup --tests` put the engine, for who runs the demo from the repository.
    static func libraryNearby() -> String? {
        for environment in ["Vision/train/.venv-train", ".venv-vision"] {
            let lib = "\(environment)/lib"
            for python in (try? FileManager.default.contentsOfDirectory(atPath: lib)) ?? [] {
                let folder = "\(lib)/\(python)/site-packages/onnxruntime/capi"
                let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                if let file = files.first(where: { $0.hasPrefix("libonnxruntime.so") }) {
                    return URL(fileURLWithPath: "\(folder)/\(file)").standardizedFileURL.path
                }
            }
        }
        return nil
    }
}
