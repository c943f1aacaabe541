/// Two changes of one document put together, where they do not speak of the same thing.
public struct JSONMerge: Sendable {
    /// A place that both changed, and not to the same.
    public struct Clash: Sendable, Equatable {
        /// JSON Pointer (RFC 6901) to the value that was changed here.
        public var pointer: String
        /// Nil where there was none.
        public var base: JSON?
        /// Nil where it was taken away.
        public var mine: JSON?
        public var theirs: JSON?
    }

    private let theirs: JSON
    private let mine: [JSONDifference]
    /// In the order of their pointers.
    public let clashes: [Clash]

    /// - Parameters:
    ///   - base: what both began with.
    ///   - theirs: what the others have made of it meanwhile.
    public init(base: JSON, mine: JSON, theirs: JSON) {
        let others = JSONDifference.between(base, theirs)
        let own = JSONDifference.between(base, mine)
        self.theirs = theirs
        self.mine = own
        clashes = own.filter { difference in
            others.contains { Self.clash(difference, $0) }
        }.map {
            Clash(pointer: $0.pointer, base: $0.old, mine: $0.new, theirs: theirs.value(at: $0.pointer))
        }
    }

    private static func clash(_ one: JSONDifference, _ other: JSONDifference) -> Bool {
        if one.pointer == other.pointer { return one.new != other.new }
        return one.pointer.hasPrefix(other.pointer + "/") || other.pointer.hasPrefix(one.pointer + "/")
    }

    /// Theirs with all that was changed here.
    ///
    /// - Parameter keepsMine: where both changed something, what was changed here counts; else what the others did.
    public func merged(keepsMine: Bool) -> JSON {
        let clashing = Set(clashes.map(\.pointer))
        return mine.reduce(theirs) { document, difference in
            guard keepsMine || !clashing.contains(difference.pointer) else { return document }
            return document.setting(difference.new, at: difference.pointer) ?? document
        }
    }
}
