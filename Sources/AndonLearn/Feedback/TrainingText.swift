import AndonLedger
import AndonModel

/// The forms in which trainers of models read labels.
public enum TrainingFormat: String, Sendable, CaseIterable {
    /// `annotations.json` beside `images/` (cocodataset.org, data format of object detection).
    case coco
    /// `labels/NAME.txt` beside `images/NAME`: a line for each box, and `data.yaml`.
    case yolo
}

/// Members of a COCO file.
public enum CocoText {
    /// - Parameters:
    ///   - file: in `images/`.
    ///   - size: in pixels, as stored.
    ///   - orientation: as Exif has it, 1...8; boxes are in the file's pixels, before the turning.
    public static func image(
        _ id: Int, file: String, size: (width: Int, height: Int), orientation: Int, _ labelled: LabelledPicture
    ) -> JSON {
        .object(present: [
            "id": .integer(id), "file_name": .string(file), "width": .integer(size.width),
            "height": .integer(size.height),
            "date_captured": labelled.reports.first.map { .time($0.detectedAt) },
            "sha256": .string(labelled.picture.sha256), "orientation": .integer(orientation),
            "inspections": .array(labelled.reports.map { .string($0.inspection) }),
            "camera": labelled.reports.first.map { .string($0.camera) },
            "asset": labelled.reports.first.map { .string($0.asset) },
        ])
    }

    public static func annotation(_ id: Int, image: Int, category: Int, _ box: TrainingBox) -> JSON {
        .object(present: [
            "id": .integer(id), "image_id": .integer(image), "category_id": .integer(category),
            "bbox": [.number(box.box.x), .number(box.box.y), .number(box.box.width), .number(box.box.height)],
            "area": .number(box.area), "segmentation": box.segmentation ?? [], "iscrowd": 0,
            "attributes": box.attributes,
        ])
    }

    /// Numbered from 1.
    public static func categories(_ names: [String]) -> JSON {
        .array(
            names.enumerated().map {
                ["id": .integer($0.offset + 1), "name": .string($0.element), "supercategory": "defect"]
            })
    }
}

/// Files of a YOLO set.
public enum YoloText {
    /// A line for each box: the class's number from 0 on, the middle and the sides in shares of the picture's sides. Empty
    /// for a picture on which nothing is.
    public static func labels(_ boxes: [(category: Int, box: Box)], size: (width: Int, height: Int)) -> String {
        let (width, height) = (Double(size.width), Double(size.height))
        return boxes.map { category, box in
            let numbers = [
                (box.x + box.width / 2) / width, (box.y + box.height / 2) / height, box.width / width,
                box.height / height,
            ]
            return "\(category) " + numbers.map { Words.number($0, 9) }.joined(separator: " ") + "\n"
        }.joined()
    }

    /// Names are JSON texts, which are YAML too.
    public static func data(_ names: [String]) -> String {
        "path: .\ntrain: images\nval: images\nnames:\n"
            + names.enumerated().map { "  \($0.offset): \(JSON.string($0.element).canonicalText)\n" }.joined()
    }
}
