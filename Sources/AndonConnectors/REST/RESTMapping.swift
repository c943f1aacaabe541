import AndonModel

/// A system described in a file: its calls, and where things stand in its answers.
struct RESTMapping: Sendable {
    var system = "REST"
    var tables: [String: [String: String]] = [:]
    var headers: [(String, RESTTemplate)] = []
    var keepsCookies = false
    var login: [RESTCall] = []
    var create: [RESTCall] = []
    var find: RESTCall?
    var attach: [RESTCall] = []
    var findAttachment: RESTCall?
    var download: RESTCall?
    /// Where the bytes stand in base64; nil when the answer's body is the file.
    var downloadContent: RESTPath?
    var append: [RESTCall] = []
    var findNote: RESTCall?
    var read: RESTCall?
    var changes: RESTCall?
    var oldOrders: OldOrders?
    var withdraw: [RESTCall] = []
    var reschedule: [RESTCall] = []
    var assets: RESTCall?
    var number: RESTTemplate?
    var link: RESTTemplate?
    var pageSize = 50
    var firstPage = 1
    var longTextMax: Int?
    var record = Record()
    var asset = AssetPaths()

    /// Where an order's facts stand in its row.
    struct Record: Sendable {
        var take: [(String, RESTPath)] = []
        /// Further calls for each row; the answer's rows stand below the name then.
        var details: [(String, RESTCall)] = []
        var id: RESTPath?
        var reference: RESTPath?
        var referencePrefix = ""
        var state: RESTPath?
        var states: [String: OrderState] = [:]
        var stateRules: [(tests: [RESTRules.Test], state: OrderState)] = []
        var priority: RESTPath?
        var assignee: RESTPath?
        var technician: RESTPath?
        var startedAt: RESTPath?
        var closedAt: RESTPath?
        var changedAt: RESTPath?
        var labour: RESTPath?
        var labourUnit = LabourUnit.hours
        var parts: RESTPath?
        var partCode: RESTPath?
        var partName: RESTPath?
        var partQuantity: RESTPath?
        var problem: RESTPath?
        var cause: RESTPath?
        var remedy: RESTPath?
        var notes: RESTPath?
        var ownNotes = "Seen again:"
    }

    /// The list of all people's orders, and what stands in its rows beside the facts of a record.
    struct OldOrders: Sendable {
        var call: RESTCall
        /// Further calls for each row of this list, after those of the record.
        var details: [(String, RESTCall)] = []
        /// As people know it; nil where the receipt's number is made of the id.
        var number: RESTPath?
        /// The first of them that has a text.
        var asset: [RESTPath] = []
        var createdAt: RESTPath?
        var reportedAt: RESTPath?
        var crew: RESTPath?
    }

    enum LabourUnit: String, CaseIterable, Sendable {
        case hours, minutes, seconds

        var perHour: Double {
            switch self {
            case .hours: 1
            case .minutes: 60
            case .seconds: 3600
            }
        }
    }

    struct AssetPaths: Sendable {
        var id: RESTPath?
        var name: RESTPath?
        var type: RESTPath?
        var criticality: RESTPath?
        var criticalities: [String: String] = [:]
        var location: RESTPath?
        var parent: RESTPath?
    }
}
