import UACodec

/// The way from an event's type to one of its fields: browse names, such as `EnabledState` and `Id` (Part 4, 7.22.3).
public struct EventPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var names: [QualifiedName]

    public init(_ names: [QualifiedName]) { self.names = names }

    public init(_ names: QualifiedName...) { self.names = names }

    /// Names of namespace 0 with `/` between them.
    public init(stringLiteral text: String) {
        names = text.split(separator: "/").map { QualifiedName(String($0)) }
    }

    public var description: String { names.map(\.description).joined(separator: "/") }
}
