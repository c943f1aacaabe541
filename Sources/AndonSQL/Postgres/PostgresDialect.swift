import Synchronization

/// Our SQL in PostgreSQL's words.
///
/// What both engines know is written the same; functions of SQLite's that PostgreSQL lacks are made there
/// (``PostgresFunctions``). What is left is little: hints for the planner, the names of types, case in LIKE, subqueries
/// that need a name, comparisons that know NULL.
final class PostgresDialect: Sendable {
    private let tokens: [SQLToken]
    /// Texts that were made already, by the places that are NULL in them.
    private let texts = Mutex<[UInt64: String]>([:])
    private static let textsMax = 64

    private init(tokens: [SQLToken]) { self.tokens = tokens }

    /// A statement that reads or changes rows. Each is translated once.
    static func statement(_ sql: String) -> PostgresDialect {
        known.withLock { known in
            if let there = known[sql] { return there }
            // Some statements have lists in them that differ each time.
            if known.count >= 5000 { known.removeAll() }
            let made = PostgresDialect(tokens: translated(SQLToken.all(of: sql)))
            known[sql] = made
            return made
        }
    }

    private static let known = Mutex<[String: PostgresDialect]>([:])

    /// The text for values of which some are NULL: these stand in it themselves, as the server cannot tell the type of a
    /// place that is NULL everywhere.
    func text(_ values: [DatabaseValue]) -> (sql: String, values: [DatabaseValue]) {
        let kept = values.filter { !$0.isNull }
        guard values.count <= UInt64.bitWidth else { return (made(for: values), kept) }
        let nulls = values.indices.reduce(UInt64(0)) { values[$1].isNull ? $0 | 1 << UInt64($1) : $0 }
        if let known = texts.withLock({ $0[nulls] }) { return (known, kept) }
        let text = made(for: values)
        texts.withLock { if $0.count < Self.textsMax { $0[nulls] = text } }
        return (text, kept)
    }

    private func made(for values: [DatabaseValue]) -> String {
        var numbers: [Int] = []
        for value in values { numbers.append((numbers.last ?? 0) + (value.isNull ? 0 : 1)) }
        return tokens.text { place in
            guard values.indices.contains(place - 1), !values[place - 1].isNull else { return "NULL" }
            return "$\(numbers[place - 1])"
        }
    }

    // MARK: Translation

    static func translated(_ tokens: [SQLToken]) -> [SQLToken] {
        withNames(comparing(withoutHints(ignoring(tokens.map(word)))))
    }

    /// Words that are others there.
    private static func word(_ token: SQLToken) -> SQLToken {
        guard case .word(let word) = token else { return token }
        return switch word {
        case "INTEGER": .word("BIGINT")
        case "REAL": .word("DOUBLE PRECISION")
        case "BLOB": .word("BYTEA")
        case "LIKE": .word("ILIKE")
        default: token
        }
    }

    /// `INSERT OR IGNORE` ends with what to do.
    private static func ignoring(_ tokens: [SQLToken]) -> [SQLToken] {
        var found: [SQLToken] = []
        var isIgnoring = false
        for (place, token) in tokens.enumerated() {
            if token.isWord("OR"), place > 0, tokens[place - 1].isWord("INSERT") {
                isIgnoring = true
                continue
            }
            if isIgnoring, token.isWord("IGNORE") { continue }
            if isIgnoring, token.is(";") {
                found += [.word("ON"), .word("CONFLICT"), .word("DO"), .word("NOTHING")]
                isIgnoring = false
            }
            found.append(token)
        }
        if isIgnoring { found += [.word("ON"), .word("CONFLICT"), .word("DO"), .word("NOTHING")] }
        return found
    }

    /// The planner there takes no hints; a cross join that has a condition is a join.
    private static func withoutHints(_ tokens: [SQLToken]) -> [SQLToken] {
        var found: [SQLToken] = []
        var place = 0
        while place < tokens.count {
            let token = tokens[place]
            if token.isWord("INDEXED") {
                place += 3
            } else if token.isWord("CROSS"), hasCondition(tokens, behind: place + 2) {
                place += 1
            } else {
                found.append(token)
                place += 1
            }
        }
        return found
    }

    private static func hasCondition(_ tokens: [SQLToken], behind start: Int) -> Bool {
        var place = start
        while place < tokens.count {
            if tokens[place].is("("), let end = tokens.closing(place) { place = end }
            if tokens[place].isWord("ON") { return true }
            if ["JOIN", "WHERE", "GROUP", "ORDER", "LIMIT"].contains(where: tokens[place].isWord)
                || tokens[place].is(")") || tokens[place].is(",")
            {
                return false
            }
            place += 1
        }
        return false
    }

    /// `a IS b` and `a IS NOT b`, where `b` is a value.
    private static func comparing(_ tokens: [SQLToken]) -> [SQLToken] {
        var found: [SQLToken] = []
        for (place, token) in tokens.enumerated() {
            found.append(token)
            guard token.isWord("IS"), place + 1 < tokens.count else { continue }
            let isNegated = tokens[place + 1].isWord("NOT")
            let value = place + (isNegated ? 2 : 1)
            guard value < tokens.count, !["NULL", "DISTINCT"].contains(where: tokens[value].isWord) else { continue }
            found += isNegated ? [.word("DISTINCT FROM")] : [.word("NOT DISTINCT FROM")]
        }
        // The NOT behind a negated one is told already.
        var told: [SQLToken] = []
        for token in found {
            if token.isWord("NOT"), told.last?.isWord("DISTINCT FROM") ?? false { continue }
            told.append(token)
        }
        return told
    }

    /// A subquery that rows come from has a name.
    private static func withNames(_ tokens: [SQLToken]) -> [SQLToken] {
        var names: [Int: Int] = [:]
        for place in tokens.indices where place > 0 && tokens[place].is("(") {
            guard ["FROM", "JOIN"].contains(where: tokens[place - 1].isWord) || isListed(tokens, place),
                place + 1 < tokens.count, ["SELECT", "VALUES", "WITH"].contains(where: tokens[place + 1].isWord),
                let end = tokens.closing(place)
            else { continue }
            let next = end + 1 < tokens.count ? tokens[end + 1] : nil
            if case .word(let word)? = next, !following.contains(word.uppercased()) { continue }
            names[end] = names.count + 1
        }
        guard !names.isEmpty else { return tokens }
        return tokens.enumerated().flatMap { place, token in
            names[place].map { [token, .word("AS"), .word("unnamed_\($0)")] } ?? [token]
        }
    }

    /// Behind a comma in a FROM, and not in a list of values.
    private static func isListed(_ tokens: [SQLToken], _ place: Int) -> Bool {
        guard tokens[place - 1].is(",") else { return false }
        var depth = 0
        for token in tokens[..<place].reversed() {
            if token.is(")") { depth += 1 }
            if token.is("(") { depth -= 1 }
            if depth < 0 { return false }
            if depth == 0, token.isWord("FROM") { return true }
            if depth == 0, ["SELECT", "WHERE", "VALUES", "SET"].contains(where: token.isWord) { return false }
        }
        return false
    }

    private static let following: Set<String> = [
        "WHERE", "GROUP", "ORDER", "LIMIT", "JOIN", "LEFT", "CROSS", "INNER", "ON", "UNION", "EXCEPT", "HAVING", "SET",
        "USING", "RETURNING", "INTERSECT",
    ]
}
