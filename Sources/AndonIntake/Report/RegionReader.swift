import AndonModel

/// Reads where a defect is, and brings it to the one form that is kept: pixels of the original picture.
///
/// A polygon says more than a box, and a segmentation more than both: the box is then its bounding box.
struct RegionReader {
    let limits: IntakeLimits
    /// Nil when the size of the picture is not known: then nothing can be outside it.
    let size: PixelSize?
    /// For all masks of the report.
    let budget: MaskBudget

    init(limits: IntakeLimits, size: PixelSize?) {
        self.limits = limits
        self.size = size
        budget = MaskBudget(piecesMax: limits.maskRunsMax)
    }

    enum Unit {
        case pixel, normalised
    }

    /// The unit of the polygon is `polygonUnit`, or else the box's: one model speaks one way.
    func region(_ defect: ObjectReader) -> Region? {
        let boxReader = defect.object("box", known: ["x", "y", "width", "height", "unit"])
        let boxUnit = boxReader.flatMap { readUnit($0, "unit") }
        let box = boxReader.flatMap { readBox($0, boxUnit ?? .pixel) }
        let polygonUnit = readUnit(defect, "polygonUnit") ?? boxUnit ?? .pixel
        let polygon = readPolygon(defect, polygonUnit)
        if let segmentation = defect.value("segmentation") {
            guard defect.value("polygon") == nil else {
                defect.fault("segmentation", "stands beside a polygon; give one of the two")
                return nil
            }
            return region(segmentation, of: defect, polygonUnit).flatMap { holds(box, $0, defect) ? $0 : nil }
        }
        guard let polygon else { return box.map { Region(box: $0) } }
        return boundingBox(of: polygon, defect.faults, "\(defect.pointer)/polygon").map {
            Region(box: $0, polygon: polygon)
        }
    }

    private func readUnit(_ reader: ObjectReader, _ name: String) -> Unit? {
        switch reader.value(name) {
        case nil: return nil
        case "pixel": return .pixel
        case "normalised", "normalized": return .normalised
        case .some(let value):
            reader.fault(name, "should be \"pixel\" or \"normalised\", found \(value.shown)")
            return nil
        }
    }

    // MARK: Box

    private func readBox(_ reader: ObjectReader, _ unit: Unit) -> Box? {
        let given = ["x", "y", "width", "height"].compactMap { name -> Double? in
            reader.required(name, reader.number(name)).flatMap {
                checked($0, unit, reader.faults, "\(reader.pointer)/\(name)")
            }
        }
        guard given.count == 4, let scale = scale(unit, reader.faults, reader.pointer) else { return nil }
        let (x, y) = (given[0] * scale.x, given[1] * scale.y)
        let (width, height) = (given[2] * scale.x, given[3] * scale.y)
        guard width > 0, height > 0 else {
            let side = width > 0 ? "height" : "width"
            reader.fault(side, "should be greater than 0; a box covers something")
            return nil
        }
        guard
            let across = span(x, width, within: size?.width, reader, side: "x"),
            let down = span(y, height, within: size?.height, reader, side: "y")
        else { return nil }
        return Box(x: across.start, y: down.start, width: across.length, height: down.length)
    }

    /// One side of the box, cut to the picture where it is over by rounding only.
    private func span(
        _ start: Double, _ length: Double, within side: Int?, _ reader: ObjectReader, side name: String
    ) -> (start: Double, length: Double)? {
        var (start, length) = (start, length)
        if start < 0 {
            guard start >= -limits.edgeSlackPixels, start + length > 0 else {
                reader.fault(name, "the box begins at \(name) = \(shown(start)) pixels, outside the picture; \(advice)")
                return nil
            }
            length += start
            start = 0
        }
        guard let side else { return (start, length) }
        let end = start + length
        guard end <= Double(side) else {
            guard end <= Double(side) + limits.edgeSlackPixels, start < Double(side) else {
                reader.faults.add(
                    reader.pointer,
                    "the box ends at \(name) = \(shown(end)) pixels and the picture at \(side); \(advice)")
                return nil
            }
            return (start, Double(side) - start)
        }
        return (start, length)
    }

    private var advice: String { "give boxes in pixels of the original picture, origin top left" }

    func shown(_ value: Double) -> String { JSON.number(value).canonicalText }

    // MARK: Polygon

    private func readPolygon(_ defect: ObjectReader, _ unit: Unit) -> [Point]? {
        guard let elements = defect.array("polygon") else { return nil }
        let pointer = defect.pointer + "/polygon"
        guard (3...limits.polygonPointsMax).contains(elements.count) else {
            defect.fault("polygon", "should have 3 to \(limits.polygonPointsMax) points, found \(elements.count)")
            return nil
        }
        guard let scale = scale(unit, defect.faults, pointer) else { return nil }
        let points = elements.enumerated().compactMap { index, element in
            point(element, unit, scale, defect.faults, "\(pointer)/\(index)")
        }
        return points.count == elements.count ? points : nil
    }

    func point(
        _ value: JSON, _ unit: Unit, _ scale: Point, _ faults: FaultCollector, _ pointer: String
    ) -> Point? {
        let (first, second): (Double?, Double?)
        switch value {
        case .array(let pair) where pair.count == 2: (first, second) = (pair[0].number, pair[1].number)
        case .object(let members) where members.count == 2: (first, second) = (value["x"]?.number, value["y"]?.number)
        default: (first, second) = (nil, nil)
        }
        guard let first, let second else {
            faults.add(pointer, "should be a point like [120, 40] or {\"x\": 120, \"y\": 40}, found \(value.shown)")
            return nil
        }
        guard let x = checked(first, unit, faults, pointer), let y = checked(second, unit, faults, pointer) else {
            return nil
        }
        guard let x = inside(x * scale.x, size?.width), let y = inside(y * scale.y, size?.height) else {
            let extent = size.map { " of \($0.width) x \($0.height) pixels" } ?? ""
            faults.add(
                pointer,
                "the point (\(shown(x * scale.x)), \(shown(y * scale.y))) is outside the picture\(extent); "
                    + "give points in pixels of the original picture, origin top left")
            return nil
        }
        return Point(x: x, y: y)
    }

    private func inside(_ value: Double, _ side: Int?) -> Double? {
        let end = side.map(Double.init) ?? limits.coordinateMax
        guard value >= -limits.edgeSlackPixels, value <= end + limits.edgeSlackPixels else { return nil }
        return min(max(value, 0), end)
    }

    func boundingBox(of polygon: [Point], _ faults: FaultCollector, _ pointer: String) -> Box? {
        var (left, top) = (Double.infinity, Double.infinity)
        var (right, bottom) = (-Double.infinity, -Double.infinity)
        for point in polygon {
            (left, top) = (min(left, point.x), min(top, point.y))
            (right, bottom) = (max(right, point.x), max(bottom, point.y))
        }
        guard right > left, bottom > top else {
            faults.add(pointer, "its points lie on one line; an outline covers something")
            return nil
        }
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }

    // MARK: Units

    /// A coordinate that a picture can have; the faults of unit and magnitude are told apart.
    private func checked(_ value: Double, _ unit: Unit, _ faults: FaultCollector, _ pointer: String) -> Double? {
        switch unit {
        case .pixel:
            guard value.magnitude <= limits.coordinateMax else {
                faults.add(
                    pointer,
                    "\(shown(value)) is out of range; coordinates are pixels from 0 to "
                        + shown(limits.coordinateMax))
                return nil
            }
        case .normalised:
            // A thousandth beyond is left to the check in pixels, which knows what rounding can do.
            guard value >= -0.001, value <= 1.001 else {
                faults.add(
                    pointer,
                    "\(shown(value)) is out of range; normalised coordinates lie from 0 to 1, for pixels give "
                        + "the unit \"pixel\"")
                return nil
            }
        }
        return value
    }

    /// What a coordinate is multiplied with to be pixels.
    func scale(_ unit: Unit, _ faults: FaultCollector, _ pointer: String) -> Point? {
        guard unit == .normalised else { return Point(x: 1, y: 1) }
        guard let size else {
            faults.add(
                pointer,
                "is normalised and the size of the picture is not known; send the picture with the report, "
                    + "or give picture.width and picture.height, or give pixels")
            return nil
        }
        return Point(x: Double(size.width), y: Double(size.height))
    }
}
