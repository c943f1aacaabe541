import AndonModel

/// How the texts of a field are read that hold more than a text.
public enum FieldForm: String, Sendable, CaseIterable {
    case json
    /// `class=scratch; confidence=0.93`, separated by semicolons, commas or line ends.
    case keyValue = "key-value"
}

/// A mapping's decoding step: the texts at a place become structures.
public struct FieldDecoding: Sendable, Hashable {
    /// JSON Pointer of a text, or of a list of texts.
    public var place: String
    public var form: FieldForm

    /// Bounds of one JSON text, which comes from a stranger.
    public static let limits = JSONLimits(bytesMax: 1 << 20, depthMax: 32, valuesMax: 100_000, stringBytesMax: 64 << 10)
    /// Entries of one text of keys and values.
    public static let entriesMax = 1_000

    public init(place: String, form: FieldForm) {
        self.place = place
        self.form = form
    }

    /// The fields with the texts at the place decoded. A place that is not there, and what is not a text, stays as it is.
    public func decoded(_ fields: FieldValue) throws(MappingRefusal) -> FieldValue {
        return try replaced(fields, FieldValue.tokens(place)[...])
    }

    private func replaced(_ value: FieldValue, _ tokens: ArraySlice<String>) throws(MappingRefusal) -> FieldValue {
        guard let name = tokens.first else { return try decodedHere(value) }
        switch value {
        case .object(var members):
            guard let member = members[name] else { return value }
            members[name] = try replaced(member, tokens.dropFirst())
            return .object(members)
        case .list(var elements):
            guard let index = Int(name), elements.indices.contains(index) else { return value }
            elements[index] = try replaced(elements[index], tokens.dropFirst())
            return .list(elements)
        default: return value
        }
    }

    private func decodedHere(_ value: FieldValue) throws(MappingRefusal) -> FieldValue {
        switch value {
        case .text(let text): return try parse(text)
        case .list(let elements):
            var decoded: [FieldValue] = []
            for element in elements {
                if case .text(let text) = element { decoded.append(try parse(text)) } else { decoded.append(element) }
            }
            return .list(decoded)
        default: return value
        }
    }

    private func parse(_ text: String) throws(MappingRefusal) -> FieldValue {
        switch form {
        case .json:
            do throws(JSONSyntaxError) { return FieldValue(try JSON(parsing: text, limits: Self.limits)) } catch {
                throw MappingRefusal(
                    place: place, what: "is not JSON that is taken: \(error.reason) (byte \(error.offset))",
                    remedy: "look at what the system sends (andon source check), and set mapping.decode to match")
            }
        case .keyValue: return try keyValues(text)
        }
    }

    private func keyValues(_ text: String) throws(MappingRefusal) -> FieldValue {
        guard text.utf8.count <= Self.limits.stringBytesMax else {
            throw MappingRefusal(
                place: place, what: "is longer than \(Self.limits.stringBytesMax) bytes",
                remedy: "let the system send less")
        }
        var members: [String: FieldValue] = [:]
        // A comma between digits is a decimal comma; the separators of entries stand before a name.
        let separators: Set<Character> = text.contains(where: { ";\n".contains($0) }) ? [";", "\n", "\r\n"] : [","]
        for entry in text.split(whereSeparator: { separators.contains($0) }) {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0]).trimmed
            guard parts.count == 2, !name.isEmpty else {
                guard String(entry).trimmed.isEmpty else {
                    throw MappingRefusal(
                        place: place,
                        what: "has \"\(String(entry).cut(to: 40).withoutControls)\", which is no name=value",
                        remedy: "look at what the system sends (andon source check), and set mapping.decode to match")
                }
                continue
            }
            members[name] = .text(String(parts[1]).trimmed)
            guard members.count <= Self.entriesMax else {
                throw MappingRefusal(
                    place: place, what: "has more than \(Self.entriesMax) entries", remedy: "let the system send less")
            }
        }
        return .object(members)
    }
}

/// Why no report can be made of what a source sent, where, and what to do.
public struct MappingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// JSON Pointer into the fields; "" for the whole.
    public var place: String
    public var what: String
    public var remedy: String

    public init(place: String, what: String, remedy: String) {
        self.place = place
        self.what = what
        self.remedy = remedy
    }

    public var description: String { "\(place.isEmpty ? "What came" : place) \(what); \(remedy)" }
}
