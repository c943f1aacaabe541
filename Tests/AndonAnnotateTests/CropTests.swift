import AndonAnnotate
import AndonDraw
import Foundation
import Testing

@Suite("The enlarged defect")
struct CropTests {
    @Test("Its pixels are the picture's own, and the other panel is the same place of the good picture")
    func pixels() throws {
        let (own, good) = (Pixels.noisy(400, 300), Pixels.noisy(400, 300, seed: 9))
        let png = try Cropper.crop(
            Tool.png(own), box: [150, 100, 60, 40], title: "dent", good: Tool.png(good), goodTitle: "good")
        let found = try Tool.decoded(png: png)
        #expect(found.width == 1236)
        // 60 + 2 * 36 pixels across on 600: the box's middle, 180 and 120, is the panel's.
        let head = Int((17 * 1.28 * 2 + 8).rounded(.down))
        let scale = 600.0 / 132
        for (x, y) in [(190, 130), (170, 110), (185, 125)] {
            let place = (Int((Double(x - 114) + 0.5) * scale), Int((Double(y - 64) + 0.5) * scale) + head)
            #expect(found[12 + place.0, place.1] == own[x, y], "\(x) \(y)")
            #expect(found[624 + place.0, place.1] == good[x, y], "\(x) \(y)")
        }
    }

    @Test("Of 16 bits the high byte is shown, grey is grey, and JPEG is as its decoder gives it")
    func kinds() throws {
        let deep = Pixels.noisy(200, 200, channels: 1, highest: 65_535)
        let png = try Cropper.crop(
            Tool.png(deep), box: [90, 90, 20, 20], title: "", good: nil, goodTitle: "")
        let found = try Tool.decoded(png: png)
        #expect(found.width == 624)
        let place = (12 + 300 + 3, 51 + 300 + 3)
        #expect(found[place.0, place.1].allSatisfy { $0 == deep[100, 100][0] >> 8 } || found.channels == 1)
        let jpeg = try Tool.jpeg(.flat(200, 200, 90), ["-sample", "1x1"])
        let flat = try Tool.decoded(
            png: Cropper.crop(jpeg, box: [90, 90, 20, 20], title: "", good: nil, goodTitle: ""))
        #expect(flat[12 + 300, 51 + 300].allSatisfy { $0 == 90 })
    }

    @Test("A good picture of another size, or one that cannot be read, is left out; a box outside shows the edge")
    func others() throws {
        let own = try Tool.jpeg(.noisy(400, 300))
        func width(_ good: [UInt8], _ box: [Double] = [150, 100, 60, 40]) throws -> Int {
            try Tool.decoded(png: Cropper.crop(own, box: box, title: "", good: good, goodTitle: "")).width
        }
        #expect(try width(Tool.jpeg(.noisy(401, 300))) == 624)
        #expect(try width(Array(own.prefix(200))) == 624)
        #expect(try width(own) == 1236)
        for box: [Double] in [[390, 290, 30, 30], [-50, -50, 10, 10], [1e9, 1e9, 1e9, 1e9], [0, 0, 400, 300]] {
            #expect(try width(own, box) == 1236, "\(box)")
        }
        #expect(throws: AnnotateError.self) { _ = try width(own, [1, 2, .nan, 4]) }
    }

    @Test("A picture that is stored turned is shown upright", arguments: Orientation.allCases)
    func turned(_ orientation: Orientation) throws {
        let plain = try Tool.jpeg(.noisy(400, 300))
        let stored = try Tool.run(["exiftool", "-Orientation#=\(orientation.rawValue)", "-o", "-", "-"], plain)
        let png = try Tool.decoded(
            png: Cropper.crop(stored, box: [150, 100, 80, 30], title: "", good: nil, goodTitle: ""))
        let swaps = orientation.rawValue > 4
        // The region is 176 by 126 pixels; upright it is as wide as the panel, turned as high.
        #expect(png.width == 624 && (png.height > png.width) == swaps, "\(png.width) \(png.height)")
    }
}
