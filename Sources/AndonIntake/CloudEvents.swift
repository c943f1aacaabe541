import AndonModel

/// CloudEvents 1.0 on the intake's route: takes the inspection out of the envelope.
///
/// Structured mode is one `application/cloudevents+json` body (HTTP binding section 3.2, JSON format section 3);
/// binary mode is the inspection as the body and the attributes as `ce-` headers (HTTP binding section 3.1).
/// Batched mode is refused: one answer could not say which of its events is durable. Extension attributes are
/// not kept.
public struct CloudEvents: Sendable {
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) {
        self.limits = limits
    }

    public enum Form: Hashable, Sendable {
        /// No CloudEvent: the body is the inspection.
        case plain
        case structured
        case binary
    }

    /// Tells the form of a request by its headers; looks at no body.
    ///
    /// - Parameters:
    ///   - contentType: the `Content-Type` header.
    ///   - header: looks a header up by its lower-case name.
    /// - Throws: 415 `unsupported-media-type` for the batched mode, for an event format other than JSON, and for a
    ///   body that is not JSON at all.
    public func form(contentType: String?, header: (String) -> String?) throws(Problem) -> Form {
        let mediaType = HeaderValue(contentType ?? "application/json").first.lowercased()
        if mediaType.hasPrefix("application/cloudevents-batch") {
            throw Self.unsupported("CloudEvents in batches are not taken; send each event in a request of its own")
        }
        if mediaType.hasPrefix("application/cloudevents") {
            guard mediaType == "application/cloudevents+json" else {
                throw Self.unsupported(
                    "The event format \(mediaType.quotedShort) is not known; send "
                        + "application/cloudevents+json")
            }
            return .structured
        }
        guard Self.isJSON(mediaType) else {
            throw Self.unsupported(
                "The content type \(mediaType.quotedShort) is not taken here; send application/json, "
                    + "application/cloudevents+json, or multipart/form-data with a picture")
        }
        let marks = ["ce-specversion", "ce-id", "ce-source", "ce-type"]
        return marks.contains { header($0) != nil } ? .binary : .plain
    }

    /// The inspection document of a request in whichever form it came.
    ///
    /// An inspection without an `id` takes the event's `source`, "/" and `id` (which together are unique by the
    /// specification); one without `detectedAt` takes the event's `time`.
    ///
    /// - Throws: as `form(contentType:header:)`; 413 `too-large` and 400 `invalid-json` for the body; 422
    ///   `invalid-event` with every fault of the envelope.
    public func document(
        _ body: some Collection<UInt8>, contentType: String?, header: (String) -> String?
    ) throws(Problem) -> IntakeDocument {
        switch try form(contentType: contentType, header: header) {
        case .plain: return try IntakeDocument(parsing: body, limits: limits.json)
        case .structured: return try structured(body)
        case .binary: return try binary(body, header)
        }
    }

    private static func unsupported(_ detail: String) -> Problem {
        Problem(
            status: 415, type: "unsupported-media-type", title: "This kind of body is not taken", detail: detail + ".")
    }

    private static func isJSON(_ mediaType: String) -> Bool {
        mediaType == "application/json" || mediaType == "text/json" || mediaType.hasSuffix("+json")
    }
}

// MARK: The two modes

extension CloudEvents {
    private func structured(_ body: some Collection<UInt8>) throws(Problem) -> IntakeDocument {
        var parsing = limits.json
        // `data_base64` is the whole inspection in one string.
        parsing.stringBytesMax = max(parsing.stringBytesMax, parsing.bytesMax)
        let event = try IntakeDocument(parsing: body, limits: parsing)
        let faults = FaultCollector(faultsMax: limits.faultsMax)
        guard case .object(let members) = event.json else {
            faults.add("", "should be an object with the event's attributes, found \(event.json.kindName)")
            throw Self.refusal(faults)
        }
        let envelope = envelope(faults, place: { "/" + $0 }, subject: { _ in "" }, attribute: { members[$0] })
        let data = try data(members, faults)
        guard let data, faults.faults.isEmpty else { throw Self.refusal(faults) }
        return completed(data, with: envelope)
    }

    private func binary(
        _ body: some Collection<UInt8>, _ header: (String) -> String?
    ) throws(Problem) -> IntakeDocument {
        let faults = FaultCollector(faultsMax: limits.faultsMax)
        // Header values are percent-encoded (HTTP binding section 3.1.3.2). A header has no place in the body.
        let envelope = envelope(
            faults, place: { _ in "" }, subject: { "the header ce-\($0) " },
            attribute: { name in header("ce-" + name).map { .string(PercentCoding.decoded($0)) } })
        guard faults.faults.isEmpty else { throw Self.refusal(faults) }
        return completed(try IntakeDocument(parsing: body, limits: limits.json), with: envelope)
    }

    private static func refusal(_ faults: FaultCollector) -> Problem {
        faults.problem(type: "invalid-event", title: "The CloudEvent has faults")
            ?? Problem(
                status: 422, type: "invalid-event", title: "The CloudEvent has faults",
                detail: "The event carries no inspection report; put it into \"data\".")
    }

    /// The event's data (JSON format section 3.1), or nil with a fault noted.
    private func data(_ members: [String: JSON], _ faults: FaultCollector) throws(Problem) -> IntakeDocument? {
        if case .string(let type) = members["datacontenttype"] ?? .null,
            !Self.isJSON(HeaderValue(type).first.lowercased())
        {
            faults.add("/datacontenttype", "should be application/json, found \(type.quotedShort)")
        }
        switch (members["data"] ?? .null, members["data_base64"] ?? .null) {
        case (.null, .null):
            faults.add("/data", "is required; it is the inspection report")
        case (.null, .string(let text)):
            guard let bytes = Base64.decoded(text) else {
                faults.add("/data_base64", "should be base64 (RFC 4648 section 4)")
                return nil
            }
            guard faults.faults.isEmpty else { return nil }
            return try IntakeDocument(parsing: bytes, limits: limits.json, pointer: "/data_base64")
        case (.null, let other):
            faults.add("/data_base64", "should be a text, found \(other.shown)")
        case (.object(let data), .null):
            return IntakeDocument(.object(data), pointer: "/data")
        case (let other, .null):
            faults.add("/data", "should be the inspection report as an object, found \(other.shown)")
        default:
            faults.add("/data_base64", "stands beside \"data\"; give one of the two")
        }
        return nil
    }
}

// MARK: The envelope

extension CloudEvents {
    /// What the envelope says that the inspection may lack.
    private struct Envelope {
        var id: String
        var time: String?
    }

    /// Checks the context attributes (CloudEvents 1.0 section "Context Attributes").
    private func envelope(
        _ faults: FaultCollector, place: (String) -> String, subject: (String) -> String,
        attribute: (String) -> JSON?
    ) -> Envelope {
        func text(_ name: String) -> String? {
            switch attribute(name) {
            case nil, .null: return nil
            case .string(let text) where !text.isEmpty: return text
            case .some(let value):
                faults.add(
                    place(name), "\(subject(name))should be a text of one character or more, found \(value.shown)")
                return nil
            }
        }
        func required(_ name: String) -> String? {
            let value = text(name)
            if value == nil, (attribute(name) ?? .null) == .null {
                faults.add(place(name), "\(subject(name))is required by CloudEvents 1.0")
            }
            return value
        }
        if let version = required("specversion"), version != "1.0" {
            faults.add(
                place("specversion"),
                "\(subject("specversion"))should be \"1.0\", the version that is taken, found "
                    + version.quotedShort)
        }
        let (id, source) = (required("id"), required("source"))
        _ = required("type")
        let time = text("time")
        if let time, Timestamp(time) == nil {
            faults.add(
                place("time"),
                "\(subject("time"))should be an RFC 3339 time with an offset like "
                    + "\"2026-11-23T21:09:00Z\", found \(time.quotedShort)")
        }
        return Envelope(id: (source ?? "") + "/" + (id ?? ""), time: time)
    }

    private func completed(_ document: IntakeDocument, with envelope: Envelope) -> IntakeDocument {
        guard case .object(var members) = document.json else { return document }
        if members["id"] ?? .null == .null { members["id"] = .string(envelope.id) }
        if members["detectedAt"] ?? .null == .null { members["detectedAt"] = envelope.time.map(JSON.string) }
        return IntakeDocument(.object(members), pointer: document.pointer)
    }
}
