import AndonModel

/// The member `segmentation`, as COCO has it: a mask in run-length encoding, or a list of polygons.
extension RegionReader {
    func region(_ segmentation: JSON, of defect: ObjectReader, _ unit: Unit) -> Region? {
        let pointer = defect.pointer + "/segmentation"
        switch segmentation {
        case .object: return mask(segmentation, pointer, defect.faults)
        case .array(let polygons): return outline(polygons, unit, pointer, defect.faults)
        default:
            defect.fault(
                "segmentation",
                "should be a mask like {\"size\": [height, width], \"counts\": ...} or a list of polygons like "
                    + "[[x1, y1, x2, y2, x3, y3]], found \(segmentation.shown)")
            return nil
        }
    }

    // MARK: Masks

    private func mask(_ value: JSON, _ pointer: String, _ faults: FaultCollector) -> Region? {
        guard let reader = ObjectReader(value, at: pointer, known: ["size", "counts"], faults: faults) else {
            return nil
        }
        do throws(MaskFault) {
            let sides = try maskSize(reader.value("size"))
            let runs = try RunLengths.runs(reader.value("counts"), pixels: sides.width * sides.height)
            let mask = try Mask(width: sides.width, height: sides.height, runs: runs, budget: budget)
            let (left, top, right, bottom) = mask.bounds
            return Region(
                box: Box(
                    x: Double(left), y: Double(top), width: Double(right - left), height: Double(bottom - top)),
                outline: MaskOutline.rings(of: mask, ringsMax: limits.ringsMax, pointsMax: limits.polygonPointsMax),
                maskPixels: mask.pixels)
        } catch {
            faults.add(error.member.isEmpty ? pointer : "\(pointer)/\(error.member)", error.detail)
            return nil
        }
    }

    private func maskSize(_ value: JSON?) throws(MaskFault) -> PixelSize {
        let pair = value?.array ?? []
        let sides = 1...Int(limits.coordinateMax)
        guard pair.count == 2, let height = pair[0].integer, let width = pair[1].integer, sides.contains(height),
            sides.contains(width)
        else {
            throw MaskFault(
                member: "size",
                detail: "should be [height, width] of the mask in pixels, like [1080, 1920], found "
                    + (value.map { $0.array == nil ? $0.shown : String($0.canonicalText.prefix(40)) } ?? "nothing"))
        }
        if let size, size != PixelSize(width: width, height: height) {
            let advice =
                size == PixelSize(width: height, height: width)
                ? "the two are swapped: size is [height, width]"
                : "scale the mask to the picture before encoding it"
            throw MaskFault(
                member: "size",
                detail: "the mask is \(width) pixels wide and \(height) high, the picture \(size.width) and "
                    + "\(size.height); \(advice)")
        }
        guard width * height <= limits.picturePixelsMax else {
            throw MaskFault(
                member: "size",
                detail: "the mask has \(width * height) pixels and at most \(limits.picturePixelsMax) are taken; send "
                    + "polygons instead")
        }
        return PixelSize(width: width, height: height)
    }

    // MARK: Polygons

    private func outline(
        _ polygons: [JSON], _ unit: Unit, _ pointer: String, _ faults: FaultCollector
    ) -> Region? {
        guard (1...limits.ringsMax).contains(polygons.count) else {
            faults.add(pointer, "should have 1 to \(limits.ringsMax) polygons, found \(polygons.count)")
            return nil
        }
        guard let scale = scale(unit, faults, pointer) else { return nil }
        var left = limits.polygonPointsMax
        var rings: [[Point]] = []
        var boxes: [Box] = []
        for (index, polygon) in polygons.enumerated() {
            let place = "\(pointer)/\(index)"
            guard let pairs = pairs(polygon, place, faults) else { return nil }
            left -= pairs.count
            guard left >= 0 else {
                faults.add(place, "the polygons have more than \(limits.polygonPointsMax) points in all; send fewer")
                return nil
            }
            let points = pairs.compactMap { point($0.value, unit, scale, faults, $0.pointer) }
            guard points.count == pairs.count, let box = boundingBox(of: points, faults, place) else { return nil }
            rings.append(points)
            boxes.append(box)
        }
        return boxes.united.map { Region(box: $0, outline: rings) }
    }

    /// A polygon's points, from COCO's flat list or from a list of points.
    private func pairs(
        _ polygon: JSON, _ pointer: String, _ faults: FaultCollector
    ) -> [(value: JSON, pointer: String)]? {
        let elements = polygon.array ?? []
        let isFlat = elements.first?.number != nil
        guard elements.count >= (isFlat ? 6 : 3), !isFlat || elements.count.isMultiple(of: 2) else {
            faults.add(
                pointer,
                "should be a polygon of 3 points or more: a flat list x1, y1, x2, y2, x3, y3, or a list of points; "
                    + "found \(polygon.array.map { "\($0.count) elements" } ?? polygon.shown)")
            return nil
        }
        guard isFlat else { return elements.enumerated().map { ($1, "\(pointer)/\($0)") } }
        return stride(from: 0, to: elements.count, by: 2).map {
            (.array([elements[$0], elements[$0 + 1]]), "\(pointer)/\($0)")
        }
    }

    // MARK: The box beside it

    /// Whether the box that was sent can be one of this segmentation: at least half of the segmentation's own box lies in
    /// it. Detectors find boxes and masks by different means, so the two never agree to the pixel; a box that was written
    /// with its middle in place of its corner, or in other units, holds a quarter at most.
    func holds(_ box: Box?, _ region: Region, _ defect: ObjectReader) -> Bool {
        guard let box else { return true }
        let own = region.box
        let across = min(own.x + own.width, box.x + box.width) - max(own.x, box.x)
        let down = min(own.y + own.height, box.y + box.height) - max(own.y, box.y)
        let share = max(0, across) * max(0, down) / (own.width * own.height)
        guard share >= 0.5 else {
            let place = [own.x, own.y, own.width, own.height].map(shown).joined(separator: ", ")
            defect.fault(
                "box",
                "holds \(Int((share * 100).rounded(.down))) % of the segmentation's own box (x, y, width, height: \(place)), and "
                    + "at least 50 % have to lie in it; x and y are the box's top left corner in pixels, or leave the "
                    + "box out")
            return false
        }
        return true
    }
}

extension [Box] {
    /// The smallest box around all; nil for none.
    fileprivate var united: Box? {
        guard let left = map(\.x).min(), let top = map(\.y).min(), let right = map({ $0.x + $0.width }).max(),
            let bottom = map({ $0.y + $0.height }).max()
        else { return nil }
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }
}
