import AndonModel

/// The options of the form `jobControl`.
struct JobControlOptions: Sendable {
    enum Store: String, CaseIterable, Sendable {
        /// One call: the order may start at once.
        case storeAndStart
        /// The order waits until somebody there releases it.
        case store
        /// Two calls, for receivers without StoreAndStart.
        case storeThenStart
    }

    enum Pictures: String, CaseIterable, Sendable {
        case none
        /// The order names the page of its record and the picture's digest.
        case link
        /// Each picture goes into the order as a parameter, as bytes.
        case bytes
    }

    var receiver: JSON
    /// The object that answers for orders under way and ended; nil where the receiver's list is all there is.
    var responses: JSON?
    var store: Store
    var pictures: Pictures
    var pictureMax: Int?
    var occurrences: Bool
    var priorities: [Int: String]
    var workMaster: String?
    var parameters: FieldMapping
    /// The names of JobResponseData that hold the repair's facts.
    var cause: String
    var notes: String
    var problem: String
    var remedy: String
    /// MaterialUse of what was used up.
    var consumed: String

    static let defaultStates: [String: OrderState] = [
        "NOTALLOWEDTOSTART": .open, "ALLOWEDTOSTART": .open, "RUNNING": .inProgress, "INTERRUPTED": .inProgress,
        "ENDED": .closed, "ENDED/COMPLETED": .done, "ENDED/CLOSED": .closed, "ABORTED": .cancelled,
    ]

    /// Parameters of the order beside what the structure has fields for.
    static let defaultParameters: FieldMapping = {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: OrderText.fieldNames))
        }
        add("DetectionId", .text, "{detectionId}")
        add("DetectedAt", .time, "{detectedAt}")
        add("DefectClass", .text, "{class}")
        add("ClassCode", .text, "{classCode}")
        add("Confidence", .number, "{confidence}")
        add("Severity", .number, "{severity}")
        add("SeverityBand", .text, "{severityBand}")
        add("BoundingBox", .text, "{box}")
        add("SpcStatus", .text, "{spc}")
        add("Action", .text, "{action}")
        add("WorkOrderType", .text, "{kind}")
        add("LongText", .text, "{text}")
        add("Origin", .text, "{originTag}")
        add("ExternalRef", .text, "{reference}")
        add("ImageUri", .text, "{link}")
        add("ImageSha256", .text, "{pictureSha256}")
        return fields
    }()

    init(reading reader: SettingsReader, _ nodes: OPCUANodeReader, isUsed: Bool) {
        receiver = nodes.node("receiver", isRequired: isUsed) ?? .null
        responses = nodes.node("responses", isRequired: false)
        store = reader.choice("store", default: .storeAndStart)
        pictures = reader.choice("pictures", default: .link)
        pictureMax = reader.byteCount("pictureMax")
        occurrences = reader.bool("occurrences", default: true)
        priorities = reader.priorities("priorities")
        for (ours, theirs) in priorities where Int16(theirs) == nil {
            reader.faults.add(
                "the priority \(ours) should be a whole number there, found \(theirs)",
                at: reader.raw("priorities") ?? reader.node)
        }
        workMaster = reader.text("workMaster")
        cause = reader.text("causeData", default: "CauseCode")
        notes = reader.text("notesData", default: "Resolution")
        problem = reader.text("problemData", default: "ProblemCode")
        remedy = reader.text("remedyData", default: "RemedyCode")
        consumed = reader.text("consumedUse", default: "Consumed")
        parameters = Self.defaultParameters
        if pictures == .none {
            parameters.remove("ImageUri")
            parameters.remove("ImageSha256")
        }
        parameters.change(reading: reader, key: "parameters", names: OrderText.fieldNames)
    }
}
