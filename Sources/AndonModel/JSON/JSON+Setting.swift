extension JSONPointer {
    /// The reference tokens of a pointer, unescaped; nil for what is none (RFC 6901 section 3).
    public static func tokens(_ pointer: String) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.hasPrefix("/") else { return nil }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }
}

extension JSON {
    /// The value with another one at a JSON Pointer, or with none there. Objects on the way that are not there are made; one
    /// that has become empty by taking its last member away stays. In an array `-` is the place behind the last element.
    ///
    /// - Parameter new: nil takes the member or the element away.
    /// - Returns: nil where the way leads through what is no object and no array, or to no place of an array.
    public func setting(_ new: JSON?, at pointer: String) -> JSON? {
        guard let tokens = JSONPointer.tokens(pointer) else { return nil }
        guard !tokens.isEmpty else { return new ?? .null }
        return setting(new, tokens[...])
    }

    private func setting(_ new: JSON?, _ tokens: ArraySlice<String>) -> JSON? {
        guard let token = tokens.first else { return new }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var members):
            if rest.isEmpty {
                members[token] = new
            } else if let inner = members[token] ?? (new == nil ? Optional<JSON>.none : Optional.some(JSON.object([:])))
            {
                guard let changed = inner.setting(new, rest) else { return nil }
                members[token] = changed
            }
            return .object(members)
        case .array(var elements):
            let place = token == "-" ? elements.count : Int(token) ?? -1
            guard place >= 0, place <= elements.count else { return nil }
            if place == elements.count {
                guard rest.isEmpty, let new else { return nil }
                elements.append(new)
            } else if rest.isEmpty {
                if let new { elements[place] = new } else { elements.remove(at: place) }
            } else {
                guard let changed = elements[place].setting(new, rest) else { return nil }
                elements[place] = changed
            }
            return .array(elements)
        case .null:
            return new == nil ? self : JSON.object([:]).setting(new, tokens)
        case .bool, .number, .string:
            return nil
        }
    }
}
