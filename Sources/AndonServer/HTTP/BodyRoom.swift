import AndonModel
import Synchronization

/// Memory for the bodies of requests that are held whole: how much of it is taken.
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

    /// What one request holds of it; it is given back when nobody has the share any more.
    final class Share {
        private let room: BodyRoom
        private var bytes = 0

        init(of room: BodyRoom) { self.room = room }

        deinit { room.leave(bytes) }

        /// - Throws: 503 where there is no room.
        func grow(to bytes: Int) throws {
            guard bytes > self.bytes else { return }
            guard room.enter(bytes - self.bytes) else {
                throw Problem(
                    status: 503, type: "events-busy", title: "Events come faster than they can be kept",
                    detail: "The bodies of requests under way fill the memory that is meant for them. Send it again.")
            }
            self.bytes = bytes
        }
    }
}
