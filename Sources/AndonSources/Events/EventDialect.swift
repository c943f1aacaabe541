import AndonModel

/// Whose events a source takes: how a body is taken apart, and what its fields are called.
public enum EventDialect: String, Sendable, CaseIterable {
    /// Any JSON: the mapping says all of it.
    case webhook
    /// NVIDIA DeepStream, Gst-nvmsgconv: the full payload (an object a message) and the minimal one (a frame a message).
    case deepstream
    /// Roboflow Inference: a model's answer, a workflow's outputs, and the events of its event writer.
    case roboflow
    /// Frigate: what it publishes under `frigate/events`.
    case frigate

    /// Where the reader of a dialect puts the defects that it found.
    static let found = "/found"
    /// Beside the sender's fields: `receivedAt`, and `query` with the address's parameters. The name is of no sender's.
    static let request = "$request"

    /// The reports that one message stands for.
    ///
    /// - Throws: where the message is none of the dialect's.
    func parts(of message: FieldValue) throws(MappingRefusal) -> [EventPart] {
        guard case .object(let members) = message else {
            throw MappingRefusal(
                place: "", what: "is \(message.kindName), not a structure with fields",
                remedy: "send a JSON object, or a list of them")
        }
        return switch self {
        case .webhook: [EventPart(fields: message)]
        case .deepstream: [try DeepStreamEvents.part(members)]
        case .roboflow: try RoboflowEvents.parts(members)
        case .frigate: [try FrigateEvents.part(members)]
        }
    }

    var defaults: MappingDefaults {
        switch self {
        case .webhook: MappingDefaults(detectedAt: "/\(Self.request)/receivedAt")
        case .deepstream: DeepStreamEvents.defaults
        case .roboflow: RoboflowEvents.defaults
        case .frigate: FrigateEvents.defaults
        }
    }

    /// Messages that are no reports, unless the configuration says otherwise.
    var skips: [EventSkip] {
        switch self {
        case .frigate: [EventSkip(place: "/after/false_positive", values: ["true"])]
        // Counts of a store, and no defect.
        case .roboflow: [EventSkip(place: "/event_schema", values: ["inventory_count"])]
        case .webhook, .deepstream: []
        }
    }
}

/// One report's share of a message.
struct EventPart: Sendable, Hashable {
    /// What the mapping reads.
    var fields: FieldValue
    /// The sender's own name for it; nil where it has none.
    var key: String?
    /// The picture in base64, as the dialect carries it.
    var picture: String?
}

/// Messages whose field says one of these words are counted, and make no report.
public struct EventSkip: Sendable, Hashable {
    public var place: String
    public var values: Set<String>

    public init(place: String, values: Set<String>) { (self.place, self.values) = (place, values) }

    /// What is said of a message that is skipped; nil for one that is not.
    func reason(in fields: FieldValue) -> String? {
        guard let words = fields.value(at: place)?.words, values.contains(words) else { return nil }
        return "\(place) is \(words.cut(to: 60).withoutControls)"
    }
}

extension FieldValue {
    /// A member of a structure; nil for null and for what is no structure.
    subscript(name: String) -> FieldValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
        return value
    }

    var elements: [FieldValue]? { if case .list(let elements) = self { elements } else { nil } }
    var members: [String: FieldValue]? { if case .object(let members) = self { members } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}
