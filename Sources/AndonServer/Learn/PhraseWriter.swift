import AndonLearn
import AndonModel
import AndonWeb

/// What a report says, in a reader's language, with its numbers as the language writes them and its times as the plant's
/// clock has them.
struct PhraseWriter {
    /// Nil for the report's own English.
    var texts: Texts?
    let formats: Formats

    private static let page = "learn-report"

    func text(_ phrase: Phrase) -> String {
        let template = texts.map { $0[Self.page, phrase.key] } ?? phrase.template
        return phrase.filled(template) { text($0) }
    }

    private func text(_ value: Phrase.Value) -> String {
        switch value {
        case .name(let name): name
        case .figure(let figure): formats.figure(figure)
        case .percent(let figure): percent(figure)
        case .time(let time): formats.time(Timestamp(microseconds: time))
        case .day(let time): formats.day(Timestamp(microseconds: time))
        case .phrase(let phrase): text(phrase)
        case .list(let phrases, let separator): phrases.map { text($0) }.joined(separator: separator)
        }
    }

    func text(_ cell: Report.Cell) -> String {
        switch cell {
        case .text(let name): name
        case .phrase(let phrase): text(phrase)
        case .count(let count): formats.number(count)
        case .number(let value, let digits): number(value, digits)
        case .share(let share): percent((share * 100).fixed(1))
        case .none: "–"
        }
    }

    func number(_ value: Double, _ digits: Int) -> String { formats.figure(value.fixed(digits)) }

    private func percent(_ figure: String) -> String {
        "\(formats.figure(figure))\(formats.language == .german ? "\u{a0}" : " ")%"
    }

    /// What was kept as a whole in English, and is told so in every language.
    static func isEnglish(_ phrase: Phrase) -> Bool { phrase.key == Phrase.asWritten }
}
