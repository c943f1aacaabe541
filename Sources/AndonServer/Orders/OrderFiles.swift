import AndonDispatch
import AndonDraw
import AndonIntake
import AndonLedger
import AndonModel
import Foundation

/// What is made of an order: its chart, its map, its sheet; for the CMMS and over HTTP alike. All of it follows from what
/// is kept and from the plant file in force.
struct OrderFiles: Sendable {
    let store: Store
    let pictures: PictureStore
    let evidence: EvidencePictures
    let drawn: DrawnFiles
    let plant: @Sendable () -> Plant

    /// One for each role that a connector may ask for. A new role is an entry here.
    var makers: [Attachment.Role: DerivedFiles.Maker] {
        [
            .annotated: DerivedFiles.Maker(
                applies: { evidence.applies(to: $0) }, make: { try await evidence.annotatedForSending($0) }),
            .crop: DerivedFiles.Maker(
                applies: { evidence.applies(to: $0) && $0.region != nil },
                make: { try await evidence.cropForSending($0) }),
            .chart: DerivedFiles.Maker(
                applies: { Self.position($0) != nil },
                make: { try await chart(of: $0)?.content }),
            .map: DerivedFiles.Maker(
                applies: { plant().shows($0.place.zone) },
                make: { try await map(of: $0)?.content }),
            .sheet: DerivedFiles.Maker(make: { try await sheet(of: $0).content }),
        ]
    }

    // MARK: Pictures

    /// The control chart that the detection stands in, as a PNG; nil for an order without a charted point.
    func chart(of order: WorkOrder) async throws -> Drawn? {
        guard let figure = try await chartFigure(of: order) else { return nil }
        return try await drawn.file(.chart(figure)) { DerivedFiles.Content(try figure.png(), .png) }
    }

    /// The same for pages, as SVG.
    func chartSVG(of order: WorkOrder) async throws -> [UInt8]? { try await chartFigure(of: order)?.svg() }

    private func chartFigure(of order: WorkOrder) async throws -> ChartFigure? {
        guard let position = Self.position(order) else { return nil }
        return try await store.read { try Self.figure(of: order, position, $0) }
    }

    private static func position(_ order: WorkOrder) -> ChartPosition? {
        order.charts?.first { $0.point > 0 }
    }

    private static func figure(of order: WorkOrder, _ position: ChartPosition, _ reader: Reader) throws -> ChartFigure {
        let prediction = order.prediction?.chart == position.chart ? order.prediction : nil
        return try ChartPicture(
            chart: ChartPicture.chart(of: position, prediction), stratum: position.stratum, through: position.point,
            isMarked: true, prediction: prediction
        ).figure(reader)
    }

    /// The floor plan with the order's zone, as a PNG; nil for an order without a zone, or a zone without a place on a plan.
    func map(of order: WorkOrder) async throws -> Drawn? {
        guard let figure = MapFigure(order, plant()) else { return nil }
        return try await drawn.file(.map(figure)) { DerivedFiles.Content(try figure.png(), .png) }
    }

    /// The same for pages, as SVG.
    func mapSVG(of order: WorkOrder) throws -> [UInt8]? {
        try MapFigure(order, plant())?.svg()
    }

    // MARK: The sheet

    /// The work order sheet, a page as a PDF. A picture that cannot be made is left out: the order is printed all the same.
    func sheet(of order: WorkOrder) async throws -> Drawn {
        let plain = SheetFigure(order, paper: plant().paper)
        let parts = SheetParts(
            evidence: await picture(of: order),
            chart: (try? await chart(of: order)).flatMap { $0 }.map {
                SheetParts.Part($0, caption: "Control chart: where the detection stands")
            },
            map: (try? await map(of: order)).flatMap { $0 }.map { SheetParts.Part($0, caption: "Where it is") },
            crop: (try? await evidence.crop(order)).flatMap { $0 }.map {
                SheetParts.Part($0, caption: "The defect enlarged")
            })
        let key = parts.laid(on: plain) { Array($0.drawn.digest.utf8) }
        return try await drawn.file(.sheet(key)) {
            DerivedFiles.Content(try parts.laid(on: plain) { $0.drawn.content.bytes }.pdf(), .pdf)
        }
    }

    /// What a record shows of an order, each with words for it.
    func forRecord(_ order: WorkOrder) async throws -> [(bytes: [UInt8], description: String)] {
        let shown = await picture(of: order).map { [($0.drawn.content.bytes, $0.caption)] } ?? []
        let chart = try await chart(of: order).map { [($0.content.bytes, "Control chart: where the detection stands")] }
        return shown + (chart ?? [])
    }

    /// The picture that the sheet shows large.
    private func picture(of order: WorkOrder) async -> SheetParts.Part? {
        guard let picture = order.picture else { return nil }
        if let copy = (try? await evidence.annotated(order)).flatMap({ $0 }) {
            return SheetParts.Part(copy, caption: "The picture with its defects marked")
        }
        let bytes = (try? await pictures.bytes(of: picture)).flatMap { $0 } ?? []
        return SheetParts.Part(
            Drawn(DerivedFiles.Content(bytes, picture.mediaType)),
            caption: "Original picture of the detection, unaltered")
    }
}

/// The pictures of a sheet.
private struct SheetParts: Sendable {
    struct Part: Sendable {
        var drawn: Drawn
        var caption: String

        init(_ drawn: Drawn, caption: String) {
            self.drawn = drawn
            self.caption = caption
        }
    }

    var evidence: Part?
    var chart: Part?
    var map: Part?
    var crop: Part?

    /// - Parameter bytes: what stands for a part.
    func laid(on plain: SheetFigure, _ bytes: (Part) -> [UInt8]) -> SheetFigure {
        func picture(_ part: Part?) -> SheetFigure.Picture? {
            part.map { SheetFigure.Picture(bytes($0), caption: $0.caption) }
        }
        var figure = plain
        figure.evidence = picture(evidence)
        figure.chart = picture(chart)
        figure.map = picture(map)
        figure.crop = picture(crop)
        return figure
    }
}

extension MapFigure {
    /// - Returns: nil where the order's zone has no place on a floor plan.
    init?(_ order: WorkOrder, _ plant: Plant) {
        guard let id = order.place.zone, let outline = plant.zones[id]?.outline,
            let file = plant.floorPlans[outline.plan], let plan = try? FloorPlan(file.bytes)
        else { return nil }
        let place = order.place
        let camera = plant.cameras[order.camera]
        // A camera on another plan than the zone's would be marked in the wrong hall.
        let isOnPlan = camera?.zone.flatMap { plant.zones[$0]?.outline?.plan } == outline.plan
        let position = isOnPlan ? camera?.position : nil
        let zone = place.zoneName.map { "\($0) (\(id))" } ?? id
        self.init(
            plan: plan, zone: outline.corners.map { MapFigure.Place(x: $0.x, y: $0.y) },
            camera: position.map { MapFigure.Place(x: $0.x, y: $0.y) }, path: place.path,
            details: [
                place.station.map { "station \($0)" }, place.grid.map { "grid \($0)" },
                place.location.map { "functional location \($0)" },
            ].compactMap { $0 },
            zoneName: "zone \(zone)",
            markName: position == nil ? "you are here: zone \(zone)" : "you are here: camera \(order.camera)")
    }
}

extension Plant {
    /// Whether the zone has a place on a floor plan.
    fileprivate func shows(_ zone: String?) -> Bool {
        zone.flatMap { zones[$0]?.outline }.map { floorPlans[$0.plan] != nil } ?? false
    }
}

extension Place {
    /// The names from the large to the small: site, line, asset, zone.
    var path: [String] {
        let machine = assetName.map { "\($0) (\(asset))" } ?? asset
        let zone = zone.map { id in zoneName.map { "\($0) (\(id))" } ?? id }
        return [site, line, machine, zone].compactMap { $0 }
    }
}
