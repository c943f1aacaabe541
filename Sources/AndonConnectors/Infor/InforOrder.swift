import AndonModel

/// Our order as EAM's nested members.
struct InforOrder {
    let configuration: InforConfiguration

    func body(of order: WorkOrder) throws(ConnectorError) -> JSON {
        var body: JSON = ["WORKORDERID": ["JOBNUM": "0"], "FIXED": "V"]
        body = Self.merged(body, with: nested(try configuration.fields.filled(with: values(of: order))))
        // A key is a code and its organization: without it nothing is found.
        for part in ["WORKORDERID", "EQUIPMENTID", "DEPARTMENTID", "LOCATIONID", "CLASSID"] where body[part] != nil {
            let name = part == "CLASSID" ? configuration.classOrganization : configuration.organization
            body = Self.merged(
                body, with: .object([part: ["ORGANIZATIONID": ["ORGANIZATIONCODE": .string(name)]]]))
        }
        return body
    }

    /// The values that are the planned date.
    static let planned: Set<String> = ["scheduledAt"]

    /// The members that a move of the planned date changes.
    func planned(of order: WorkOrder) throws(ConnectorError) -> JSON {
        nested(try configuration.fields.planned(by: Self.planned, values(of: order)))
    }

    private func nested(_ filled: [String: JSON]) -> JSON {
        let forms = Dictionary(configuration.fields.fields.map { ($0.name, $0.form) }, uniquingKeysWith: { $1 })
        return filled.reduce([:]) { body, field in
            let value = Self.formed(field.value, field.key, forms[field.key], configuration.clock)
            return Self.merged(body, with: Self.nested(field.key, value))
        }
    }

    /// Dates and numbers are objects there, also where a field of the customer's holds one.
    private static func formed(
        _ value: JSON, _ name: String, _ form: FieldMapping.Form?, _ clock: LocalTime
    ) -> JSON {
        if form == .time || name.contains("UDFDATE"), let time = value.string.flatMap({ Timestamp($0) }) {
            return InforValue.date(time, clock: clock)
        }
        if let number = value.number { return InforValue.number(number) }
        if name.contains("UDFNUM"), let number = value.string.flatMap({ Double($0) }) {
            return InforValue.number(number)
        }
        return value
    }

    private func values(of order: WorkOrder) -> [String: String] {
        var values = OrderText(order).fields
        values["text"] = values["text"]?.withoutControls
        values["organization"] = configuration.organization
        values["workType"] = order.orderType ?? configuration.workTypes[order.kind.rawValue]
        values["createStatus"] = configuration.createStatus
        values["eamPriority"] = configuration.priorities.word(for: order.priority)
        values["department"] = configuration.department
        values["orderClass"] = configuration.orderClass
        values["problemCode"] =
            configuration.problemCodes[order.defectClass]
            ?? order.classCode.flatMap { configuration.problemCodes[$0] }
        values["locationCode"] = order.place.location.flatMap { configuration.locations[$0] }
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        values["origin"] = configuration.origin
        let place = [order.place.zone, order.place.line, order.camera].compactMap { $0 }
        values["place"] = place.joined(separator: ", ")
        return values
    }

    /// `A.B.C` as an object in an object in an object.
    private static func nested(_ path: String, _ value: JSON) -> JSON {
        path.split(separator: ".").reversed().reduce(value) { .object([String($1): $0]) }
    }

    /// The members of both; where both have one, `right` goes first.
    static func merged(_ left: JSON, with right: JSON) -> JSON {
        guard case .object(let old) = left, case .object(let new) = right else { return right }
        return .object(old.merging(new) { merged($0, with: $1) })
    }
}
