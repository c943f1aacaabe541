import AndonModel
import AndonWeb
import Testing

@testable import AndonServer

@Suite("What a trend says, in a reader's language")
struct PredictionWordsTests {
    private static func words(_ language: Language) throws -> PredictionWords {
        let said = try AndonServerTests.words(of: language)
        return PredictionWords(texts: said.texts, formats: said.formats)
    }

    private static func prediction(_ standing: Prediction.Standing, slope: Double) -> Prediction {
        var found = Prediction(
            chart: "wear", stratum: "asset=MILL-03", point: 40, points: 30, standing: standing, threshold: 2.5,
            isRising: true, confidence: 0.95)
        (found.slope, found.slopeLower, found.slopeUpper) = (slope, slope / 2, slope * 2)
        (found.significance, found.level) = (0.01, 1.5)
        return found
    }

    @Test("Without a date the English is the sentence of the order's document")
    func english() throws {
        let words = try Self.words(.english)
        for standing in Prediction.Standing.allCases {
            for slope in [0.25, -0.25] {
                let found = Self.prediction(standing, slope: slope)
                #expect(words.text(found) == found.sentence)
            }
        }
        var bare = Self.prediction(.degrading, slope: 0.25)
        (bare.slopeLower, bare.significance, bare.level) = (nil, nil, nil)
        #expect(words.text(bare) == bare.sentence)
    }

    @Test("A German reader is told the days of the plant, and no English word")
    func german() throws {
        var found = Self.prediction(.dated, slope: -0.25)
        found.first = Timestamp("2026-12-01T23:30:00Z")
        found.expected = Timestamp("2026-12-05T06:00:00Z")
        found.last = Timestamp("2026-12-09T06:00:00Z")
        let text = try Self.words(.german).text(found)
        #expect(
            text.hasPrefix("wear (asset=MILL-03): fällt um 0,25 am Tag (95 % 0,125 bis 0,5) über 30 Punkte"), "\(text)")
        #expect(
            text.contains("zwischen 02.12.2026 und 09.12.2026 erreicht (95\u{a0}%), erwartet 05.12.2026"), "\(text)")
    }
}
