/// The notifications of one monitored item that have not been published (Part 4, 5.13.1.5): a ring that grows up to
/// its capacity.
struct NotificationQueue<Element> {
    private var ring: [Element?] = []
    private var head = 0
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= capacity }

    /// - Precondition: the queue is not full.
    mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[(head + count) % ring.count] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head]
        ring[head] = nil
        head = (head + 1) % ring.count
        count -= 1
        return element
    }

    mutating func changeFirst(_ change: (inout Element) -> Void) { self.change(at: 0, change) }

    mutating func changeLast(_ change: (inout Element) -> Void) { self.change(at: count - 1, change) }

    private mutating func change(at place: Int, _ change: (inout Element) -> Void) {
        guard count > 0 else { return }
        let index = (head + place) % ring.count
        if var element = ring[index] {
            ring[index] = nil
            change(&element)
            ring[index] = element
        }
    }

    mutating func removeAll() {
        ring = []
        (head, count) = (0, 0)
    }

    /// Changes the capacity; what no longer fits goes, from the end that is said.
    ///
    /// - Returns: whether anything was lost.
    mutating func resize(to capacity: Int, discardOldest: Bool) -> Bool {
        self.capacity = max(1, capacity)
        var kept: [Element] = []
        while let element = popFirst() { kept.append(element) }
        let lost = kept.count - self.capacity
        if lost > 0 { if discardOldest { kept.removeFirst(lost) } else { kept.removeLast(lost) } }
        ring = kept
        (head, count) = (0, kept.count)
        return lost > 0
    }

    private mutating func grow() {
        let size = min(capacity, max(1, ring.count * 2))
        var larger: [Element?] = []
        larger.reserveCapacity(size)
        for place in 0..<count { larger.append(ring[(head + place) % ring.count]) }
        for _ in count..<size { larger.append(nil) }
        ring = larger
        head = 0
    }
}
