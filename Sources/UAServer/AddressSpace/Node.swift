import UACodec

/// One node of the address space (Part 3, 5). It belongs to the isolation of its ``AddressSpace``.
public final class Node {
    /// What a node of each class has beside the attributes of all.
    public enum Content {
        /// - Parameter eventNotifier: bit 0 says that clients may subscribe to events here.
        case object(eventNotifier: UInt8)
        case variable(Variable)
        case method(Method)
        case objectType(isAbstract: Bool)
        case variableType(isAbstract: Bool, dataType: NodeId, valueRank: Int32)
        case referenceType(isAbstract: Bool, symmetric: Bool, inverseName: LocalizedText?)
        /// - Parameter definition: a StructureDefinition or an EnumDefinition.
        case dataType(isAbstract: Bool, definition: ExtensionObject?)
    }

    public let id: NodeId
    public let browseName: QualifiedName
    public var displayName: LocalizedText
    public var text: LocalizedText?
    public let content: Content
    /// Both directions; the other end has the same reference the other way round.
    public internal(set) var references: [Reference] = []

    init(
        _ id: NodeId, _ browseName: QualifiedName, displayName: LocalizedText? = nil, text: LocalizedText? = nil,
        _ content: Content
    ) {
        self.id = id
        self.browseName = browseName
        self.displayName = displayName ?? LocalizedText(browseName.name ?? "")
        self.text = text
        self.content = content
    }

    public var nodeClass: NodeClass {
        switch content {
        case .object: .object
        case .variable: .variable
        case .method: .method
        case .objectType: .objectType
        case .variableType: .variableType
        case .referenceType: .referenceType
        case .dataType: .dataType
        }
    }

    public var variable: Variable? { if case .variable(let variable) = content { variable } else { nil } }

    public var method: Method? { if case .method(let method) = content { method } else { nil } }
}

/// A reference as its source or its target sees it (Part 3, 5.3).
public struct Reference: Hashable, Sendable {
    public var type: NodeId
    public var isForward: Bool
    public var target: NodeId

    public init(_ type: NodeId, isForward: Bool = true, _ target: NodeId) {
        self.type = type
        self.isForward = isForward
        self.target = target
    }
}

/// What a variable has beside the attributes of all nodes (Part 3, 5.6.2).
public final class Variable {
    public enum Access {
        public static let read: UInt8 = 1
        public static let write: UInt8 = 2
        public static let historyRead: UInt8 = 4
        /// Clients may say the source time of what they write.
        public static let timestampWrite: UInt8 = 64
    }

    public let dataType: NodeId
    /// -1 one value, 0 an array of any rank, 1... arrays of that rank, -2 anything, -3 one value or a list.
    public let valueRank: Int32
    public let arrayDimensions: [UInt32]
    public internal(set) var accessLevel: UInt8
    public var minimumSamplingInterval: Double
    /// The value with its source time; what reads get unless it is computed.
    public internal(set) var value: DataValue
    /// Computes the value when it is read.
    var compute: (() -> DataValue)?
    /// Takes or refuses what a client writes; nil where nobody may write.
    var write: WriteHook?
    var history: HistorySource?
    /// How many monitored items watch the value: only then changes are told.
    public var watchers = 0

    public var isComputed: Bool { compute != nil }

    init(
        dataType: NodeId, valueRank: Int32, arrayDimensions: [UInt32] = [],
        value: DataValue = DataValue(status: .badWaitingForInitialData), minimumSamplingInterval: Double = 0
    ) {
        self.dataType = dataType
        self.valueRank = valueRank
        self.arrayDimensions = arrayDimensions
        self.value = value
        self.minimumSamplingInterval = minimumSamplingInterval
        accessLevel = Access.read
    }

    /// The value at this moment.
    public var current: DataValue { compute?() ?? value }
}

/// Takes what a client writes to a variable, and says what becomes of it; a good status makes it the value.
public typealias WriteHook = (_ value: DataValue, _ caller: Caller) -> StatusCode

/// A method: what it takes and gives, and what does it (Part 3, 5.7).
public final class Method {
    public let inputs: [Argument]
    public let outputs: [Argument]
    /// Nil where the node describes a method of a type that instances have to bring.
    public internal(set) var handler: MethodHandler?

    init(inputs: [Argument], outputs: [Argument], handler: MethodHandler?) {
        self.inputs = inputs
        self.outputs = outputs
        self.handler = handler
    }
}

/// What a method does.
public enum MethodHandler {
    /// At once, on the server's own isolation: it may change the address space, and must not take long.
    case immediate((_ call: MethodCall) -> MethodOutcome)
    /// Elsewhere, for as long as the server's limits allow.
    case elsewhere(@Sendable (_ call: MethodCall) async -> MethodOutcome)
}

/// A call whose arguments were checked against the method's description.
public struct MethodCall: Sendable {
    public var objectId: NodeId
    public var methodId: NodeId
    public var inputs: [Variant]
    public var caller: Caller
}

/// What came of a call. With a bad status no outputs travel.
public struct MethodOutcome: Sendable {
    public var status: StatusCode
    public var outputs: [Variant]
    /// Results of the inputs, with Bad_InvalidArgument.
    public var inputResults: [StatusCode]

    public init(_ status: StatusCode = .good, outputs: [Variant] = [], inputResults: [StatusCode] = []) {
        self.status = status
        self.outputs = outputs
        self.inputResults = inputResults
    }
}

/// Who asks for something.
public struct Caller: Sendable, Hashable {
    /// The session's node id.
    public var session: NodeId
    /// Empty for an anonymous user.
    public var user: String
    public var roles: Set<NodeId>
    /// The address that the connection comes from.
    public var address: String

    public init(session: NodeId = .null, user: String = "", roles: Set<NodeId> = [], address: String = "") {
        self.session = session
        self.user = user
        self.roles = roles
        self.address = address
    }
}

/// Values that a variable had: those with a source time from `start` to before `end`, the oldest first, or the newest
/// first where `start` is later than `end`; at most `limit`, after `skipped` of them.
public typealias HistorySource =
    @Sendable (
        _ start: DateTime?, _ end: DateTime?, _ limit: Int, _ skipped: Int
    ) async -> HistoryPage?

/// A part of a variable's history.
public struct HistoryPage: Sendable {
    public var values: [DataValue]
    public var hasMore: Bool

    public init(values: [DataValue], hasMore: Bool) {
        self.values = values
        self.hasMore = hasMore
    }
}
