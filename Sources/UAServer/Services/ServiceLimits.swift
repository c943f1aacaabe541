import UACodec

/// How much one request may ask for (OperationLimits: Part 5, 6.3.11).
public struct ServiceLimits: Sendable {
    public var nodesPerRead = 1000
    public var nodesPerWrite = 1000
    public var nodesPerBrowse = 1000
    public var nodesPerTranslate = 100
    public var nodesPerRegister = 1000
    public var callsPerRequest = 100
    public var historyReadsPerRequest = 100
    /// References of one browse answer, over all of its nodes.
    public var referencesPerAnswer = 10_000
    /// Steps of one browse path, and nodes that it may lead to.
    public var pathLength = 64
    public var pathTargets = 1000
    /// References that all paths of one request may look at, so that none can keep the server busy.
    public var pathReferences = 2_000_000
    /// Continuation points of one session.
    public var continuationPoints = 10
    /// Values of one history answer.
    public var historyValues = 10_000

    public init() {}
}

/// What somebody wants to do with a node (Part 3, 8.55).
public enum Permission: Hashable, Sendable { case browse, read, write, readHistory, call, receiveEvents }

/// The one rule of all services: none of nothing, and no more than is allowed.
func checkCount(_ count: Int, _ limit: Int) throws(StatusError) {
    guard count > 0 else { throw StatusError(.badNothingToDo) }
    guard count <= limit else { throw StatusError(.badTooManyOperations) }
}
