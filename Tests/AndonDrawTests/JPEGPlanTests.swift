import Foundation
import Testing

@testable import AndonDraw

@Suite("Floor plans that are JPEG files")
struct JPEGPlanTests {
    private static func photo(orientation: Int? = nil) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let jpeg = Array(try Data(contentsOf: root.appendingPathComponent("Sources/AndonServer/Samples/scratch.jpg")))
        guard let orientation else { return jpeg }
        // An Exif segment with tag 274 alone.
        let tiff: [UInt8] = [
            0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0,
        ]
        let body = Array("Exif\0\0".utf8) + tiff
        return Array(jpeg.prefix(2)) + [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg.dropFirst(2)
    }

    @Test("A photograph is a plan in its own pixels, and is drawn")
    func drawn() throws {
        let plan = try FloorPlan(Self.photo())
        let header = try #require(JPEGHeader(Self.photo()))
        #expect(plan.format == .jpeg)
        #expect(
            plan.frame
                == FloorPlan.Frame(left: 0, top: 0, width: Double(header.width), height: Double(header.height)))
        try plan.tryOut()
        let zone = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9)].map { MapFigure.Place(x: $0.0, y: $0.1) }
        let figure = MapFigure(plan: plan, zone: zone, path: ["P"], zoneName: "zone Z1", markName: "Z1")
        let blank = MapFigure(
            plan: try FloorPlan(
                Array(
                    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 \(header.width) \(header.height)'/>".utf8)),
            zone: zone, path: ["P"], zoneName: "zone Z1", markName: "Z1")
        #expect(try figure.png().count > 4 * blank.png().count, "a photograph has more in it than an empty plan")
        #expect(try figure.svg().count > 10_000)
    }

    @Test("A photograph that is stored on its side is a plan as it is seen")
    func turned() throws {
        let plan = try FloorPlan(Self.photo(orientation: 6))
        let header = try #require(JPEGHeader(Self.photo()))
        #expect(plan.frame.width == Double(header.height) && plan.frame.height == Double(header.width))
        let turned = try #require(JPEGHeader(Self.photo(orientation: 6)))
        let svg = String(decoding: JPEGPlan(header: turned, bytes: plan.bytes).svg.prefix(600), as: UTF8.self)
        #expect(svg.contains("viewBox=\"0 0 \(header.height) \(header.width)\""), "\(svg)")
        #expect(svg.contains("transform=\"matrix(0 1 -1 0 \(header.height) 0)\""), "\(svg)")
        try plan.tryOut()
    }

    @Test("A file that only begins like a JPEG is no plan")
    func refused() throws {
        #expect(throws: DrawError.self) { try FloorPlan([0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0]) }
        #expect(throws: DrawError.self) { try FloorPlan(Array(Self.photo().prefix(100))) }
    }
}
