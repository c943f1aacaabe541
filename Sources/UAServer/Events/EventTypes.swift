import UACodec

/// What filters must know of the types in the address space.
protocol EventTypes {
    /// Whether the node is an object type derived from BaseEventType, or BaseEventType.
    func isEventType(_ type: NodeId) -> Bool
    /// Whether the first is the second or derived from it.
    func isType(_ type: NodeId, derivedFrom base: NodeId) -> Bool
}
