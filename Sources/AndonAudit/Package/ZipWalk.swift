/// Follows a package as it arrives, without keeping it: which files have begun. For a progress bar.
public struct ZipWalk: Sendable {
    private var head: [UInt8] = []
    /// Bytes of the file to pass over.
    private var rest: UInt64 = 0
    /// Behind the last file.
    private var isAtEnd = false
    private var tail: [UInt8] = []
    /// Records of which everything but the last bytes has arrived.
    public private(set) var records = 0

    private static let headLength = 30
    private static let endLength = 22

    public init() {}

    /// Whether the archive's last line was seen.
    public var isWhole: Bool { isAtEnd && tail.starts(with: [0x50, 0x4B, 5, 6]) }

    public mutating func add(_ bytes: some Collection<UInt8>) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            if isAtEnd {
                tail = Array((tail + bytes.suffix(Self.endLength)).suffix(Self.endLength))
                return
            }
            if rest > 0 {
                let step = Int(min(rest, UInt64(bytes.count)))
                bytes = bytes.dropFirst(step)
                rest -= UInt64(step)
                continue
            }
            let step = min(needed - head.count, bytes.count)
            head += bytes.prefix(step)
            bytes = bytes.dropFirst(step)
            guard head.count >= Self.headLength else { return }
            if !head.starts(with: [0x50, 0x4B, 3, 4]) { isAtEnd = true } else if head.count == needed { begin() }
        }
    }

    /// Bytes of the header, its name and its extra field, as far as is known.
    private var needed: Int {
        head.count < Self.headLength ? Self.headLength : Self.headLength + Int(number(26, 2)) + Int(number(28, 2))
    }

    private func number(_ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(head[at + $1]) << UInt64(8 * $1) }
    }

    private mutating func begin() {
        let nameEnd = Self.headLength + Int(number(26, 2))
        let name = String(decoding: head[Self.headLength..<nameEnd], as: UTF8.self)
        rest = number(22, 4)
        if rest == UInt64(UInt32.max), head.count - nameEnd == 20 { rest = number(nameEnd + 4, 8) }
        if name.hasPrefix("proofs/"), name != "proofs/system.json" { records += 1 }
        head = []
    }
}
