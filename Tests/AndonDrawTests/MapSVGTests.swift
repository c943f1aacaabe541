import Foundation
import Testing

@testable import AndonDraw

@Suite("Floor plans with a zone marked, as SVG")
struct MapSVGTests {
    private static let plain = """
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='100 50 400 200'>
        <rect x='100' y='50' width='400' height='200' fill='#0072B2'/></svg>
        """
    /// Groups that Cairo draws by surfaces of their own.
    private static let layered = """
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 200'>
        <rect width='400' height='200' fill='#0072B2'/>
        <g opacity='0.5'><circle cx='50' cy='50' r='30' fill='red'/><circle cx='70' cy='50' r='30'/></g>
        <g opacity='0.25'><circle cx='250' cy='90' r='30' fill='red'/><circle cx='270' cy='90' r='30'/></g></svg>
        """

    private static func png() throws -> [UInt8] {
        let canvas = try Canvas(.png, width: 400, height: 200)
        canvas.fill(Box(left: 0, top: 0, width: 400, height: 200), Colour(0x0072B2))
        return try canvas.bytes()
    }

    private static func figure(_ plan: [UInt8]) throws -> MapFigure {
        MapFigure(
            plan: try FloorPlan(plan),
            zone: [(0.5, 0.2), (0.9, 0.2), (0.9, 0.8), (0.5, 0.8)].map { MapFigure.Place(x: $0.0, y: $0.1) },
            path: ["BEDFORD", "LINE-1 <A&B>", "Press hall (Z1)"], details: ["station ST-10", ""],
            zoneName: "zone Press hall (Z1)", markName: "you are here: CAM-01")
    }

    @Test("It is well-formed, has its size, names what it shows, and refers to nothing outside")
    func sound() async throws {
        for plan in [Self.plain, Self.layered] {
            let figure = try Self.figure(Array(plan.utf8))
            let found = try await Judge.svg(figure.svg(width: 900))
            let picture = try await Judge.png(figure.png(width: 900))
            #expect(found.width.hasPrefix("900") && found.height.hasPrefix("\(picture.height)"))
            #expect(found.outside.isEmpty && found.times.isEmpty, "\(found.outside) \(found.times)")
            #expect(!found.elements.contains("image"), "shapes stay shapes")
            #expect(found.title == figure.path.asPath && figure.path.asPath.contains("<A&B>"))
            #expect(found.description == "station ST-10\nzone Press hall (Z1)\nyou are here: CAM-01")
        }
    }

    @Test("A plan that is a PNG lies in it as it is")
    func embedded() async throws {
        let found = try await Judge.svg(Self.figure(Self.png()).svg())
        #expect(found.elements.contains("image") && !found.outside.isEmpty)
        let heads = found.outside.map { $0.prefix(22) }
        #expect(Set(heads) == ["data:image/png;base64,"])
    }

    @Test("What a plan refers to outside itself is not in it")
    func outside() async throws {
        let plan = """
            <svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 400 200'>
            <rect width='400' height='200' fill='#0072B2'/><script>alert(1)</script>
            <image href='http://example.org/a.png' xlink:href='file:///etc/hostname' width='400' height='200'/>
            <a href='javascript:alert(1)'><rect width='20' height='20' onclick='alert(1)'/></a></svg>
            """
        let bytes = try Self.figure(Array(plan.utf8)).svg()
        let found = try await Judge.svg(bytes)
        #expect(found.outside.isEmpty && !found.elements.contains("script") && !found.elements.contains("a"))
        #expect(!String(decoding: bytes, as: UTF8.self).contains("alert"))
    }

    @Test("Drawn by a reader of SVG it is the PNG")
    func alike() async throws {
        for plan in try [Array(Self.plain.utf8), Self.png()] {
            let figure = try Self.figure(plan)
            let map = try FloorPlan(figure.svg())
            let canvas = try Canvas(.png, width: Int(map.frame.width), height: Int(map.frame.height))
            try map.draw(
                in: Box(left: 0, top: 0, width: map.frame.width, height: map.frame.height), on: canvas)
            let colours = ["9ec9e2", "1b1f24", "ffffff"]
            let drawn = try await Judge.png(canvas.bytes(), colours: colours)
            let picture = try await Judge.png(figure.png(), colours: colours)
            #expect(drawn.width == picture.width && drawn.height == picture.height)
            for colour in colours {
                let (one, other) = (try #require(drawn.colours[colour]), try #require(picture.colours[colour]))
                #expect(other.count > 2000, "\(colour)")
                #expect(abs(one.count - other.count) * 20 < other.count, "\(colour): \(one.count) \(other.count)")
                #expect(abs(one.x - other.x) < 3 && abs(one.y - other.y) < 3, "\(colour): \(one) \(other)")
            }
        }
    }

    @Test("The same figure gives the same bytes, whatever was drawn before")
    func same() throws {
        for plan in try [Array(Self.plain.utf8), Array(Self.layered.utf8), Self.png()] {
            let figure = try Self.figure(plan)
            let first = try figure.svg()
            _ = try Self.figure(Array(Self.layered.utf8)).svg()
            #expect(try figure.svg() == first)
        }
        #expect(throws: DrawError.self) { try Self.figure(Array(Self.plain.utf8)).svg(width: 200) }
    }

    @Test("Cairo's counts are taken out of names, and out of nothing else")
    func names() {
        func finished(_ text: String) -> String {
            String(decoding: SVGText.finished(Array(text.utf8), title: "", description: ""), as: UTF8.self)
        }
        let made = finished(
            "<svg a=\"b\"><g id=\"surface9\"/><image id=\"image14\" href=\"data:image/png;base64,image77surface8\"/>"
                + "<use href=\"#image14\"/><use href=\"#surface9\"/><g id=\"surface20\"/>surface3</svg>")
        #expect(
            made
                == "<svg a=\"b\" role=\"img\"><g id=\"surface\"/>"
                + "<image id=\"image2\" href=\"data:image/png;base64,image77surface8\"/>"
                + "<use href=\"#image2\"/><use href=\"#surface\"/><g id=\"surface3\"/>surface3</svg>")
    }
}
