import AndonLedger
import AndonModel

/// What makes an event one and the same however often, and on whichever way, it is delivered.
public struct EventKey: Hashable, Sendable {
    /// How it is delivered; begins the report's id.
    public enum Way: String, Sendable {
        case opcua, event
    }

    public var way: Way
    /// Who tells it: an OPC UA server's ApplicationUri, as addresses and our names for it may change; of what is sent here the
    /// source's name, as a sender has no other.
    public var server: String
    /// What the sender calls the event: a result's id, an EventId, a counter with its time.
    public var event: String

    public init(_ way: Way = .opcua, server: String, event: String) {
        (self.way, self.server, self.event) = (way, server, event)
    }

    /// The report's id: the way, a colon, and 40 hexadecimal digits of the SHA-256 over both, each after its length.
    public var id: String {
        let text = "\(server.utf8.count):\(server)\(event.utf8.count):\(event)"
        return "\(way.rawValue):" + Hex.sha256(Array(text.utf8)).prefix(40)
    }

    /// As it stands in a report's attributes.
    public func origin(source: String) -> JSON {
        [
            "name": .string(source), "server": .string(server.cut(to: 300).withoutControls),
            "event": .string(event.cut(to: 300).withoutControls),
        ]
    }
}
