import AndonAnnotate
import AndonDraw

/// Pictures, read by the parts that decode them.
extension FuzzTarget {
    static let pictures = [annotateJPEG, annotatePNG, crop, thumbnail, sheet, exif]

    private static let pixelsMax = 1 << 16
    private static let annotation = Annotation(
        marks: [
            .init(box: [4, 4, 20, 10], label: "dent 0.9", band: "major", rank: 1),
            .init(box: [20, 8, 90, 9], outline: [[20, 8], [30, 10], [24, 17]], label: "x", band: "minor", rank: 3),
        ], title: "T", legend: [.init("asset", "A")])

    static func jpegs() throws -> [[UInt8]] { try Samples.files("Fuzz/seeds", ".jpg") }
    static func pngs() throws -> [[UInt8]] { try Samples.files("Fuzz/seeds", ".png") }

    /// Drawn on or refused; what was drawn on can be drawn on again, and is as large as it says.
    private static let annotateJPEG = FuzzTarget("annotate-jpeg", shortCount: 300, seeds: jpegs) { input in
        try annotate([0xFF, 0xD8, 0xFF] + input.dropFirst(3))
    }

    private static let annotatePNG = FuzzTarget("annotate-png", shortCount: 300, seeds: pngs) { input in
        try annotate([0x89, 0x50, 0x4E, 0x47] + input.dropFirst(4))
    }

    private static func annotate(_ file: [UInt8]) throws {
        do {
            let copy = try Annotator.annotate(file, annotation, pixelsMax: pixelsMax)
            try promise(copy.width * copy.height < pixelsMax + copy.width * 2000, "the copy is too large")
            // A strip on a strip: the copy is a picture like any other.
            let again = try Annotator.annotate(copy.bytes, annotation, pixelsMax: copy.width * copy.height)
            try promise(again.width == copy.width && again.height >= copy.height, "the copy has another size")
        } catch let error as AnnotateError {
            try promise(error.description.utf8.count < 2000, "the refusal is long")
        }
    }

    /// The first four bytes are the box, the fifth says whether the same file is the good one.
    private static let crop = FuzzTarget(
        "crop", shortCount: 100, seeds: { try (jpegs() + pngs()).map { [4, 4, 20, 10, 1] + $0 } },
        check: { input in
            let box = input.prefix(4).map { Double(Int8(bitPattern: $0)) }
            let file = Array(input.dropFirst(5))
            do {
                _ = try Cropper.crop(
                    file, box: box, title: "t", good: input.count > 4 && input[4] % 2 == 1 ? file : nil,
                    goodTitle: "g", pixelsMax: pixelsMax)
            } catch is AnnotateError {}
        })

    /// A small copy comes out that is a picture itself and no larger than asked for, or the picture is refused.
    private static let thumbnail = FuzzTarget(
        "thumbnail", shortCount: 200, seeds: { try jpegs() + pngs() },
        check: { input in
            do {
                let copy = try Thumbnailer.thumbnail(input, width: 32, pixelsMax: pixelsMax)
                let isJPEG = copy.starts(with: [0xFF, 0xD8, 0xFF])
                try promise(isJPEG && copy.count < 64 << 10, "the copy is no small JPEG")
            } catch is AnnotateError {}
        })

    /// A sheet with whatever picture comes out as a page: the picture is in it or its place says why not.
    private static let sheet = FuzzTarget(
        "sheet", shortCount: 100, seeds: { try jpegs() + pngs() },
        check: { input in
            // A PNG's header is believed up to the limit of what is drawn, 400 MB: here small ones only.
            if input.first == 0x89, input.count > 24, input[16..<18] != [0, 0] || input[20..<22] != [0, 0] { return }
            let sheet = SheetFigure(
                title: "t", reference: "A7K2M9QX3F", priority: 1, path: ["P"], dates: [], reason: "r",
                evidence: .init(input, caption: "c"), facts: [], footer: [], created: "2026-11-25T20:12:41Z")
            let page = try sheet.pdf()
            try promise(page.starts(with: Array("%PDF".utf8)) && page.count < 8 << 20, "no page came out")
        })

    private static let exif = FuzzTarget(
        "exif",
        seeds: {
            [
                [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
                [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0],
            ]
        }, check: { input in _ = Exif.orientation(tiff: input) })
}
