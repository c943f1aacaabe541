import AndonModel
import Foundation

/// Our order as SAP's fields.
struct SAPOrder {
    let configuration: SAPConfiguration

    /// A notification with its first item, to be created in one unit of work.
    func notification(_ order: WorkOrder) throws(ConnectorError) -> JSON {
        let fields = split(try configuration.fields.filled(with: values(of: order)))
        var body = fields.notification
        if !fields.item.isEmpty { body["to_Item"] = [.object(fields.item)] }
        return .object(body)
    }

    /// The order that plans and costs the work of notification `number`.
    func order(_ order: WorkOrder, notification number: String) throws(ConnectorError) -> JSON {
        let fields = split(try configuration.fields.filled(with: values(of: order)))
        var body = fields.order
        body["MaintenanceNotification"] = .string(number)
        if !fields.operation.isEmpty { body["to_MaintenanceOrderOperation"] = [.object(fields.operation)] }
        return .object(body)
    }

    /// The values that are the planned date.
    static let planned: Set<String> = ["scheduledAt", "requiredDate", "requiredTime", "basicStart"]

    /// What a move of the planned date changes in the notification and in its order. Items and operations keep theirs.
    func planned(
        of order: WorkOrder
    ) throws(ConnectorError) -> (notification: [String: JSON], order: [String: JSON]) {
        let fields = split(try configuration.fields.planned(by: Self.planned, values(of: order)))
        return (fields.notification, fields.order)
    }

    private struct Fields {
        var notification: [String: JSON] = [:]
        var item: [String: JSON] = [:]
        var order: [String: JSON] = [:]
        var operation: [String: JSON] = [:]
    }

    private func split(_ filled: [String: JSON]) -> Fields {
        var fields = Fields()
        for (name, value) in filled {
            if name.hasPrefix("item.") {
                fields.item[String(name.dropFirst(5))] = value
            } else if name.hasPrefix("order.") {
                fields.order[String(name.dropFirst(6))] = value
            } else if name.hasPrefix("operation.") {
                fields.operation[String(name.dropFirst(10))] = value
            } else {
                fields.notification[name] = value
            }
        }
        return fields
    }

    private func values(of order: WorkOrder) -> [String: String] {
        var values = configuration.system.values(of: order)
        values["zoneName"] = values["zoneName"] ?? order.place.zone
        values["sapOrderType"] = order.orderType ?? configuration.orderTypes[order.kind.rawValue]
        if order.scheduledAt != nil, !configuration.sendsPriorityWithDate { values["sapPriority"] = nil }
        values["object"] = values["equipment"] ?? values["functionalLocation"]
        if values["object"] != nil { values["objectKind"] = values["equipment"] == nil ? "EAMS_FL" : "EAMS_EQUI" }
        values["workCenter"] = configuration.workCenter
        values["workCenterPlant"] = configuration.workCenterPlant ?? configuration.system.planningPlant
        values["controlKey"] = configuration.controlKey
        values["detectionCodeGroup"] = configuration.detectionCodeGroup
        values["detectionCode"] = configuration.detectionCode
        let detected = SAPTime.parts(of: order.detectedAt, zone: order.timeZone)
        values["malfunctionDate"] = detected.date
        values["malfunctionTime"] = detected.time
        if let due = order.scheduledAt {
            let parts = SAPTime.parts(of: due, zone: order.timeZone)
            values["requiredDate"] = parts.date
            values["requiredTime"] = parts.time
            values["basicStart"] = "/Date(\(due.microseconds / 1000)+0000)/"
        }
        return values
    }
}

/// The date and time forms of OData version 2 as SAP gives them.
enum SAPTime {
    /// `Edm.DateTime` as midnight UTC of the local calendar day, and `Edm.Time`.
    static func parts(of time: Timestamp, zone name: String) -> (date: String, time: String) {
        let local = LocalTime(zone: TimeZone(identifier: name) ?? .gmt).text(time)
        let day = Timestamp("\(local.prefix(10))T00:00:00Z") ?? time
        let clock = local.suffix(8).split(separator: ":")
        return ("/Date(\(day.microseconds / 1000))/", "PT\(clock[0])H\(clock[1])M\(clock[2])S")
    }

    /// `/Date(1795392000000)/`, `/Date(1795392000000+0000)/`.
    static func moment(_ text: String?) -> Timestamp? {
        guard let text, text.hasPrefix("/Date("), text.hasSuffix(")/") else { return nil }
        let digits = text.dropFirst(6).prefix { $0.isNumber || $0 == "-" }
        // The sign of an offset ends the digits; a leading one belongs to them.
        let number = digits.prefix(1) + digits.dropFirst().prefix { $0.isNumber }
        guard let milliseconds = Int64(number), abs(milliseconds) < 1 << 50 else { return nil }
        return Timestamp(microseconds: milliseconds * 1000)
    }

    /// A date and a time of a clock without zone.
    static func moment(date: String?, time: String?, clock: LocalTime) -> Timestamp? {
        guard let day = moment(date) else { return nil }
        let digits = (time ?? "PT00H00M00S").split { !$0.isNumber }.compactMap { Int($0) }
        let seconds = digits.count == 3 ? digits[0] * 3600 + digits[1] * 60 + digits[2] : 0
        return clock.time(String((day + .seconds(seconds)).description.prefix(19)))
    }
}
