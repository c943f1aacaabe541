/// How often a class came back after the repairs of one group.
public struct RecurrenceCell: Hashable, Sendable {
    /// Repairs that ended.
    public private(set) var repairs: Int32 = 0
    /// The class was seen on the asset again within the horizon.
    public private(set) var returned: Int32 = 0
    /// Of the repairs, those that returned within the horizon or have been watched for all of it: the others cannot be
    /// told yet.
    public private(set) var followed: Int32 = 0
    /// Microseconds from each end to the return or to the end of the watch, the horizon at most, together.
    public private(set) var watched: Int64 = 0

    public init() {}

    mutating func add(_ lag: Int64, hasReturned: Bool, horizon: Int64) {
        repairs += 1
        let isWithin = hasReturned && lag <= horizon
        if isWithin { returned += 1 }
        if isWithin || lag >= horizon { followed += 1 }
        watched &+= min(max(lag, 0), horizon)
    }

    public mutating func merge(_ other: RecurrenceCell) {
        repairs += other.repairs
        returned += other.returned
        followed += other.followed
        watched &+= other.watched
    }
}

/// Cells by stream and action. A dictionary's hash is made to withstand chosen keys and costs as much as reading the
/// course; these keys are numbers that the store gave out one after the other, and a cell beside its key is one look into
/// memory.
public struct RecurrenceCells: Sendable {
    /// A stream, and the action's number; 0 where none was recorded.
    public struct Key: Hashable, Sendable {
        public var stream: Int64
        public var action: Int64

        public init(stream: Int64, action: Int64) {
            self.stream = stream
            self.action = action
        }
    }

    private struct Slot: Sendable {
        /// 0 for none: streams begin with 1.
        var key: UInt64 = 0
        var cell = RecurrenceCell()
    }

    /// A repair that waits for its cell.
    private struct Waiting: Sendable {
        var key: UInt64
        var lag: Int64
        var hasReturned: Bool
    }

    private var slots: [Slot]
    /// Cells lie anywhere in memory. So many repairs are looked up one behind the other before the first is counted: the
    /// processor waits for all of their cells at once.
    private var waiting: [Waiting] = []
    private static let waitingMax = 64
    private var mask: UInt64
    public private(set) var count = 0

    public init() {
        slots = Array(repeating: Slot(), count: 1 << 10)
        mask = 1 << 10 - 1
    }

    /// Counts a repair, at the latest with ``settle(horizon:)``.
    mutating func add(stream: Int64, action: Int64, lag: Int64, hasReturned: Bool, horizon: Int64) {
        let key = UInt64(truncatingIfNeeded: stream) << 32 | UInt64(truncatingIfNeeded: action) & 0xFFFF_FFFF
        waiting.append(Waiting(key: key, lag: lag, hasReturned: hasReturned))
        if waiting.count >= Self.waitingMax { settle(horizon: horizon) }
    }

    /// Counts what waits.
    mutating func settle(horizon: Int64) {
        var touched: UInt64 = 0
        for one in waiting { touched &+= slots[Int(Self.place(one.key) & mask)].key }
        // What was read has to be of use, or it would not be read.
        if touched == .max { slots.reserveCapacity(slots.count) }
        for one in waiting {
            update(key: one.key) { $0.add(one.lag, hasReturned: one.hasReturned, horizon: horizon) }
        }
        waiting.removeAll(keepingCapacity: true)
    }

    mutating func update(stream: Int64, action: Int64, _ change: (inout RecurrenceCell) -> Void) {
        update(
            key: UInt64(truncatingIfNeeded: stream) << 32 | UInt64(truncatingIfNeeded: action) & 0xFFFF_FFFF, change)
    }

    private mutating func update(key: UInt64, _ change: (inout RecurrenceCell) -> Void) {
        var place = Self.place(key) & mask
        while slots[Int(place)].key != key {
            if slots[Int(place)].key == 0 {
                if count * 4 >= slots.count * 3 {
                    grow(to: slots.count * 2)
                    return update(key: key, change)
                }
                slots[Int(place)].key = key
                count += 1
                break
            }
            place = (place + 1) & mask
        }
        change(&slots[Int(place)].cell)
    }

    /// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the high bits of a product with 2^64 over the
    /// golden ratio.
    private static func place(_ key: UInt64) -> UInt64 { (key &* 0x9E37_79B9_7F4A_7C15) >> 32 }

    private mutating func grow(to size: Int) {
        let before = slots
        slots = Array(repeating: Slot(), count: size)
        mask = UInt64(slots.count - 1)
        for slot in before where slot.key != 0 {
            var place = Self.place(slot.key) & mask
            while slots[Int(place)].key != 0 { place = (place + 1) & mask }
            slots[Int(place)] = slot
        }
    }

    /// All cells, in no order.
    public var all: some Sequence<(key: Key, cell: RecurrenceCell)> {
        slots.lazy.filter { $0.key != 0 }.map {
            (Key(stream: Int64($0.key >> 32), action: Int64($0.key & 0xFFFF_FFFF)), $0.cell)
        }
    }

    mutating func merge(_ other: RecurrenceCells) {
        // The other's cells come in the order of their places: into a smaller table they would all go to its beginning, and
        // each would pass by all before it.
        var size = max(slots.count, other.slots.count)
        while (count + other.count) * 4 >= size * 3 { size *= 2 }
        if size > slots.count { grow(to: size) }
        for slot in other.slots where slot.key != 0 {
            update(stream: Int64(slot.key >> 32), action: Int64(slot.key & 0xFFFF_FFFF)) { $0.merge(slot.cell) }
        }
    }
}
