import Testing

@testable import AndonCapture

/// A seeded generator; the seed is printed where a test is about chance.
struct Dice {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

@Suite("Streams of pictures with their lengths")
struct MultipartReaderTests {
    private func read(_ reader: inout MultipartReader, _ bytes: some Sequence<UInt8>) throws -> [[UInt8]] {
        try Array(bytes).withUnsafeBytes { try reader.read($0) }
    }

    private func stream(_ pictures: [[UInt8]], boundary: String, isGStreamer: Bool) -> [UInt8] {
        pictures.enumerated().flatMap { index, picture in
            let before = isGStreamer && index > 0 ? "\r\n" : ""
            let head =
                "\(before)--\(boundary)\r\nContent-Type: image/jpeg\r\nContent-\(isGStreamer ? "L" : "l")ength: \(picture.count)\r\n\r\n"
            return Array(head.utf8) + picture + (isGStreamer ? [] : [13, 10])
        }
    }

    @Test("However the bytes are cut, the pictures come out whole, in order, with every mark of a boundary within them")
    func cuts() throws {
        let seed: UInt64 = 20_261_129
        var dice = Dice(seed: seed)
        print("multipart: 200 streams, seed \(seed)")
        for round in 0..<200 {
            var pictures = (0..<1 + dice.below(6)).map { _ in dice.bytes(1 + dice.below(400)) }
            pictures[0] = Array("\r\n--ffmpeg\r\nContent-length: 3\r\n\r\n".utf8) + pictures[0]
            let bytes = stream(pictures, boundary: "ffmpeg", isGStreamer: round % 2 == 1)
            var reader = MultipartReader(bytesMax: 1000)
            var found: [[UInt8]] = []
            var place = 0
            while place < bytes.count {
                let end = min(bytes.count, place + 1 + dice.below(90))
                found += try read(&reader, bytes[place..<end])
                place = end
            }
            #expect(found == pictures)
            #expect(reader.isBetweenParts)
        }
    }

    @Test(
        "A head without a length, with a strange one, with too large a one, or without an end is refused",
        arguments: [
            "--a\r\nContent-Type: image/jpeg\r\n\r\n", "--a\r\nContent-Length: -5\r\n\r\n",
            "--a\r\nContent-Length: 0\r\n\r\n", "--a\r\nContent-Length: 1001\r\n\r\n",
            "--a\r\nContent-Length: 99999999999999999999999\r\n\r\n", "--a\r\nContent-Length: 7x\r\n\r\n",
            String(repeating: "x", count: 5000),
        ])
    func hostile(_ head: String) {
        var reader = MultipartReader(bytesMax: 1000)
        #expect(throws: MultipartReader.Fault.self) { try read(&reader, head.utf8) }
    }

    @Test("Any bytes give pictures or a refusal, and never more memory than one picture and one head")
    func anything() {
        var dice = Dice(seed: 7)
        for _ in 0..<2000 {
            var reader = MultipartReader(bytesMax: 100)
            var bytes = stream([dice.bytes(50), dice.bytes(90)], boundary: "b", isGStreamer: false)
            for _ in 0..<1 + dice.below(8) { bytes[dice.below(bytes.count)] = UInt8(truncatingIfNeeded: dice.next()) }
            let found = (try? read(&reader, bytes)) ?? []
            #expect(found.allSatisfy { 1...100 ~= $0.count })
        }
    }
}
