import AndonConfiguration
import AndonModel
import Testing

@Suite("Floor plans in the plant file")
struct FloorPlanTests {
    private static let files: [String: [UInt8]] = [
        "hall.svg": Array("<svg xmlns='http://www.w3.org/2000/svg' viewBox='100 50 400 200'/>".utf8),
        "bare.svg": Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8),
        "notes.txt": Array("no plan".utf8), "empty.svg": [], "huge.svg": [UInt8](repeating: 32, count: 4_194_305),
        // A PNG of one pixel.
        "dot.png": [
            137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58,
            126, 155, 85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 156, 99, 104, 0, 0, 0, 130, 0, 129, 119, 205, 114, 182, 0,
            0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
        ],
    ]

    private func load(_ plant: String) throws -> Plant {
        try Configuration.load(
            yaml: "plant:\n  name: P\n\(plant)\n", secrets: .none, pictures: { Self.files[$0] }
        ).plant
    }

    private func faults(_ plant: String) -> [String] {
        let error = #expect(throws: ConfigurationError.self) { try load(plant) }
        return (error?.description ?? "").split(separator: "\n").map(String.init)
    }

    @Test("Corners, boxes and cameras are read as shares of the plan, whatever the units")
    func read() throws {
        let plant = try load(
            """
              floorPlans: { hall: { file: hall.svg }, loft: { file: hall.svg, units: shares }, dot: { file: dot.png } }
              zones:
                - { id: A, plan: hall, corners: [[100, 50], [500, 50], [300, 250]] }
                - { id: B, plan: hall, box: [200, 100, 100, 50] }
                - { id: C, plan: loft, box: [0.5, 0.25, 0.5, 0.75] }
                - { id: D, plan: dot, box: [0, 0, 1, 1] }
                - { id: E }
              cameras: [{ id: K, zone: B, at: [300, 150] }, { id: L, zone: E }]
              paper: letter
            """)
        #expect(
            plant.zones["A"]?.outline
                == ZoneOutline(plan: "hall", corners: [.init(x: 0, y: 0), .init(x: 1, y: 0), .init(x: 0.5, y: 1)]))
        #expect(
            plant.zones["B"]?.outline?.corners
                == [.init(x: 0.25, y: 0.25), .init(x: 0.5, y: 0.25), .init(x: 0.5, y: 0.5), .init(x: 0.25, y: 0.5)])
        #expect(plant.zones["C"]?.outline?.corners.first == PlanPoint(x: 0.5, y: 0.25))
        #expect(plant.zones["D"]?.outline?.corners[2] == PlanPoint(x: 1, y: 1) && plant.zones["E"]?.outline == nil)
        #expect(plant.cameras["K"]?.position == PlanPoint(x: 0.5, y: 0.5) && plant.cameras["L"]?.position == nil)
        #expect(plant.floorPlans["hall"]?.bytes == Self.files["hall.svg"] && plant.paper == .letter)
    }

    @Test(
        "A zone names its assets and cameras, and counts more than what a camera says; what there is not is a warning")
    func members() throws {
        let found = try Configuration.load(
            yaml: """
                plant:
                  name: P
                  floorPlans: { hall: { file: hall.svg }, loft: { file: hall.svg } }
                  assets: [{ id: PRESS }, { id: PART, parent: PRESS }]
                  zones:
                    - { id: A, plan: hall, box: [100, 50, 100, 100], assets: [PRESS, GONE], cameras: [K, M] }
                    - { id: B, plan: loft, box: [100, 50, 100, 100] }
                  cameras: [{ id: K, zone: B, at: [110, 60] }, { id: L, zone: B, at: [110, 60] }, { id: M, at: [110, 60] }]

                """, secrets: .none, pictures: { Self.files[$0] })
        let plant = found.plant
        #expect(plant.cameras["K"]?.zone == "A" && plant.cameras["K"]?.position == nil, "it hung on another plan")
        #expect(plant.cameras["M"]?.zone == "A" && plant.cameras["M"]?.position != nil)
        #expect(plant.cameras["L"]?.zone == "B" && plant.cameras["L"]?.position != nil)
        #expect(plant.zone(ofAsset: "PART") == "A" && plant.zones["A"]?.cameras == ["K", "M"])
        #expect(
            found.warnings.map(\.description) == [
                "andon.yaml:6:70: plant.zones[0].assets[1]: \"GONE\" is not in plant.assets; only a CMMS's registry can make it known"
            ])
        let place = plant.place(
            of: Inspection(
                id: "i", detectedAt: Timestamp(microseconds: 0), camera: "NEW", asset: "PART", defects: []))
        #expect(place.zone == "A", "an asset's zone is where a camera has none")
        #expect(
            faults("  zones: [{ id: A, cameras: [K] }, { id: B, cameras: [K] }]\n  cameras: [{ id: K }]")
                == ["andon.yaml:3:55: plant.zones[1].cameras[0]: \"K\" is in the zone A already; keep one"])
    }

    @Test("Places on a plan may be written in a frame of their own; an uploaded plan is one of the data folder")
    func frames() throws {
        let plant = try load(
            """
              floorPlans: { hall: { file: hall.svg, frame: [0, 0, 8, 4] } }
              zones: [{ id: A, box: [2, 1, 2, 1] }]
            """)
        #expect(plant.zones["A"]?.outline?.corners.first == PlanPoint(x: 0.25, y: 0.25))
        #expect(
            faults("  floorPlans: { hall: { file: hall.svg, frame: [0, 0, 0, 4] } }")
                == ["andon.yaml:3:48: plant.floorPlans.hall.frame: the width and the height of a frame are above 0"])
        #expect(
            faults("  floorPlans: { hall: { uploaded: hall.svg } }")
                == ["andon.yaml:3:35: plant.floorPlans.hall.uploaded: the file hall.svg cannot be read"])
    }

    @Test("One plan need not be named")
    func single() throws {
        let plant = try load("  floorPlans: { hall: { file: hall.svg } }\n  zones: [{ id: A, box: [100, 50, 9, 9] }]")
        #expect(plant.zones["A"]?.outline?.plan == "hall")
    }

    @Test(
        "A file that is no plan is named with what is wrong",
        arguments: [
            ("gone.svg", "the file gone.svg cannot be read"),
            ("empty.svg", "the file empty.svg is empty"),
            ("huge.svg", "the file huge.svg is longer than 4194304 bytes"),
            (
                "bare.svg",
                "the file bare.svg has no viewBox, and no width and height, so that nothing can be placed on it"
            ),
        ])
    func files(_ name: String, _ words: String) {
        #expect(
            faults("  floorPlans: { hall: { file: \(name) } }")
                == ["andon.yaml:3:31: plant.floorPlans.hall.file: \(words)"])
    }

    @Test("What is neither SVG nor PNG says so; what refers to a broken plan has no fault of its own")
    func neither() {
        let found = faults(
            "  floorPlans: { hall: { file: notes.txt } }\n  zones: [{ id: A, plan: hall, box: [9, 9, 9, 9] }]\n"
                + "  cameras: [{ id: K, zone: A, at: [1, 1] }]")
        #expect(found.count == 1, "\(found)")
        #expect(
            found[0].hasPrefix(
                "andon.yaml:3:31: plant.floorPlans.hall.file: the file notes.txt is neither a PNG, a JPEG nor an SVG file: "
            ))
        #expect(
            faults("  floorPlans: { hall: { units: feet } }")
                == [
                    "andon.yaml:3:32: plant.floorPlans.hall.units: should be one of plan, shares; found \"feet\"",
                    "andon.yaml:3:23: plant.floorPlans.hall: the option \"file\" is required here",
                ].sorted { $0.contains(":23") && !$1.contains(":23") })
    }

    @Test(
        "A zone's place that cannot be right is named with its line",
        arguments: [
            (
                "box: [480, 50, 40, 40]",
                "25: plant.zones[0].box: lies outside the floor plan hall, which reaches from 100, 50 to 500, 250; found 520, 50"
            ),
            ("box: [100, 50, 0, 40]", "25: plant.zones[0].box: the width and the height of a box are above 0"),
            (
                "box: [100, 50, 40]",
                "25: plant.zones[0].box: should be 4 numbers, [left, top, width, height]; found a list"
            ),
            ("box: 7", "25: plant.zones[0].box: should be 4 numbers, [left, top, width, height]; found \"7\""),
            ("corners: [[100, 50], [500, 50]]", "29: plant.zones[0].corners: a zone has 3 to 200 corners, found 2"),
            (
                "corners: all",
                "29: plant.zones[0].corners: should be a list of corners like [[0, 0], [40, 0], [40, 30]], found \"all\""
            ),
            (
                "corners: [[100, 50], [500, x], [300, 250]]",
                "41: plant.zones[0].corners[1]: should be 2 numbers, [x, y]; found a list"
            ),
            (
                "corners: [[100, 50], [500, 250], [500, 50], [100, 250]]",
                "29: plant.zones[0].corners: the outline meets itself: edge 1 and edge 3 cross or touch"
            ),
            (
                "corners: [[100, 50], [300, 50], [500, 50]]",
                "29: plant.zones[0].corners: the outline encloses nothing that could be seen on the floor plan"
            ),
            (
                "corners: [[100, 50], [500, 50], [300, 251]]",
                "52: plant.zones[0].corners[2]: lies outside the floor plan hall, which reaches from 100, 50 to 500, 250; found 300, 251"
            ),
            (
                "plan: loft, box: [100, 50, 9, 9]",
                "26: plant.zones[0].plan: should be one of the floor plans hall; found \"loft\""
            ),
            ("plan: hall", "26: plant.zones[0].plan: is named, and no place on it; give corners or a box as well"),
        ])
    func zones(_ place: String, _ words: String) {
        let found = faults("  floorPlans: { hall: { file: hall.svg } }\n  zones: [{ id: A, \(place) }]")
        #expect(found == ["andon.yaml:4:\(words)"])
    }

    @Test("Two shapes of one zone, no plan, several plans, and a camera without a plan are faults")
    func others() {
        let hall = "  floorPlans: { hall: { file: hall.svg } }\n"
        #expect(
            faults(hall + "  zones: [{ id: A, box: [100, 50, 9, 9], corners: [] }]")
                == ["andon.yaml:4:25: plant.zones[0].box: a zone has either corners or a box; keep one"])
        #expect(
            faults("  zones: [{ id: A, box: [100, 50, 9, 9] }]") == [
                "andon.yaml:3:25: plant.zones[0].box: there is no floor plan to place it on; name one in plant.floorPlans"
            ])
        #expect(
            faults(
                "  floorPlans: { a: { file: hall.svg }, b: { file: dot.png } }\n  zones: [{ id: A, box: [1, 2, 3, 4] }]"
            ) == [
                "andon.yaml:4:25: plant.zones[0].box: there are several floor plans; say with plan which one: a, b"
            ])
        #expect(
            faults(hall + "  zones: [{ id: A }]\n  cameras: [{ id: K, zone: A, at: [1, 1] }]") == [
                "andon.yaml:5:35: plant.cameras[0].at: a camera stands on the floor plan of its zone: give the zone corners or a box"
            ])
        #expect(
            faults(hall + "  zones: [{ id: A, box: [100, 50, 9, 9] }]\n  cameras: [{ id: K, zone: A, at: [1, 1] }]")
                == [
                    "andon.yaml:5:35: plant.cameras[0].at: lies outside the floor plan hall, which reaches from 100, 50 to 500, 250; found 1, 1"
                ])
        #expect(
            faults("  paper: A3") == ["andon.yaml:3:10: plant.paper: should be one of A4, letter; found \"A3\""])
    }

    @Test("What a connector gets beside the picture is chosen from a list")
    func attachments() throws {
        func attachments(_ list: String) throws -> [AndonModel.Attachment.Role] {
            let yaml = "plant: { name: P }\nconnectors: { desk: { attachments: \(list) } }\n"
            let found = try Configuration.load(yaml: yaml, secrets: .none)
            return try #require(found.connectors.first).common.attachments
        }
        #expect(try attachments("[sheet, chart]") == [.chart, .sheet])
        #expect(try attachments("[]").isEmpty)
        for (list, column, found) in [("[chart, original]", 44, "original"), ("[map, map]", 42, "map")] {
            let error = #expect(throws: ConfigurationError.self) { try attachments(list) }
            #expect(
                error?.description
                    == "andon.yaml:2:\(column): connectors.desk.attachments[1]: should be one of annotated, crop, chart, map, sheet, each once; found \"\(found)\""
            )
        }
    }
}
