import AndonLedger
import AndonModel

/// What a delivery's part became.
package enum MappedEvent: Sendable, Hashable {
    case report(Report)
    case skipped(String)
    case refused(key: String, place: String, reason: String, fields: FieldValue)

    package struct Report: Sendable, Hashable {
        package var id: String
        var key: String
        package var document: JSON
        /// What the mapping read, without long texts.
        var fields: FieldValue
        /// In base64, as the dialect carries it.
        var picture: String?
        /// In base64, from the field that the configuration names.
        var pictureField: String?
        var camera: String
        var asset: String?
        var detectedAt: Timestamp
        /// The time is the sender's.
        var isStamped: Bool
        var hasDefects: Bool
        var expectsPicture: Bool
    }
}

/// Makes reports of what a vision system sends. Pure: the same delivery makes the same reports.
package struct EventMapper: Sendable {
    let source: String
    let settings: EventsSettings
    private let inspections: InspectionMapper

    /// Messages in one body.
    static let messagesMax = 1_000
    /// Longer texts are pictures, and not kept beside the report.
    private static let textBytesMax = 2 << 10
    /// A longer message is not kept beside the report.
    private static let messageBytesMax = 16 << 10

    package init(source: String, settings: EventsSettings) {
        self.source = source
        self.settings = settings
        inspections = InspectionMapper(settings.mapping)
    }

    package func mapped(_ delivery: EventDelivery) -> [MappedEvent] {
        let request: FieldValue = .object([
            "receivedAt": .text(delivery.receivedAt.description),
            "query": .object(delivery.query.mapValues { .text($0) }),
        ])
        let messages: [FieldValue]
        do throws(MappingRefusal) { messages = try self.messages(FieldValue(delivery.body)) } catch {
            let whole = FieldValue(delivery.body).withoutLongTexts(Self.textBytesMax)
            return [refusal(error, key: Self.digest(whole, delivery.picture), whole)]
        }
        return messages.flatMap { message -> [MappedEvent] in
            guard case .object(var members) = message else {
                let error = MappingRefusal(
                    place: "", what: "is \(message.kindName), not a structure with fields",
                    remedy: "send a JSON object, or a list of them")
                return [refusal(error, key: Self.digest(message, .none), message)]
            }
            let picture = messages.count == 1 ? delivery.picture : .none
            members[EventDialect.request] = request
            do throws(MappingRefusal) {
                let parts = try settings.dialect.parts(of: .object(members))
                return parts.enumerated().map { index, part in
                    self.part(part, mark: { Self.digest(message, picture) + (parts.count == 1 ? "" : "/\(index)") })
                }
            } catch {
                let short = FieldValue.object(members).withoutLongTexts(Self.textBytesMax)
                return [refusal(error, key: Self.digest(message, picture), short)]
            }
        }
    }

    /// What was kept of an event, with the mapping of now.
    func again(_ fields: FieldValue, key: String) -> MappedEvent {
        var again = EventPart(fields: fields, key: key)
        // A message that the dialect did not understand was kept as it came.
        if settings.dialect != .webhook, fields["found"] == nil,
            let parts = try? settings.dialect.parts(of: fields), parts.count == 1
        {
            again = parts[0]
        }
        return part(again, mark: { key })
    }

    private func messages(_ body: FieldValue) throws(MappingRefusal) -> [FieldValue] {
        let list: [FieldValue]
        if let place = settings.messages {
            guard let found = body.value(at: place)?.elements else {
                throw MappingRefusal(
                    place: place, what: "is not a list of messages", remedy: "mend messages, or leave it out")
            }
            list = found
        } else {
            list = body.elements ?? [body]
        }
        guard list.count <= Self.messagesMax else {
            throw MappingRefusal(
                place: settings.messages ?? "",
                what: "has \(list.count) messages, and at most \(Self.messagesMax) are taken",
                remedy: "send fewer at once")
        }
        return list
    }

    /// - Parameter mark: names the event where neither the configuration nor the sender does: the same message is the same
    ///   event whenever it comes.
    private func part(_ part: EventPart, mark: () -> String) -> MappedEvent {
        if let reason = settings.skips.lazy.compactMap({ $0.reason(in: part.fields) }).first { return .skipped(reason) }
        let key = settings.key.flatMap { $0.words(in: part.fields) } ?? part.key ?? mark()
        let short = part.fields.withoutLongTexts(Self.textBytesMax)
        let event = EventKey(.event, server: source, event: key)
        do throws(MappingRefusal) {
            let document = try inspections.document(of: part.fields, id: event.id, origin: origin(key))
            return .report(report(document, part, event, short))
        } catch {
            return refusal(error, key: key, short)
        }
    }

    private func report(
        _ document: JSON, _ part: EventPart, _ event: EventKey, _ fields: FieldValue
    ) -> MappedEvent.Report {
        var field: String?
        if case .field(let place)? = settings.picture?.place { field = part.fields.value(at: place)?.text }
        let detectedAt = document["detectedAt"]?.string.flatMap { Timestamp($0) }
        let received = part.fields[EventDialect.request]?["receivedAt"]?.text.flatMap { Timestamp($0) }
        return MappedEvent.Report(
            id: event.id, key: event.event, document: settings.keepsMessage ? keeping(fields, in: document) : document,
            fields: fields, picture: part.picture, pictureField: field, camera: document["camera"]?.string ?? "",
            asset: document["asset"]?.string, detectedAt: detectedAt ?? Timestamp(microseconds: 0),
            isStamped: detectedAt != nil && detectedAt != received,
            hasDefects: document["defects"]?.array?.isEmpty == false,
            expectsPicture: part.picture != nil || settings.picture != nil)
    }

    private func origin(_ key: String) -> JSON {
        [
            "name": .string(source), "dialect": .string(settings.dialect.rawValue),
            "event": .string(key.cut(to: 300).withoutControls),
        ]
    }

    /// The message as it came, so that what no option names is not lost.
    private func keeping(_ fields: FieldValue, in document: JSON) -> JSON {
        guard case .object(var members) = document, case .object(var message) = fields else { return document }
        message[EventDialect.request] = nil
        // The defects stand in the report already.
        if settings.dialect != .webhook { message["found"] = nil }
        let kept = FieldValue.object(message).json
        guard kept.canonicalBytes.count <= Self.messageBytesMax else { return document }
        var attributes = members["attributes"]?.object ?? [:]
        attributes["message"] = kept
        members["attributes"] = .object(attributes)
        return .object(members)
    }

    private func refusal(_ error: MappingRefusal, key: String, _ fields: FieldValue) -> MappedEvent {
        .refused(key: key, place: error.place, reason: "\(error)", fields: fields)
    }

    /// Names an event by all that was sent.
    private static func digest(_ message: FieldValue, _ picture: SourcePicture) -> String {
        // Of a picture among the fields its own digest stands in its place: nothing of a megabyte is copied for that.
        let brief = message.replacingLongTexts(over: textBytesMax) { .text("sha256:" + Hex.sha256(Array($0.utf8))) }
        let own = Hex.sha256(brief.json.canonicalBytes)
        return picture.sha256.map { "\(own.prefix(32))\($0.prefix(32))" } ?? own
    }
}

extension FieldValue {
    /// Texts of more bytes become a structure that says how many there were.
    func withoutLongTexts(_ bytesMax: Int) -> FieldValue {
        replacingLongTexts(over: bytesMax) { .object(["bytes": .number(Double($0.utf8.count))]) }
    }

    fileprivate func replacingLongTexts(over bytesMax: Int, _ replaced: (String) -> FieldValue) -> FieldValue {
        switch self {
        case .text(let text) where text.utf8.count > bytesMax: replaced(text)
        case .list(let elements): .list(elements.map { $0.replacingLongTexts(over: bytesMax, replaced) })
        case .object(let members): .object(members.mapValues { $0.replacingLongTexts(over: bytesMax, replaced) })
        default: self
        }
    }
}
