import AndonModel

/// A vision system that sends its events here, as the configuration has it.
public struct EventsSettings: Sendable {
    public var dialect: EventDialect
    public var mapping: FieldMapping
    /// What makes an event one and the same however often it is sent; nil for the dialect's own, and where that is not there
    /// for all that was sent.
    public var key: FieldText?
    /// Of a webhook: where a body has a list of messages.
    public var messages: String?
    public var skips: [EventSkip]
    /// Nil for the part of a multipart body, or what the dialect carries.
    public var picture: PictureSettings?
    /// Keeps the message beside what was made of it, as long as it is short.
    public var keepsMessage: Bool
    /// From capture to acceptance, without the network.
    public var deadline: Duration
    public var network: Duration

    public var latencyMax: Duration { deadline + network }

    /// Reads a source's section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        let dialect = reader.choice("dialect", default: EventDialect.webhook)
        self.dialect = dialect
        mapping = reader.section("mapping").map { FieldMapping(reading: $0, defaults: dialect.defaults) } ?? .unread
        if reader.raw("mapping") == nil, dialect.defaults.camera == nil || dialect.defaults.defect.defectClass == nil {
            reader.missing("mapping")
        } else if reader.raw("mapping") == nil {
            mapping = FieldMapping(reading: reader.empty, defaults: dialect.defaults)
        }
        key = reader.fieldText("key")
        messages = reader.place("messages")
        if dialect != .webhook, let node = reader.raw("messages") {
            reader.faults.add("only dialect: webhook has to say where its messages are", at: node)
        }
        skips = Self.skips(reader) ?? dialect.skips
        picture = reader.section("picture").flatMap { PictureSettings(sent: $0) }
        keepsMessage = reader.bool("keepMessage", default: true)
        deadline = reader.duration("deadline", in: .milliseconds(1) ... .seconds(600)) ?? .milliseconds(100)
        network = reader.duration("network", in: .zero ... .seconds(600)) ?? .milliseconds(50)
        reader.finish()
    }

    /// Nil where none is written.
    private static func skips(_ reader: SettingsReader) -> [EventSkip]? {
        guard reader.raw("skip") != nil else { return nil }
        return reader.named("skip").compactMap { place, node in
            guard place.hasPrefix("/") else {
                reader.faults.add("\"\(place.cut(to: 40))\" should be a place like /after/false_positive", at: node)
                return nil
            }
            let words: [String] =
                if case .list(let elements) = node.value {
                    elements.compactMap { reader.text(of: $0) }
                } else {
                    reader.text(of: node).map { [$0] } ?? []
                }
            return EventSkip(place: place, values: Set(words))
        }
    }
}

extension PictureSettings {
    /// Of what is sent here: base64 in a field, or a file in a shared folder.
    init?(sent reader: SettingsReader) {
        let wait = reader.duration("wait", in: .zero ... .seconds(30)) ?? .seconds(2)
        let stableFor = reader.duration("stableFor", in: .zero ... .seconds(10)) ?? .milliseconds(200)
        let of = reader.choice("of", default: Of.defects)
        let (field, folder, path) = (reader.place("field"), reader.text("folder"), reader.fieldText("path"))
        reader.finish()
        switch (field, folder, path) {
        case (let field?, nil, nil): self.init(place: .field(field), of: of, wait: wait, stableFor: stableFor)
        case (nil, let folder?, let path?):
            self.init(place: .folder(folder, path: path), of: of, wait: wait, stableFor: stableFor)
        default:
            reader.faults.add(
                "name a field with the picture in base64, or a folder and the path within it", at: reader.node)
            return nil
        }
    }
}

extension SettingsReader {
    /// A section in which nothing is written.
    fileprivate var empty: SettingsReader {
        SettingsReader(
            Settings(.null, line: node.line, column: node.column, path: node.path), faults: faults, secrets: secrets)
    }
}
