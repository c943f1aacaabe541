import AndonModel

/// What stands beside a notification: its order, time confirmations and goods movements.
struct SAPOrders {
    let configuration: SAPConfiguration
    let client: SAPClient

    /// As many keys as one filter takes without its address becoming too long.
    private static let batch = 20

    /// The notifications with what their orders say.
    func completed(_ notifications: [JSON], over wire: any Wire) async throws(ConnectorError) -> [SAPRecord] {
        var records = notifications.map { SAPRecord(notification: $0, configuration: configuration) }
        guard configuration.system.readsOrders else { return records }
        let numbers = Set(records.compactMap(\.orderNumber)).sorted()
        guard !numbers.isEmpty else { return records }
        let orders = try await rows("order", "MaintenanceOrder", key: "MaintenanceOrder", of: numbers, wire)
        let confirmations = try await rows(
            "confirmation", "MaintOrderConfirmation", key: "MaintenanceOrder", of: numbers, wire)
        let materials = try await materials(of: numbers, wire)
        for index in records.indices {
            guard let number = records[index].orderNumber.map(SAPSystem.withoutZeros) else { continue }
            records[index].order = orders[number]?.first
            records[index].confirmations = confirmations[number] ?? []
            records[index].materials = materials[number] ?? []
        }
        return records
    }

    private func materials(
        of numbers: [String], _ wire: any Wire
    ) async throws(ConnectorError) -> [String: [JSON]] {
        switch configuration.partsFrom {
        case .components:
            return try await rows("order", "MaintOrderOpComponent", key: "MaintenanceOrder", of: numbers, wire)
        case .materialDocuments:
            let all = try await rows(
                "material", "A_MaterialDocumentItem", key: "ManufacturingOrder", of: numbers, wire)
            return all.mapValues { rows in
                rows.filter {
                    ["261", "262"].contains(SAPRecord.text($0["GoodsMovementType"]) ?? "")
                        && $0["GoodsMovementIsCancelled"]?.bool != true
                }
            }
        }
    }

    /// The rows of a set by the order that they belong to, its number without zeros.
    private func rows(
        _ service: String, _ set: String, key: String, of numbers: [String], _ wire: any Wire
    ) async throws(ConnectorError) -> [String: [JSON]] {
        var found: [String: [JSON]] = [:]
        for row in try await all(service, set, filters: filters(key, numbers), wire) {
            guard let number = SAPRecord.text(row[key]).map(SAPSystem.withoutZeros) else { continue }
            found[number, default: []].append(row)
        }
        return found
    }

    private func filters(_ key: String, _ numbers: [String]) -> [String] {
        stride(from: 0, to: numbers.count, by: Self.batch).map { start in
            numbers[start..<min(start + Self.batch, numbers.count)].map { "\(key) eq \(SAPClient.literal($0))" }
                .joined(separator: " or ")
        }
    }

    private func all(
        _ service: String, _ set: String, filters: [String], select: String? = nil, _ wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let size = 500
        var found: [JSON] = []
        for filter in filters {
            var skip = 0
            while skip < 100_000 {
                var query = [("$filter", filter), ("$top", String(size)), ("$skip", String(skip))]
                if let select { query.append(("$select", select)) }
                let rows = try await page(service, set, query, wire)
                found += rows
                if rows.count < size { break }
                skip += size
            }
        }
        return found
    }

    private func page(
        _ service: String, _ set: String, _ query: [(String, String)], _ wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        let name = configuration.service(service)
        do {
            return try await client.rows(name, set, query: query, over: wire)
        } catch .gone(let words) {
            throw .refused(
                "SAP has no service \(name): \(words). Have it activated, or set readOrders: false and follow "
                    + "notifications alone")
        }
    }

    /// The notifications whose orders changed.
    func notificationsOfOrders(
        changedSince literal: String, over wire: any Wire
    ) async throws(ConnectorError) -> Set<String> {
        let filter = "\(configuration.orderChangedField) ge \(literal) and MaintenanceNotification ne ''"
        let rows = try await all(
            "order", "MaintenanceOrder", filters: [filter], select: "MaintenanceNotification", wire)
        return Set(rows.compactMap { SAPRecord.text($0["MaintenanceNotification"]) })
    }

    /// Those of `numbers` that `condition` holds for.
    func notifications(
        _ numbers: Set<String>, only condition: String, expand: String, over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        var found: [JSON] = []
        for filter in filters("MaintenanceNotification", numbers.sorted()) {
            found += try await client.rows(
                configuration.service("notification"), "MaintenanceNotification",
                query: [("$filter", "(\(filter)) and \(condition)"), ("$expand", expand)], over: wire)
        }
        return found
    }
}
