import Foundation
import Testing

@testable import AndonDraw

@Suite("A document of pages")
struct DocumentTests {
    private static func sample(rows: Int, chapters: Int = 3) -> Document {
        var document = Document(
            title: "Nonconformity register", subtitle: ["ISO 9001:2015, clause 8.7", "2026-01-01 to 2026-06-30"],
            footer: "Andon, made from the ledger's first 1,204 entries", created: "2026-07-01T00:00:00Z",
            hasContents: true)
        for chapter in 1...chapters {
            document.blocks += [
                .heading(1, "Chapter \(chapter)"),
                .paragraph("What this chapter says. " + String(repeating: "It goes on with words. ", count: 60)),
                .notice("Missing", "2 of 17 records have no root cause."), .heading(2, "Register \(chapter)"),
                .table(
                    [.init("Order"), .init("Asset"), .init("What was found", weight: 3)],
                    rows: (0..<rows).map {
                        ["R\(chapter)-\($0)", "PRESS-07", "scratch on the left edge, number \($0)"]
                    }
                ),
                .facts([.init("Root cause", nil), .init("Closed", "2026-02-03", source: "entry 17")]),
            ]
        }
        return document
    }

    private func run(_ tool: String, _ pdf: [UInt8], _ options: [String] = []) throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("andon-doc-\(UUID()).pdf")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(pdf).write(to: file)
        return try Tool.output([tool] + options + [file.path] + (tool == "pdftotext" ? ["-"] : []))
    }

    @Test("Every page says its number of how many, and the list of contents names the page that each chapter is on")
    func numbers() throws {
        let document = Self.sample(rows: 90)
        let pdf = try document.pdf()
        let pages = try run("pdftotext", pdf, ["-layout"]).split(separator: "\u{0C}").map(String.init)
        #expect(pages.count == (try document.pageCount()) && pages.count > 8, "\(pages.count)")
        for (index, page) in pages.enumerated() { #expect(page.contains("page \(index + 1) of \(pages.count)")) }
        for chapter in 1...3 {
            let line = try #require(
                pages[0].split(separator: "\n").first { $0.contains("Chapter \(chapter)") }, "\(pages[0])")
            let number = try #require(line.split(separator: " ").last.flatMap { Int($0) })
            let words = pages[number - 1].split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(words.contains("Chapter \(chapter)"), "page \(number)")
        }
        #expect(pages.joined().contains("not recorded"))
    }

    @Test("Nothing of a long table or text is left out, and each page of a table has its head")
    func complete() throws {
        let pdf = try Self.sample(rows: 150, chapters: 1).pdf()
        let text = try run("pdftotext", pdf, ["-layout"])
        for row in 0..<150 { #expect(text.contains("R1-\(row) "), "\(row)") }
        let pages = text.split(separator: "\u{0C}").filter { $0.contains("R1-") }
        for page in pages { #expect(page.contains("What was found")) }
        #expect(pages.count > 2)

        let words = (0..<3000).map { "w\($0)" }
        let long = Document(
            title: "Long",
            blocks: [
                .paragraph(words.joined(separator: " ")),
                .table([.init("A"), .init("B")], rows: [[words.joined(separator: " "), "short"]]),
            ])
        let found = try run("pdftotext", try long.pdf(), ["-raw"]).split(whereSeparator: \.isWhitespace)
        let counts = Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
        for word in words { #expect(counts[Substring(word)] == 2, "\(word): \(counts[Substring(word)] ?? 0)") }
    }

    @Test(
        "A text without a space, an empty one and letters that no font has end",
        arguments: [
            String(repeating: "i", count: 5000), "", "\n\n", String(repeating: "W", count: 700), "\u{FFFE}\u{0000}x",
            String(repeating: "\u{1F600}", count: 400),
        ])
    func odd(_ text: String) throws {
        let document = Document(
            title: text, subtitle: [text], footer: text, hasContents: true,
            blocks: [
                .heading(1, text), .paragraph(text), .notice(text, text), .facts([.init(text, text, source: text)]),
                .table([.init(text)], rows: [[text], []]),
                .picture([1, 2], description: text, caption: text, height: 90),
            ])
        #expect(try run("pdfinfo", try document.pdf()).contains("Pages:"))
    }

    @Test("It is tagged: headings, tables with heads, the list of contents; and it has bookmarks")
    func structure() throws {
        let pdf = try Self.sample(rows: 60).pdf()
        #expect(try run("pdfinfo", pdf).contains("Tagged:          yes"))
        let structure = try run("pdfinfo", pdf, ["-struct-text"])
        for element in ["Document", "H1", "H2", "H3", "P", "Table", "TR", "TH", "TD", "TOC", "TOCI"] {
            #expect(
                structure.split(separator: "\n").contains {
                    $0.trimmingCharacters(in: .whitespaces).hasPrefix(element)
                },
                "\(element)")
        }
        #expect(structure.contains("Register 2"))
        let destinations = try run("pdfinfo", pdf, ["-dests"])
        #expect(destinations.contains("\"h0\"") && destinations.contains("\"h5\""), "\(destinations)")
        let raw = String(decoding: pdf, as: UTF8.self)
        #expect(raw.contains("/Outlines"))
    }

    @Test("The same document gives the same bytes")
    func deterministic() throws {
        #expect(try Self.sample(rows: 20).pdf() == Self.sample(rows: 20).pdf())
    }
}
