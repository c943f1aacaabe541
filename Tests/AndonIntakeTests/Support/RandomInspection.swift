import AndonIntake
import AndonModel
import AndonTesting

extension SeededRandom {
    mutating func name(charactersMax: Int = 20) -> String {
        let letters: [Unicode.Scalar] = ["a", "Z", "0", "-", "/", "\"", "é", "中", "😀", "~"]
        var text = String(pick(letters))
        for _ in 0..<int(0...charactersMax - 2) { text.unicodeScalars.append(chance(10) ? " " : pick(letters)) }
        text.unicodeScalars.append(pick(letters))
        return text
    }

    mutating func maybe<Value>(_ value: (inout SeededRandom) -> Value) -> Value? { chance(50) ? value(&self) : nil }

    mutating func share() -> Double { pick([0, 1, 0.5, Double.random(in: 0...1, using: &self)]) }

    mutating func time() -> Timestamp {
        Timestamp(microseconds: Int64(int(-62_135_596_800_000_000...253_402_300_799_999_999)))
    }

    mutating func attributes() -> [String: JSON] {
        guard chance(30) else { return [:] }
        return ["batch": .string(name()), "depth": .number(share()), "list": [1, nil, [true]], "a/b~c": ["x": .null]]
    }

    /// A box inside a picture of `size`, or of any size that boxes may have.
    mutating func box(_ size: PixelSize?) -> Box {
        let (width, height) = (Double(size?.width ?? 1_000_000), Double(size?.height ?? 1_000_000))
        let (x, y) = (Double.random(in: 0..<width, using: &self), Double.random(in: 0..<height, using: &self))
        guard chance(70) else { return Box(x: 0, y: 0, width: width, height: height) }
        return Box(x: x, y: y, width: (width - x) * 0.9, height: (height - y) * 0.9)
    }

    mutating func region(_ size: PixelSize?) -> Region {
        let box = box(size)
        guard chance(30) else { return Region(box: box) }
        let (right, bottom) = (box.x + box.width, box.y + box.height)
        let points = [Point(x: box.x, y: box.y), Point(x: right, y: box.y), Point(x: right, y: bottom)]
        // The bounding box as it is computed from the points, to the last bit.
        return Region(box: Box(x: box.x, y: box.y, width: right - box.x, height: bottom - box.y), polygon: points)
    }

    mutating func defect(_ size: PixelSize?) -> Defect {
        Defect(
            defectClass: name(), confidence: maybe { $0.share() },
            severity: maybe { $0.chance(50) ? .score($0.share()) : .name($0.name()) },
            region: maybe { $0.region(size) },
            measurement: maybe {
                Measurement(
                    name: $0.name(), value: $0.share() * 1e6, limit: $0.maybe { $0.share() },
                    unit: $0.maybe { $0.name() })
            }, attributes: attributes())
    }

    mutating func inspection() -> Inspection {
        let picture = maybe { random in
            let size = random.maybe { PixelSize(width: $0.int(1...5000), height: $0.int(1...5000)) }
            return PictureClaim(
                file: random.maybe { "line\($0.int(1...9))/\($0.int(1...999)).jpg" },
                sha256: random.maybe { _ in String(repeating: "0a", count: 32) }, width: size?.width,
                height: size?.height)
        }
        let size = picture?.width.flatMap { width in picture?.height.map { PixelSize(width: width, height: $0) } }
        return Inspection(
            id: name(), kind: pick(Inspection.Kind.allCases), detectedAt: time(), camera: name(),
            zone: maybe { $0.name() },
            asset: maybe { $0.name() }, lot: maybe { $0.name() }, unit: maybe { $0.name() },
            model: maybe { VisionModel(name: $0.name(), version: $0.maybe { $0.name() }) },
            inspected: int(1...1_000_000_000),
            picture: picture, defects: (0..<int(0...4)).map { _ in defect(size) }, attributes: attributes())
    }
}
