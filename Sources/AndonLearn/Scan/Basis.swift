import AndonLedger
import AndonModel

/// What an answer was computed from: the state behind one entry of the ledger. Asked again of a store in that state, it
/// is the same.
public struct Basis: Hashable, Sendable {
    /// The number of entries of the ledger.
    public var ledgerSize: Int64
    /// The ledger's root at that size, in hexadecimal.
    public var ledgerRoot: String
    /// Until when everything was watched: what has not happened by then is censored.
    public var at: Timestamp

    public init(ledgerSize: Int64, ledgerRoot: String, at: Timestamp) {
        self.ledgerSize = ledgerSize
        self.ledgerRoot = ledgerRoot
        self.at = at
    }

    public var json: JSON {
        ["ledgerSize": .integer(ledgerSize), "ledgerRoot": .string(ledgerRoot), "at": .time(at)]
    }
}
