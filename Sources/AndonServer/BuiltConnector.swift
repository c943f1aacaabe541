import AndonConfiguration
import AndonDispatch
import AndonModel

/// A connector as it was built from its part of the configuration.
public struct BuiltConnector: Sendable {
    public var entry: ConnectorEntry
    public var connector: any Connector
    public var makeWire: @Sendable () -> AttemptWire

    public init(
        entry: ConnectorEntry, connector: any Connector, makeWire: @escaping @Sendable () -> AttemptWire
    ) {
        self.entry = entry
        self.connector = connector
        self.makeWire = makeWire
    }
}
