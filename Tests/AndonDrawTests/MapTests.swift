import Foundation
import Testing

@testable import AndonDraw

@Suite("Floor plans with a zone marked")
struct MapTests {
    /// A plan of one colour, so that whatever is pale or hatched can be told from it.
    private static let blue =
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='100 50 400 200'><rect x='100' y='50' width='400' height='200' fill='#0072B2'/></svg>"

    /// The plan's blue, and bare paper, under the zone's tint; Cairo's versions round the last digit differently.
    private static let tinted = ["1d6f9a", "1d6f99", "1e6f99", "1e6f98", "1e6f9a"]
    private static let bare = ["f9e9dc", "f9e8dc", "f9e8db", "f9e9db"]

    private static func count(_ colours: [String], _ found: Judge.PNG) -> Int {
        colours.reduce(0) { $0 + (found.colours[$1]?.count ?? 0) }
    }

    private static func plan(_ svg: String = blue) throws -> FloorPlan { try FloorPlan(Array(svg.utf8)) }

    private static func box(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> [MapFigure.Place] {
        [(left, top), (right, top), (right, bottom), (left, bottom)].map { MapFigure.Place(x: $0.0, y: $0.1) }
    }

    private static func figure(_ zone: [MapFigure.Place], camera: MapFigure.Place? = nil) throws -> MapFigure {
        MapFigure(
            plan: try plan(), zone: zone, camera: camera,
            path: ["BEDFORD", "LINE-1", "Stamping press 7 (PRESS-07)", "Press hall (Z1)"],
            details: ["station ST-10", "grid C4"], zoneName: "zone Press hall (Z1)", markName: "you are here: CAM-01")
    }

    private func layout(_ figure: MapFigure, width: Int = 1200) throws -> MapLayout {
        MapLayout(figure, width: Double(width), on: try Canvas(.png, width: width, height: 100))
    }

    @Test(
        "The zone keeps the plan's colour between hatch and tint, everything else is pale, and the outline is where it is"
    )
    func zone() async throws {
        for zone in [Self.box(0.1, 0.1, 0.4, 0.6), Self.box(0.55, 0.3, 0.95, 0.9)] {
            let figure = try Self.figure(zone)
            let layout = try layout(figure)
            let around = [layout.plan.left + 2, layout.plan.top + 2, layout.plan.right - 2, layout.plan.bottom - 2]
            // 62 parts of white over 38 of the blue; 14 parts of vermilion over 86 of it.
            let found = try await Judge.png(
                figure.png(), in: around.map { Int($0) }, colours: ["9ec9e2", "1b1f24", "0072b2"] + Self.tinted)
            let share = Double(found.colours["9ec9e2"]?.count ?? 0) / (layout.plan.width * layout.plan.height)
            let area = (zone[2].x - zone[0].x) * (zone[2].y - zone[0].y)
            #expect(abs(share - (1 - area)) < 0.03, "\(share) of the plan is pale, \(1 - area) lies outside")
            #expect(Self.count(Self.tinted, found) > 1000, "\(found.colours)")
            #expect(found.colours["0072b2"]?.count == 0, "nothing is left as it was")
            let outline = try #require(found.colours["1b1f24"])
            let middle = try #require(layout.zone.inside)
            #expect(abs(outline.x - middle.x) < 60 && abs(outline.y - middle.y) < 40, "\(outline) \(middle)")
        }
    }

    @Test(
        "The mark stands where the camera is; without a camera in the zone's middle, also where that is no convex shape"
    )
    func mark() throws {
        let square = Self.box(0.1, 0.1, 0.5, 0.5)
        let camera = try layout(Self.figure(square, camera: MapFigure.Place(x: 0.25, y: 0.5)))
        #expect(camera.mark == Spot(camera.plan.left + camera.plan.width / 4, camera.plan.middle.y))
        let middle = try layout(Self.figure(square))
        let mark = try #require(middle.mark)
        #expect(abs(mark.x - middle.plan.left - 0.3 * middle.plan.width) < 1e-6)
        let hook = [(0.0, 0.0), (0.9, 0.0), (0.9, 0.1), (0.1, 0.1), (0.1, 0.9), (0.0, 0.9)]
        let bent = try layout(Self.figure(hook.map { MapFigure.Place(x: $0.0, y: $0.1) }))
        #expect(bent.zone.holds(try #require(bent.mark)), "the middle of its area lies outside")
        #expect(try layout(Self.figure([])).mark == nil)
    }

    @Test("A place inside is found in whatever star-shaped outline")
    func inside() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        for round in 0..<500 {
            let count = Int.random(in: 3...40, using: &random)
            let spots = (0..<count).map { index -> Spot in
                let radius = Double.random(in: 5...100, using: &random)
                let angle = (Double(index) + Double.random(in: 0.05...0.95, using: &random)) / Double(count) * 2 * .pi
                return Spot(200 + radius * cos(angle), 200 + radius * sin(angle))
            }
            let found = try #require(spots.inside)
            #expect(spots.holds(found), "seed \(seed), round \(round)")
        }
    }

    @Test("No words are cut off, lie on each other, or run out of the picture, whatever they are")
    func words() async throws {
        let hostile = [
            String(repeating: "very long name ", count: 60), "缺陷 خدش", "\u{0}\u{202E}\u{FFFE}<&>", "",
            String(repeating: "W", count: 300),
        ]
        for width in [300, 600, 1200] {
            for words in hostile {
                var figure = try Self.figure(Self.box(0.8, 0, 1, 0.2), camera: MapFigure.Place(x: 1, y: 0))
                figure.path = [words, "LINE-1", words]
                figure.details = [words, words]
                figure.zoneName = words
                figure.markName = words
                let layout = try layout(figure, width: width)
                let page = Box(left: 0, top: 0, width: Double(width), height: Double(layout.height))
                let texts = layout.header + layout.legend
                for (index, text) in texts.enumerated() {
                    #expect(page.holds(text.box), "\(text) in \(width)")
                    #expect(!layout.plan.meets(text.box), "\(text)")
                    #expect(!texts[..<index].contains { $0.box.meets(text.box) }, "\(text)")
                }
                if layout.label != nil { #expect(layout.plan.holds(layout.labelBox)) }
                let found = try await Judge.png(figure.png(width: width))
                #expect(found.width == width && found.height == layout.height && found.edge == 0)
            }
        }
    }

    @Test("The same figure gives the same bytes")
    func same() throws {
        let figure = try Self.figure(Self.box(0.1, 0.1, 0.4, 0.6))
        #expect(try figure.png() == figure.png())
        var other = figure
        other.zone[0].x += 0.01
        #expect(try figure.png() != other.png())
    }

    @Test("A plan's coordinates are those of its viewBox, else of its size, and of a PNG its pixels")
    func frames() throws {
        #expect(try Self.plan().frame == FloorPlan.Frame(left: 100, top: 50, width: 400, height: 200))
        let sized = try Self.plan("<svg xmlns='http://www.w3.org/2000/svg' width='30' height='2in'/>")
        #expect(sized.frame == FloorPlan.Frame(left: 0, top: 0, width: 30, height: 192))
        let png = try FloorPlan(Canvas(.png, width: 320, height: 200).bytes())
        #expect(png.format == .png && png.frame == FloorPlan.Frame(left: 0, top: 0, width: 320, height: 200))
        #expect(
            png.fitted(into: Box(left: 0, top: 0, width: 100, height: 100))
                == Box(left: 0, top: 18.75, width: 100, height: 62.5))
    }

    @Test("A plan that is none, or would cost too much, is refused with words that follow its name")
    func refused() throws {
        func words(_ bytes: [UInt8]) -> String {
            do throws(DrawError) {
                try FloorPlan(bytes).tryOut()
                return "taken"
            } catch {
                return if case .picture(let words) = error { words } else { "\(error)" }
            }
        }
        #expect(words([]) == "is empty")
        #expect(words(Array("hello".utf8)).hasPrefix("is neither a PNG, a JPEG nor an SVG file: "))
        #expect(
            words(Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)).hasPrefix("has no viewBox, and no width"))
        #expect(words([UInt8](repeating: 32, count: FloorPlan.bytesMax + 1)) == "is longer than 4194304 bytes")
        let thin = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1000 10'/>"
        #expect(words(Array(thin.utf8)) == "measures 1000.0 by 10.0; one side is at most ten times the other")
        var png = try Canvas(.png, width: 320, height: 200).bytes()
        #expect(words(png) == "taken")
        #expect(words(Array(png.prefix(60))).hasPrefix("cannot be decoded: "))
        png.replaceSubrange(16..<24, with: [0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF])
        #expect(words(png) == "has 32767 x 32767 pixels; at most 40000000 are drawn")
        let bomb =
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><g id='a0'><path d='M0 0h1'/></g>"
            + (1...9).map { n in
                "<g id='a\(n)'>" + String(repeating: "<use href='#a\(n - 1)'/>", count: 10) + "</g>"
            }.joined() + "</svg>"
        // librsvg itself gives up after half a million elements; on a slow machine the clock is sooner.
        let bombed = words(Array(bomb.utf8))
        #expect(bombed.hasPrefix("cannot be drawn: ") || bombed.hasPrefix("takes longer than"), "\(bombed)")
        #expect(throws: DrawError.picture("takes longer than 0 s to draw; make it simpler")) {
            try Self.plan().tryOut(within: .zero)
        }
    }

    @Test("What a plan refers to outside itself is not read")
    func outside() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-plan-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let canvas = try Canvas(.png, width: 100, height: 100)
        canvas.fill(Box(left: 0, top: 0, width: 100, height: 100), Colour(0x0072B2))
        let secret = folder.appendingPathComponent("secret.png")
        try Data(canvas.bytes()).write(to: secret)
        for reference in [secret.absoluteString, secret.path] {
            var figure = try Self.figure(Self.box(0, 0, 1, 1))
            figure.plan = try Self.plan(
                """
                <!DOCTYPE svg [<!ENTITY x SYSTEM "\(secret.absoluteString)">]>
                <svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 100 50'>
                <image href='\(reference)' xlink:href='\(reference)' width='100' height='50'/></svg>
                """)
            let layout = try layout(figure)
            let box = [layout.plan.left + 20, layout.plan.top + 20, layout.plan.right - 20, layout.plan.bottom - 20]
            let found = try await Judge.png(figure.png(), in: box.map { Int($0) }, colours: Self.tinted + Self.bare)
            #expect(Self.count(Self.tinted, found) == 0)
            #expect(Self.count(Self.bare, found) > 10_000, "bare paper under the tint")
        }
    }
}
