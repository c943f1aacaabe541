import UACodec

/// Messages that were sent and not acknowledged, for Republish (Part 4, 5.14.1.1). Bounded: the oldest goes.
struct Retransmission {
    static let messagesMax = 64
    static let bytesMax = 4 << 20

    private var messages: [(message: NotificationMessage, bytes: Int)] = []
    private var bytes = 0

    var sequenceNumbers: [UInt32] { messages.map(\.message.sequenceNumber) }

    mutating func add(_ message: NotificationMessage, bytes count: Int) {
        messages.append((message, count))
        bytes += count
        while messages.count > 1, messages.count > Self.messagesMax || bytes > Self.bytesMax {
            bytes -= messages.removeFirst().bytes
        }
    }

    /// - Returns: whether the message was there.
    mutating func acknowledge(_ number: UInt32) -> Bool {
        guard let index = messages.firstIndex(where: { $0.message.sequenceNumber == number }) else { return false }
        bytes -= messages.remove(at: index).bytes
        return true
    }

    func message(_ number: UInt32) -> NotificationMessage? {
        messages.first { $0.message.sequenceNumber == number }?.message
    }
}
