/// The sequence numbers of one subscription's messages: from 1, one more for each, and after the last comes 1 again, as 0
/// is left out (Part 4, 5.14.1.1).
struct SequenceTracker: Sendable, Hashable {
    enum Verdict: Hashable {
        case next
        /// Came before, or is older than what was taken.
        case old
        /// That many messages are missing before this one, the expected one first.
        case after(missing: Int)
    }

    var expected: UInt32 = 1

    /// What a message's number means. A keep-alive bears the number that the next message will have.
    func verdict(_ number: UInt32) -> Verdict {
        guard number != expected else { return .next }
        let ahead = Self.distance(from: expected, to: number)
        return ahead < UInt32.max / 2 ? .after(missing: Int(ahead)) : .old
    }

    mutating func advance(past number: UInt32) { expected = Self.next(number) }

    /// From a keep-alive: this number will come next.
    mutating func expect(_ number: UInt32) { expected = max(number, 1) }

    static func next(_ number: UInt32) -> UInt32 { number == UInt32.max ? 1 : number + 1 }

    /// Steps from one number to another, on a circle without 0.
    private static func distance(from start: UInt32, to end: UInt32) -> UInt32 {
        end >= start ? end - start : (UInt32.max - start) &+ end
    }
}
