import AndonDecide
import AndonModel
import AndonWeb

/// The rules in words, in a reader's language.
struct RuleWords: Sendable {
    let texts: Texts
    let formats: Formats

    init(_ web: Web, _ language: Language) {
        texts = web.texts(language)
        formats = web.formats(language)
    }

    static let page = "rules"

    subscript(key: String) -> String { texts[Self.page, key] }

    func text(_ key: String, _ values: [String: String]) -> String { texts.text(Self.page, key, values) }

    func count(_ key: String, _ count: Int) -> String {
        texts.count(Self.page, key, count, formats.number(count))
    }

    /// What an option is called.
    func name(_ field: Rule.Field) -> String { self["field-\(field.rawValue)"] }

    /// A value as `Rule.json` has it; a dash for none.
    func value(_ field: Rule.Field, _ value: JSON?) -> String {
        guard let value else { return "–" }
        switch field {
        case .frequency: return frequency(value)
        case .coolDown, .reopenWithin, .afterCancelFor: return Self.duration(value.number ?? 0)
        case .whileOpen, .whenWorse, .kind, .afterCancel, .whenInControl, .whenOutOfControl:
            return self["value-\(field.rawValue)-\(value.string ?? "")"]
        case .minConfidence, .minSeverity, .defaultSeverity, .action, .orderType: return Self.plain(value)
        }
    }

    private func frequency(_ value: JSON) -> String {
        let count = value["count"]?.integer ?? 1
        guard count > 1 else { return self["frequency-off"] }
        if let parts = value["parts"]?.integer {
            return text("frequency-parts", ["count": formats.number(count), "parts": formats.number(parts)])
        }
        let time = Self.duration(value["seconds"]?.number ?? 0)
        return text("frequency-time", ["count": formats.number(count), "time": time])
    }

    /// As it is typed: `30m`.
    static func duration(_ seconds: Double) -> String {
        Quantity.text(.microseconds(Int64((seconds * 1_000_000).rounded())))
    }

    /// A value of a document as it stands there.
    static func plain(_ value: JSON?) -> String {
        guard let value else { return "–" }
        return value.string ?? value.canonicalText
    }

    /// The same for a form's field: empty for none.
    static func text(_ value: JSON?) -> String { value == nil ? "" : plain(value) }

    /// `asset PRESS-07`, `all classes`.
    func level(_ level: RuleInheritance.Level) -> String {
        text("level-\(level.kind.rawValue)", ["name": level.name ?? ""])
    }

    /// A date of the wall clock.
    static func iso(_ date: CivilDate) -> String {
        let midnight = Timestamp(microseconds: date.daysSinceEpoch * 86_400_000_000)
        return String(midnight.description.prefix(10))
    }

    /// Minutes after midnight: `06:00`.
    static func clock(_ minutes: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
