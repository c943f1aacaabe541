/// A piece of a SQL text.
enum SQLToken: Equatable {
    /// A keyword or a name.
    case word(String)
    /// A place for a value, by its number from 1.
    case place(Int)
    /// Text in quotes, a number, an operator, a parenthesis: as it stands.
    case other(String)

    /// Compared without regard to case, as keywords are.
    func isWord(_ name: String) -> Bool {
        if case .word(let word) = self { word.uppercased() == name } else { false }
    }

    func `is`(_ symbol: String) -> Bool { self == .other(symbol) }

    /// All of a text's, without spaces and comments.
    static func all(of sql: String) -> [SQLToken] {
        var reading = Reading(bytes: Array(sql.utf8))
        return reading.all()
    }

    private struct Reading {
        let bytes: [UInt8]
        var at = 0
        var places = 0

        mutating func all() -> [SQLToken] {
            var found: [SQLToken] = []
            while at < bytes.count { if let token = next() { found.append(token) } }
            return found
        }

        private mutating func next() -> SQLToken? {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                at += 1
                return nil
            case UInt8(ascii: "-") where at + 1 < bytes.count && bytes[at + 1] == byte:
                at = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                return nil
            case UInt8(ascii: "'"), UInt8(ascii: "\""): return .other(quoted(byte))
            case UInt8(ascii: "?"): return place()
            case _ where Self.isWordByte(byte): return word()
            default: return .other(symbol())
            }
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

        private static func isWordByte(_ byte: UInt8) -> Bool {
            isDigit(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }

        /// A quote that is doubled is one.
        private mutating func quoted(_ quote: UInt8) -> String {
            let start = at
            at += 1
            while at < bytes.count {
                at += 1
                guard bytes[at - 1] == quote else { continue }
                guard at < bytes.count, bytes[at] == quote else { break }
                at += 1
            }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }

        private mutating func place() -> SQLToken {
            at += 1
            let start = at
            while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
            places = Int(String(decoding: bytes[start..<at], as: UTF8.self)) ?? places + 1
            return .place(places)
        }

        /// A number may have a point in it; a name does not.
        private mutating func word() -> SQLToken {
            let (start, isNumber) = (at, Self.isDigit(bytes[at]))
            while at < bytes.count, Self.isWordByte(bytes[at]) || (isNumber && bytes[at] == UInt8(ascii: ".")) {
                at += 1
            }
            let text = String(decoding: bytes[start..<at], as: UTF8.self)
            return isNumber ? .other(text) : .word(text)
        }

        private mutating func symbol() -> String {
            let two = bytes[at...].prefix(2)
            let isLong = ["||", "<>", "<=", ">=", "==", "!="].contains { two.elementsEqual($0.utf8) }
            let start = at
            at += isLong ? 2 : 1
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
    }

    /// As it stands in a text, its place given by `place`.
    func text(_ place: (Int) -> String) -> String {
        switch self {
        case .word(let word): word
        case .place(let number): place(number)
        case .other(let text): text
        }
    }
}

extension [SQLToken] {
    /// Tokens as a text again: names that are joined by points stay together.
    func text(_ place: (Int) -> String = { "$\($0)" }) -> String {
        var text = ""
        var previous: SQLToken?
        for token in self {
            let isJoined = token.is(".") || previous?.is(".") ?? true || token.is(",") || token.is(";")
            if !isJoined { text += " " }
            text += token.text(place)
            previous = token
        }
        return text
    }

    /// The place of the parenthesis that closes the one at `opening`.
    func closing(_ opening: Int) -> Int? {
        var depth = 0
        for place in opening..<count {
            if self[place].is("(") { depth += 1 }
            guard self[place].is(")") else { continue }
            depth -= 1
            if depth == 0 { return place }
        }
        return nil
    }
}
