import AndonModel

/// Where a value of our report comes from: a place in the fields, a text with such places in it, or a text that is always
/// the same.
///
/// `/PartId/Id` is a place; `line 3, {/PartId/Id}` is a text with one; `CAM-01` is a text. `{{` is a plain brace.
public struct FieldText: Hashable, Sendable {
    public let source: String
    private let parts: [BracedText.Part]

    public typealias Fault = BracedText.Fault

    /// - Throws: `Fault` when a brace is not closed, or what stands in braces is no place.
    public init(_ source: String) throws(Fault) {
        self.source = source
        guard !source.hasPrefix("/") else {
            parts = [.braced(source)]
            return
        }
        parts = try BracedText(source).parts
        if let place = places.first(where: { !$0.hasPrefix("/") }) {
            throw Fault(reason: "{\(place)} is not a place like {/PartId/Id}")
        }
    }

    /// The program's own: a place, or a text without braces.
    init(own text: String) {
        source = text
        parts = text.isEmpty ? [] : [text.hasPrefix("/") ? .braced(text) : .text(text)]
    }

    /// The places that it names.
    public var places: [String] {
        parts.compactMap { if case .braced(let place) = $0 { place } else { nil } }
    }

    /// The value itself for a single place, else the filled text; nil when any place of it has nothing to say.
    public func value(in fields: FieldValue) -> FieldValue? {
        if parts.count == 1, case .braced(let place) = parts[0] { return fields.value(at: place) }
        var text = ""
        for part in parts {
            switch part {
            case .text(let own): text += own
            case .braced(let place):
                guard let words = fields.value(at: place)?.words else { return nil }
                text += words
            }
        }
        return .text(text)
    }

    public func words(in fields: FieldValue) -> String? { value(in: fields)?.words }
}
