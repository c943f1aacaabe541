import AndonIntake
import AndonLedger
import AndonModel
import Foundation

/// What a plant with forty cameras on two hundred machines reports: most parts are good, most findings below their
/// threshold, and one report in twenty-five calls for an order. Each report follows from its number alone.
struct Past: Sendable {
    static let cameras = 40
    static let assets = 200
    static let classes = 12
    /// One report in so many has a picture.
    static let picturesEvery = 100
    /// So many reports apart a batch of counted frames comes in.
    static let framesEvery = 200

    static var configuration: String {
        let cameras = (0..<cameras).map { "    - { id: CAM-\($0), asset: M-\($0 * 5) }" }
        let assets = (0..<assets).map {
            "    - { id: M-\($0), name: Machine \($0), criticality: \(["A", "B", "C"][$0 % 3]), line: LINE-\($0 / 10) }"
        }
        let classes = (0..<classes).map { "    class-\($0): { minConfidence: 0.8, minSeverity: 0.3 }" }
        return """
            plant:
              name: Growth
              timeZone: UTC
              defaultConnector: desk
              cameras:
            \(cameras.joined(separator: "\n"))
              assets:
            \(assets.joined(separator: "\n"))
            rules:
              classes:
            \(classes.joined(separator: "\n"))
              charts:
                density: { kind: u, by: [camera], subgroup: { parts: 200 }, rules: nelson, signal: off }
            connectors: { desk: { maxInFlight: 64 } }
            """
    }

    let number: Int
    private var dice: UInt64

    init(_ number: Int) {
        self.number = number
        dice = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 &+ 20_261_130
    }

    private mutating func below(_ count: Int) -> Int {
        dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((dice >> 33) % UInt64(count))
    }

    mutating func inspection(at time: Timestamp) -> Inspection {
        let camera = below(Self.cameras)
        let kind = below(100)
        var defects: [Defect] = []
        if kind >= 60 {
            let confidence = kind >= 96 ? 0.9 : 0.4
            defects = [
                Defect(
                    defectClass: "class-\(below(Self.classes))", confidence: confidence,
                    severity: .score(Double(30 + below(70)) / 100),
                    region: Region(box: Box(x: Double(below(900)), y: 40, width: 64, height: 12)))
            ]
        }
        return Inspection(
            id: "CAM-\(camera)/\(number)", detectedAt: time - .milliseconds(below(2000)), camera: "CAM-\(camera)",
            asset: "M-\(camera * 5 + below(5))", lot: "LOT-\(number / 2000)",
            model: VisionModel(name: "surface", version: "4.2"), defects: defects)
    }

    /// A PNG of one pixel, with the report's number in it: each picture has bytes of its own.
    var picture: (Picture, [UInt8])? {
        guard number % Self.picturesEvery == 0 else { return nil }
        let bytes =
            Self.signature + Self.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
            + Self.chunk("tEXt", Array("Comment\0\(number)".utf8))
            + Self.chunk("IDAT", [0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81]) + Self.chunk("IEND", [])
        let picture = Picture(
            sha256: Hex.sha256(bytes), bytes: bytes.count, mediaType: .png, width: 1, height: 1)
        return (picture, bytes)
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        let named = Array(type.utf8) + content
        var check = UInt32.max
        for byte in named {
            check ^= UInt32(byte)
            for _ in 0..<8 { check = check >> 1 ^ (check & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return bigEndian(UInt32(content.count)) + named + bigEndian(~check)
    }

    /// A minute of good parts of each camera.
    func frames(at time: Timestamp) -> FrameCountBatch {
        FrameCountBatch(
            frames: (0..<Self.cameras).map {
                FrameCount(camera: "CAM-\($0)", from: time - .seconds(60), to: time, inspected: 100 + number % 7)
            })
    }
}
