import AndonModel
import Foundation
import Synchronization

/// The site's side of the file exchange, by the letter of the contract: it takes whole files only, a key once, refuses
/// what it cannot read, acknowledges, and writes its export whole.
public final class MaintimizerImporter: Sendable {
    public struct Order: Sendable {
        public var number: String
        public var cells: [String: String]
        public var closing: [String: String] = ["Status": "Open"]
    }

    public let folder: String
    private let equipment: Set<String>?
    private let orders = Mutex<[String: Order]>([:])
    /// Files that were seen half written: none may ever be.
    private let halves = Mutex(0)

    /// Makes the folders, and the marker that says that the share is there.
    public init(folder: String, equipment: Set<String>? = nil) throws {
        self.folder = folder
        self.equipment = equipment
        for name in ["in", "ack", "done", "rejected", "export"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Data("drop".utf8).write(to: URL(fileURLWithPath: "\(folder)/andon-drop.id"))
        if let equipment {
            let rows = equipment.sorted().map { "\($0),\($0) name\r\n" }.joined()
            try write("EquipmentID,Description\r\n" + rows, to: "export/equipment.csv")
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
        let text = String(
            decoding: FileManager.default.contents(atPath: "\(folder)/in/\(name)") ?? Data(), as: UTF8.self)
        guard text.hasSuffix("\r\n"), let row = Self.record(text) else {
            halves.withLock { $0 += 1 }
            return
        }
        func refuse(_ reason: String) throws {
            try move("in/\(name)", "rejected/\(name)")
            try write(reason, to: "rejected/\(name).reason.txt")
        }
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
        // What a spreadsheet would run as a formula.
        for value in row.values where "=+@\t".contains(value.first ?? " ") { return try refuse("formula: \(value)") }
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
        if let image = row["Image"], !image.isEmpty { try? move("in/\(image)", "done/\(image)") }
        try write("RequestKey,WorkOrderNo\r\n\(key),\(number)\r\n", to: "ack/\(key).ack.csv")
        try move("in/\(name)", "done/\(name)")
    }

    private func export() throws {
        let columns = [
            "Status", "CompletedDate", "CompletedTime", "LaborHours", "Parts", "CauseCode", "Resolution", "Technician",
        ]
        let rows = made.sorted { $0.key < $1.key }.map { key, order in
            ([key, order.number] + columns.map { order.closing[$0] ?? "" }).map { "\"\($0)\"" }.joined(separator: ",")
        }
        let head = (["RequestKey", "WorkOrderNo"] + columns).joined(separator: ",")
        try write(([head] + rows).joined(separator: "\r\n") + "\r\n", to: "export/completed.csv")
    }

    /// Written a while ago, as far as the reader can see: it waits for files to stand still.
    private func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(path)")
        try Data(text.utf8).write(to: url, options: .atomic)
        let past = Date(timeIntervalSinceNow: -10)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: url.path)
    }

    private func move(_ from: String, _ to: String) throws {
        guard rename("\(folder)/\(from)", "\(folder)/\(to)") == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// The one record below the header, with quotes and line breaks in it.
    private static func record(_ text: String) -> [String: String]? {
        var rows: [[String]] = [[]]
        var cell = ""
        var open = false
        for character in text {
            switch character {
            case "\"": open.toggle()
            case "," where !open:
                rows[rows.count - 1].append(cell)
                cell = ""
            case "\r\n" where !open:
                rows[rows.count - 1].append(cell)
                cell = ""
                rows.append([])
            default: cell.append(character)
            }
        }
        guard !open, rows.count == 3, rows[0].count == rows[1].count else { return nil }
        return Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
    }
}

/// A wire on which writes fail as a plan has it.
public struct FaultyWire: Wire {
    let wire: any Wire
    let faults: FaultPlan
    let applies: @Sendable (WireRequest) -> Bool
    /// Runs after each write that was carried out: the other side is quick.
    let after: @Sendable () -> Void

    public init(
        _ wire: any Wire, faults: FaultPlan, applies: @escaping @Sendable (WireRequest) -> Bool,
        after: @escaping @Sendable () -> Void = {}
    ) {
        self.wire = wire
        self.faults = faults
        self.applies = applies
        self.after = after
    }

    public func now() -> Timestamp { wire.now() }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        guard applies(request) else { return try await wire.exchange(request) }
        switch faults.next() {
        case .dropBefore, .hang: throw .noAnswer("the line was cut")
        case .answer(let status, let headers, let body):
            return WireResponse(
                status: status, headers: headers.map { WireRequest.Header($0, $1) }, body: Array(body.utf8))
        case .dropAfter:
            _ = try await wire.exchange(request)
            after()
            throw .noAnswer("the line was cut")
        case nil:
            let answer = try await wire.exchange(request)
            after()
            return answer
        }
    }
}
