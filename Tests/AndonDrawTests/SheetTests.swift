import Foundation
import Testing

@testable import AndonDraw

@Suite("Work order sheets")
struct SheetTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func photo() throws -> [UInt8] {
        Array(try Data(contentsOf: root.appendingPathComponent("Sources/AndonServer/Samples/scratch.jpg")))
    }

    private static func sheet() throws -> SheetFigure {
        SheetFigure(
            title: "Scratch on PRESS-07 (severity 0.82 major, zone Z1)", reference: "MQSC0YO2ZN", priority: 1,
            path: ["BEDFORD", "LINE-1", "Stamping press 7 (PRESS-07)", "Press hall (Z1)"],
            dates: [.init("Detected", "2026-11-25 21:12:40"), .init("Planned for", "2026-11-28 06:00:00")],
            reason: "Corrective: severity 0.82 is at least 0.4.",
            evidence: .init(try photo(), caption: "Original picture"),
            crop: .init(try photo(), caption: "The defect, enlarged"),
            chart: .init(try ChartFigure.sample().png(), caption: "Control chart"),
            map: .init(try Canvas(.png, width: 600, height: 400).bytes(), caption: "Where it is"),
            facts: (1...10).map { .init("Fact \($0)", "value \($0)") }, footer: ["SHA-256 9f86d0", "rule r", "record"],
            created: "2026-11-25T20:12:41Z")
    }

    /// Every way of leaving parts out, and each paper.
    private static func variants() throws -> [SheetFigure] {
        let whole = try sheet()
        return (0..<32).map { bits in
            var sheet = whole
            if bits & 1 != 0 { sheet.evidence = nil }
            if bits & 2 != 0 { sheet.crop = nil }
            if bits & 4 != 0 { sheet.chart = nil }
            if bits & 8 != 0 { sheet.map = nil }
            if bits & 16 != 0 { sheet.paper = .letter }
            return sheet
        }
    }

    private func layout(_ sheet: SheetFigure) throws -> SheetLayout {
        SheetLayout(sheet, on: try Canvas(.pdf, width: sheet.paper.size.width, height: sheet.paper.size.height))
    }

    @Test("One page of the right paper, with its words as text, read by another program")
    func page() async throws {
        for (paper, size) in [(SheetFigure.Paper.a4, "595 x 842 pts (A4)"), (.letter, "612 x 792 pts (letter)")] {
            var sheet = try Self.sheet()
            sheet.paper = paper
            let pdf = try PDF(sheet.pdf())
            let facts = try await pdf.ask("pdfinfo", [])
            #expect(facts.contains("Pages:           1\n") && facts.contains(size), "\(facts)")
            #expect(facts.contains("Title:           MQSC0YO2ZN Scratch on PRESS-07"), "\(facts)")
            let text = try await pdf.ask("pdftotext", ["-layout"], ["-"])
            for words in [
                "MQSC0YO2ZN", "PRIORITY 1", "Scratch on PRESS-07", "Stamping press 7", "Corrective: severity 0.82",
                "What was found", "Cause", "Parts used", "Labour hours", "Signature", "a false alarm", "value 10",
                "SHA-256 9f86d0", "page 1 of 1", "2026-11-28 06:00:00",
            ] {
                #expect(text.replacing("\u{00A0}", with: " ").contains(words), "\(words) in \(text)")
            }
        }
    }

    @Test("A JPEG is in the page byte for byte, and nothing else was made of it")
    func untouched() async throws {
        var sheet = try Self.sheet()
        sheet.crop = nil
        let pdf = try PDF(sheet.pdf())
        _ = try await pdf.ask("pdfimages", ["-j"], [pdf.folder.path + "/image"])
        let images = try FileManager.default.contentsOfDirectory(atPath: pdf.folder.path).filter {
            $0.hasSuffix(".jpg")
        }
        let image = try #require(images.first)
        #expect(images.count == 1)
        #expect(Array(try Data(contentsOf: pdf.folder.appendingPathComponent(image))) == (try Self.photo()))
    }

    @Test("The same figure gives the same bytes; its date is the one that is stated")
    func same() async throws {
        let sheet = try Self.sheet()
        let bytes = try sheet.pdf()
        #expect(try bytes == sheet.pdf())
        let facts = try await PDF(bytes).ask("pdfinfo", ["-isodates"])
        #expect(facts.contains("CreationDate:    2026-11-25T20:12:41Z"), "\(facts)")
    }

    @Test("Whatever is left out, nothing overlaps, and nothing leaves the page")
    func places() throws {
        for sheet in try Self.variants() { try check(layout(sheet)) }
    }

    private func check(_ layout: SheetLayout) throws {
        let texts =
            layout.texts + layout.fields.flatMap { [$0.name] + $0.choices } + [layout.priorityText].compactMap { $0 }
        for (index, text) in texts.enumerated() {
            #expect(layout.page.grown(-10).holds(text.box), "\(text)")
            #expect(!texts[..<index].contains { $0.box.meets(text.box) }, "\(text)")
            #expect(!layout.pictures.contains { $0.box.meets(text.box) }, "\(text)")
        }
        let blocks =
            layout.pictures.map(\.box) + [layout.facts, layout.reason, layout.priority] + layout.fields.map(\.box)
        for (index, block) in blocks.enumerated() {
            #expect(layout.area.grown(0.1).holds(block) && block.width > 8 && block.height > 8, "\(block)")
            #expect(!blocks[..<index].contains { $0.meets(block.grown(-0.1)) }, "\(block)")
        }
    }

    @Test("Words of any length and script neither overflow nor crash it, and another program finds none on another")
    func hostile() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var hostile = Hostile(seed: seed)
        for round in 0..<24 {
            var sheet = try Self.variants()[round]
            sheet.title = hostile.text()
            sheet.reference = hostile.text()
            sheet.priority = .max
            sheet.path = (0..<5).map { _ in hostile.text() }
            sheet.dates = (0..<6).map { _ in .init(hostile.text(), hostile.text()) }
            sheet.reason = hostile.text()
            sheet.facts = (0..<(round * 2)).map { _ in .init(hostile.text(), hostile.text()) }
            sheet.footer = (0..<4).map { _ in hostile.text() }
            sheet.created = hostile.text()
            sheet.evidence?.caption = hostile.text()
            let layout = try layout(sheet)
            let all = layout.texts
            for (index, text) in all.enumerated() {
                #expect(layout.page.grown(-10).holds(text.box), "seed \(seed), round \(round): \(text)")
                #expect(!all[..<index].contains { $0.box.meets(text.box) }, "seed \(seed), round \(round): \(text)")
            }
            let facts = try await PDF(sheet.pdf()).ask("pdfinfo", [])
            #expect(facts.contains("Pages:           1\n"), "seed \(seed), round \(round): \(facts)")
        }
    }

    @Test("Another program finds no word on another, and none outside the page")
    func words() async throws {
        for sheet in [try Self.sheet()] + (try Self.variants().suffix(2)) {
            let found = try await PDF(sheet.pdf()).ask("pdftotext", ["-bbox"], ["-"])
            let words = found.matches(
                of: /xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</
            )
            .map { match in
                let sides = [match.1, match.2, match.3, match.4].map { Double($0) ?? -1 }
                // The box of a word has its font's whole height, more than from one line to the next.
                let inset = 0.2 * (sides[3] - sides[1])
                return (
                    Box(
                        left: sides[0], top: sides[1] + inset, width: sides[2] - sides[0],
                        height: sides[3] - sides[1] - 2 * inset), String(match.5)
                )
            }
            #expect(words.count > 60)
            let page = Box(
                left: 0, top: 0, width: Double(sheet.paper.size.width), height: Double(sheet.paper.size.height))
            for (index, (box, word)) in words.enumerated() {
                #expect(page.holds(box), "\(word)")
                #expect(!words[..<index].contains { $0.0.meets(box.grown(-0.05)) }, "\(word)")
            }
        }
    }

    @Test("A picture that cannot be printed says so in its place, and the page is whole")
    func broken() async throws {
        let photo = try Self.photo()
        var arithmetic = photo
        let frame = try #require(arithmetic.indices.first { arithmetic[$0] == 0xFF && arithmetic[$0 + 1] == 0xC0 })
        arithmetic[frame + 1] = 0xC9
        let png = try Canvas(.png, width: 300, height: 200).bytes()
        let cases: [([UInt8], String)] = [
            ([], "is no PNG file"), ([1, 2, 3], "is no PNG file"),
            (Array(photo.prefix(40)), "is no JPEG file, or a damaged"),
            (arithmetic, "is a JPEG file of a kind that no reader"), (Array(png.prefix(80)), "cannot be decoded"),
        ]
        for (bytes, words) in cases {
            var sheet = try Self.sheet()
            sheet.evidence = .init(bytes, caption: "Original picture")
            let text = try await PDF(sheet.pdf()).ask("pdftotext", ["-layout"], ["-"])
            #expect(text.contains("not printed: the picture \(words)"), "\(text)")
            #expect(text.contains("page 1 of 1"))
            try check(layout(sheet))
        }
    }

    @Test("A JPEG's header is read to its size and orientation, and no bytes make the reader fall over")
    func headers() throws {
        let photo = try Self.photo()
        let plain = try #require(JPEGHeader(photo))
        #expect(plain.width == 1280 && plain.height == 960 && plain.orientation == 1 && plain.isCommon)
        for orientation in 1...8 {
            let turned = try #require(JPEGHeader(Self.turned(photo, orientation)))
            #expect(turned.orientation == orientation && turned.width == 1280)
            let size = try #require(SheetFigure.Picture(Self.turned(photo, orientation), caption: "").size)
            #expect(size == (orientation > 4 ? (960, 1280) : (1280, 960)))
        }
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(seed: seed)
        let head = Array(Self.turned(photo, 6).prefix(700))
        for _ in 0..<20_000 {
            var bytes = Array(head.prefix(Int.random(in: 0...head.count, using: &random)))
            for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let header = JPEGHeader(bytes) {
                #expect(header.width > 0 && header.height > 0 && (1...8).contains(header.orientation), "seed \(seed)")
            }
        }
    }

    @Test("A picture that was taken upside down is printed upright")
    func upright() async throws {
        let photo = try Self.photo()
        func rendered(_ bytes: [UInt8]) async throws -> [UInt8] {
            var sheet = try Self.sheet()
            (sheet.crop, sheet.chart, sheet.map) = (nil, nil, nil)
            sheet.evidence = .init(bytes, caption: "")
            let box = try #require(try layout(sheet).pictures.first?.box)
            let pdf = try PDF(sheet.pdf())
            let crop = ["-x", "\(Int(box.left) + 2)", "-y", "\(Int(box.top) + 2)", "-W", "400", "-H", "280"]
            _ = try await pdf.ask("pdftoppm", ["-r", "72", "-gray"] + crop, [pdf.folder.path + "/page"])
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: pdf.folder.path).first { $0.hasSuffix(".pgm") })
            return Array(try Data(contentsOf: pdf.folder.appendingPathComponent(name))).suffix(400 * 280)
        }
        func distance(_ one: [UInt8], _ other: [UInt8]) -> Double {
            Double(zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(one.count)
        }
        let plain = try await rendered(photo)
        // The pixels of the file stay; only what it says of them changes, so upright is another picture each time.
        let upsideDown = try await rendered(Self.turned(photo, 3))
        let mirrored = try await rendered(Self.turned(photo, 2))
        #expect(distance(plain, upsideDown) > 3 && distance(plain, mirrored) > 3 && distance(mirrored, upsideDown) > 3)
        #expect(distance(plain, try await rendered(Self.turned(photo, 1))) == 0)
    }

    /// The photo with an Exif segment that states an orientation.
    private static func turned(_ jpeg: [UInt8], _ orientation: Int) -> [UInt8] {
        let tiff: [UInt8] =
            [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0]
            + [0, 0, 0, 0]
        let body = Array("Exif".utf8) + [0, 0] + tiff
        return Array(jpeg.prefix(2)) + [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg.dropFirst(2)
    }
}

/// A PDF in a folder of its own, looked at with the tools of poppler, which know nothing of this program.
private final class PDF {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-pdf-\(UUID())")

    init(_ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: folder.appendingPathComponent("sheet.pdf"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What the tool says, its complaints among it: there should be none.
    func ask(_ tool: String, _ options: [String], _ output: [String] = []) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + options + [folder.appendingPathComponent("sheet.pdf").path] + output
        let (said, complaints) = (Pipe(), Pipe())
        process.standardOutput = said
        process.standardError = complaints
        try process.run()
        let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let words = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && words.isEmpty, "\(tool): \(words)")
        return text
    }
}
