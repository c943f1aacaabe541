import AndonModel

/// Reads members of a batch, and says of each where it stands and what it should be.
struct SiteItemReader {
    private let value: JSON
    private let pointer: String

    init(_ value: JSON, _ pointer: String) { (self.value, self.pointer) = (value, pointer) }

    /// The value itself.
    var json: JSON { value }

    func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-batch", title: "The batch has a fault",
            detail: "\(pointer)/\(member) \(detail).", errors: [.init(pointer: "\(pointer)/\(member)", detail: detail)])
    }

    func optionalText(_ member: String, upTo max: Int = 1000) throws(Problem) -> String? {
        guard let found = value[member], found != .null else { return nil }
        // Where NUL may be, PostgreSQL takes none.
        guard let text = found.string, text.utf8.count <= max, !text.utf8.contains(0) else {
            throw fault(member, "should be a text of at most \(max) bytes without a NUL")
        }
        return text
    }

    func text(_ member: String, upTo max: Int = 1000) throws(Problem) -> String {
        guard let text = try optionalText(member, upTo: max) else { throw fault(member, "is missing") }
        return text
    }

    func number(_ member: String) throws(Problem) -> Int64 {
        guard let number = try optionalNumber(member) else { throw fault(member, "is missing") }
        return number
    }

    func optionalNumber(_ member: String) throws(Problem) -> Int64? {
        guard let found = value[member], found != .null else { return nil }
        guard let number = found.integer, (0...(1 << 53)).contains(number) else {
            throw fault(member, "should be a whole number from 0 on")
        }
        return Int64(number)
    }

    func time(_ member: String) throws(Problem) -> Timestamp {
        guard let time = try optionalTime(member) else { throw fault(member, "is missing") }
        return time
    }

    func optionalTime(_ member: String) throws(Problem) -> Timestamp? {
        guard let text = try optionalText(member, upTo: 60) else { return nil }
        guard let time = Timestamp(text) else { throw fault(member, "should be a time of RFC 3339") }
        return time
    }

    /// One of an enumeration's words.
    func word<Word: RawRepresentable>(_ member: String) throws(Problem) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try text(member)) else { throw fault(member, "is no word that is known") }
        return word
    }

    func hash(_ member: String) throws(Problem) -> [UInt8] {
        guard let bytes = Hex.bytes(try digest(member)) else { throw fault(member, "should be hexadecimal digits") }
        return bytes
    }

    func digest(_ member: String) throws(Problem) -> String {
        let text = try text(member, upTo: 64)
        guard Self.isDigest(text) else { throw fault(member, "should be 64 hexadecimal digits in small letters") }
        return text
    }

    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    func digests(_ member: String, upTo max: Int) throws(Problem) -> [String] {
        guard let found = value[member] else { return [] }
        guard let list = found.array, list.count <= max else {
            throw fault(member, "should be a list of at most \(max) digests")
        }
        let texts = list.compactMap(\.string).filter(Self.isDigest)
        guard texts.count == list.count else { throw fault(member, "should be digests of 64 hexadecimal digits") }
        return texts
    }

    func object(_ member: String) throws(Problem) -> SiteItemReader {
        guard let found = value[member], found.object != nil else { throw fault(member, "should be an object") }
        return SiteItemReader(found, "\(pointer)/\(member)")
    }

    func optionalObject(_ member: String) throws(Problem) -> SiteItemReader? {
        guard let found = value[member], found != .null else { return nil }
        return try object(member)
    }

    func elements(_ member: String, upTo max: Int) throws(Problem) -> [SiteItemReader] {
        guard let list = value[member]?.array, list.count <= max, list.allSatisfy({ $0.object != nil }) else {
            throw fault(member, "should be a list of at most \(max) objects")
        }
        return list.enumerated().map { SiteItemReader($1, "\(pointer)/\(member)/\($0)") }
    }
}
