import AndonAudit

/// Texts that wait on the disk in their order: written within one snapshot of the store, and read when that is over.
final class LabelSpool: Sendable {
    private let file: NamelessFile

    init() throws { file = try NamelessFile(for: "archive") }

    /// Adds a text behind the last one; one at a time.
    func append(_ bytes: [UInt8]) throws {
        try file.append(withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) } + bytes)
    }

    /// The text that begins at `place`, which moves behind it; nil behind the last.
    func next(_ place: inout Int) throws -> [UInt8]? {
        guard try !file.read(1, at: place).isEmpty else { return nil }
        let head = try file.whole(8, at: place)
        let length = Int(head.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) })
        let text = try file.whole(length, at: place + 8)
        place += 8 + length
        return text
    }
}
