import UACodec

/// How much a server takes in one request (Part 5, 6.3.11); 0 where it names no limit.
public struct OperationLimits: Sendable, Hashable {
    public var nodesPerRead: UInt32 = 0
    public var nodesPerWrite: UInt32 = 0
    public var methodsPerCall: UInt32 = 0
    public var nodesPerBrowse: UInt32 = 0
    public var nodesPerRegistration: UInt32 = 0
    public var pathsPerTranslation: UInt32 = 0
    public var itemsPerCall: UInt32 = 0
    public var nodesPerHistoryRead: UInt32 = 0
    /// Bytes of one ByteString.
    public var byteStringBytes: UInt32 = 0

    private static let nodes: [(any WritableKeyPath<OperationLimits, UInt32> & Sendable, UInt32)] = [
        (\.nodesPerRead, 11705), (\.nodesPerWrite, 11707), (\.methodsPerCall, 11709), (\.nodesPerBrowse, 11710),
        (\.nodesPerRegistration, 11711), (\.pathsPerTranslation, 11712), (\.itemsPerCall, 11714),
        (\.nodesPerHistoryRead, 12165), (\.byteStringBytes, 12911),
    ]

    static let readItems = nodes.map { ReadItem(NodeId($0.1)) }

    public init() {}

    /// - Parameter values: of ``readItems``; what a server does not have limits nothing.
    init(_ values: [DataValue]) {
        for ((path, _), value) in zip(Self.nodes, values) {
            self[keyPath: path] = value.value?.integer.map { UInt32(clamping: $0) } ?? 0
        }
    }
}
