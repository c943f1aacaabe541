import AndonModel
import Foundation
import Synchronization

/// The site's side of the file exchange, by the letter of the contract: it takes whole files only, a key once, refuses
/// what it cannot read, acknowledges, and writes its export whole.
public final class MaintimizerImporter: FolderStandIn {
    public struct Order: Sendable {
        public var number: String
        public var cells: [String: String]
        public var closing: [String: String] = ["Status": "Open"]
    }

    private let site: DropSite
    public var folder: String { site.folder }
    private let equipment: Set<String>?
    private let orders = Mutex<[String: Order]>([:])
    /// Files that were seen half written: none may ever be.
    private let halves = Mutex(0)

    public init(folder: String, equipment: Set<String>? = nil) throws {
        site = try DropSite(folder: folder, folders: ["in", "ack", "done", "rejected", "export"])
        self.equipment = equipment
        if let equipment {
            let rows = equipment.sorted().map { "\($0),\($0) name\r\n" }.joined()
            try site.write("EquipmentID,Description\r\n" + rows, to: "export/equipment.csv")
        }
    }

    public var made: [String: Order] { orders.withLock { $0 } }
    public var halfFiles: Int { halves.withLock { $0 } }

    /// Files of an order, wherever they lie.
    public func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        ["in", "done"].flatMap { place -> [(name: String, bytes: [UInt8])] in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)")) ?? []
            return names.filter { $0.hasPrefix("andon-\(reference)") && !$0.hasSuffix(".tmp") }.map {
                ($0, Array(FileManager.default.contents(atPath: "\(folder)/\(place)/\($0)") ?? Data()))
            }
        }
    }

    /// A request that a person typed in, for example from a mail.
    public func enter(_ reference: Reference, _ closing: [String: String]) {
        orders.withLock { $0[reference.text] = Order(number: "W\(70_000 + $0.count)", cells: [:], closing: closing) }
        try? export()
    }

    public func close(_ reference: Reference, _ closing: [String: String]) {
        orders.withLock { $0[reference.text]?.closing = closing }
        try? export()
    }

    /// One look into the folder.
    public func run() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/in").sorted()
        for name in names where name.hasSuffix(".req.csv") { try take(name) }
        try export()
    }

    private func take(_ name: String) throws {
        let key = String(name.dropLast(8))
        guard let row = site.record("in/\(name)")?.row else {
            halves.withLock { $0 += 1 }
            return
        }
        func refuse(_ reason: String) throws { try site.refuse(name, in: "in/", reason) }
        for (column, width) in [
            ("RequestKey", 20), ("EquipmentID", 20), ("Location", 30), ("Priority", 1), ("Type", 10), ("Problem", 20),
            ("Description", 80), ("RequestedBy", 25), ("Image", 120),
        ] where row[column]?.unicodeScalars.count ?? 0 > width * 2 || row[column] == nil {
            return try refuse("column \(column) is missing or too long")
        }
        guard row["RequestKey"] == key, row["Problem"]?.isEmpty == false, row["Description"]?.isEmpty == false,
            row["RequestedBy"]?.lowercased().contains("vision") == true
        else { return try refuse("a required column is empty") }
        if let equipment, let id = row["EquipmentID"], !equipment.contains(id) {
            return try refuse("unknown equipment \(id)")
        }
        if let formula = DropSite.formula(in: row) { return try refuse("formula: \(formula)") }
        if let image = row["Image"], !image.isEmpty, !FileManager.default.fileExists(atPath: "\(folder)/in/\(image)"),
            !FileManager.default.fileExists(atPath: "\(folder)/done/\(image)")
        {
            return try refuse("the image \(image) is not there")
        }
        let number = orders.withLock { orders in
            let number = orders[key]?.number ?? "W\(70_000 + orders.count)"
            if orders[key] == nil { orders[key] = Order(number: number, cells: row) }
            return number
        }
        if let image = row["Image"], !image.isEmpty { try? site.move("in/\(image)", "done/\(image)") }
        try site.write("RequestKey,WorkOrderNo\r\n\(key),\(number)\r\n", to: "ack/\(key).ack.csv")
        try site.move("in/\(name)", "done/\(name)")
    }

    private func export() throws {
        let columns = [
            "Status", "CompletedDate", "CompletedTime", "LaborHours", "Parts", "CauseCode", "Resolution", "Technician",
        ]
        let rows = made.sorted { $0.key < $1.key }.map { key, order in
            ([key, order.number] + columns.map { order.closing[$0] ?? "" }).map { "\"\($0)\"" }.joined(separator: ",")
        }
        let head = (["RequestKey", "WorkOrderNo"] + columns).joined(separator: ",")
        try site.write(([head] + rows).joined(separator: "\r\n") + "\r\n", to: "export/completed.csv")
    }
}
