import AndonModel

/// Changes of what is there: only with the mark of the state that was read.
extension SAPDesk {
    /// The mark changes with every member (FNV-1a, 64 bits).
    static func mark(of fields: [String: JSON]) -> String {
        let bytes = JSON.object(fields).canonicalBytes
        let sum = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "W/\"SADL-\(String(sum, radix: 16))\""
    }

    /// The fields of a notification after this request.
    func changed(_ notification: SAPStandIn.Notification) throws -> [String: JSON] {
        try checkMark(of: notification.fields)
        // Creatable and not changeable: the type, and the children.
        let sent = try body(Self.widths.filter { $0.key != "NotificationType" })
        guard ["1", "2", "3"].contains(notification.fields["NotifProcessingPhase"]?.string ?? "") else {
            throw SAPFault(400, "IM/160", "The notification is completed and cannot be changed")
        }
        var fields = notification.fields.merging(sent) { $1 }
        if sent["MaintPriority"] != nil {
            fields["RequiredEndDate"] = "/Date(0)/"
            fields["RequiredEndTime"] = "PT00H00M00S"
        }
        fields["LastChangeDateTime"] = Self.moment(now)
        return fields
    }

    /// One order: read, or changed.
    func order(_ number: String, _ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        guard var fields = books.orders[number] else {
            throw SAPFault(404, "IW/153", "Order \(number) does not exist")
        }
        switch request.method {
        case "GET":
            let metadata: JSON = ["etag": .string(Self.mark(of: fields))]
            return Self.json(200, .object(fields.merging(["__metadata": metadata]) { $1 }))
        case "PATCH":
            try checkMark(of: fields)
            let fixed = ["MaintenanceOrderType", "MaintenanceNotification"]
            fields.merge(try body(Self.orderWidths.filter { !fixed.contains($0.key) })) { $1 }
            fields["LastChangeDateTime"] = Self.moment(now)
            books.orders[number] = fields
            return .answer(status: 204)
        default: throw SAPFault(405, "/IWFND/CM_MGW/096", "Method \(request.method) not allowed")
        }
    }

    private func checkMark(of fields: [String: JSON]) throws {
        guard let mark = request[header: "if-match"] else {
            throw SAPFault(428, "/IWBEP/CM_MGW_RT/033", "Precondition required: the entity needs an If-Match header")
        }
        guard mark == Self.mark(of: fields) else {
            throw SAPFault(412, "SADL_ENTITY_RUNTIME/004", "Precondition failed: the entity was changed meanwhile")
        }
    }
}
