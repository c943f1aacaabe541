/// A file of a log in the layout of c2sp.org/tlog-tiles: 256 hashes of one level, or 256 entries.
public struct Tile: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Hashes of subtrees of 256^level leaves.
        case hashes(level: Int)
        case entries
    }

    public var kind: Kind
    public var index: Int64
    /// 1 to 256; a tile of less than 256 is partial.
    public var width: Int

    public static let widthMax = 256

    public init(_ kind: Kind, index: Int64, width: Int = Tile.widthMax) {
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// `tile/L/N[.p/W]` or `tile/entries/N[.p/W]`.
    public var path: String {
        let place =
            switch kind {
            case .hashes(let level): "\(level)"
            case .entries: "entries"
            }
        return "tile/\(place)/\(Self.path(of: index))\(width == Self.widthMax ? "" : ".p/\(width)")"
    }

    /// Digits in groups of three, all but the last behind an x.
    static func path(of index: Int64) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            groups.append(String(repeating: "0", count: 3 - digits.count) + digits)
            rest /= 1000
        } while rest > 0
        return groups.indices.reversed().map { ($0 == 0 ? "" : "x") + groups[$0] }.joined(separator: "/")
    }

    /// Nil for every path that no tile has.
    public init?(path: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)[...]
        guard parts.count >= 3, parts.popFirst() == "tile", let place = parts.popFirst() else { return nil }
        if place == "entries" {
            kind = .entries
        } else {
            guard let level = Int64(plainDecimal: place), level <= 7 else { return nil }
            kind = .hashes(level: Int(level))
        }
        width = Self.widthMax
        if parts.count >= 2, parts[parts.endIndex - 2].hasSuffix(".p") {
            guard let width = parts.popLast().flatMap({ Int64(plainDecimal: $0) }), (1...255).contains(width),
                let last = parts.popLast()
            else { return nil }
            self.width = Int(width)
            parts.append(String(last.dropLast(2)))
        }
        guard let last = parts.popLast(), parts.count <= 5, parts.allSatisfy({ $0.hasPrefix("x") && $0.count == 4 })
        else { return nil }
        let digits = parts.map { $0.dropFirst() }.joined() + last
        guard last.count == 3, let index = Int64(digits), index >= 0 else { return nil }
        self.index = index
        guard self.path == path else { return nil }
    }

    /// Every tile of a tree of `size` leaves, the entries first, from the left, then the hashes from the leaves up.
    public static func all(size: Int64) -> [Tile] {
        var tiles = row(.entries, count: size)
        var count = size
        for level in 0..<8 where count > 0 {
            tiles += row(.hashes(level: level), count: count)
            count /= Int64(widthMax)
        }
        return tiles
    }

    private static func row(_ kind: Kind, count: Int64) -> [Tile] {
        let full = count / Int64(widthMax)
        let rest = Int(count % Int64(widthMax))
        return (0..<full).map { Tile(kind, index: $0) } + (rest > 0 ? [Tile(kind, index: full, width: rest)] : [])
    }

    /// Whether a tree of `size` leaves has this tile, at this width or wider.
    public func isIn(treeOf size: Int64) -> Bool {
        let below: Int64 =
            switch kind {
            case .hashes(let level): size >> Int64(8 * level)
            case .entries: size
            }
        // Compared by division: index * 256 might not fit.
        return index < below / Int64(Self.widthMax)
            || (index == below / Int64(Self.widthMax) && width <= below % Int64(Self.widthMax))
    }
}

/// Entries one after the other, each behind its length in two bytes, the higher first.
public enum EntryBundle {
    /// - Throws: for an entry of more than 65,535 bytes.
    public static func bytes(_ entries: [[UInt8]]) throws(TransparencyError) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            guard let length = UInt16(exactly: entry.count) else {
                throw .malformed("entry bundle", "an entry has \(entry.count) bytes; 65,535 are the most")
            }
            bytes += [UInt8(length >> 8), UInt8(length & 255)] + entry
        }
        return bytes
    }

    public static func entries(_ bytes: [UInt8]) throws(TransparencyError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 2 else { throw .malformed("entry bundle", "it ends within a length") }
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            guard rest.count >= 2 + length else { throw .malformed("entry bundle", "it ends within an entry") }
            entries.append(Array(rest.dropFirst(2).prefix(length)))
            rest = rest.dropFirst(2 + length)
        }
        return entries
    }
}
