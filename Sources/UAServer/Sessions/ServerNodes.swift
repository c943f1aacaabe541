import UACodec

/// What can be watched at a node.
struct WatchedAttribute {
    /// Whether its values are numbers, or arrays of them.
    var isNumeric: Bool
    /// The node's EURange.
    var range: ValueRange?
    /// Whether its value is computed when it is read, so that nobody tells when it changes.
    var isComputed: Bool
}

/// The nodes and the services on them, as the core needs them.
protocol ServerNodes: AnyObject, EventTypes {
    /// Checks that the caller may watch an attribute.
    func watch(_ target: ReadValueId, for caller: Caller) throws(StatusError) -> WatchedAttribute
    /// An attribute's value now, with both timestamps.
    func read(_ target: ReadValueId, for caller: Caller, at time: DateTime) -> DataValue
    /// Counts the items that watch a variable.
    func countWatchers(of node: NodeId, by change: Int)
    /// Checks that a node is a source of events that the caller may watch.
    func watchEvents(of node: NodeId, for caller: Caller) throws(StatusError)
    /// Whether events of a source may be told to somebody who watches a node that they are seen at.
    func mayHear(of source: NodeId, _ caller: Caller) -> Bool
    /// The nodes at which an event of a source is seen: the source, its notifiers, and the Server object.
    func notifiers(of source: NodeId) -> Set<NodeId>
    /// Gives a variable of the address space a value.
    func show(_ value: DataValue, at variable: NodeId)
    /// Answers a service that needs no subscription; nil for one that it does not have. It may answer later.
    func answer(_ request: any ServiceRequest, to caller: Caller, reply: @escaping (any ServiceResponse) -> Void)
        -> Bool
    /// Checks a call; what does it runs where its kind of handler wants to.
    func prepare(_ call: CallMethodRequest, for caller: Caller) -> PreparedCall
    /// Checks a read of history.
    func questions(
        _ request: HistoryReadRequest, for caller: Caller
    ) throws(StatusError) -> [Result<HistoryQuestion, StatusError>]
    /// The answer to one of them.
    func result(_ page: HistoryPage?, of question: HistoryQuestion, for caller: Caller) -> HistoryReadResult
    /// Lets go of what is left of an answer; false where there is nothing.
    func release(_ point: ByteString?, of caller: Caller) -> Bool
    /// A session has ended: what was kept for it goes.
    func forget(session: NodeId)
}
