import AndonModel

extension JSON {
    /// The document of a report with the regions of its defects cut at the picture's edges.
    ///
    /// Detectors mark what hangs over the edge. A region of which less than half lies in the picture is left as it is: such a
    /// box was more likely written in another form than the mapping says, and the intake refuses it.
    ///
    /// - Parameter size: of the picture, in pixels.
    public func withRegionsCut(width: Int, height: Int) -> JSON {
        guard case .object(var members) = self, case .array(let defects)? = members["defects"] else { return self }
        members["defects"] = .array(defects.map { $0.withRegionCut(Double(width), Double(height)) })
        return .object(members)
    }

    private func withRegionCut(_ width: Double, _ height: Double) -> JSON {
        guard case .object(var members) = self else { return self }
        if let box = members["box"]?.boxCut(width, height) { members["box"] = box }
        if let polygon = members["polygon"]?.polygonCut(width, height, unit: members["polygonUnit"]?.string) {
            members["polygon"] = polygon
        }
        return .object(members)
    }

    private func boxCut(_ width: Double, _ height: Double) -> JSON? {
        guard case .object(var members) = self, let left = members["x"]?.number, let top = members["y"]?.number,
            let across = members["width"]?.number, let down = members["height"]?.number, across > 0, down > 0
        else { return nil }
        let isShare = members["unit"] == "normalised"
        let (right, bottom) = (isShare ? 1 : width, isShare ? 1 : height)
        let (x, y) = (max(left, 0), max(top, 0))
        let (w, h) = (min(left + across, right) - x, min(top + down, bottom) - y)
        guard w > 0, h > 0, w * h >= across * down / 2, w < across || h < down else { return nil }
        members.merge(["x": .number(x), "y": .number(y), "width": .number(w), "height": .number(h)]) { $1 }
        return .object(members)
    }

    /// Points outside go to the nearest edge, where most points are inside.
    private func polygonCut(_ width: Double, _ height: Double, unit: String?) -> JSON? {
        guard case .array(let elements) = self else { return nil }
        let (right, bottom) = unit == "normalised" ? (1.0, 1.0) : (width, height)
        var points: [JSON] = []
        var outside = 0
        for element in elements {
            let pair = element.array.map { $0.map(\.number) } ?? [element["x"]?.number, element["y"]?.number]
            guard pair.count == 2, let x = pair[0], let y = pair[1] else { return nil }
            let (inX, inY) = (min(max(x, 0), right), min(max(y, 0), bottom))
            if inX != x || inY != y { outside += 1 }
            points.append([.number(inX), .number(inY)])
        }
        return outside > 0 && outside * 2 <= points.count ? .array(points) : nil
    }
}
