import AndonModel

/// Reads what a vision system reports of one part or frame, and finds all its faults in one pass.
///
/// ```json
/// {"id": "press-3/000127", "detectedAt": "2026-11-23T21:09:00+01:00", "camera": "CAM-7", "lot": "L-88",
///  "defects": [{"class": "scratch", "confidence": 0.93, "severity": "major",
///               "box": {"x": 120, "y": 40, "width": 64, "height": 12}}]}
/// ```
///
/// `id`, `detectedAt` and `camera` are required, and each defect's `class`. Everything else may be left out, or
/// null, which is the same; a missing value stays missing. Unknown members are faults, because a misspelt
/// `confidence` would otherwise be lost in silence; whatever else the sender wants kept goes into `attributes`.
public struct InspectionReader: Sendable {
    public let limits: IntakeLimits

    static let members = [
        "schema", "id", "kind", "detectedAt", "camera", "zone", "asset", "lot", "unit", "model", "inspected", "picture",
        "defects", "attributes",
    ]

    /// Version of the report's shape, published as a JSON Schema; each kept report carries it.
    public static let schemaVersion = "andon.inspection/1"

    public init(limits: IntakeLimits = IntakeLimits()) {
        self.limits = limits
    }

    /// For bodies out of the store: what was taken in once is read again, whatever the limits are now.
    public static let forKept: InspectionReader = {
        var limits = IntakeLimits(defectsMax: .max, maskRunsMax: .max)
        limits.json.bytesMax = .max
        return InspectionReader(limits: limits)
    }()

    /// Reads a JSON text (UTF-8).
    ///
    /// - Throws: 413 `too-large`, 400 `invalid-json`, or as `read(_:pictureSize:)` for a document.
    public func read(_ bytes: some Collection<UInt8>, pictureSize: PixelSize? = nil) throws(Problem) -> Inspection {
        try read(IntakeDocument(parsing: bytes, limits: limits.json), pictureSize: pictureSize)
    }

    /// Reads a document that is JSON already.
    ///
    /// - Parameter pictureSize: the size that the picture's own bytes say, when they were seen; it is believed
    ///   before the sender's `picture.width` and `height`, and a report that contradicts it is refused.
    /// - Throws: 422 `invalid-inspection` with every fault (up to `limits.faultsMax`) and its JSON Pointer.
    public func read(_ document: IntakeDocument, pictureSize: PixelSize? = nil) throws(Problem) -> Inspection {
        let faults = FaultCollector(faultsMax: limits.faultsMax)
        let inspection = inspection(document, probed: pictureSize, faults: faults)
        if let problem = faults.problem(type: "invalid-inspection", title: "The inspection report has faults") {
            throw problem
        }
        return inspection
    }

    /// The fallbacks here are never seen: each stands beside a fault that refuses the whole.
    private func inspection(_ document: IntakeDocument, probed: PixelSize?, faults: FaultCollector) -> Inspection {
        var inspection = Inspection(id: "", detectedAt: Timestamp(microseconds: 0), camera: "")
        guard let body = ObjectReader(document.json, at: document.pointer, known: Self.members, faults: faults)
        else { return inspection }
        if let schema = body.value("schema"), schema != .string(Self.schemaVersion) {
            body.fault("schema", "should be \"\(Self.schemaVersion)\" or left out, found \(schema.shown)")
        }
        inspection.id = body.required("id", body.text("id", charactersMax: limits.idCharactersMax)) ?? ""
        inspection.kind = kind(body) ?? .detection
        inspection.detectedAt = body.required("detectedAt", body.time("detectedAt")) ?? inspection.detectedAt
        inspection.camera = body.required("camera", name(body, "camera")) ?? ""
        inspection.zone = name(body, "zone")
        inspection.asset = name(body, "asset")
        inspection.lot = name(body, "lot")
        inspection.unit = name(body, "unit")
        inspection.model = model(body)
        inspection.inspected = body.integer("inspected", in: 1...limits.inspectedMax) ?? 1
        inspection.picture = picture(body, probed: probed)
        inspection.defects = defects(body, size: probed ?? inspection.picture?.size)
        inspection.attributes = body.attributes(bytesMax: limits.attributesBytesMax)
        return inspection
    }

    func name(_ reader: ObjectReader, _ member: String) -> String? {
        reader.text(member, charactersMax: limits.nameCharactersMax)
    }

    private func kind(_ body: ObjectReader) -> Inspection.Kind? {
        guard let value = body.value("kind") else { return nil }
        if case .string(let text) = value, let kind = Inspection.Kind(rawValue: text) { return kind }
        let words = Inspection.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        body.fault("kind", "should be one of \(words); found \(value.shown)")
        return nil
    }

    private func model(_ body: ObjectReader) -> VisionModel? {
        guard let model = body.object("model", known: ["name", "version"]) else { return nil }
        return VisionModel(name: model.required("name", name(model, "name")) ?? "", version: name(model, "version"))
    }
}

// MARK: Picture

extension InspectionReader {
    private func picture(_ body: ObjectReader, probed: PixelSize?) -> PictureClaim? {
        guard let picture = body.object("picture", known: ["file", "sha256", "width", "height"]) else { return nil }
        let sides = 1...Int(limits.coordinateMax)
        let claim = PictureClaim(
            file: file(picture), sha256: digest(picture), width: picture.integer("width", in: sides),
            height: picture.integer("height", in: sides))
        if (picture.value("width") == nil) != (picture.value("height") == nil) {
            let missing = picture.value("width") == nil ? "width" : "height"
            picture.fault(missing, "is required when the other side is given; give both or none")
        }
        if let probed, let size = claim.size, size != probed {
            picture.faults.add(
                picture.pointer,
                "says \(size.width) x \(size.height) pixels, the picture itself has \(probed.width) x "
                    + "\(probed.height); give the picture's own size, or leave width and height out")
        }
        return claim
    }

    /// A path within the watched folder: relative, with no way out of it.
    private func file(_ picture: ObjectReader) -> String? {
        guard let path = picture.text("file", charactersMax: limits.fileCharactersMax) else { return nil }
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.utf8.contains(UInt8(ascii: "\\")), steps.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            picture.fault(
                "file",
                "should be a path within the watched folder like \"line3/000127.jpg\" (no leading /, no .., "
                    + "no backslash), found \(path.quotedShort)")
            return nil
        }
        return path
    }

    private func digest(_ picture: ObjectReader) -> String? {
        guard let value = picture.value("sha256") else { return nil }
        guard case .string(let text) = value, text.utf8.count == 64, text.utf8.allSatisfy(\.isHexadecimalDigit) else {
            picture.fault(
                "sha256", "should be the 64 hexadecimal digits of the picture's SHA-256, found \(value.shown)")
            return nil
        }
        return text.lowercased()
    }
}

extension PictureClaim {
    var size: PixelSize? {
        guard let width, let height else { return nil }
        return PixelSize(width: width, height: height)
    }
}

extension UInt8 {
    var isHexadecimalDigit: Bool { hexadecimalValue != nil }

    var hexadecimalValue: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }
}
