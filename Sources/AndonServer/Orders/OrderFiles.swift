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
                make: { order in try await chart(of: order).map { DerivedFiles.Content($0, .png) } }),
            .map: DerivedFiles.Maker(
                applies: { plant().shows($0.place.zone) },
                make: { order in try map(of: order).map { DerivedFiles.Content($0, .png) } }),
            .sheet: DerivedFiles.Maker(make: { DerivedFiles.Content(try await sheet(of: $0), .pdf) }),
        ]
    }

    // MARK: Pictures

    /// PNG for the CMMS and the sheet, SVG for pages.
    enum Form: String, CaseIterable {
        case png, svg

        var mediaType: String { self == .png ? "image/png" : "image/svg+xml" }
    }

    /// The control chart that the detection stands in; nil for an order without a charted point.
    func chart(of order: WorkOrder, as form: Form = .png) async throws -> [UInt8]? {
        guard let position = Self.position(order) else { return nil }
        let figure = try await store.read { try Self.figure(of: order, position, $0) }
        return form == .png ? try figure.png() : try figure.svg()
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

    /// The floor plan with the order's zone; nil for an order without a zone, or a zone without a place on a plan.
    func map(of order: WorkOrder, as form: Form = .png) throws -> [UInt8]? {
        guard let figure = MapFigure(order, plant()) else { return nil }
        return form == .png ? try figure.png() : try figure.svg()
    }

    // MARK: The sheet

    /// The work order sheet, a page as a PDF. A picture that cannot be made is left out: the order is printed all the same.
    func sheet(of order: WorkOrder) async throws -> [UInt8] {
        var figure = SheetFigure(order, paper: plant().paper)
        figure.evidence = await picture(of: order)
        figure.chart = (try? await chart(of: order)).map {
            SheetFigure.Picture($0, caption: "Control chart: where the detection stands")
        }
        figure.map = (try? map(of: order)).map { SheetFigure.Picture($0, caption: "Where it is") }
        figure.crop = (try? await evidence.crop(order)).flatMap { $0 }.map {
            SheetFigure.Picture($0.bytes, caption: "The defect enlarged")
        }
        return try figure.pdf()
    }

    /// What a record shows of an order, each with words for it.
    func forRecord(_ order: WorkOrder) async throws -> [(bytes: [UInt8], description: String)] {
        let shown = await picture(of: order).map { [($0.bytes, $0.caption)] } ?? []
        return shown + (try await chart(of: order).map { [($0, "Control chart: where the detection stands")] } ?? [])
    }

    /// The picture that the sheet shows large.
    private func picture(of order: WorkOrder) async -> SheetFigure.Picture? {
        guard let picture = order.picture else { return nil }
        if let copy = try? await evidence.annotated(order) {
            return SheetFigure.Picture(copy.bytes, caption: "The picture with its defects marked")
        }
        let bytes = FileManager.default.contents(atPath: pictures.path(of: picture)) ?? Data()
        return SheetFigure.Picture(Array(bytes), caption: "Original picture of the detection, unaltered")
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
