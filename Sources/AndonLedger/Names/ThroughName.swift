/// How the ledger and the tables name a person who asked by a machine's key or certificate:
/// `J. Miller (through mes-1)`.
///
/// Both stand in one text, so that whatever says who did something says by whose key as well. An erasure and a search
/// by the person's name find these texts too.
public enum ThroughName {
    private static let joint = " (through "

    public static func text(_ person: String, through machine: String) -> String { "\(beginning(person))\(machine))" }

    /// What all texts begin with that name this person and some machine.
    static func beginning(_ person: String) -> String { person + joint }

    /// Whether a text in the store is the person's name, with a machine's behind it or not, in any case of letters.
    ///
    /// - Parameter place: a column, or what stands for one.
    /// - Returns: a condition of SQL with its arguments.
    static func names(_ person: String, in place: String) -> (sql: String, arguments: [String]) {
        let beginning = beginning(person)
        return (
            "(\(place) = ? COLLATE NOCASE OR substr(\(place), 1, length(?)) = ? COLLATE NOCASE)",
            [person, beginning, beginning]
        )
    }

    /// The person alone; a text that names no machine as it is.
    public static func person(of text: String) -> String {
        guard text.hasSuffix(")"), let place = text.firstRange(of: joint) else { return text }
        return String(text[..<place.lowerBound])
    }
}
