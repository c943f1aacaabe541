import AndonModel
import Synchronization

/// Limble's numbers for names of ours, asked for once and kept until one of them turns out to be wrong.
final class LimbleNames: Sendable {
    private struct Known {
        var assets: [String: Int] = [:]
        var priorities: [String: Int]?
        var names: [Int: String]?
    }

    private let client: LimbleClient
    private let known = Mutex(Known())

    init(_ client: LimbleClient) {
        self.client = client
    }

    func forget() {
        known.withLock { $0 = Known() }
    }

    /// The `assetID` of an asset by its name at a location.
    ///
    /// - Throws: `.refused` when there is none: a task without its asset would be in nobody's list.
    func asset(_ name: String, at location: Int, over wire: any Wire) async throws(ConnectorError) -> Int {
        let key = "\(location)/\(name)"
        if let id = known.withLock({ $0.assets[key] }) { return id }
        let query = [("name", name), ("locations", String(location)), ("limit", "100"), ("page", "1")]
        let found = try await client.get("/v2/assets/", query, over: wire).body.array ?? []
        // The name is compared by Limble as a pattern: `%` in ours would match others.
        let same = found.filter { $0["name"]?.string?.lowercased() == name.lowercased() }
        guard let id = same.first?["assetID"]?.integer else {
            throw .refused("Limble has no asset \"\(name)\" at location \(location)")
        }
        known.withLock { $0.assets[key] = id }
        return id
    }

    /// Up to 100 assets.
    func assetPage(_ number: Int, at locations: [Int], over wire: any Wire) async throws(ConnectorError) -> [JSON] {
        let query = [
            ("locations", locations.map(String.init).joined(separator: ",")), ("limit", "100"),
            ("page", String(number)),
        ]
        return try await client.get("/v2/assets/", query, over: wire).body.array ?? []
    }

    /// The names of all assets by their number.
    func assets(at locations: [Int], over wire: any Wire) async throws(ConnectorError) -> [Int: String] {
        if let names = known.withLock({ $0.names }) { return names }
        var names: [Int: String] = [:]
        var number = 1
        while number <= 5000 {
            let list = try await assetPage(number, at: locations, over: wire)
            for entry in list {
                if let id = entry["assetID"]?.integer, let name = entry["name"]?.string { names[id] = name }
            }
            if list.count < 100 { break }
            number += 1
        }
        let found = names
        known.withLock { $0.names = found }
        return found
    }

    /// The present level of the priority with this name.
    func level(_ name: String, over wire: any Wire) async throws(ConnectorError) -> Int {
        var levels = known.withLock { $0.priorities }
        if levels?[name.lowercased()] == nil {
            let list = try await client.get("/v2/priorities", over: wire).body.array ?? []
            let pairs = list.compactMap { entry in
                entry["name"]?.string.flatMap { name in
                    entry["priorityLevel"]?.integer.map { (name.lowercased(), $0) }
                }
            }
            levels = Dictionary(pairs) { first, _ in first }
            let fresh = levels
            known.withLock { $0.priorities = fresh }
        }
        guard let level = levels?[name.lowercased()] else {
            let names = (levels ?? [:]).keys.sorted().joined(separator: ", ")
            throw .refused("Limble has no priority \"\(name)\"; it has \(names)")
        }
        return level
    }
}
