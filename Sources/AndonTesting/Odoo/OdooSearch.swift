import AndonModel

/// `search_read` and `read` of one model at the stand-in of Odoo: fields, domains, order and pages, as far as a mapping
/// needs them. Everything else is refused, with the names that the real one's exceptions have.
struct OdooSearch {
    let model: String
    let records: [Int: [String: JSON]]

    private typealias Fault = OdooDesk.Fault

    /// Of every model.
    private static let common: Set<String> = ["id", "create_date", "write_date", "display_name"]
    /// As far as mappings use them; addons/maintenance, addons/mail and odoo/addons/base of 18.0. A site's own begin with
    /// `x_`.
    private static let fields: [String: Set<String>] = [
        "maintenance.stage": ["name", "sequence", "fold", "done"],
        "maintenance.equipment": [
            "name", "serial_no", "location", "category_id", "maintenance_team_id", "technician_user_id", "active",
        ],
        "maintenance.request": [
            "name", "equipment_id", "maintenance_type", "priority", "description", "request_date", "schedule_date",
            "stage_id", "kanban_state", "user_id", "maintenance_team_id", "duration", "close_date", "archive",
            "recurring_maintenance",
        ],
        "ir.model.data": ["module", "name", "model", "res_id"],
        "ir.attachment": ["name", "res_model", "res_id", "mimetype", "description", "datas", "file_size", "checksum"],
        "mail.message": ["model", "res_id", "message_type", "body", "date", "author_id"],
    ]
    private static let moments: Set<String> = ["create_date", "write_date"]

    func read(_ ids: [Int], _ options: JSON) throws -> JSON {
        try check(options, ["fields", "load"])
        return .array(try ids.compactMap { id in try records[id].map { try shown(id, $0, options) } })
    }

    func found(_ domain: [JSON], _ options: JSON) throws -> JSON {
        try check(options, ["fields", "offset", "limit", "order"])
        if let order = options["order"], order != "id" {
            throw Fault(name: "odoo.exceptions.UserError", message: "Invalid \"order\" specified (\(order))")
        }
        var found: [(Int, [String: JSON])] = []
        for (id, record) in records.sorted(by: { $0.key < $1.key }) {
            var fields = record
            fields["id"] = .integer(id)
            var rest = domain
            var holds = true
            while !rest.isEmpty { holds = try term(&rest, fields) && holds }
            if holds { found.append((id, record)) }
        }
        let page = found.dropFirst(options["offset"]?.integer ?? 0).prefix(options["limit"]?.integer ?? found.count)
        return .array(try page.map { try shown($0.0, $0.1, options) })
    }

    private func check(_ options: JSON, _ names: Set<String>) throws {
        guard Self.fields[model] != nil || model.hasPrefix("x_") else {
            throw Fault(name: "odoo.exceptions.UserError", message: "Object \(model) doesn't exist")
        }
        for name in (options.object ?? [:]).keys where !names.contains(name) {
            throw Fault(name: "builtins.TypeError", message: "got an unexpected keyword argument '\(name)'")
        }
    }

    private func isField(_ name: String) -> Bool {
        name.hasPrefix("x_") || Self.common.contains(name) || Self.fields[model]?.contains(name) == true
    }

    /// Moments are kept with their fraction and shown in whole seconds.
    private func shown(_ id: Int, _ record: [String: JSON], _ options: JSON) throws -> JSON {
        var fields = record
        fields["id"] = .integer(id)
        for name in Self.moments {
            if let text = fields[name]?.string { fields[name] = .string(String(text.prefix(19))) }
        }
        guard let wanted = options["fields"]?.array?.compactMap(\.string) else { return .object(fields) }
        if let name = wanted.first(where: { !isField($0) }) {
            throw Fault(name: "builtins.ValueError", message: "Invalid field '\(name)' on model '\(model)'")
        }
        return .object(fields.filter { wanted.contains($0.key) || $0.key == "id" })
    }

    // MARK: Domains

    private func term(_ rest: inout [JSON], _ record: [String: JSON]) throws -> Bool {
        guard !rest.isEmpty else { throw Fault(name: "builtins.ValueError", message: "Invalid domain") }
        let first = rest.removeFirst()
        if first == "|" {
            let left = try term(&rest, record)
            let right = try term(&rest, record)
            return left || right
        }
        guard let name = first[0]?.string, let sign = first[1]?.string, let value = first[2] else {
            throw Fault(name: "builtins.ValueError", message: "Invalid leaf \(first)")
        }
        guard isField(name) else {
            throw Fault(name: "builtins.ValueError", message: "Invalid field \(model).\(name) in leaf \(first)")
        }
        let held = record[name] ?? false
        guard sign != "=" else { return held == value || held[0] == value }
        guard [">=", "<"].contains(sign), Self.moments.contains(name) else {
            throw Fault(name: "builtins.ValueError", message: "Invalid operator \(sign) in leaf \(first)")
        }
        guard OdooDesk.isMoment(value) else { throw OdooDesk.noMoment(value) }
        let (left, right) = (held.string ?? "", value.string ?? "")
        return sign == "<" ? left < right : left >= right
    }
}
