import AndonModel
import Foundation

/// A report that is a test and says so in every place where an order of it is read.
public struct TestDetection: Sendable {
    /// The class goes into the order's title: nobody can take it for a defect.
    public static let defectClass = "TEST, please ignore (trial of Andon)"
    /// What the ids of such reports begin with.
    public static let idPrefix = "andon-test/"

    /// As `/api/v1/inspections` takes it.
    public var report: JSON
    /// A JPEG that ships with the program.
    public var picture: Data

    /// - Parameters:
    ///   - camera: one of the plant's, so that the order goes where its orders go.
    ///   - asset: the camera's own when nil.
    ///   - severity: 0...1; it decides about the priority, so about who is called.
    public init(
        camera: String, asset: String? = nil, severity: Double, time: any TimeSource, random: any RandomSource
    ) throws {
        guard let sample = try Samples.load().first else {
            throw Problem(
                status: 500, type: "internal", title: "The server failed", detail: "The program has no sample picture.")
        }
        let defect: JSON = .object(present: [
            "class": .string(Self.defectClass), "confidence": .number(1), "severity": .number(severity),
            "box": sample.report["defects"]?[0]?["box"],
        ])
        report = .object(present: [
            "id": .string(Self.idPrefix + random.bytes(8).hexadecimal), "detectedAt": .time(time.now()),
            "camera": .string(camera), "asset": asset.map { .string($0) }, "defects": .array([defect]),
            "attributes": .object(["test": true]),
        ])
        picture = sample.picture
    }

    public var id: String { report["id"]?.string ?? "" }
}
