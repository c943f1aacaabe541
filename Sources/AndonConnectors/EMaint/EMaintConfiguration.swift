import AndonModel
import Foundation

/// The options of an eMaint connector. Columns beyond a few are each account's own, so all of them are options.
public struct EMaintConfiguration: Sendable {
    /// The account's numbered host, for example `https://x46.emaint.com`.
    public var url: String
    public var user: String
    public var password: Secret
    /// Sent as `XT-UserAgent`: a token is bound to the value that got it.
    public var agent = "ANDON"
    public var path = "/api/v2"
    public var table = "WORK"
    /// Column of our reference, of the origin, of the pictures' marks, and of the growing notes.
    public var referenceColumn = "ext_ref001"
    public var originColumn = "origin001"
    public var origin = "AI-VISION"
    public var imageColumn = "img_ref001"
    public var notesColumn = "comments"
    public var causeColumn = "cause"
    public var resolutionColumn = "action"
    public var criticalityColumn = "critical"
    /// Column of the time when an order was made, by the account's clock. No stamp of the system's own is public;
    /// eMaint's list of orders is sorted by this one.
    public var createdColumn = "date_wo"
    /// Values of `wo_type` of the orders that PM schedules generate, in upper case.
    public var scheduledTypes: Set<String> = ["PM"]
    /// Folder of uploaded documents.
    public var folder = "Andon"
    public var attachmentBytesMax = 5_000_000
    public var orderTypes = ["corrective": "CM", "predictive": "PDM"]
    /// The account's word for a priority by ours.
    public var priorities: [Int: String] = [:]
    /// Our state by the site's `stattype`; `workstatus` decides what no row says.
    public var states: [String: OrderState] = [
        "CANCELED": .cancelled, "CANCELLED": .cancelled, "VOID": .cancelled, "REJECTED": .cancelled,
        "IN PROGRESS": .inProgress, "WAITING PARTS": .inProgress, "COMPLETED": .done,
    ]
    /// Our criticality by the asset's column.
    public var criticalities: [String: String] = [:]
    /// The account's clock.
    public var clock = LocalClock(zone: .gmt)
    public var pollOverlap: Duration = .seconds(3600)
    public var fields: FieldMapping

    /// A time zone behind a name of its own, so that the option can be shown.
    public struct LocalClock: Sendable {
        public var zone: TimeZone
    }

    static let fieldNames = OrderText.fieldNames.union([
        "woType", "woPriority", "origin", "detectedAtAccount", "plannedAtAccount", "assetKnown",
    ])

    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("compid", .code(max: 30), "{assetKnown}")
        add("brief_desc", .prose(max: 60), "AI vision: {title}")
        add("wo_type", .code(max: 10), "{woType}")
        add("priority", .code(max: 40), "{woPriority}")
        add("date_wo", .text, "{detectedAtAccount}")
        add("comments", .prose(max: 8000), "{text}")
        add("ext_ref001", .code(max: 40), "{reference}")
        add("origin001", .code(max: 40), "{origin}")
        return fields
    }
}

extension EMaintConfiguration {
    public init(reading reader: SettingsReader) {
        fields = Self.defaultFields
        url = reader.webAddress("url", example: "https://x46.emaint.com", isRequired: true) ?? ""
        user = reader.requiredText("user")
        password = reader.secret("password") ?? Secret("")
        if reader.raw("password") == nil { reader.missing("password") }
        agent = reader.text("agent", default: agent)
        path = reader.text("path", default: path)
        table = reader.text("table", default: table)
        referenceColumn = reader.text("referenceColumn", default: referenceColumn)
        originColumn = reader.text("originColumn", default: originColumn)
        origin = reader.text("origin", default: origin)
        imageColumn = reader.text("imageColumn", default: imageColumn)
        notesColumn = reader.text("notesColumn", default: notesColumn)
        causeColumn = reader.text("causeColumn", default: causeColumn)
        resolutionColumn = reader.text("resolutionColumn", default: resolutionColumn)
        criticalityColumn = reader.text("criticalityColumn", default: criticalityColumn)
        createdColumn = reader.text("createdColumn", default: createdColumn)
        if reader.raw("scheduledTypes") != nil {
            scheduledTypes = Set(reader.texts("scheduledTypes").map { $0.uppercased() })
        }
        folder = reader.text("folder", default: folder)
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30)) ?? attachmentBytesMax
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(7 * 86_400)) ?? pollOverlap
        orderTypes = reader.words("orderTypes", over: orderTypes)
        criticalities = reader.words("criticalities", over: criticalities)
        if let node = reader.raw("timeZone"), let name = reader.text(of: node) {
            if let zone = TimeZone(identifier: name) {
                clock = LocalClock(zone: zone)
            } else {
                reader.faults.add("should be an IANA time zone like America/Chicago, found \(node.kindName)", at: node)
            }
        }
        readTables(reader)
        fields.change(reading: reader, names: Self.fieldNames)
        for name in [referenceColumn, originColumn] where !fields.fields.contains(where: { $0.name == name }) {
            reader.faults.add("the field \(name) must be mapped: orders are found by it", at: reader.node)
        }
        reader.finish()
    }

    private mutating func readTables(_ reader: SettingsReader) {
        for entry in reader.table("priorities") {
            guard let ours = Int(entry.key), (1...9).contains(ours) else {
                reader.faults.add("should be our priority 1...9 and the account's word for it", at: entry.node)
                continue
            }
            priorities[ours] = entry.value
        }
        states = reader.states("states", over: states)
    }
}
