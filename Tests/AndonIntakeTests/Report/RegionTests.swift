import AndonIntake
import AndonModel
import AndonTesting
import Testing

@Suite("Region of a defect")
struct RegionTests {
    private let size = PixelSize(width: 1920, height: 1080)

    /// The region of one defect that has these members.
    private func region(_ members: String, _ size: PixelSize?) throws(Problem) -> Region? {
        let text = #"{"id":"a","detectedAt":"2026-11-23T21:09:00Z","camera":"C","defects":[{"class":"d",\#(members)}]}"#
        return try InspectionReader().read(Array(text.utf8), pictureSize: size).defects.first?.region
    }

    private func box(_ x: String, _ y: String, _ width: String, _ height: String, unit: String? = nil) -> String {
        let unit = unit.map { #","unit":"\#($0)""# } ?? ""
        return #""box":{"x":\#(x),"y":\#(y),"width":\#(width),"height":\#(height)\#(unit)}"#
    }

    @Test("A box may touch the picture's edge exactly")
    func edge() throws {
        #expect(try region(box("0", "0", "1920", "1080"), size)?.box == Box(x: 0, y: 0, width: 1920, height: 1080))
        #expect(try region(box("1919", "1079", "1", "1"), size)?.box == Box(x: 1919, y: 1079, width: 1, height: 1))
    }

    @Test(
        "A box outside the picture is refused",
        arguments: [
            ("-1", "0", "10", "10", "/x"), ("0", "-0.02", "10", "10", "/y"), ("1900", "0", "21", "10", ""),
            ("0", "1080", "10", "1", ""), ("1920", "0", "0.001", "1", ""), ("5000", "5000", "10", "10", ""),
            ("0", "0", "0", "1", "/width"), ("0", "0", "1", "-1", "/height"), ("1e308", "0", "1", "1", "/x"),
            ("0", "0", "1e308", "1", "/width"), ("0", "0", "1000001", "1", "/width"), ("\"1\"", "0", "1", "1", "/x"),
            ("null", "0", "1", "1", "/x"),
        ])
    func outside(x: String, y: String, width: String, height: String, place: String) {
        #expect(refusal { try region(box(x, y, width, height), size) }?.pointers == ["/defects/0/box" + place])
    }

    @Test("Without a known size a box needs only to be possible")
    func unknownSize() throws {
        #expect(try region(box("5000", "5000", "10", "10"), nil)?.box.x == 5000)
        #expect(refusal { try region(box("-5", "0", "10", "10"), nil) }?.pointers == ["/defects/0/box/x"])
        #expect(refusal { try region(box("1e7", "0", "10", "10"), nil) }?.pointers == ["/defects/0/box/x"])
    }

    @Test("A box over the edge by rounding is cut to it")
    func rounding() throws {
        #expect(try region(box("1900", "0", "20.004", "10"), size)?.box == Box(x: 1900, y: 0, width: 20, height: 10))
        #expect(try region(box("-0.004", "0", "20.004", "10"), size)?.box.x == 0)
    }

    @Test("A normalised box becomes pixels", arguments: ["normalised", "normalized"])
    func normalised(unit: String) throws {
        let read = try region(box("0.5", "0.25", "0.5", "0.75", unit: unit), size)

        #expect(read?.box == Box(x: 960, y: 270, width: 960, height: 810))
    }

    @Test("A normalised box without a known size is refused with what to do")
    func normalisedUnknown() {
        let problem = refusal { try region(box("0", "0", "1", "1", unit: "normalised"), nil) }

        #expect(problem?.detail(at: "/defects/0/box")?.contains("give picture.width and picture.height") == true)
    }

    @Test("Pixels that say they are normalised are refused with what to do")
    func mistaken() {
        let problem = refusal { try region(box("120", "40", "64", "12", unit: "normalised"), size) }

        #expect(problem?.detail(at: "/defects/0/box/x")?.contains("give the unit \"pixel\"") == true)
        #expect(
            refusal { try region(box("0", "0", "1", "1", unit: "inch"), size) }?.pointers == ["/defects/0/box/unit"])
        #expect(refusal { try region(box("0.6", "0", "0.5", "1", unit: "normalised"), size) }?.errors.count == 1)
    }

    @Test("A polygon's box is its bounding box, whatever box stands beside it")
    func polygon() throws {
        let polygon = #""polygon":[[10,20],[30,20],[20,50]]"#

        let expected = Box(x: 10, y: 20, width: 20, height: 30)
        #expect(try region(polygon, size)?.box == expected)
        #expect(try region(box("0", "0", "1", "1") + "," + polygon, size)?.box == expected)
        let normalised = #""polygon":[[0,0],[0.5,0],[0.5,1]],"polygonUnit":"normalised""#
        #expect(try region(normalised, size)?.box == Box(x: 0, y: 0, width: 960, height: 1080))
    }

    @Test(
        "A polygon that covers nothing, or is no polygon, is refused",
        arguments: [
            ("[[0,0],[1,1]]", ""), ("[]", ""), ("[[0,0],[5,0],[9,0]]", ""), ("[[0,0],[1,1],[2]]", "/2"),
            ("[[0,0],[1,1],[2,3,4]]", "/2"), (#"[[0,0],[1,1],{"x":1}]"#, "/2"), ("[[0,0],[1,1],[2,-3]]", "/2"),
            ("[[0,0],[1,1],[1921,3]]", "/2"), ("[[0,0],[1,1],[1e308,3]]", "/2"), ("[[0,0],[1,1],5]", "/2"),
            ("\"x\"", ""),
        ])
    func badPolygon(points: String, place: String) {
        let problem = refusal { try region(#""polygon":\#(points)"#, size) }

        #expect(problem?.pointers == ["/defects/0/polygon" + place])
    }

    @Test("Ten thousand boxes, and a polygon of two thousand points, are refused with the limit")
    func tooMany() {
        let defect = #"{"class":"d","confidence":0.91,"severity":0.5,\#(box("1", "2", "3", "4"))}"#
        let defects = Array(repeating: defect, count: 10_000).joined(separator: ",")
        let text = #"{"id":"a","detectedAt":"2026-11-23T21:09:00Z","camera":"C","defects":[\#(defects)]}"#

        let problem = refusal { try InspectionReader().read(Array(text.utf8)) }
        #expect(problem?.detail(at: "/defects")?.hasPrefix("has 10000 defects and at most 1000 are taken") == true)
        let points = Array(repeating: "[1,2]", count: 2000).joined(separator: ",")
        let polygon = refusal { try region(#""polygon":[\#(points)]"#, size) }
        #expect(polygon?.detail(at: "/defects/0/polygon") == "should have 3 to 1000 points, found 2000")
    }

    @Test("Any accepted box lies in the picture")
    func inside() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<5000 {
            let numbers = (0..<4).map { _ in
                String(Double.random(in: -0.2...1.2, using: &random) * (random.chance(50) ? 1 : 0.5))
            }
            guard
                let read = try? region(box(numbers[0], numbers[1], numbers[2], numbers[3], unit: "normalised"), size)?
                    .box
            else { continue }

            #expect(read.x >= 0 && read.y >= 0 && read.width > 0 && read.height > 0, "\(numbers)")
            #expect(read.x + read.width <= 1920.0000001 && read.y + read.height <= 1080.0000001, "\(numbers)")
        }
    }
}
