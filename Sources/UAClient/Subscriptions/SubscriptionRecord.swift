import UACodec

/// What the client knows of one subscription. It belongs to the client's actor.
final class SubscriptionRecord {
    struct Item {
        var definition: MonitoredItem
        /// Nil while the server does not watch it.
        var serverId: UInt32?
        var fieldNames: [String]
    }

    let key: Int
    let options: SubscriptionOptions
    let buffer: NotificationBuffer
    /// 0 while the server has none.
    var serverId: UInt32 = 0
    var epoch = 0
    var tracker = SequenceTracker()
    /// By client handle.
    var items: [UInt32: Item] = [:]
    /// What came and is not taken yet.
    var inbox: [PublishResponse] = []
    var isProcessing = false
    var isBeingMade = false
    var lastHeard: Duration = .zero
    /// The longest silence that the server promised.
    var keepAlive: Duration = .zero

    init(key: Int, options: SubscriptionOptions, buffer: NotificationBuffer) {
        self.key = key
        self.options = options
        self.buffer = buffer
    }

    var waiting: Int { buffer.count + inbox.count }
}

/// The Publish requests of a session and what they carry.
struct PublishingState {
    var target = 3
    var outstanding = 0
    var isPaused = false
    /// Acknowledgements for the next requests.
    var acknowledgements: [SubscriptionAcknowledgement] = []
    var nextKey = 0
    /// Names items for the life of the client, so that no late message is taken for another item's.
    var nextHandle: UInt32 = 0

    static let acknowledgementsPerRequest = 1_000

    mutating func reset(target: Int) {
        self.target = min(max(target, 1), 10)
        outstanding = 0
        isPaused = false
    }

    mutating func takeAcknowledgements() -> [SubscriptionAcknowledgement] {
        let taken = Array(acknowledgements.prefix(Self.acknowledgementsPerRequest))
        acknowledgements.removeFirst(taken.count)
        return taken
    }

    mutating func takeHandle() -> UInt32 {
        nextHandle = nextHandle == UInt32.max ? 1 : nextHandle + 1
        return nextHandle
    }
}
