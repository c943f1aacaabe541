import AndonModel
import AndonTesting
import Testing

@testable import AndonIntake

/// What pycocotools 2.0.11 says of some masks, made with
/// `m.encode(numpy.asfortranarray(array))`, `m.area` and `m.toBbox` for `counts`, `pixels` and `box`.
private struct Vector: Sendable, CustomTestStringConvertible {
    var name: String
    var size: [Int]
    var counts: [Int]
    var text: String
    var pixels: Int
    var box: Box
    /// Rings around covered pixels, and around holes; pixels that meet at a corner belong together.
    var outer: Int
    var holes: Int

    var testDescription: String { name }

    static let all = [
        Vector(
            name: "a disc", size: [40, 60],
            counts: [
                818, 1, 35, 9, 29, 13, 26, 15, 24, 17, 23, 17, 22, 19, 21, 19, 21, 19, 21, 19, 20, 21, 20, 19, 21, 19,
                21, 19,
                21, 19, 22, 17, 23, 17, 24, 15, 26, 13, 29, 9, 35, 1, 781,
            ], text: "bi01S18J4M2N2O0O2O00000O20N1000001N101N2N3L6HZg0", pixels: 317,
            box: Box(x: 20, y: 8, width: 21, height: 21), outer: 1, holes: 0),
        Vector(
            name: "a diagonal one pixel wide", size: [6, 9], counts: [0, 1, 6, 1, 6, 1, 6, 1, 6, 1, 6, 1, 18],
            text: "016000000000<", pixels: 6, box: Box(x: 0, y: 0, width: 6, height: 6), outer: 1, holes: 0),
        Vector(
            name: "all of the picture", size: [5, 7], counts: [0, 35], text: "0S1", pixels: 35,
            box: Box(x: 0, y: 0, width: 7, height: 5), outer: 1, holes: 0),
        Vector(
            name: "the last corner", size: [40, 60], counts: [2357, 3, 37, 3], text: "eY23U10", pixels: 6,
            box: Box(x: 58, y: 37, width: 2, height: 3), outer: 1, holes: 0),
        Vector(
            name: "a checkerboard", size: [7, 5], counts: [Int](repeating: 1, count: 35),
            text: "11100000000000000000000000000000000", pixels: 17, box: Box(x: 0, y: 0, width: 5, height: 7),
            outer: 1,
            holes: 8),
        Vector(
            name: "the first pixel", size: [4, 4], counts: [0, 1, 15], text: "01?", pixels: 1,
            box: Box(x: 0, y: 0, width: 1, height: 1), outer: 1, holes: 0),
    ]

    /// A ring of radii 5 and 10, as text only.
    static let ring = "bi01S18J4M2N2OGZO0e0NA0>OD0<0D0<0D0;0G090E0<0D0<0D0<1B0?2[O0f091N2N3L6HZg0"
}

/// The defect of a report that has these members.
private func read(
    _ members: [String: JSON], _ size: PixelSize? = nil, limits: IntakeLimits = IntakeLimits()
) throws(Problem) -> Defect? {
    let report: JSON = [
        "id": "a", "detectedAt": "2026-11-23T21:09:00Z", "camera": "C",
        "defects": [.object(members.merging(["class": "d"]) { own, _ in own })],
    ]
    return try InspectionReader(limits: limits).read(report.canonicalBytes, pictureSize: size).defects.first
}

private func mask(_ size: [Int], _ counts: JSON) -> JSON {
    ["size": .array(size.map { .integer($0) }), "counts": counts]
}

private func numbers(_ counts: [Int]) -> JSON { .array(counts.map { .integer($0) }) }

@Suite("Masks of a defect")
struct MaskTests {
    @Test("Runs and their compressed text are read as pycocotools writes them", arguments: Vector.all)
    fileprivate func vectors(_ vector: Vector) throws {
        for counts in [numbers(vector.counts), .string(vector.text)] {
            let segmentation = mask(vector.size, counts)
            let size = PixelSize(width: vector.size[1], height: vector.size[0])
            let defect = try #require(try read(["segmentation": segmentation], size))
            let region = try #require(defect.region)
            #expect(region.box == vector.box)
            #expect(region.maskPixels == vector.pixels && region.area == Double(vector.pixels))
            let rings = try #require(region.outline)
            #expect(rings.count { $0.signedArea > 0 } == vector.outer, "\(rings)")
            #expect(rings.count { $0.signedArea < 0 } == vector.holes, "\(rings)")
            #expect(rings.reduce(0) { $0 + $1.signedArea } == Double(vector.pixels))
            #expect(defect.mask == segmentation, "kept as it was received")
        }
    }

    @Test("A hole is a ring of its own, and the area is without it")
    func hole() throws {
        let region = try #require(try read(["segmentation": mask([40, 60], .string(Vector.ring))])?.region)
        #expect(region.maskPixels == 236 && region.outline?.count == 2)
        #expect(region.box == Box(x: 20, y: 8, width: 21, height: 21))
        let expected = Grid(60, 40) { x, y in
            let square = (x - 30) * (x - 30) + (y - 18) * (y - 18)
            return square <= 100 && square > 25
        }
        #expect(Grid(60, 40, filling: region.outline ?? []) == expected)
    }

    @Test("The outline filled is the mask again, pixel by pixel, and no three corners in turn lie on one line")
    func filled() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let limits = IntakeLimits(polygonPointsMax: 10_000, ringsMax: 10_000)
        for round in 0..<400 {
            let grid = Grid.random(&random)
            let counts = random.chance(50) ? numbers(grid.counts) : .string(grid.text)
            let region = try #require(
                try read(["segmentation": mask([grid.height, grid.width], counts)], limits: limits)?.region)
            let rings = try #require(region.outline)
            let note: Comment = "seed \(seed), round \(round)"
            #expect(Grid(grid.width, grid.height, filling: rings) == grid, note)
            #expect(region.maskPixels == grid.pixels, note)
            #expect(rings.reduce(0) { $0 + $1.signedArea } == Double(grid.pixels), note)
            for ring in rings {
                for index in ring.indices {
                    let (one, two, three) = (
                        ring[index], ring[(index + 1) % ring.count], ring[(index + 2) % ring.count]
                    )
                    let isBend = (one.x == two.x) != (two.x == three.x) && (one.y == two.y) != (two.y == three.y)
                    #expect(isBend, note)
                }
            }
            let xs = rings.joined().map(\.x)
            let ys = rings.joined().map(\.y)
            #expect(xs.min() == region.box.x && xs.max() == region.box.x + region.box.width, note)
            #expect(ys.min() == region.box.y && ys.max() == region.box.y + region.box.height, note)
        }
    }

    @Test("Each corner that is left out lies within the tolerance of the line drawn instead, also of thin rings")
    func tolerance() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        var left = 0
        for round in 0..<150 {
            let grid = Grid.random(&random)
            let mask = try Mask(
                width: grid.width, height: grid.height, runs: grid.counts, budget: MaskBudget(piecesMax: 9999))
            for corners in MaskBorder.rings(of: mask) {
                let ring = corners.map { Point(x: Double($0.x), y: Double($0.y)) }
                for tolerance in [0.75, 1.5, 3, 100] {
                    let short = MaskOutline.simplified(ring, tolerance: tolerance)
                    let note: Comment = "seed \(seed), round \(round), \(ring) within \(tolerance)"
                    #expect(short.count >= 3 && short.count <= ring.count, note)
                    #expect(short.signedArea != 0 || short.count > 3, note)
                    let places = short.compactMap { ring.firstIndex(of: $0) }
                    #expect(places.count == short.count, note)
                    let far = ring.map { short.distance(to: $0) }.max() ?? 0
                    #expect(far <= tolerance + 1e-9, note)
                    left += ring.count - short.count
                }
            }
        }
        #expect(left > 1000)
    }

    @Test("An outline has no more points than are kept, and box and area stay the whole mask's")
    func pointsMax() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            let grid = Grid.random(&random)
            let segmentation = mask([grid.height, grid.width], .string(grid.text))
            let most = random.pick([4, 10, 40])
            let region = try #require(
                try read(["segmentation": segmentation], limits: IntakeLimits(polygonPointsMax: most))?.region)
            let exact = try #require(
                try read(["segmentation": segmentation], limits: IntakeLimits(polygonPointsMax: 10_000))?.region)
            let rings = try #require(region.outline)
            let note: Comment = "seed \(seed), round \(round)"
            #expect(rings.reduce(0) { $0 + $1.count } <= max(most, 3 * rings.count), note)
            #expect(region.box == exact.box && region.maskPixels == exact.maskPixels, note)
        }
    }

    @Test("A slanting line of stairs becomes a line within three quarters of a pixel")
    func stairs() throws {
        let grid = Grid(300, 300) { x, y in y <= x }
        let region = try #require(
            try read(
                ["segmentation": mask([300, 300], .string(grid.text))], limits: IntakeLimits(polygonPointsMax: 100))?
                .region)
        let ring = try #require(region.outline?.first)
        #expect(ring.count < 10 && region.maskPixels == 300 * 301 / 2, "\(ring)")
        for step in 0..<300 {
            for corner in [Point(x: Double(step), y: Double(step)), Point(x: Double(step), y: Double(step + 1))] {
                #expect(ring.distance(to: corner) <= 0.75 + 1e-9, "\(corner)")
            }
        }
    }

    @Test("Of more rings than are kept the smallest go, and the area is the whole mask's")
    func specks() throws {
        let grid = Grid(60, 60) { x, y in x < 29 && y < 29 || x % 2 == 0 && y % 2 == 0 }
        let region = try #require(
            try read(["segmentation": mask([60, 60], .string(grid.text))], limits: IntakeLimits(ringsMax: 5))?.region)
        #expect(region.outline?.count == 5)
        #expect(region.outline?.first?.signedArea == 841)
        #expect(region.maskPixels == grid.pixels && region.box == Box(x: 0, y: 0, width: 59, height: 59))
    }

    @Test("What was kept of a report with a mask is read again as the same")
    func kept() throws {
        let grid = Grid(50, 40) { x, y in (x - 20) * (x - 20) + (y - 20) * (y - 20) < 99 }
        let report: JSON = [
            "id": "a", "detectedAt": "2026-11-23T21:09:00Z", "camera": "C", "picture": ["width": 50, "height": 40],
            "defects": [
                ["class": "d", "segmentation": mask([40, 50], .string(grid.text))],
                ["class": "e", "segmentation": [[1, 1, 5, 1, 5, 5], [[10, 10], ["x": 20, "y": 10], [20, 30.5]]]],
                [
                    "class": "f", "segmentation": [[0, 0, 0.5, 0, 0.5, 0.5]], "polygonUnit": "normalised",
                    "box": ["x": 0, "y": 0, "width": 30, "height": 30],
                ],
            ],
        ]
        let inspection = try InspectionReader().read(report.canonicalBytes)
        let body = InspectionReader.json(of: inspection)
        #expect(body["defects"]?[0]?["segmentation"] == report["defects"]?[0]?["segmentation"])
        #expect(body["defects"]?[1]?["segmentation"] == [[1, 1, 5, 1, 5, 5], [10, 10, 20, 10, 20, 30.5]])
        #expect(body["defects"]?[2]?["segmentation"] == [[0, 0, 25, 0, 25, 20]])
        #expect(try InspectionReader.forKept.read(body.canonicalBytes) == inspection)
        #expect(inspection.defects[1].region?.area == 8 + 102.5)
    }
}

@Suite("Masks that are refused")
struct BadMaskTests {
    private func fault(
        _ segmentation: JSON, _ size: PixelSize? = PixelSize(width: 4, height: 3), _ others: [String: JSON] = [:],
        limits: IntakeLimits = IntakeLimits()
    ) -> String {
        let problem = refusal {
            try read(others.merging(["segmentation": segmentation]) { own, _ in own }, size, limits: limits)
        }
        let first = problem?.errors.first
        #expect(problem?.errors.count == 1, "\(problem?.errors ?? [])")
        return "\(first?.pointer.dropFirst("/defects/0".count) ?? "") \(first?.detail ?? "")"
    }

    @Test("Runs that do not fill the picture, and text that is none, are refused with what and where")
    func counts() {
        #expect(
            fault(mask([3, 4], [3, 2, 6]))
                == "/segmentation/counts the runs cover 11 pixels and size says 12; the last run goes to the end of "
                + "the picture too"
        )
        #expect(
            fault(mask([3, 4], [3, 2, 8])).hasPrefix(
                "/segmentation/counts run 2 goes beyond the end: size says 12 pixels"))
        #expect(fault(mask([3, 4], [9e15, 9e15])).hasPrefix("/segmentation/counts run 0 goes beyond the end"))
        #expect(
            fault(mask([3, 4], [3, -2, 11]))
                == "/segmentation/counts/1 should be a whole number of pixels, 0 or more, found -2")
        #expect(fault(mask([3, 4], [3, 2.5, 6.5])).hasPrefix("/segmentation/counts/1 should be a whole number"))
        #expect(fault(mask([3, 4], ["3"])).hasPrefix("/segmentation/counts/0 should be a whole number"))
        #expect(fault(mask([3, 4], [12])).hasPrefix("/segmentation covers no pixel"))
        #expect(fault(mask([3, 4], "<")).hasPrefix("/segmentation covers no pixel"))
        #expect(fault(mask([3, 4], [])).hasPrefix("/segmentation/counts the runs cover 0 pixels and size says 12"))
        #expect(fault(mask([3, 4], "")).hasPrefix("/segmentation/counts the runs cover 0 pixels and size says 12"))
        #expect(
            fault(mask([3, 4], "b'327'")).hasPrefix(
                "/segmentation/counts letter 1 is no letter of COCO's compressed text"))
        #expect(fault(mask([3, 4], "3é")).hasPrefix("/segmentation/counts letter 1 is no letter"))
        #expect(fault(mask([3, 4], "32p")).hasPrefix("/segmentation/counts letter 2 is no letter"))
        #expect(
            fault(mask([3, 4], "32o"))
                == "/segmentation/counts ends within a number, after letter 3; send the text whole")
        #expect(
            fault(mask([3, 4], "oooooooooo")).hasPrefix("/segmentation/counts has a number of more than 7 letters"))
        #expect(fault(mask([3, 4], "3O")).hasPrefix("/segmentation/counts run 1 is -1 pixels long, before letter 2"))
        #expect(fault(mask([3, 4], true)).hasSuffix("or COCO's compressed text, found true or false"))
        #expect(fault(["size": [3, 4]]) == "/segmentation/counts is required beside size")
        #expect(fault(["size": [3, 4], "counts": [3, 9], "order": "C"]).hasPrefix("/segmentation/order the member"))
    }

    @Test("A size that is none, or not the picture's, or too large, is refused with what to do")
    func sizes() {
        #expect(
            fault(["counts": [12]])
                == "/segmentation/size should be [height, width] of the mask in pixels, like [1080, 1920], found "
                + "nothing")
        for size: JSON in [[3], [3, 4, 1], [0, 4], [-3, 4], [3.5, 4], "3x4", [3, 1_000_001], [["a"]]] {
            #expect(
                fault(["size": size, "counts": [12]], nil).hasPrefix("/segmentation/size should be [height, width]"))
        }
        #expect(
            fault(mask([4, 3], [3, 9]))
                == "/segmentation/size the mask is 3 pixels wide and 4 high, the picture 4 and 3; the two are "
                + "swapped: size is [height, width]"
        )
        #expect(fault(mask([6, 8], [3, 45])).hasSuffix("scale the mask to the picture before encoding it"))
        #expect(
            fault(mask([100_000, 100_000], [0, 10_000_000_000]), nil).hasPrefix(
                "/segmentation/size the mask has 10000000000 pixels and at most 100000000 are taken"))
    }

    @Test("A text of a few letters that would cover a million columns costs no more than the report may cost")
    func bomb() {
        let wide = mask([1, 1_000_000], [0, 1_000_000])
        #expect(
            fault(wide, nil)
                == "/segmentation the masks of one report may have 200000 pieces of columns in all, and with this "
                + "one they have more; smooth it, or send its outline as polygons"
        )
        // Each on its own is taken, together they are not.
        let half = mask([1, 120_000], [0, 120_000])
        let defects = [JSON](repeating: ["class": "d", "segmentation": half], count: 2)
        let report: JSON = [
            "id": "a", "detectedAt": "2026-11-23T21:09:00Z", "camera": "C", "defects": .array(defects),
        ]
        let problem = refusal { try InspectionReader().read(report.canonicalBytes) }
        #expect(problem?.pointers == ["/defects/1/segmentation"])
    }

    @Test("What is neither a mask nor polygons, or stands beside a polygon, is refused")
    func shapes() {
        #expect(fault("iVBORw0KGgo=").hasPrefix("/segmentation should be a mask like {\"size\": [height, width]"))
        #expect(fault([]) == "/segmentation should have 1 to 100 polygons, found 0")
        #expect(
            fault([[0, 0, 1, 1]])
                == "/segmentation/0 should be a polygon of 3 points or more: a flat list x1, y1, x2, y2, x3, y3, or "
                + "a list of points; found 4 elements"
        )
        #expect(fault([[0, 0, 1, 1, 2]]).hasPrefix("/segmentation/0 should be a polygon"))
        #expect(fault([[0, 0], [1, 1], [0, 1]]).hasPrefix("/segmentation/0 should be a polygon"))
        #expect(fault([[0, 0, 1, 0, 1, 1], 5]).hasPrefix("/segmentation/1 should be a polygon"))
        #expect(fault([[0, 0, 1, 0, 9, 1]]).hasPrefix("/segmentation/0/4 the point (9, 1) is outside the picture"))
        #expect(
            fault([[0, 0, 1, 0, 2, 0]]) == "/segmentation/0 its points lie on one line; an outline covers something")
        #expect(
            fault([[0, 0, 1, 0, 1, 1]], nil, ["polygon": [[0, 0], [1, 0], [1, 1]]])
                == "/segmentation stands beside a polygon; give one of the two")
        #expect(
            fault([[0, 0, 1, 0, 1, 1, 0, 1]], nil, limits: IntakeLimits(polygonPointsMax: 3))
                == "/segmentation/0 the polygons have more than 3 points in all; send fewer")
        #expect(fault([[0, 0, 1, 0, 1, 1]], nil, ["polygonUnit": "inch"]).hasPrefix("/polygonUnit should be"))
    }

    @Test("A box beside a mask may differ from it, but not be another place")
    func boxes() throws {
        let grid = Grid(100, 80) { x, y in (40..<60).contains(x) && (30..<40).contains(y) }
        let segmentation = mask([80, 100], .string(grid.text))
        func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> JSON {
            ["x": .number(x), "y": .number(y), "width": .number(width), "height": .number(height)]
        }
        let own = Box(x: 40, y: 30, width: 20, height: 10)
        for near in [
            box(40, 30, 20, 10), box(38, 29, 25, 12), box(0, 0, 100, 80), box(45, 30, 20, 10), box(40, 30, 10, 10),
        ] {
            #expect(try read(["segmentation": segmentation, "box": near])?.region?.box == own)
        }
        // The middle in place of the corner; elsewhere; a corner of it.
        for (far, share) in [(box(50, 35, 20, 10), 25), (box(0, 0, 20, 10), 0), (box(40, 30, 9, 10), 45)] {
            let found = fault(segmentation, nil, ["box": far])
            #expect(
                found.hasPrefix(
                    "/box holds \(share) % of the segmentation's own box (x, y, width, height: 40, 30, 20, 10)"))
        }
    }
}
