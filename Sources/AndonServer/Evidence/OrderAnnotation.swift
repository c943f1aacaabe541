import AndonDecide
import AndonDraw
import AndonIntake
import AndonLedger
import AndonModel

/// What is drawn on an order's picture: every defect that was reported with it, the order's own first. It follows from what
/// was kept when the order was raised, and from the bands of the rules of that day, so it is the same each time.
struct OrderAnnotation {
    let order: WorkOrder

    /// - Returns: nil when the report is not there, or no defect of it has a place in the picture.
    func annotation(_ reader: Reader) throws -> Annotation? {
        guard let record = try reader.inspection(order.inspectionID) else { return nil }
        let inspection = try InspectionReader.forKept.read(Array(record.body.canonicalText.utf8))
        let bands = try Bands(reader.rules(version: order.rulesVersion))
        let severities = Dictionary(
            try reader.detections(of: record).map { ($0.ordinal, $0.severity) }, uniquingKeysWith: { first, _ in first }
        )
        let marks = inspection.defects.enumerated().compactMap {
            ordinal, defect -> (own: Bool, mark: Annotation.Mark)? in
            guard let region = defect.region else { return nil }
            let isOwn = "\(order.inspectionID)#\(ordinal)" == order.detectionID
            let band = bands.band(of: severities[ordinal] ?? nil)
            return (isOwn, Self.mark(defect, region, band))
        }
        guard !marks.isEmpty else { return nil }
        let sorted = marks.sorted { one, other in
            one.own == other.own ? one.mark.rank < other.mark.rank : one.own
        }
        return Annotation(marks: sorted.map(\.mark), title: title, legend: legend)
    }

    private static func mark(_ defect: Defect, _ region: Region, _ band: (name: String, rank: Int)) -> Annotation.Mark {
        let confidence = defect.confidence.map { " \(hundredths($0))" } ?? ""
        return Annotation.Mark(
            box: [region.box.x, region.box.y, region.box.width, region.box.height],
            outline: region.polygon.map(pairs), rings: region.outline.map { $0.map(pairs) },
            label: defect.defectClass + confidence, band: band.name, rank: band.rank)
    }

    private static func pairs(_ ring: [Point]) -> [[Double]] { ring.map { [$0.x, $0.y] } }

    private static func hundredths(_ value: Double) -> String {
        let whole = Int((min(max(value, 0), 1) * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }

    private var title: String {
        "\(order.reference)  \(order.className) on \(order.place.assetName ?? order.place.asset)"
    }

    private var legend: [Annotation.Entry] {
        let entries: [(String, String?)] = [
            ("asset", order.place.asset), ("zone", order.place.zoneName ?? order.place.zone),
            ("line", order.place.line), ("camera", order.camera.isEmpty ? nil : order.camera),
            ("time", String(order.detectedAt.description.prefix(19)) + "Z"), ("lot", order.lot), ("unit", order.unit),
            ("model", order.model.map { [$0.name, $0.version].compactMap { $0 }.joined(separator: " ") }),
        ]
        return entries.compactMap { name, value in value.map { Annotation.Entry(name, $0) } }
    }
}

/// The severity bands of a version of the rules, the worst as rank 0.
private struct Bands {
    private let bands: SeverityBands

    init(_ rules: JSON?) throws {
        let found = (rules?["bands"]?.array ?? []).compactMap { band -> SeverityBands.Band? in
            guard let name = band["name"]?.string, let from = band["from"]?.number else { return nil }
            return SeverityBands.Band(name: name, from: from)
        }
        bands = found.isEmpty ? .standard : SeverityBands(found, unstated: rules?["unstatedBand"]?.string)
    }

    func band(of severity: Double?) -> (name: String, rank: Int) {
        let name = bands.name(for: severity)
        let place = bands.bands.firstIndex { $0.name == name } ?? 0
        return (name, bands.bands.count - 1 - place)
    }
}
