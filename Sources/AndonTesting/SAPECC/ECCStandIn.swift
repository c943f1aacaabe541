import AndonModel
import Foundation
import Synchronization

/// An ECC 6.0 for tests, behind its RFC node for SOAP: notifications under temporary numbers that are worth nothing
/// without SAVE and COMMIT in the same session, refusals with status 200, and tables with fixed columns.
public final class ECCStandIn: StandIn {
    public static let type = "sap-ecc"

    public struct Setup: Sendable {
        public var client = "100"
        public var user = "ANDON"
        public var password = "test-key"
        public var equipment: Set<String> = ["PRESS-07", "000000000210100094"]
        public var locations: Set<String> = ["BR100", "PLANT"]
        public var takesAnyAsset = false
        public var notificationTypes: Set<String> = ["M1", "M2", "M3"]
        public var damageCodes: Set<String> = ["VISDEF/SCRA"]
        public var codings: Set<String> = ["VISION/AI01"]
        /// Names of work centres by their internal ids.
        public var workCenters = ["10000000": "MECH"]
        /// Whether the node keeps a session between calls.
        public var isStateful = true
        /// Whether the user may read tables.
        public var allowsTables = true
        /// Whether the notification types take numbers from outside.
        public var takesNumbers = false
        /// A function of the customer's that does the three steps in one.
        public var oneStepFunction: String?
        /// Another that does them for a change of the header.
        public var oneStepModifyFunction: String?

        public init() {}
    }

    public typealias Row = [String: String]

    public struct Notification: Sendable {
        public var header: Row
        public var items: [Row] = []
        public var causes: [Row] = []
        public var activities: [Row] = []
        public var longText: [Row] = []
        /// The plan whose turn it is; "" when people made it.
        public var maintenancePlan = ""
    }

    public struct Order: Sendable {
        public var number: String
        public var status: String
        public var row: Row
    }

    /// What a session holds that is not committed.
    struct Session {
        /// By temporary or real number: made or changed, and whether it was saved.
        var pending: [String: (notification: Notification, isSaved: Bool)] = [:]
    }

    struct Books {
        var sessions: [String: Session] = [:]
        var notifications: [String: Notification] = [:]
        var orders: [String: Order] = [:]
        var confirmations: [Row] = []
        var reservations: [Row] = []
        var nextNumber = 10_000_020
        var nextOrder = 4_000_001
        var nextSession = 1
        var nextTemporary = 1
        var calls: [String] = []
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())
    private let faultyFunction = Mutex<String?>(nil)

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    // MARK: What a test looks at, and what people do

    /// Only calls of this function fail; nil: any.
    public func fail(onlyAt function: String?) { faultyFunction.withLock { $0 = function } }

    /// The functions that were called, in order.
    public var calls: [String] { books.withLock { $0.calls } }

    /// Sessions that nobody has ended.
    public var openSessions: Int { books.withLock { $0.sessions.count } }

    public func notifications(_ reference: Reference) -> [Notification] {
        books.withLock { books in
            books.notifications.sorted { $0.key < $1.key }.map(\.value)
                .filter { $0.header["DEVICEDATA"] == "AND-\(reference)" }
        }
    }

    private func first(_ reference: Reference, _ books: Books) -> String? {
        books.notifications.filter { $0.value.header["DEVICEDATA"] == "AND-\(reference)" }.keys.min()
    }

    public func change(_ reference: Reference, _ change: (inout Notification) -> Void) {
        books.withLock { books in
            guard let number = first(reference, books), var found = books.notifications[number] else { return }
            change(&found)
            let now = time.now().description
            found.header["CHANGED_ON"] = String(now.prefix(10))
            found.header["CHANGED_AT"] = String(now.dropFirst(11).prefix(8))
            books.notifications[number] = found
        }
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            if let number = first(reference, books) { books.notifications[number] = nil }
        }
    }

    /// A planner makes an order of the notification, or goes on with the one that it has; the notification's stamp
    /// stays.
    public func plan(
        _ reference: Reference, status: String, row: Row, confirmations: [Row] = [], reservations: [Row] = []
    ) {
        books.withLock { books in
            guard let number = first(reference, books) else { return }
            var order = books.notifications[number]?.header["ORDERID"] ?? ""
            if order.isEmpty {
                order = String(format: "%012d", books.nextOrder)
                books.nextOrder += 1
                books.notifications[number]?.header["ORDERID"] = order
            }
            let today = String(time.now().description.prefix(10)).replacing("-", with: "")
            var fields = books.orders[order]?.row ?? ["AUFNR": order, "AUTYP": "30"]
            fields.merge(row) { $1 }
            fields["AEDAT"] = today
            books.orders[order] = Order(number: order, status: status, row: fields)
            books.confirmations += confirmations.map { $0.merging(["AUFNR": order]) { $1 } }
            books.reservations += reservations.map { $0.merging(["AUFNR": order]) { $1 } }
        }
    }

    public func expireSessions() { books.withLock { $0.sessions = [:] } }

    // MARK: Requests

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        let call = ECCCall(request)
        let only = faultyFunction.withLock { $0 }
        let answer = { [self] in
            books.withLock { ECCDesk(setup: setup, now: time.now(), request: request, call: call).answer(&$0) }
        }
        guard only == nil || call?.function == only else { return answer() }
        return faults.around(answer)
    }
}
