import UACodec

/// The numbers of the chunks of one direction (Part 6, 6.7.2.4): one more for each, whatever the chunk is, and over
/// renewals of the token.
public struct SequenceNumbers: Hashable, Sendable {
    /// The last number before the wrap: UInt32.max − 1024.
    public static let last: UInt32 = 4_294_966_271

    private var previous: UInt32?

    public init() {}

    /// - Parameter previous: the number that the chunk before had.
    init(after previous: UInt32) { self.previous = previous }

    /// The next number to send; the first is 1.
    public mutating func next() -> UInt32 {
        let next = previous.map { $0 >= Self.last ? 1 : $0 + 1 } ?? 1
        previous = next
        return next
    }

    /// Takes a number that came in. The first may be any; a sender may wrap anywhere after ``last``, to under 1024.
    ///
    /// - Throws: Bad_SequenceNumberInvalid: a chunk was lost, repeated or put in by another.
    public mutating func accept(_ number: UInt32) throws(TransportError) {
        if let previous {
            let isNext = previous < UInt32.max && number == previous + 1
            guard isNext || (previous >= Self.last && number < 1024) else {
                throw TransportError(.badSequenceNumberInvalid, "chunk \(number) after \(previous)")
            }
        }
        previous = number
    }
}
