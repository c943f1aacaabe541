/// Lifetimes counted by their rounded value: as many as there are, in memory that grows with the number of different
/// values and not with their count.
///
/// Times are kept to 12 significant bits: a relative error of at most 2.5e-4 (2^-12) for times above 2.3e-308, none for
/// whole numbers up to 4096. Times from a millionth of a unit to a million units take 81 920 values at most, all the
/// times there are 4.2 million.
public struct LifeTable: Sendable {
    /// The lives of one time.
    public struct Row: Codable, Hashable, Sendable {
        public var time: Double
        public var events: Int
        /// Watched until `time` without an event.
        public var censored: Int

        var count: Int { events + censored }
    }

    private struct Slot {
        /// The key of the time and one more; 0 for a slot in which nothing is.
        var mark: UInt32 = 0
        var events = 0
        var censored = 0
    }

    private static let droppedBits: UInt64 = 41
    private static let half: UInt64 = 1 << (droppedBits - 1)
    private static let infinite = Double.infinity.bitPattern
    private static let greatestKey = UInt32(infinite >> droppedBits) - 1

    /// Open addressing: a key is at the first place for it or in the run of taken slots behind. At most two thirds full;
    /// its size is a power of two.
    private var slots = Array(repeating: Slot(), count: 8)
    /// Different times.
    public private(set) var distinct = 0
    public private(set) var count = 0
    public private(set) var events = 0

    public init() {}

    /// - Returns: nil for a time that is negative or no finite number.
    public init?(_ lives: [Lifetime]) {
        for life in lives {
            guard add(life.time, isEvent: life.isEvent) else { return nil }
        }
    }

    public var censored: Int { count - events }

    /// - Parameter isEvent: whether the watch ended with the event, not without it (right censored).
    /// - Returns: false for a time that is negative or no finite number, which is not counted.
    @discardableResult
    public mutating func add(_ time: Double, isEvent: Bool) -> Bool {
        guard let key = Self.key(time) else { return false }
        if isEvent { add(key, events: 1, censored: 0) } else { add(key, events: 0, censored: 1) }
        return true
    }

    public mutating func merge(_ other: LifeTable) {
        for slot in other.slots where slot.mark != 0 {
            add(slot.mark - 1, events: slot.events, censored: slot.censored)
        }
    }

    /// By rising time.
    public var rows: [Row] {
        slots.filter { $0.mark != 0 }.sorted { $0.mark < $1.mark }.map {
            Row(time: Self.time($0.mark - 1), events: $0.events, censored: $0.censored)
        }
    }

    /// `time` as a table keeps it; nil where it is negative or no finite number.
    public static func rounded(_ time: Double) -> Double? { key(time).map(Self.time) }

    /// The bits of a positive number rise with it, so that its key is its upper bits, the lower ones rounded away.
    private static func key(_ time: Double) -> UInt32? {
        // Adding 0 turns -0 into 0; a sign bit is beyond infinity, and so is what is no number.
        let bits = (time + 0).bitPattern
        guard bits < infinite else { return nil }
        return min(greatestKey, UInt32(truncatingIfNeeded: (bits + half) >> droppedBits))
    }

    private static func time(_ key: UInt32) -> Double { Double(bitPattern: UInt64(key) << droppedBits) }

    private mutating func add(_ key: UInt32, events newEvents: Int, censored: Int) {
        let index = slot(of: key)
        if slots[index].mark == 0 {
            guard 3 * (distinct + 1) <= 2 * slots.count else {
                grow()
                return add(key, events: newEvents, censored: censored)
            }
            slots[index].mark = key + 1
            distinct += 1
        }
        slots[index].events += newEvents
        slots[index].censored += censored
        count += newEvents + censored
        events += newEvents
    }

    /// Where `key` is, or would be put.
    private func slot(of key: UInt32) -> Int {
        let mask = slots.count - 1
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4) of all bits but the last three: the
        // times next to each other, which come together, are next to each other in memory too.
        let hash = (key >> 3) &* 0x9E37_79B9
        var index = Int(hash >> 10 &* 8 &+ key & 7) & mask
        while slots[index].mark != 0, slots[index].mark != key + 1 { index = (index + 1) & mask }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: 2 * old.count)
        for slot in old where slot.mark != 0 { slots[self.slot(of: slot.mark - 1)] = slot }
    }
}

extension LifeTable: Hashable {
    public static func == (a: LifeTable, b: LifeTable) -> Bool {
        a.count == b.count && a.events == b.events && a.distinct == b.distinct && a.rows == b.rows
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(rows) }
}

/// As its rows.
extension LifeTable: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rows)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        for row in try container.decode([Row].self) {
            let most = Int.max / 4
            guard let key = Self.key(row.time), (0...most).contains(row.events), (0...most).contains(row.censored),
                row.count > 0, count <= most
            else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "No lives at a time that is one: \(row)")
            }
            add(key, events: row.events, censored: row.censored)
        }
    }
}

extension LifeTable {
    /// Lives counted by their time as it is, not rounded.
    ///
    /// - Returns: by rising time; nil for a time that is negative or no finite number.
    static func rows(of lives: [Lifetime]) -> [Row]? {
        guard lives.allSatisfy(\.isValid) else { return nil }
        var rows: [Row] = []
        for life in lives.sorted(by: { $0.time < $1.time }) {
            if rows.last?.time != life.time { rows.append(Row(time: life.time, events: 0, censored: 0)) }
            if life.isEvent { rows[rows.count - 1].events += 1 } else { rows[rows.count - 1].censored += 1 }
        }
        return rows
    }
}
