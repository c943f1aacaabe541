/// The patterns of the operator Like (Part 4, 7.7.3): `%` any text, `_` one character, `[abc]` and `[a-z]` one of
/// these, `[^abc]` none of these, `\` before a character that stands for itself.
struct LikePattern: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case any
        case one
        case literal(Character)
        case set([ClosedRange<Character>], negated: Bool)
    }

    /// Bounds of the work of one comparison, in bytes of UTF-8.
    static let patternBytes = 1024
    static let textBytes = 65_536
    /// Characters that one comparison looks at, those included that it comes back to.
    static let stepsMax = 100_000

    let parts: [Part]

    /// Nil where it is too long, a set is not closed or empty, or nothing follows a backslash.
    init?(_ text: String) {
        guard text.utf8.count <= Self.patternBytes else { return nil }
        var parts: [Part] = []
        var rest = Array(text)[...]
        while let character = rest.popFirst() {
            switch character {
            case "%": if parts.last != .any { parts.append(.any) }
            case "_": parts.append(.one)
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                parts.append(.literal(next))
            case "[":
                guard let set = Self.set(&rest) else { return nil }
                parts.append(set)
            default: parts.append(.literal(character))
            }
        }
        self.parts = parts
    }

    private static func set(_ rest: inout ArraySlice<Character>) -> Part? {
        let negated = rest.first == "^"
        if negated { rest.removeFirst() }
        guard let end = rest.firstIndex(of: "]"), end > rest.startIndex else { return nil }
        let inside = Array(rest[..<end])
        rest = rest[(end + 1)...]
        var ranges: [ClosedRange<Character>] = []
        var index = 0
        while index < inside.count {
            if index + 2 < inside.count, inside[index + 1] == "-" {
                guard inside[index] <= inside[index + 2] else { return nil }
                ranges.append(inside[index]...inside[index + 2])
                index += 3
            } else {
                ranges.append(inside[index]...inside[index])
                index += 1
            }
        }
        return .set(ranges, negated: negated)
    }

    /// Whether the whole text fits; nil where that takes more steps than allowed. Goes back to the last `%` only, so
    /// that it takes at most text × pattern.
    func matches(_ text: String) -> Bool? {
        let characters = Array(text)
        var (place, part) = (0, 0)
        var steps = 0
        var retry: (place: Int, part: Int)?
        while place < characters.count {
            steps += 1
            guard steps <= Self.stepsMax else { return nil }
            if part < parts.count, parts[part] == .any {
                retry = (place, part)
                part += 1
            } else if part < parts.count, Self.fits(parts[part], characters[place]) {
                place += 1
                part += 1
            } else if let last = retry {
                retry = (last.place + 1, last.part)
                (place, part) = (last.place + 1, last.part + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }

    private static func fits(_ part: Part, _ character: Character) -> Bool {
        switch part {
        case .any: false
        case .one: true
        case .literal(let wanted): wanted == character
        case .set(let ranges, let negated): ranges.contains { $0.contains(character) } != negated
        }
    }
}
