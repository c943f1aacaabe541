import AndonDraw
import AndonLedger
import AndonModel
import AndonWeb

/// The pictures of an order's page: the original with its defects as a layer of their own, the defect enlarged, and where it is.
struct OrderPictureView {
    let detail: OrderDetail
    let plant: Plant
    let texts: Texts
    let formats: Formats

    private var document: WorkOrder { detail.order.document }

    var values: [String: Any] {
        var values: [String: Any] = [:]
        if let map = mapAlt { values["map"] = map }
        guard let picture = document.picture else {
            values["none"] = texts["order", "no-picture"]
            return values
        }
        values["sha256"] = picture.sha256
        if let removal = detail.removal {
            values["none"] = texts.text("order", "gone", ["time": formats.time(removal.at)])
            values["because"] = removal.reason.words
            return values
        }
        if let damage = picture.damage { values["damage"] = texts.text("order", "damaged", ["what": damage]) }
        values["alt"] = texts.text(
            "order", "picture-alt",
            ["class": document.className, "asset": document.place.asset, "time": formats.second(document.detectedAt)])
        values["hasCrop"] = document.region != nil
        values["marks"] = marks
        values["hasMarks"] = !detail.marks.isEmpty
        guard [.jpeg, .png].contains(picture.mediaType), let width = picture.width, let height = picture.height,
            width > 0, height > 0
        else {
            values["plain"] = true
            return values
        }
        values["viewer"] = viewer(width, height)
        return values
    }

    /// In the picture's own pixels: what is drawn grows and moves with it.
    private func viewer(_ width: Int, _ height: Int) -> [String: Any] {
        let size = Double(max(width, height)) / 45
        var viewer: [String: Any] = ["width": width, "height": height]
        viewer["shapes"] = detail.marks.map { shape($0, width: Double(width), size: size) }
        viewer["fontSize"] = Self.figure(size)
        return viewer
    }

    private func shape(_ mark: Annotation.Mark, width: Double, size: Double) -> [String: Any] {
        var shape: [String: Any] = ["path": Self.path(mark), "rank": min(max(mark.rank, 0), 3)]
        let (x, y) = (mark.box.first ?? 0, mark.box.dropFirst().first ?? 0)
        // Within the picture: above the box, or in it where there is no room above.
        shape["labelX"] = Self.figure(min(max(x, 0), width * 0.9))
        shape["labelY"] = Self.figure(y - size * 0.4 < size ? y + size * 1.1 : y - size * 0.4)
        shape["label"] = "\(mark.label) \(mark.band)"
        return shape
    }

    /// The rings around a mask, the outline, or the box, in this order of preference, as an SVG path.
    private static func path(_ mark: Annotation.Mark) -> String {
        if let rings = mark.rings ?? mark.outline.map({ [$0] }) { return rings.map(ring).joined(separator: " ") }
        guard mark.box.count == 4 else { return "" }
        let (x, y) = (mark.box[0], mark.box[1])
        let (right, bottom) = (x + mark.box[2], y + mark.box[3])
        return ring([[x, y], [right, y], [right, bottom], [x, bottom]])
    }

    private static func ring(_ corners: [[Double]]) -> String {
        let places = corners.filter { $0.count == 2 }.map { "\(figure($0[0])) \(figure($0[1]))" }
        return places.isEmpty ? "" : "M" + places.joined(separator: "L") + "Z"
    }

    /// To the tenth of a pixel.
    static func figure(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() && tenths.magnitude < 1e9 ? "\(Int(tenths))" : "\(tenths)"
    }

    /// The same in a table, for who does not see the picture.
    private var marks: [[String: Any]] {
        detail.marks.map { mark in
            var row: [String: Any] = ["label": mark.label, "band": mark.band]
            let names = ["x", "y", "w", "h"]
            for (name, value) in zip(names, mark.box) { row[name] = Self.figure(value) }
            return row
        }
    }

    /// What the map shows; nil where the order's zone has no place on a plan.
    private var mapAlt: String? {
        guard let id = document.place.zone, let outline = plant.zones[id]?.outline,
            plant.floorPlans[outline.plan] != nil
        else { return nil }
        return texts.text("order", "map-alt", ["zone": document.place.zoneName ?? id])
    }
}

/// The control chart of an order's page, and its figures in tables.
struct OrderChartView {
    let detail: OrderDetail
    let texts: Texts
    let formats: Formats

    /// Empty of positions for an order whose stream is not charted.
    var values: [String: Any] {
        let document = detail.order.document
        let charts = document.charts ?? []
        var values: [String: Any] = [:]
        values["isCharted"] = !charts.isEmpty
        values["positions"] = charts.map(position)
        values["points"] = detail.points.map(point)
        values["hasPoints"] = !detail.points.isEmpty
        if let drawn = OrderDetail.position(document) {
            values["drawn"] = texts.text("order", "chart-alt", ["chart": drawn.name])
        }
        return values
    }

    private func figure(_ value: Double?) -> String { value.map { formats.number($0, digits: 3) } ?? "–" }

    private func position(_ position: ChartPosition) -> [String: Any] {
        var row: [String: Any] = ["chartName": position.name, "point": position.point]
        row["value"] = figure(position.value)
        row["centre"] = figure(position.centre)
        row["lower"] = figure(position.lower)
        row["upper"] = figure(position.upper)
        row["sigmas"] = figure(position.sigmas)
        row["standing"] =
            position.standing.map { texts["order", "standing-\($0.rawValue)"] } ?? texts["order", "no-limits"]
        row["isOut"] = position.isOut
        row["broken"] = position.rules.joined(separator: ", ")
        return row
    }

    private func point(_ record: ChartPointRecord) -> [String: Any] {
        var row: [String: Any] = ["number": record.number]
        row["at"] = formats.second(record.at)
        row["atMachine"] = Formats.machine(record.at)
        row["value"] = figure(record.judged?.plotted ?? record.value)
        row["centre"] = figure(record.judged?.centre)
        row["lower"] = figure(record.judged?.lower)
        row["upper"] = figure(record.judged?.upper)
        row["broken"] = record.signals.joined(separator: ", ")
        return row
    }
}
