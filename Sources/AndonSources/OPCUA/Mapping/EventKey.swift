import AndonLedger
import AndonModel

/// What makes an event one and the same however often, and on whichever way, it is delivered.
public struct EventKey: Hashable, Sendable {
    /// ApplicationUri of the server: addresses and our names for it may change.
    public var server: String
    /// What the server calls the event: a result's id, an EventId, a counter with its time.
    public var event: String

    public init(server: String, event: String) {
        self.server = server
        self.event = event
    }

    /// The report's id: `opcua:` and 40 hexadecimal digits of the SHA-256 over both, each after its length.
    public var id: String {
        let text = "\(server.utf8.count):\(server)\(event.utf8.count):\(event)"
        return "opcua:" + Hex.sha256(Array(text.utf8)).prefix(40)
    }

    /// As it stands in a report's attributes.
    public func origin(source: String) -> JSON {
        [
            "name": .string(source), "server": .string(server.cut(to: 300).withoutControls),
            "event": .string(event.cut(to: 300).withoutControls),
        ]
    }
}
