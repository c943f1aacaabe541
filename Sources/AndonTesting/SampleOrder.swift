import AndonModel

/// An order with every fact that one can have, to be changed by the test that needs another.
public enum SampleOrder {
    public static let plant = Plant(
        name: "Sample", site: "BEDFORD", timeZone: "Europe/Berlin",
        assets: [
            "PRESS-07": Asset(
                id: "PRESS-07", name: "Stamping press 7", type: "press", criticality: "A", line: "LINE-1",
                station: "ST-10", location: "BR100", grid: "C4")
        ],
        cameras: ["CAM-01": Camera(id: "CAM-01", asset: "PRESS-07", zone: "Z3")],
        zones: ["Z3": Zone(id: "Z3", name: "Press hall")], defaultConnector: "cmms", defaultLocation: "PLANT")

    public static func make(
        _ reference: String = "A7K2M9QX3F", asset: String? = "PRESS-07", priority: Int = 1,
        kind: OrderKind = .corrective, picture: Picture? = nil, scheduledAt: Timestamp? = nil,
        originTag: String? = "AI vision detection"
    ) -> WorkOrder {
        let at = Timestamp("2026-11-23T21:09:00.25Z") ?? Timestamp(microseconds: 0)
        let defect = Defect(
            defectClass: "scratch", confidence: 0.94, severity: .score(0.82),
            region: Region(box: Box(x: 10, y: 20, width: 110, height: 40)))
        let inspection = Inspection(
            id: "insp-1", detectedAt: at, camera: "CAM-01", asset: asset, lot: "L-0815", unit: "U-77",
            model: VisionModel(name: "surface", version: "3.1"), defects: [defect])
        let detection = Detection(
            inspectionID: inspection.id, ordinal: 0, kind: .detection, detectedAt: at, receivedAt: at + .seconds(1),
            camera: "CAM-01", defect: defect, place: plant.place(of: inspection))
        let decision = Decision(
            outcome: .raised, kind: kind, priority: priority, severity: 0.82, severityBand: "major",
            criticality: "A", className: "scratch", classCode: "SCRATCH", classKnown: true, action: "Replace tool",
            route: Route(target: .onCall, assignee: "TECH-E"),
            reason: "severity 0.82 is above 0.5", rule: "classes.scratch.minSeverity", rulesVersion: 7)
        // A test that gives something else than ten characters of A-Z and 0-9 gets the default.
        let name = Reference(reference) ?? Reference(from: SeededSource(seed: 1))
        var order = WorkOrder(
            reference: name, detection: detection, decision: decision, inspection: inspection, picture: picture,
            recurrence: .init(detections: 4, orders: 1), timeZone: plant.timeZone, raisedAt: at + .seconds(1),
            originTag: originTag, link: "http://andon.plant.example/orders/\(reference)")
        order.scheduledAt = scheduledAt
        return order
    }
}
