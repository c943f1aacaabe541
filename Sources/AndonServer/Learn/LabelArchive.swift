import AndonAudit
import AndonDraw
import AndonLearn
import AndonLedger
import AndonModel
import Foundation

/// Writes the archive that a model is trained with: one picture after the other is read, written and forgotten; what grows
/// with their number waits on the disk.
struct LabelArchive {
    let query: LabelQuery
    let set: LabelSet
    /// The bytes of a picture that is kept; nil where they are not there.
    let bytes: (Picture) async throws -> [UInt8]?

    private let images: SpillFile
    private let annotations: SpillFile
    private let provenance: SpillFile
    private let leftOut: SpillFile
    private let categories: [String: Int]
    private var counts = Counts()

    private struct Counts {
        var pictures = 0
        var boxes = 0
        var leftOut = 0
        var withoutBox = 0
        var falseAlarms = 0
    }

    init(_ query: LabelQuery, _ set: LabelSet, bytes: @escaping (Picture) async throws -> [UInt8]?) throws {
        (self.query, self.set, self.bytes) = (query, set, bytes)
        (images, annotations) = (try SpillFile(), try SpillFile())
        (provenance, leftOut) = (try SpillFile(), try SpillFile())
        categories = Dictionary(
            set.classes.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func write(to sink: @escaping PackageWriter.Sink) async throws {
        var package = try PackageWriter(to: sink)
        try await package.add("README.txt", Array(readme.utf8))
        if query.format == .yolo { try await package.add("data.yaml", Array(YoloText.data(set.classes).utf8)) }
        var place = 0
        while let labelled = try set.next(&place) { try await add(labelled, to: &package) }
        if query.format == .coco { try await package.add("annotations.json", try await coco()) }
        try await package.add("provenance.json", try await whole())
        try await package.finish()
    }

    // MARK: A picture

    private mutating func add(_ labelled: LabelledPicture, to package: inout PackageWriter) async throws {
        let training = TrainingPicture(labelled)
        if let gap = training.gaps.first, !query.withGaps { return try leave(labelled, gap) }
        guard let width = labelled.picture.width, let height = labelled.picture.height else {
            return try leave(labelled, "its size is not known")
        }
        guard let content = try await bytes(labelled.picture) else {
            return try leave(
                labelled, labelled.removedAt.map { "not kept any more since \($0)" } ?? "its file is missing")
        }
        guard Hex.sha256(content) == labelled.picture.sha256 else {
            return try leave(labelled, "its file is not what its name says")
        }
        let file = "\(labelled.picture.sha256).\(labelled.picture.mediaType.fileExtension)"
        try await package.add("images/\(file)", content)
        let orientation = Exif.orientation(picture: content)
        let size = (width: width, height: height)
        counts.pictures += 1
        counts.falseAlarms += training.falseAlarms
        if training.boxes.isEmpty { counts.withoutBox += 1 }
        switch query.format {
        case .coco:
            try append(
                CocoText.image(counts.pictures, file: file, size: size, orientation: orientation, labelled), to: images)
            for box in training.boxes {
                let category = (categories[box.defectClass] ?? 0) + 1
                counts.boxes += 1
                try append(
                    CocoText.annotation(counts.boxes, image: counts.pictures, category: category, box), to: annotations)
            }
        case .yolo:
            let boxes = training.boxes.map { (category: categories[$0.defectClass] ?? 0, box: $0.box) }
            counts.boxes += boxes.count
            try await package.add(
                "labels/\(labelled.picture.sha256).txt", Array(YoloText.labels(boxes, size: size).utf8))
        }
        try append(line(labelled, training, file, orientation), to: provenance)
    }

    private mutating func leave(_ labelled: LabelledPicture, _ reason: String) throws {
        counts.leftOut += 1
        try append(
            [
                "sha256": .string(labelled.picture.sha256),
                "inspections": .array(labelled.reports.map { .string($0.inspection) }), "reason": .string(reason),
            ], to: leftOut)
    }

    private func append(_ json: JSON, to spill: SpillFile) throws {
        if spill.count > 0 { try spill.append(",\n".utf8) }
        try spill.append(json.canonicalBytes)
    }

    private func line(
        _ labelled: LabelledPicture, _ training: TrainingPicture, _ file: String, _ orientation: Int
    ) -> JSON {
        [
            "file": .string("images/\(file)"), "sha256": .string(labelled.picture.sha256),
            "orientation": .integer(orientation), "boxes": .integer(training.boxes.count),
            "falseAlarms": .integer(training.falseAlarms), "gaps": .array(training.gaps.map { .string($0) }),
            "labels": .array(training.boxes.map(\.attributes)),
            "inspections": .array(
                labelled.reports.map {
                    .object(present: [
                        "id": .string($0.inspection), "camera": .string($0.camera), "asset": .string($0.asset),
                        "detectedAt": .time($0.detectedAt), "model": $0.model.map(JSON.string),
                        "modelVersion": $0.modelVersion.map(JSON.string),
                    ])
                }),
        ]
    }

    // MARK: What is about all of them

    private func coco() async throws -> SpillFile {
        let info: JSON = [
            "description": "Labels from work orders", "version": .string(Software.version),
            "date_created": .time(set.basis.at), "year": .integer(Int(set.basis.at.description.prefix(4)) ?? 0),
            "contributor": "andon", "ledgerSize": .integer(set.basis.ledgerSize),
            "ledgerRoot": .string(set.basis.ledgerRoot),
        ]
        let file = try SpillFile()
        try file.append("{\"info\":\(info.canonicalText),\"licenses\":[],\"categories\":".utf8)
        try file.append("\(CocoText.categories(set.classes).canonicalText),\n\"images\":[".utf8)
        try await images.read { try file.append($0) }
        try file.append("],\n\"annotations\":[".utf8)
        try await annotations.read { try file.append($0) }
        try file.append("]}\n".utf8)
        return file
    }

    private func whole() async throws -> SpillFile {
        let head: JSON = [
            "basis": set.basis.json, "query": query.json, "classes": .array(set.classes.map { .string($0) }),
            "counts": [
                "pictures": .integer(counts.pictures), "boxes": .integer(counts.boxes),
                "withoutBox": .integer(counts.withoutBox), "falseAlarms": .integer(counts.falseAlarms),
                "leftOut": .integer(counts.leftOut), "beyondLimit": .integer(set.beyond),
            ],
        ]
        let file = try SpillFile()
        try file.append("{\"about\":\(head.canonicalText),\n\"pictures\":[".utf8)
        try await provenance.read { try file.append($0) }
        try file.append("],\n\"leftOut\":[".utf8)
        try await leftOut.read { try file.append($0) }
        try file.append("]}\n".utf8)
        return file
    }

    private var readme: String {
        """
        Pictures and labels from work orders, for training a model.

        Made from the ledger with \(set.basis.ledgerSize) entries and the root \(set.basis.ledgerRoot).
        Format: \(query.format.rawValue). provenance.json has each picture's SHA-256 and reports, and what was left out and why.

        A box is of a defect that a technician confirmed, of one whose right class was said, or of a missed one that was
        reported with its place. A false alarm is a picture without that box: it shows the model what is no defect.
        Boxes are in pixels of the file, before any turning by Exif. Readers that turn pictures (OpenCV does by default) must
        be told not to: provenance.json has each picture's orientation, 1 where there is nothing to turn.
        All pictures are in one set: divide them by asset or day, or near copies are in training and validation alike.

        """
    }
}
