import AndonAnnotate
import Foundation
import Testing

@testable import AndonDraw

/// What the golden pictures show, each with the places of its words as they were drawn.
enum Scene {
    /// Sides that are whole cells of a JPEG whose colours are sampled at half.
    static let (width, height) = (608, 400)

    // MARK: Photos

    /// A plate in four shades, a seam, and four defects. Flat areas, so that the file stays small.
    static func photo(isGood: Bool = false, channels: Int = 3, highest: Int = 255) -> Pixels {
        let tint = [1.0, 0.98, 0.94]
        var values: [UInt16] = []
        for y in 0..<height {
            for x in 0..<width {
                let shade = isGood || !isDefect(Double(x), Double(y)) ? plate(x, y) : 0.22
                for channel in 0..<channels {
                    values.append(UInt16(shade * (channels == 1 ? 1 : tint[channel]) * Double(highest)))
                }
            }
        }
        return Pixels(width: width, height: height, channels: channels, values: values, highest: highest)
    }

    private static func plate(_ x: Int, _ y: Int) -> Double {
        if (280..<288).contains(x) { return 0.45 }
        return [0.62, 0.66, 0.7, 0.74][min(3, y / 112)]
    }

    private static func isDefect(_ x: Double, _ y: Double) -> Bool {
        func ellipse(_ left: Double, _ top: Double, _ across: Double, _ down: Double) -> Bool {
            let (dx, dy) = ((x - left) / across, (y - top) / down)
            return dx * dx + dy * dy < 1
        }
        let crack = abs(y - 60 - 0.4 * (x - 400)) < 2 && (400..<500).contains(x)
        let scratch = abs(y - 290 + 0.3 * (x - 90)) < 1.5 && (90..<190).contains(x)
        return ellipse(140, 120, 40, 24) || crack || ellipse(440, 250, 46, 30) || scratch
    }

    static let marks = [
        Annotation.Mark(box: [96, 92, 88, 56], label: "porosity 0.93", band: "critical", rank: 0),
        Annotation.Mark(box: [394, 54, 112, 52], label: "crack 0.88", band: "major", rank: 1),
        Annotation.Mark(
            box: [386, 212, 108, 76],
            outline: [
                [386, 250], [410, 218], [440, 212], [472, 218], [494, 250], [470, 282], [440, 288], [408, 282],
            ],
            label: "dent 0.71", band: "moderate", rank: 2),
        Annotation.Mark(box: [84, 254, 112, 42], label: "scratch 0.64", band: "minor", rank: 3),
    ]

    static func annotation(_ marks: [Annotation.Mark] = marks) -> Annotation {
        Annotation(
            marks: marks, title: "A7K2M9QX3F porosity on WELD-05",
            legend: [
                .init("asset", "WELD-05"), .init("zone", "Z3"), .init("camera", "CAM-03"),
                .init("time", "2026-11-23 21:09:00"), .init("lot", "L-2231"),
            ])
    }

    static func annotatedJPEG(_ annotation: Annotation = annotation()) throws -> Drawn {
        let copy = try Annotator.annotate(Tool.jpeg(photo()), annotation)
        return Drawn(
            pixels: try Tool.decoded(jpeg: copy.bytes), words: try words(annotation, width, height), cell: 16)
    }

    /// Exif says that the stored picture is to be turned to the right; it is compared as it is shown.
    static func turned() throws -> Drawn {
        let upright = photo()
        var stored = Pixels(
            width: height, height: width, channels: 3, values: [UInt16](repeating: 0, count: upright.values.count))
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    stored.values[((width - 1 - x) * height + y) * 3 + channel] =
                        upright.values[(y * width + x) * 3 + channel]
                }
            }
        }
        // A box of the shown picture, as it is stored.
        let annotation = annotation(
            marks.map { mark in
                var mark = mark
                mark.box = [mark.box[1], Double(width) - mark.box[0] - mark.box[2], mark.box[3], mark.box[2]]
                mark.outline = mark.outline.map { $0.map { [$0[1], Double(width) - $0[0]] } }
                return mark
            })
        let turn = Orientation.turnedRight
        let file = try Tool.run(
            ["exiftool", "-Orientation#=\(turn.rawValue)", "-o", "-", "-"], Tool.jpeg(stored))
        let decoded = try Tool.decoded(jpeg: Annotator.annotate(file, annotation).bytes)
        try #require(decoded.width == height && decoded.height == width)
        var shown = Pixels(width: width, height: height, channels: 3, values: upright.values)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    shown.values[(y * width + x) * 3 + channel] =
                        decoded.values[((width - 1 - x) * height + y) * 3 + channel]
                }
            }
        }
        return Drawn(
            pixels: shown, words: try words(annotation, height, width, turn), cell: 16)
    }

    /// 16 bits of grey: the values beyond the high byte are there and must stay.
    static func deepPNG() throws -> Drawn {
        var pixels = photo(channels: 1, highest: 65_535)
        for index in pixels.values.indices { pixels.values[index] |= UInt16(index / width % 16) }
        let annotation = annotation()
        let copy = try Annotator.annotate(Tool.png(pixels), annotation)
        return Drawn(pixels: try Tool.decoded(png: copy.bytes), words: try words(annotation, width, height))
    }

    /// The words of an annotation as it is shown; `width` and `height` are those of the stored picture.
    private static func words(
        _ annotation: Annotation, _ width: Int, _ height: Int, _ turn: Orientation = .upright
    ) throws -> [Box] {
        let overlay = try AnnotationOverlay(annotation, width: width, height: height, orientation: turn)
        let (across, down) = turn.swapsSides ? (height, width) : (width, height)
        let canvas = try Canvas(.png, width: across, height: down + overlay.stripRows)
        overlay.drawing.draw(
            on: canvas, within: Box(left: 0, top: 0, width: Double(canvas.width), height: Double(canvas.height)))
        return try tidy(canvas)
    }

    /// The boxes of the words on a canvas. None is cut off or shortened, and none lies on another.
    private static func tidy(_ canvas: borrowing Canvas) throws -> [Box] {
        let page = Box(left: 0, top: 0, width: Double(canvas.width), height: Double(canvas.height))
        let lines = canvas.written.lines
        for (index, line) in lines.enumerated() {
            #expect(page.holds(line.box), "\(line) is cut off")
            #expect(!line.text.hasSuffix("…"), "\(line) is shortened")
            for other in lines[..<index] where other.box.meets(line.box.grown(-0.5)) {
                Issue.record("\(line) lies on \(other)")
            }
        }
        try #require(!lines.isEmpty)
        return lines.map(\.box)
    }

    // MARK: Charts, maps, crops

    /// Subgroups of changing size, new limits half way, a run, a point beyond the limits, one left out.
    static let chart: ChartFigure = {
        let sizes = [40.0, 40, 25, 60, 60, 30, 45, 45, 80, 30, 50, 50]
        let noise = [0.1, -0.4, 0.3, -0.2, 0.5, -0.3, 0.2, -0.5, 0.4, -0.1, 0.3, -0.2]
        let points = (0..<36).map { index in
            let centre = index < 18 ? 2.0 : 1.6
            let sigma = (centre / sizes[index % 12]).squareRoot() * 2
            let isRun = (24..<33).contains(index)
            var value = centre + noise[(index * 5) % 12] * sigma * 2
            if isRun { value = centre + (0.4 + abs(noise[index % 12])) * sigma }
            if index == 12 { value = centre + 4.1 * sigma }
            if index == 34 { value = centre + 3.4 * sigma }
            return ChartFigure.Point(
                number: index + 1, value: value, centre: centre, lower: max(0, centre - 3 * sigma),
                upper: centre + 3 * sigma,
                signals: index == 34 ? ["beyond 3 sigma"] : index == 32 ? ["9 on one side"] : [],
                isMarked: index == 34, isInPattern: isRun, isExcluded: index == 12, phase: index < 18 ? 1 : 2,
                annotation: index == 18 ? "limits v2" : nil)
        }
        return ChartFigure(
            title: "u chart: porosity on WELD-05", subtitles: ["zone=Z3"], valueLabel: "pores a unit", points: points)
    }()

    /// As a page shows it: the SVG, drawn by librsvg.
    static func chart(_ figure: ChartFigure = chart, isPrinted: Bool = false) throws -> Drawn {
        let (width, height) = (600, 320)
        let words: [Box]
        let png: [UInt8]
        do {
            let canvas = try Canvas(.png, width: width, height: height)
            ChartDrawing(figure, on: canvas).draw(on: canvas)
            words = try tidy(canvas)
        }
        if isPrinted {
            png = try figure.png(width: width, height: height)
        } else {
            let page = try Canvas(.png, width: width, height: height)
            try FloorPlan(figure.svg(width: width, height: height)).draw(
                in: Box(left: 0, top: 0, width: Double(width), height: Double(height)), on: page)
            png = try page.bytes()
        }
        let pixels = try Tool.decoded(png: png)
        return Drawn(pixels: isPrinted ? pixels.grey : pixels, words: words)
    }

    static func map() throws -> (drawn: Drawn, png: [UInt8]) {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        let plan = try Data(contentsOf: URL(fileURLWithPath: "\(root)/Sources/AndonServer/Samples/floor-plan.svg"))
        let figure = MapFigure(
            plan: try FloorPlan(Array(plan)),
            zone: [(0.72, 0.03), (0.97, 0.03), (0.97, 0.41), (0.72, 0.41)].map { .init(x: $0.0, y: $0.1) },
            camera: .init(x: 0.76, y: 0.36), path: ["BEDFORD", "LINE-1", "Welding cell 5 (WELD-05)", "Cell (Z3)"],
            details: ["station ST-10", "grid C4"], zoneName: "zone Cell (Z3)", markName: "camera CAM-03")
        let layout = MapLayout(figure, width: 600, on: try Canvas(.png, width: 600, height: 100))
        let canvas = try Canvas(.png, width: 600, height: layout.height)
        try MapDrawing(layout: layout).draw(on: canvas)
        let words = try tidy(canvas)
        let png = try figure.png(width: 600)
        return (Drawn(pixels: try Tool.decoded(png: png), words: words), png)
    }

    static func crop() throws -> (drawn: Drawn, png: [UInt8]) {
        let titles = ["porosity 0.93, critical, 2026-11-23 21:09:00", "the same place without a defect, 20:58:10"]
        let png = try Cropper.crop(
            Tool.jpeg(photo()), box: marks[0].box, title: titles[0], good: Tool.jpeg(photo(isGood: true)),
            goodTitle: titles[1])
        let blank = PixelImage(width: 195, height: 163, pixels: [UInt8](repeating: 0, count: 195 * 163 * 3))
        let words = try tidy(CropDrawing(titles.map { .init(blank, title: $0) }).drawn())
        return (Drawn(pixels: try Tool.decoded(png: png), words: words), png)
    }

    // MARK: Sheets

    static func sheet() throws -> Drawn {
        let sheet = SheetFigure(
            title: "Porosity on WELD-05 (severity 0.93 critical, zone Z3)", reference: "A7K2M9QX3F", priority: 1,
            path: ["BEDFORD", "LINE-1", "Welding cell 5 (WELD-05)", "Cell (Z3)"],
            dates: [.init("Detected", "2026-11-23 21:09:00"), .init("Needed by", "2026-11-24 06:00:00")],
            reason: "Corrective: severity 0.93 is at least 0.9, and the asset's criticality is A.",
            evidence: .init(
                try Annotator.annotate(Tool.jpeg(photo()), annotation()).bytes, caption: "Annotated copy"),
            crop: .init(try crop().png, caption: "The defect, enlarged, and the same place before"),
            chart: .init(try chart.png(), caption: "Control chart"),
            map: .init(try map().png, caption: "Where it is"),
            facts: [
                .init("Class", "porosity"), .init("Confidence", "0.93"), .init("Severity", "0.93 critical"),
                .init("Camera", "CAM-03"), .init("Lot", "L-2231"), .init("Model", "yolo 8"),
            ], footer: ["SHA-256 of the original 9f86d081884c7d65", "http://andon.plant.example/orders/A7K2M9QX3F"],
            created: "2026-11-23T21:09:01Z")
        let canvas = try Canvas(.pdf, width: sheet.paper.size.width, height: sheet.paper.size.height)
        let layout = SheetLayout(sheet, on: canvas)
        SheetDrawing(layout: layout).draw(on: canvas)
        // The pictures in it have golden ones of their own; here their words count as words.
        let words = try tidy(canvas) + layout.pictures.map(\.box)
        let scale = 96.0 / 72
        let page = try Tool.run(["pdftoppm", "-r", "96", "-gray", "-singlefile", "-"], sheet.pdf())
        return Drawn(
            pixels: try Pixels(netpbm: page),
            words: words.map {
                Box(left: $0.left * scale, top: $0.top * scale, width: $0.width * scale, height: $0.height * scale)
            })
    }
}

extension Pixels {
    /// As a printer without colours has it (luma of ITU-R BT.601).
    var grey: Pixels {
        guard channels == 3 else { return self }
        let luma = (0..<width * height).map { pixel -> UInt16 in
            let rgb = values[pixel * 3..<pixel * 3 + 3].map { Int($0) }
            let weighed: Int = 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]
            return UInt16(weighed / 1000)
        }
        return Pixels(width: width, height: height, channels: 1, values: luma, highest: highest)
    }
}
