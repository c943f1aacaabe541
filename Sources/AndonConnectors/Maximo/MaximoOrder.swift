import AndonModel

/// Our order as Maximo's fields.
struct MaximoOrder {
    let configuration: MaximoConfiguration

    func fields(of order: WorkOrder) throws(ConnectorError) -> [String: JSON] {
        let fields = try configuration.fields.filled(with: values(of: order))
        guard fields["siteid"] != nil else {
            throw .refused("an order needs a site: set plant.site, or the option site of this connector")
        }
        return fields
    }

    /// The values that are the planned date.
    static let planned: Set<String> = ["scheduledAt"]

    /// The fields that a move of the planned date changes.
    func planned(of order: WorkOrder) throws(ConnectorError) -> [String: JSON] {
        try configuration.fields.planned(by: Self.planned, values(of: order))
    }

    private func values(of order: WorkOrder) -> [String: String] {
        var values = OrderText(order).fields
        values["site"] = values["site"] ?? configuration.site
        // Maximo refuses an asset that it does not have: such an order goes to its location, and says so.
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        values["workType"] =
            order.orderType ?? order.action.flatMap { configuration.workTypes[$0] }
            ?? configuration.workTypes[order.kind.rawValue]
        values["maximoPriority"] = String(configuration.priorities[order.priority] ?? order.priority)
        values["sourceSystem"] = configuration.sourceSystem
        values["failureCode"] = configuration.failureCode
        values["problemCode"] = configuration.failureCode == nil ? nil : order.classCode
        values["classification"] = configuration.classification
        return values
    }

    /// The answer to a create; the record's name is in the body or, where `properties` was dropped on the way,
    /// in the `Location` alone.
    func receipt(_ body: JSON, location: String?) throws(ConnectorError) -> Receipt {
        guard let href = body["href"]?.string ?? location, let id = WebAddress.lastSegment(href),
            id.hasPrefix("_")
        else { throw .answerLost("Maximo said yes and did not name the record") }
        let number = body["wonum"]?.string
        let values = [
            "number": number, "url": configuration.url, "id": body["workorderid"]?.integer.map { String($0) },
        ].compactMapValues { $0 }
        // A link with a hole in it leads to the wrong record.
        let isComplete = !configuration.recordLink.source.contains("{id}") || values["id"] != nil
        return Receipt(
            remoteID: id, number: number, link: isComplete ? configuration.recordLink.filled(with: values) : nil)
    }

    static func note(_ note: Note) -> JSON {
        [
            "description": .string(note.title.cut(to: 100)), "description_longdescription": .string(note.text),
            "logtype": "WORK",
        ]
    }
}
