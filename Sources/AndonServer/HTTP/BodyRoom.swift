import Synchronization

/// Memory for batches of sites that are held whole: how much of it is taken.
final class BodyRoom: Sendable {
    private let bytesMax: Int
    private let taken = Mutex(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// - Returns: false where there is no room; then nothing is taken.
    func enter(_ bytes: Int) -> Bool {
        taken.withLock { taken in
            guard taken + bytes <= bytesMax else { return false }
            taken += bytes
            return true
        }
    }

    func leave(_ bytes: Int) { taken.withLock { $0 -= bytes } }
}
