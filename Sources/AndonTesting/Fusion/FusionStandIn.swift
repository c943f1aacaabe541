import AndonModel
import Foundation
import Synchronization

/// A Fusion Maintenance for tests, over real HTTP: numbers that are unique in the organization, expressions in `q`,
/// status moves as the application allows them, and links that name another host.
public final class FusionStandIn: StandIn {
    public static let type = "fusion"

    public struct Setup: Sendable {
        public var organization = "BEDFORD"
        public var clientID = "client"
        public var clientSecret = "test-key"
        public var assets: Set<String> = ["PRESS-07"]
        public var takesAnyAsset = false
        /// Segments of the flexfield that the customer has made.
        public var segments: Set<String> = ["andonOrigin", "andonLot", "andonDefectClass"]

        public init() {}
    }

    public struct Order: Sendable {
        public var fields: [String: JSON]
        public var files: [File] = []
        public var resources: [[String: JSON]] = []
        public var materials: [[String: JSON]] = []
        public var failures: [[String: JSON]] = []
        public var workers: [String] = []
    }

    public struct File: Sendable {
        public var fields: [String: JSON]
        public var bytes: [UInt8]
    }

    struct Books {
        var orders: [Int: Order] = [:]
        var tokens: Set<String> = []
        var given = 0
        var next = 300_000_071_000_001
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    public func orders(_ reference: Reference) -> [Order] {
        books.withLock { books in
            books.orders.values.filter { $0.fields["WorkOrderNumber"]?.string == "AV-\(reference)" }
        }
    }

    public func change(_ reference: Reference, _ change: (inout Order) -> Void) {
        books.withLock { books in
            for (id, var order) in books.orders where order.fields["WorkOrderNumber"]?.string == "AV-\(reference)" {
                change(&order)
                order.fields["LastUpdateDate"] = .string(FusionDesk.text(time.now()))
                books.orders[id] = order
            }
        }
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            books.orders = books.orders.filter { $0.value.fields["WorkOrderNumber"]?.string != "AV-\(reference)" }
        }
    }

    public func expireSessions() { books.withLock { $0.tokens = [] } }
    /// How many tokens were given out.
    public var tokens: Int { books.withLock { $0.given } }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in
                answering { try FusionDesk(setup: setup, now: time.now(), request: request).answer(&books) }
            }
        }
    }
}

/// A refusal in the form of framework version 4.
struct FusionFault: StandInRefusal {
    var status = 400
    var detail: String
    var path = ""

    var answer: StandInAnswer {
        let body: JSON = [
            "title": "Bad Request", "status": .string(String(status)),
            "o:errorDetails": [
                ["detail": .string(detail), "o:errorCode": "27024", "o:errorPath": .string(path.isEmpty ? "/" : path)]
            ],
        ]
        return .answer(
            status: status, headers: [("content-type", "application/vnd.oracle.adf.error+json")],
            body: body.canonicalBytes)
    }
}
