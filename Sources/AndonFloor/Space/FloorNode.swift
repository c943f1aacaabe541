import UACodec

/// One node of what Andon shows, in the words of the standard's information model, before it is put into a server.
public struct FloorNode: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case folder
        case object
        /// Read-only, one value.
        case variable(BuiltInType)
        /// The same with a property `EURange`, which is a value like others, and with history.
        case analog(BuiltInType)
    }

    /// How the parent has it.
    public enum Link: Sendable, Equatable { case organizes, component }

    /// String identifier in the namespace of ``FloorNames/namespace``.
    public var id: String
    /// Nil for the root, which is below the server's Objects folder.
    public var parent: String?
    public var link: Link
    public var name: String
    public var displayName: String
    public var description: String
    public var kind: Kind
    /// The stream whose points are the variable's history.
    public var stream: StreamKey?

    public init(
        _ id: String, in parent: String?, as link: Link = .component, name: String? = nil, displayName: String? = nil,
        _ description: String, _ kind: Kind, stream: StreamKey? = nil
    ) {
        self.stream = stream
        self.id = id
        self.parent = parent
        self.link = link
        let last = id.split(separator: ".").last.map(String.init) ?? id
        self.name = name ?? last
        self.displayName = displayName ?? self.name
        self.description = description
        self.kind = kind
    }
}

/// The value of one node.
public struct FloorValue: Sendable, Equatable {
    public var id: String
    public var value: DataValue
}
