import AndonModel
import Crypto
import Foundation
import Synchronization

/// A Fiix for tests: one URL, signed calls, tables of objects. It takes an order twice when it is sent twice.
public final class FiixStandIn: StandIn {
    public static let type = "fiix"

    public struct Setup: Sendable {
        public var appKey = "app"
        public var accessKey = "access"
        public var secretKey = "test-key"
        /// Codes of assets of the site.
        public var assets = ["PRESS-07", "DIE-4"]
        public var takesAnyAsset = false

        public init() {}
    }

    struct Books {
        var tables: [String: [Int: [String: JSON]]] = [:]
        var contents: [Int: [UInt8]] = [:]
        var nextID = 700_001
        var nextCode = 4101
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books: Mutex<Books>

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
        var books = Books()
        books.tables["Asset"] = [
            20: ["id": 20, "strCode": "BEDFORD", "strName": "Bedford plant", "bolIsSite": 1, "intSiteID": 0]
        ]
        for (index, code) in setup.assets.enumerated() {
            let id = 1000 + index
            books.tables["Asset"]?[id] = [
                "id": .integer(id), "strCode": .string(code), "strName": .string("\(code) name"), "bolIsSite": 0,
                "intSiteID": 20,
            ]
        }
        books.tables["User"] = [
            7: ["id": 7, "strUserName": "andon", "strFullName": "Andon Vision"],
            12: ["id": 12, "strUserName": "rw", "strFullName": "R. Wilson"],
        ]
        let statuses: [(Int, String, Int, Int)] = [
            (9100, "Requested", 100, 0), (9101, "Assigned", 101, 2), (9102, "Working", 101, 3),
            (9103, "Complete", 102, 7),
            (9104, "Void", 102, 9),
        ]
        books.tables["WorkOrderStatus"] = Dictionary(
            uniqueKeysWithValues: statuses.map {
                (
                    $0.0,
                    [
                        "id": .integer($0.0), "strName": .string($0.1), "intControlID": .integer($0.2),
                        "intSysCode": .integer($0.3),
                    ]
                )
            })
        let priorities = [(8201, "Low", 40), (8205, "Highest", 10), (8204, "High", 20), (8203, "Medium", 30)]
        books.tables["Priority"] = Dictionary(
            uniqueKeysWithValues: priorities.map {
                ($0.0, ["id": .integer($0.0), "strName": .string($0.1), "intOrder": .integer($0.2)])
            })
        books.tables["MaintenanceType"] = [
            7302: ["id": 7302, "strName": "Corrective"], 7303: ["id": 7303, "strName": "Predictive"],
        ]
        books.tables["RCACause"] = [31: ["id": 31, "strCode": "WEAR", "strName": "Worn out"]]
        self.books = Mutex(books)
    }

    // MARK: What a test looks at, and what a technician does

    public func orders(_ reference: Reference) -> [[String: JSON]] {
        books.withLock { books in
            (books.tables["WorkOrder"] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter {
                $0["strAdminNotes"]?.string?.contains(reference.text) ?? false
            }
        }
    }

    /// Rows of a table that belong to the order.
    public func rows(_ table: String, of reference: Reference) -> [[String: JSON]] {
        guard let id = orders(reference).first?["id"] else { return [] }
        return books.withLock { books in
            (books.tables[table] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter { $0["intWorkOrderID"] == id }
        }
    }

    public func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        rows("File", of: reference).map { row in
            let contents = row["intFileContentsID"]?.integer ?? 0
            return (row["strName"]?.string ?? "", books.withLock { $0.contents[contents] ?? [] })
        }
    }

    public func change(_ reference: Reference, _ fields: [String: JSON]) {
        guard let id = orders(reference).first?["id"]?.integer else { return }
        let now = JSON.integer(time.now().microseconds / 1000)
        books.withLock { books in
            books.tables["WorkOrder"]?[id]?.merge(fields.merging(["intUpdated": now]) { $1 }) { $1 }
        }
    }

    public func add(_ table: String, to reference: Reference, _ fields: [String: JSON]) {
        guard let order = orders(reference).first?["id"] else { return }
        books.withLock { books in
            let id = books.nextID
            books.nextID += 1
            books.tables[table, default: [:]][id] = fields.merging(["id": .integer(id), "intWorkOrderID": order]) { $1 }
        }
    }

    public func remove(_ reference: Reference) {
        guard let id = orders(reference).first?["id"]?.integer else { return }
        books.withLock { books in books.tables["WorkOrder"]?[id] = nil }
    }

    // MARK: Requests

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in FiixDesk(setup: setup, now: time.now(), request: request).answer(&books) }
        }
    }
}
