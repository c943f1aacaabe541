import AndonModel

/// Something that a report says: a text with places for values. Its English stands where it is said, so that programs get
/// the report without the pages' words; a page shows the text of the same key in the reader's language.
///
/// Both arguments that are texts are written as literals: a test reads them from the source and holds the pages' English
/// (`AndonWeb/Texts/en/learn-report.json`) to be the same.
public struct Phrase: Hashable, Sendable {
    /// Of the text in `learn-report.json`.
    public let key: String
    /// In English, with a place `{name}` for each value.
    public let template: String
    public private(set) var values: [String: Value]

    public init(_ key: String, _ template: String, _ values: [String: Value] = [:]) {
        (self.key, self.template, self.values) = (key, template, values)
    }

    /// The same words with these values.
    func with(_ values: [String: Value]) -> Phrase {
        var phrase = self
        phrase.values = values
        return phrase
    }

    public enum Value: Hashable, Sendable {
        /// A name of the plant, which is the same in every language.
        case name(String)
        /// A number with a point, rounded to the digits that it has: `1234.50`.
        case figure(String)
        /// A number of percent, in the same way: `12.5`.
        case percent(String)
        /// Microseconds since 1970 UTC.
        case time(Int64)
        /// The day of a time, in microseconds since 1970 UTC.
        case day(Int64)
        case phrase(Phrase)
        case list([Phrase], by: String)

        /// Times are in UTC.
        public var english: String {
            switch self {
            case .name(let text), .figure(let text): text
            case .percent(let figure): "\(figure) %"
            case .time(let time): Timestamp(microseconds: time).description
            case .day(let time): String(Timestamp(microseconds: time).description.prefix(10))
            case .phrase(let phrase): phrase.english
            case .list(let phrases, let separator): phrases.map(\.english).joined(separator: separator)
            }
        }
    }

    public var english: String { filled(template) { $0.english } }

    /// A text with this phrase's values in its places. A place without a value stays as it is; what a value brings along
    /// is no place.
    public func filled(_ template: String, _ say: (Value) -> String) -> String {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            text.append(contentsOf: rest[..<open])
            text.append(values[name].map(say) ?? "{\(name)}")
            rest = rest[rest.index(after: close)...]
        }
        text.append(contentsOf: rest)
        return text
    }
}

extension Phrase {
    /// The key of what is told as somebody wrote it.
    public static let asWritten = "as-written"

    /// A name of the plant in the place of a phrase: a task, an action.
    public static func name(_ name: String) -> Phrase { Phrase("name", "{name}", ["name": .name(name)]) }

    /// A text that was kept as a whole, in English, and cannot be told in another language.
    static func written(_ text: String) -> Phrase { Phrase("as-written", "{text}", ["text": .name(text)]) }

    /// Sentences, one behind the other.
    static func together(_ sentences: [Phrase]) -> Phrase {
        Phrase("together", "{sentences}", ["sentences": .list(sentences, by: " ")])
    }

    /// `class, asset and action`.
    static func and(_ phrases: [Phrase]) -> Phrase {
        guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? name("") }
        return Phrase(
            "and", "{first} and {last}",
            ["first": .list(Array(phrases.dropLast()), by: ", "), "last": .phrase(last)])
    }

    static let all = Phrase("all", "all")
    static let others = Phrase("others", "others")
    /// Where a closure does not say it.
    static let notRecorded = Phrase("not-recorded", "not recorded")
}
