import Testing

@testable import AndonLearn

@Suite("Phrases of reports")
struct PhraseTests {
    @Test("A phrase says its values in their places, and what a value brings along is no place")
    func places() {
        let phrase = Phrase(
            "test", "{a} of {b}, {a}; {unknown} {", ["a": .name("{b}"), "b": .figure("12.50"), "unused": .count(3)])
        #expect(phrase.english == "{b} of 12.50, {b}; {unknown} {")
        #expect(phrase.filled("{b}: {a}") { value in "<\(value.english)>" } == "<12.50>: <{b}>")
        #expect(Phrase("test", "").english.isEmpty)
    }

    @Test("Values are said as reports for programs always had them")
    func values() {
        let said: [(Phrase.Value, String)] = [
            (.share(0.1234), "12.3 %"), (.wholePercent(0.125), "13 %"), (.chance(0.00001), "below 0.0001"),
            (.chance(0.05), "0.0500"), (.shortChance(0.0001), "under 0.001"), (.shortChance(0.0042), "0.004"),
            (.shortChance(0.5), "0.5"), (.days(1), "1 day"), (.days(2.5), "2.5 days"), (.days(59.4), "59 days"),
            (.everyDays(60), "every 60 days"), (.withinDays(1), "within 1 day"), (.byDays(12.2), "by 12 days"),
            (.times(0), "never"), (.times(1), "once"), (.times(40), "40 times"), (.lives(1), "1 life"),
            (.lives(2), "2 lives"), (.histories(1), "1 history"), (.streams(3), "3 classes on assets"),
            (.time(0), "1970-01-01T00:00:00.000000Z"), (.day(0), "1970-01-01"),
        ]
        for (value, text) in said { #expect(value.english == text) }
    }

    @Test("Names are listed as people list them, and sentences stand one behind the other")
    func lists() {
        let names = ["class", "asset", "action"].map { Phrase.name($0) }
        #expect(Phrase.and(names).english == "class, asset and action")
        #expect(Phrase.and(Array(names.prefix(1))).english == "class" && Phrase.and([]).english.isEmpty)
        #expect(Phrase.together([.name("One."), .name("Two.")]).english == "One. Two.")
    }

    @Test("A cell says a name as it is, and what was not recorded as a phrase")
    func cells() {
        #expect(Report.Cell.named("CLEAN") == .text("CLEAN"))
        #expect(Report.Cell.named(CourseContext.unnamed) == .phrase(.notRecorded))
        #expect(Report.Cell.phrase(.notRecorded).words == "not recorded" && Report.Cell.count(3).words == nil)
    }

    @Test("A span is said within a sentence as its heading says it, with a small letter")
    func spans() {
        for span in OrderSpan.allCases {
            let small = span.title.prefix(1).lowercased() + span.title.dropFirst()
            #expect(span.inHours.english == small + ", in hours")
        }
    }
}
