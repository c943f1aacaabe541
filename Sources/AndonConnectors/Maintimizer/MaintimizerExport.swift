import AndonModel
import Foundation
import Synchronization

/// What the site's own reports say: which requests became what, and which equipment there is.
final class MaintimizerExport: Sendable {
    private let configuration: MaintimizerConfiguration
    private let equipment = Mutex<[[String: String]]>([])
    private var folder: DropFolder { configuration.folder }

    init(_ configuration: MaintimizerConfiguration) { self.configuration = configuration }

    /// Nil when the export says nothing of the request.
    func order(_ key: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard !folder.path.isEmpty, let found = try await folder.settled(configuration.completedFile, over: wire) else {
            return nil
        }
        return rows(found.bytes).first { $0.key == key }?.order
    }

    /// The export is written whole each time: one that did not change tells nothing.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        guard !folder.path.isEmpty, let found = try await folder.settled(configuration.completedFile, over: wire),
            found.mark != cursor
        else { return Changes(orders: [], cursor: cursor) }
        return Changes(orders: rows(found.bytes).compactMap(\.order), cursor: found.mark)
    }

    private func rows(_ bytes: [UInt8]) -> [MaintimizerRow] {
        configuration.csv.records(bytes).map { MaintimizerRow(cells: $0, configuration: configuration) }
    }

    // MARK: Equipment

    /// Refuses an asset that the site's list does not have.
    func checkEquipment(of order: WorkOrder, over wire: any Wire) async throws(ConnectorError) {
        guard order.place.assetKnown, let file = configuration.equipmentFile else { return }
        let rows = try await equipmentRows(wire)
        guard rows.isEmpty || rows.contains(where: { $0["EquipmentID"] == order.place.asset }) else {
            throw .refused("\"\(order.place.asset)\" is not in \(file); the request was not written")
        }
    }

    /// A list that suddenly has less than half of its rows is a broken export: the one before stays in use.
    private func equipmentRows(_ wire: any Wire) async throws(ConnectorError) -> [[String: String]] {
        guard !folder.path.isEmpty, let file = configuration.equipmentFile,
            let found = try await folder.settled(file, over: wire)
        else { return equipment.withLock { $0 } }
        let rows = configuration.csv.records(found.bytes)
        return equipment.withLock { held in
            if rows.count * 2 >= held.count { held = rows }
            return held
        }
    }

    func assets(over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let rows = try await equipmentRows(wire)
        return AssetPage(
            assets: rows.compactMap { row in
                guard let id = row["EquipmentID"], !id.isEmpty else { return nil }
                return Asset(id: id, name: row["Description"].flatMap { $0.isEmpty ? nil : $0 })
            })
    }
}

/// A row of the site's export.
struct MaintimizerRow {
    let cells: [String: String]
    let configuration: MaintimizerConfiguration

    var key: String? { text("RequestKey") }

    /// Nil for a key that is not ours, and for a status that no table has: the last state stays.
    var order: RemoteOrder? {
        guard let key, let reference = Reference(key), let status = text("Status"),
            let state = configuration.states[status.uppercased()]
        else { return nil }
        let hours = text("LaborHours").flatMap(number)
        let closure = Closure(
            technician: text("Technician"), closedAt: state.isEnded ? completedAt : nil, labourHours: hours,
            parts: parts,
            causeCode: text("CauseCode"), notes: text("Resolution"))
        let isTold = state.isEnded || hours != nil || closure.notes != nil
        return RemoteOrder(
            remoteID: key, reference: reference, state: state, vendorState: status, closure: isTold ? closure : nil,
            changedAt: completedAt)
    }

    private func text(_ name: String) -> String? {
        cells[name].map { $0.trimmingCharacters(in: .whitespaces) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func number(_ text: String) -> Double? {
        let plain = configuration.decimalComma ? text.replacing(",", with: ".") : text
        return Double(plain).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }

    /// `BRG-22 x 2; BELT-9 x 1`
    private var parts: [Closure.Part] {
        (text("Parts") ?? "").split(separator: ";").compactMap { entry in
            let entry = entry.trimmingCharacters(in: .whitespaces)
            guard let match = entry.wholeMatch(of: /(.+?)\s+x\s+([0-9.,]+)/), let quantity = number(String(match.2)),
                quantity > 0
            else { return entry.isEmpty ? nil : Closure.Part(code: entry, quantity: 1) }
            return Closure.Part(code: String(match.1), quantity: quantity)
        }
    }

    private var completedAt: Timestamp? {
        guard let date = text("CompletedDate").flatMap({ ClockForm.parts($0, configuration.dateForm) }),
            let year = date["Y"], let month = date["m"], let day = date["d"]
        else { return nil }
        let time = text("CompletedTime").flatMap { ClockForm.parts($0, configuration.timeForm) } ?? [:]
        func two(_ value: Int?) -> String { String(100 + (value ?? 0)).suffix(2).description }
        return configuration.clock.time(
            "\(year)-\(two(month))-\(two(day))T\(two(time["H"])):\(two(time["M"])):\(two(time["S"]))")
    }
}
