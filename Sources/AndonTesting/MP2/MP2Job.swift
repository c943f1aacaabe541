import AndonModel
import Foundation
import Synchronization

/// The site's job beside MP2's Access edition, by the letter of the contract: it takes whole files only, one order for a
/// number, refuses what its tables cannot hold, and writes a file for each order that was closed.
public final class MP2Job: FolderStandIn {
    private let site: DropSite
    private let equipment: Set<String>?
    private let orders = Mutex<[String: [String: String]]>([:])
    private let halves = Mutex(0)

    static let columns = [
        "WONUM", "STATUS", "WOTYPE", "PRIORITY", "TASKDESC", "ORIGINATOR", "REQUESTDATE", "REQUESTTIME", "EQNUM",
        "EQDESC", "LOCATION", "SUBLOCATION1", "SUBLOCATION2", "SUBLOCATION3", "DEPARTMENT", "TEXTS", "FILENAME",
        "FILEDESC",
    ]
    private static let widths = [
        "WONUM": 10, "STATUS": 1, "WOTYPE": 9, "TASKDESC": 72, "ORIGINATOR": 25, "EQNUM": 30, "EQDESC": 40,
        "LOCATION": 30, "SUBLOCATION1": 30, "SUBLOCATION2": 30, "SUBLOCATION3": 30, "DEPARTMENT": 10, "FILENAME": 255,
        "FILEDESC": 50,
    ]

    public init(folder: String, equipment: Set<String>? = ["PRESS-07"]) throws {
        site = try DropSite(folder: folder, folders: ["done", "rejected", "export"])
        self.equipment = equipment
    }

    public var made: [String: [String: String]] { orders.withLock { $0 } }
    /// Files that were seen half written: none may ever be.
    public var halfFiles: Int { halves.withLock { $0 } }

    /// One look into the folder.
    public func run() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: site.folder).sorted()
        for name in names where name.hasSuffix(".wo.csv") { try take(name) }
    }

    private func take(_ name: String) throws {
        guard let (columns, row) = site.record(name) else { return halves.withLock { $0 += 1 } }
        if let reason = refusal(of: columns, row, name) { return try site.refuse(name, in: "", reason) }
        orders.withLock { $0[row["WONUM", default: ""]] = row }
        try site.move(name, "done/\(name)")
    }

    private func refusal(of columns: [String], _ row: [String: String], _ name: String) -> String? {
        guard Array(columns.prefix(Self.columns.count)) == Self.columns else { return "other columns than agreed" }
        for (column, width) in Self.widths where row[column, default: ""].unicodeScalars.count > width {
            return "\(column) is longer than \(width)"
        }
        guard let number = row["WONUM"], number.count == 10, name == "\(number).wo.csv" else { return "WONUM" }
        guard row["REQUESTDATE"]?.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil,
            row["REQUESTTIME"]?.wholeMatch(of: /\d\d:\d\d:\d\d/) != nil
        else { return "REQUESTDATE or REQUESTTIME is none" }
        guard Double(row["PRIORITY", default: ""]) != nil else { return "PRIORITY is no number" }
        if let formula = DropSite.formula(in: row) { return "formula: \(formula)" }
        guard equipment?.contains(row["EQNUM", default: ""]) ?? true else {
            return "unknown equipment \(row["EQNUM", default: ""])"
        }
        guard row["FILENAME", default: ""].isEmpty || row["FILENAME", default: ""].hasPrefix("\\\\") else {
            return "FILENAME is no name that a Windows client opens"
        }
        return nil
    }

    /// A person closes an order in MP2's own client, and the job says so.
    public func close(_ number: String, _ closing: [String: String]) throws {
        let columns = [
            "STATUS", "COMPLETIONDATE", "COMPLETIONTIME", "LABORHOURS", "PARTS", "RFOCODE", "EMPCODES", "TEXTS",
        ]
        let cells = columns.map { closing[$0] ?? "" }.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
        let head = (["WONUM"] + columns).joined(separator: ",")
        try site.write(
            "\(head)\r\n\(([number] + cells).joined(separator: ","))\r\n", to: "export/\(number).closed.csv")
    }
}
