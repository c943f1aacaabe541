import AndonModel
import Foundation

/// The demo's sample reports with their pictures (synthetic, CC0; see Examples/pictures).
public enum Samples {
    public struct Sample: Sendable {
        public var report: JSON
        public var picture: Data
    }

    /// All samples, each as a report without `id` and `detectedAt`.
    public static func load() throws -> [Sample] {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Samples")
        let list = try JSON(parsing: Array(try Data(contentsOf: folder.appendingPathComponent("samples.json"))))
        return try (list.array ?? []).map { item in
            let file = item["file"]?.string ?? ""
            let defect = JSON.object(present: [
                "class": item["class"], "confidence": item["confidence"], "severity": item["severity"],
                "box": item["box"], "attributes": item["attributes"],
            ])
            let report = JSON.object(present: [
                "camera": item["camera"], "zone": item["zone"], "asset": item["asset"], "lot": item["lot"],
                "unit": item["unit"], "defects": .array([defect]),
            ])
            return Sample(report: report, picture: try Data(contentsOf: folder.appendingPathComponent(file)))
        }
    }

    /// Writes the sample plant's configuration, and what it names, into a folder.
    ///
    /// - Returns: the path of the configuration.
    public static func writeConfiguration(into folder: URL) throws -> String {
        for name in ["andon.yaml", "floor-plan.svg"] {
            let data = try Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent("Samples/\(name)"))
            try data.write(to: folder.appendingPathComponent(name))
        }
        return folder.appendingPathComponent("andon.yaml").path
    }
}
