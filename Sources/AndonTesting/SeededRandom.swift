import AndonModel
import Synchronization

/// Random numbers that a seed repeats (SplitMix64, Steele and others 2014). The seed stands in every failure.
public struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    public mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

    public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }
}

/// The same behind the product's own protocol.
public final class SeededSource: RandomSource {
    private let random: Mutex<SeededRandom>

    public init(seed: UInt64) {
        random = Mutex(SeededRandom(seed: seed))
    }

    public func next() -> UInt64 { random.withLock { $0.next() } }
}
