import UACodec

/// A subscription: an endless sequence of notifications for one consumer, which lives through losses of the connection.
///
/// While the consumer is slow and `ClientLimits.bufferedMessages` wait for it, no more is asked of the server, which
/// then queues; that holds up the other subscriptions of the client too. The sequence ends when the subscription or the
/// client is closed.
public final class Subscription: AsyncSequence, Sendable {
    public typealias Element = SubscriptionElement

    let key: Int
    let buffer: NotificationBuffer
    private let client: UAClient

    init(key: Int, buffer: NotificationBuffer, client: UAClient) {
        self.key = key
        self.buffer = buffer
        self.client = client
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: NotificationBuffer

        public mutating func next() async throws -> SubscriptionElement? { try await buffer.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffer: buffer) }

    /// Watches more. An item that the server refuses has a bad status in the answer, and is not watched.
    public func add(_ items: [MonitoredItem]) async throws(ClientError) -> [MonitoredItemStatus] {
        try await client.addItems(items, to: key)
    }

    public func remove(_ items: [UInt32]) async throws(ClientError) { try await client.removeItems(items, from: key) }

    /// Says that a message has been dealt with for good, so that the server may forget it.
    public func confirm(_ notification: Notification) async {
        await client.confirm(notification, of: key)
    }

    /// Asks for the present state of all conditions (Part 9, 5.5.7); it comes as events.
    public func refreshConditions() async throws(ClientError) { try await client.refreshConditions(of: key) }

    /// The server's id of the subscription at present; nil while it has none.
    public var serverId: UInt32? {
        get async { await client.serverId(of: key) }
    }

    public func close() async { await client.closeSubscription(key) }
}
