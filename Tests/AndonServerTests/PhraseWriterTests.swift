import AndonLearn
import AndonModel
import AndonWeb
import Testing

@testable import AndonServer

@Suite("Reports in a reader's language")
struct PhraseWriterTests {
    private static func writer(_ language: Language) throws -> PhraseWriter {
        let said = try AndonServerTests.words(of: language)
        return PhraseWriter(texts: said.texts, formats: said.formats)
    }

    private static let phrase = Phrase(
        "change-period",
        "Before: {before} orders, whose work ended from {from} until before {until}. Now: {now} orders.",
        [
            "before": .figure("12345"), "now": .figure("7"),
            "from": .time(Timestamp("2026-07-01T10:00:00Z")?.microseconds ?? 0),
            "until": .day(Timestamp("2026-07-31T23:00:00Z")?.microseconds ?? 0),
        ])

    @Test("Numbers are written as the language writes them, and times are the plant's")
    func phrases() throws {
        let english = try Self.writer(.english).text(Self.phrase)
        #expect(
            english
                == "Before: 12,345 orders, whose work ended from 01/07/2026, 12:00 until before 01/08/2026. Now: 7 orders."
        )
        let german = try Self.writer(.german).text(Self.phrase)
        #expect(
            german
                == "Vorher: 12.345 Aufträge, deren Arbeit ab 01.07.2026, 12:00 und vor 01.08.2026 endete. Jetzt: 7 Aufträge."
        )
    }

    @Test("What is said within a sentence is said in the same language, and a name stays as it is")
    func inner() throws {
        let phrase = Phrase(
            "recurrence-curves-on", "Time to the return, by action, of {name} on {asset}",
            ["name": .name("scratch {asset}"), "asset": .phrase(Phrase("not-recorded", "not recorded"))])
        let german = try Self.writer(.german).text(phrase)
        #expect(german == "Zeit bis zur Wiederkehr, nach Maßnahme, von scratch {asset} an nicht erfasst")
    }

    @Test("Cells have as many digits in each language as the report gives them")
    func cells() throws {
        let (english, german) = (try Self.writer(.english), try Self.writer(.german))
        let cells: [(Report.Cell, String, String)] = [
            (.number(1234.5, digits: 2), "1,234.50", "1.234,50"), (.number(-0.125, digits: 3), "-0.125", "-0,125"),
            (.count(16), "16", "16"), (.count(1_000_000), "1,000,000", "1.000.000"),
            (.share(0.5), "50.0 %", "50,0\u{a0}%"), (.none, "–", "–"), (.text("P-1.5"), "P-1.5", "P-1.5"),
        ]
        for (cell, one, other) in cells {
            #expect(english.text(cell) == one && german.text(cell) == other)
        }
    }

    @Test("A rounded number keeps its digits, and what is no number stays")
    func figures() {
        let german = Formats(.german, timeZone: "UTC")
        let figures = [
            ("1234.50", "1.234,50"), ("0", "0"), ("-7.25", "-7,25"), ("inf", "inf"), ("", ""), ("1.", "1."),
            ("1e5", "1e5"), ("1.2.3", "1.2.3"), ("13", "13"),
        ]
        for (figure, shown) in figures { #expect(german.figure(figure) == shown) }
    }

    @Test("Without texts a report is written in its own English")
    func plain() {
        let writer = PhraseWriter(formats: Formats(.english, timeZone: "Europe/Berlin"))
        #expect(writer.text(Self.phrase).hasPrefix("Before: 12,345 orders, whose work ended from 01/07/2026, 12:00 "))
    }
}
