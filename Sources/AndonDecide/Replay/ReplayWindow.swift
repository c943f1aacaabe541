import AndonModel

/// The detections of one class on one asset that a frequency counts: the same predicate as the store's, in memory.
///
/// A detection is in the window of another when it was received before, made no later, and is younger than the window
/// is long; an event exactly one window old is outside.
struct ReplayWindow: Sendable {
    let wanted: FactsWanted
    private var kept: Kept
    /// When the newest of them was made: before it, those that were made later must be left out one by one.
    private var newest = Int64.min

    private enum Kept: Sendable {
        /// When each was made, in the order of time; those before `first` are too old for every detection to come.
        case times(length: Int64, [Int64], first: Int)
        /// The asset's counter and when each was made, in the order of receipt.
        case parts(length: Int64, [(at: Int64, made: Int64)], first: Int)
    }

    /// A report that comes later than this after its detection may count too few: so much is kept of a time window
    /// beyond its own length.
    static let lateMax = Duration.seconds(31 * 86_400)
    /// Below this many nothing is thrown away.
    private static let pruneMin = 4096

    /// Nil when the rule counts nothing.
    init?(_ wanted: FactsWanted) {
        guard let window = wanted.window, wanted.countMax > 0 else { return nil }
        self.wanted = wanted
        switch window {
        case .time(let length): kept = .times(length: length.microseconds, [], first: 0)
        case .parts(let parts): kept = .parts(length: Int64(parts), [], first: 0)
        }
    }

    /// How many count for a detection made at `time`, with its asset's counter at `partsAt`; no further than the
    /// rule needs.
    func count(at time: Timestamp, partsAt: Int64) -> Int {
        let made = time.microseconds
        let found: Int
        switch kept {
        case .times(let length, let times, let first):
            let after = Self.firstIndex(in: times, from: first) { $0 > made - length }
            let end = made >= newest ? times.count : Self.firstIndex(in: times, from: after) { $0 > made }
            found = end - after
        case .parts(let length, let entries, let first):
            let after = Self.firstIndex(in: entries, from: first) { $0.at > partsAt - length }
            if made >= newest {
                found = entries.count - after
            } else {
                found = entries[after...].lazy.filter { $0.made <= made }.prefix(wanted.countMax).reduce(0) { n, _ in
                    n + 1
                }
            }
        }
        return min(found, wanted.countMax)
    }

    /// Counts a detection from now on, when it passes the thresholds of the rule.
    mutating func add(
        confidence: Double?, severity: Double?, at time: Timestamp, partsAt: Int64, receivedAt: Timestamp
    ) {
        guard (confidence ?? 1) >= (wanted.minConfidence ?? 0), (severity ?? 1) >= (wanted.minSeverity ?? 0) else {
            return
        }
        let made = time.microseconds
        let isNewest = made >= newest
        newest = max(newest, made)
        switch kept {
        case .times(let length, var times, var first):
            kept = .parts(length: 0, [], first: 0)
            let place = isNewest ? times.count : Self.firstIndex(in: times, from: first) { $0 > made }
            times.insert(made, at: place)
            if times.count - first > Self.pruneMin {
                let edge = receivedAt.microseconds - length - Self.lateMax.microseconds
                first = Self.firstIndex(in: times, from: first) { $0 > edge }
                Self.compact(&times, &first)
            }
            kept = .times(length: length, times, first: first)
        case .parts(let length, var entries, var first):
            kept = .parts(length: 0, [], first: 0)
            entries.append((partsAt, made))
            // The counter only grows: what is out of the window now stays out.
            first = Self.firstIndex(in: entries, from: first) { $0.at > partsAt - length }
            Self.compact(&entries, &first)
            kept = .parts(length: length, entries, first: first)
        }
    }

    private static func compact<Element>(_ elements: inout [Element], _ first: inout Int) {
        guard first > pruneMin, first > elements.count / 2 else { return }
        elements.removeFirst(first)
        first = 0
    }

    /// The first index at or behind `start` whose element is beyond the edge; elements are in order.
    private static func firstIndex<Element>(
        in elements: [Element], from start: Int, _ isBeyond: (Element) -> Bool
    ) -> Int {
        var (low, high) = (start, elements.count)
        while low < high {
            let middle = low + (high - low) / 2
            if isBeyond(elements[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Rules {
    /// The longest windows that any rule counts in; nil and 0 where none does.
    public var windowsMax: (time: Duration?, parts: Int) {
        var longest: (time: Duration?, parts: Int) = (nil, 0)
        for frequency in everyRule.compactMap(\.frequency) where frequency.isOn {
            switch frequency.within {
            case .time(let length): longest.time = max(longest.time ?? .zero, length)
            case .parts(let parts): longest.parts = max(longest.parts, parts)
            }
        }
        return longest
    }

    private var everyRule: [Rule] {
        let classes = Array(self.classes.values) + [unmapped]
        return [defaults]
            + classes.flatMap { found in
                [found.rule] + found.groups.values + found.types.values + found.assets.values
            }
    }
}
