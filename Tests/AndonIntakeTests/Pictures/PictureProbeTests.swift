import AndonIntake
import AndonModel
import AndonTesting
import Testing

@Suite("Picture probe")
struct PictureProbeTests {
    private func probe(_ bytes: [UInt8], pieces: [Int] = []) throws(Problem) -> ProbedPicture {
        var probe = PictureProbe()
        var rest = bytes[...]
        for count in pieces {
            try probe.feed(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        try probe.feed(rest)
        return try probe.finish()
    }

    @Test("A whole JPEG and a whole PNG have their size and no damage")
    func whole() throws {
        let jpeg = SamplePicture.jpeg(width: 1920, height: 1080)
        let png = SamplePicture.png(width: 640, height: 480)

        #expect(
            try probe(jpeg)
                == ProbedPicture(mediaType: .jpeg, bytes: jpeg.count, size: PixelSize(width: 1920, height: 1080)))
        #expect(
            try probe(png) == ProbedPicture(mediaType: .png, bytes: png.count, size: PixelSize(width: 640, height: 480))
        )
    }

    @Test("However the bytes are cut, the finding is the same")
    func anyCut() throws {
        var random = SeededRandom(seed: 81)
        let pictures = [
            SamplePicture.jpeg(width: 30, height: 20), SamplePicture.png(width: 30, height: 20),
            Array(SamplePicture.jpeg(width: 30, height: 20).dropLast(9)),
            Array(SamplePicture.png(width: 3, height: 2).dropLast(9)),
        ]
        for picture in pictures {
            let expected = try probe(picture)
            #expect(try probe(picture, pieces: Array(repeating: 1, count: picture.count)) == expected)
            for _ in 0..<200 {
                let pieces = (0..<20).map { _ in random.int(0...30) }
                #expect(try probe(picture, pieces: pieces) == expected, "\(pieces)")
            }
        }
    }

    @Test("A picture that is cut short is noted as damaged and kept, wherever the cut is")
    func truncated() throws {
        for picture in [SamplePicture.jpeg(width: 30, height: 20), SamplePicture.png(width: 30, height: 20)] {
            for count in 8..<picture.count {
                let found = try probe(Array(picture.prefix(count)))
                #expect(found.damage != nil, "\(found.mediaType) cut to \(count) bytes")
            }
        }
    }

    @Test("The end marker of a thumbnail is not the picture's")
    func thumbnail() throws {
        let thumbnail = SamplePicture.jpeg(width: 16, height: 16)
        let picture = SamplePicture.jpeg(width: 30, height: 20, application: thumbnail)

        #expect(try probe(picture).damage == nil)
        #expect(try probe(picture).size == PixelSize(width: 30, height: 20))
        #expect(try probe(picture.dropLast(2)).damage?.contains("no end marker") == true)
    }

    @Test(
        "Padding after the end is allowed up to 16 KiB",
        arguments: [
            (0, true), (1, true), (16_384, true), (16_385, false), (100_000, false),
        ])
    func padding(count: Int, isWhole: Bool) throws {
        let zeros = [UInt8](repeating: 0, count: count)

        for picture in [SamplePicture.jpeg(width: 3, height: 2), SamplePicture.png(width: 3, height: 2)] {
            #expect((try probe(picture + zeros).damage == nil) == isWhole)
            #expect((try probe(picture + zeros, pieces: [500, 700]).damage == nil) == isWhole)
        }
    }

    @Test("A picture of more pixels than will be decoded says so")
    func bomb() throws {
        let found = try probe(SamplePicture.png(width: 50_000, height: 50_000))

        #expect(found.damage == "picture of 50000 x 50000 pixels: kept as received, will not be decoded")
        #expect(found.size == PixelSize(width: 50_000, height: 50_000))
    }

    @Test("A size of 0 is damage and no size", arguments: [(0, 5), (5, 0), (0, 0)])
    func zero(width: Int, height: Int) throws {
        for picture in [
            SamplePicture.jpeg(width: width, height: height), SamplePicture.png(width: width, height: height),
        ] {
            let found = try probe(picture)
            #expect(found.size == nil)
            #expect(found.damage == "the header says \(width) x \(height) pixels")
        }
    }

    @Test(
        "Lying lengths and broken chains are damage",
        arguments: [
            SamplePicture.pngSignature + SamplePicture.chunk("IHDR", [1, 2, 3]),
            SamplePicture.pngSignature + SamplePicture.chunk("IDAT", [0]),
            SamplePicture.pngSignature + [0xFF, 0xFF, 0xFF, 0xFF] + Array("IHDR".utf8),
            SamplePicture.png(width: 3, height: 2, data: []), SamplePicture.png(width: 3, height: 2, checksum: false),
            [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xD9],
            [0xFF, 0xD8, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xC0, 0, 4, 8, 0, 0xFF, 0xD9],
            [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xE0, 0, 2, 0, 0, 0xFF, 0xD9],
            [0xFF, 0xD8, 0xFF], SamplePicture.pngSignature,
        ] as [[UInt8]])
    func lies(bytes: [UInt8]) throws {
        #expect(try probe(bytes).damage != nil)
    }

    @Test(
        "What is no picture is refused with what was found",
        arguments: [
            ("hello world, I am not a picture", "begin with \"hello wo\""), ("GIF89a..........", "a GIF picture"),
            ("%PDF-1.7", "a PDF document"), ("BM", "a BMP picture"), ("x", "begin with \"x\""),
            ("\u{01}\u{02}", "begin with 01 02"),
        ])
    func noPicture(text: String, found: String) {
        let problem = refusal { try probe(Array(text.utf8)) }

        #expect(problem?.status == 415)
        #expect(problem?.type == "unsupported-picture")
        #expect(problem?.detail(at: "/picture")?.contains(found) == true)
    }

    @Test("What is no picture is refused at its sixteenth byte, not at its end")
    func early() {
        var probe = PictureProbe()

        #expect(refusal { try probe.feed(Array("sixteen letters!".utf8)) }?.status == 415)
    }

    @Test("An empty picture is refused")
    func empty() {
        #expect(refusal { try probe([]) }?.type == "empty-picture")
    }
}
