/// As much of the Distinguished Encoding Rules (ITU-T X.690) as a time stamp needs.
enum DER {
    enum Tag {
        static let boolean: UInt8 = 0x01
        static let integer: UInt8 = 0x02
        static let octets: UInt8 = 0x04
        static let null: UInt8 = 0x05
        static let object: UInt8 = 0x06
        static let time: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31
        static let context0: UInt8 = 0xA0
    }

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + length(content.count) + content }

    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 128 else { return [UInt8(count)] }
        var digits: [UInt8] = []
        var rest = count
        while rest > 0 {
            digits.insert(UInt8(rest & 255), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(digits.count)] + digits
    }

    /// A number that is not negative, the highest byte first.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return element(Tag.integer, digits)
    }

    /// One element after the other.
    struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) {
            rest = bytes
        }

        var isAtEnd: Bool { rest.isEmpty }
        var nextTag: UInt8? { rest.first }

        /// The next element's content; it must have this tag.
        mutating func read(_ tag: UInt8) throws(TransparencyError) -> ArraySlice<UInt8> {
            guard rest.first == tag else {
                throw .malformed("time stamp", "an element of type \(tag) is missing in its DER")
            }
            return try readAny()
        }

        mutating func readAny() throws(TransparencyError) -> ArraySlice<UInt8> {
            guard rest.count >= 2 else { throw .malformed("time stamp", "its DER ends too early") }
            var head = rest.dropFirst()
            let first = head.removeFirst()
            var count = Int(first)
            if first >= 0x80 {
                let digits = Int(first & 0x7F)
                guard (1...4).contains(digits), head.count >= digits else {
                    throw .malformed("time stamp", "its DER has a length that is not written out")
                }
                count = head.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
                head = head.dropFirst(digits)
            }
            guard head.count >= count else { throw .malformed("time stamp", "its DER ends within an element") }
            rest = head.dropFirst(count)
            return head.prefix(count)
        }

        /// Elements inside the next one.
        mutating func inside(_ tag: UInt8) throws(TransparencyError) -> Reader { Reader(try read(tag)) }
    }
}
