import AndonModel
import Synchronization

/// The tenant's ids for names of ours, asked for once and kept until one of them is refused.
final class FiixNames: Sendable {
    /// What every order needs.
    struct Basics: Sendable {
        var site: Int
        var user: Int
        /// By id.
        var statuses: [Int: Status]
        /// Ids, the most urgent first.
        var priorities: [(id: Int, name: String)]
    }

    struct Status: Sendable {
        var name: String
        /// 100 requested, 101 active, 102 closed, 103 draft.
        var group: Int
        /// 7: completed.
        var systemCode: Int?
    }

    private struct Known {
        var basics: Basics?
        var assets: [String: Int] = [:]
        var types: [String: Int] = [:]
    }

    private let client: FiixClient
    private let known = Mutex(Known())

    init(_ client: FiixClient) {
        self.client = client
    }

    func forget() {
        known.withLock { $0 = Known() }
    }

    func basics(over wire: any Wire) async throws(ConnectorError) -> Basics {
        if let basics = known.withLock({ $0.basics }) { return basics }
        let configuration = client.configuration
        let basics = Basics(
            site: try await site(configuration.site, wire), user: try await user(configuration.user, wire),
            statuses: try await statuses(wire), priorities: try await priorities(wire))
        known.withLock { $0.basics = basics }
        return basics
    }

    private func site(_ name: String, _ wire: any Wire) async throws(ConnectorError) -> Int {
        let table = FiixTable(client: client, name: "Asset", fields: "id, strCode, strName")
        let sites = try await table.find("bolIsSite = ?", [1], over: wire)
        let found = sites.first { [$0["strCode"]?.string, $0["strName"]?.string].contains(name) }
        guard let id = found?["id"]?.integer else {
            let names = sites.compactMap { $0["strCode"]?.string ?? $0["strName"]?.string }.joined(separator: ", ")
            throw .refused("Fiix shows no site \"\(name)\" to these keys; it shows \(names)")
        }
        return id
    }

    private func user(_ name: String, _ wire: any Wire) async throws(ConnectorError) -> Int {
        let table = FiixTable(client: client, name: "User", fields: "id, strUserName")
        let found = try await table.find("strUserName = ?", [.string(name)], over: wire)
        guard let id = found.first?["id"]?.integer else { throw .refused("Fiix has no user \"\(name)\"") }
        return id
    }

    private func statuses(_ wire: any Wire) async throws(ConnectorError) -> [Int: Status] {
        let table = FiixTable(client: client, name: "WorkOrderStatus", fields: "id, strName, intControlID, intSysCode")
        var statuses: [Int: Status] = [:]
        for entry in try await table.find("id > ?", [0], over: wire) {
            guard let id = entry["id"]?.integer else { continue }
            statuses[id] = Status(
                name: entry["strName"]?.string ?? "status \(id)", group: entry["intControlID"]?.integer ?? 0,
                systemCode: entry["intSysCode"]?.integer)
        }
        return statuses
    }

    private func priorities(_ wire: any Wire) async throws(ConnectorError) -> [(id: Int, name: String)] {
        let table = FiixTable(client: client, name: "Priority", fields: "id, strName, intOrder")
        return try await table.find("id > ?", [0], over: wire)
            .sorted { ($0["intOrder"]?.integer ?? .max) < ($1["intOrder"]?.integer ?? .max) }
            .compactMap { entry in entry["id"]?.integer.map { ($0, entry["strName"]?.string ?? "") } }
    }

    /// The id of an asset of the site by its code.
    func asset(_ code: String, site: Int, over wire: any Wire) async throws(ConnectorError) -> Int {
        if let id = known.withLock({ $0.assets[code] }) { return id }
        let table = FiixTable(client: client, name: "Asset", fields: "id, strCode, intSiteID")
        let found = try await table.find("strCode = ?", [.string(code)], over: wire)
        guard let id = found.first(where: { $0["intSiteID"]?.integer == site })?["id"]?.integer else {
            throw .refused("Fiix has no asset with the code \"\(code)\" at the site")
        }
        known.withLock { $0.assets[code] = id }
        return id
    }

    func maintenanceType(_ name: String, over wire: any Wire) async throws(ConnectorError) -> Int {
        if let id = known.withLock({ $0.types[name] }) { return id }
        let table = FiixTable(client: client, name: "MaintenanceType", fields: "id, strName")
        guard let id = try await table.find("strName = ?", [.string(name)], over: wire).first?["id"]?.integer else {
            throw .refused("Fiix has no maintenance type \"\(name)\"")
        }
        known.withLock { $0.types[name] = id }
        return id
    }
}
