import AndonModel
import Foundation
import Synchronization

/// An S/4HANA for tests, over real HTTP: OData version 2 with CSRF tokens bound to cookies, keys with zeros, fields
/// that are refused when unknown or too long, and two lists of attachments.
public final class SAPStandIn: StandIn {
    public static let type = "sap"

    public struct Setup: Sendable {
        public var client = "100"
        public var user = "ANDON"
        public var password = "test-key"
        public var equipment: Set<String> = ["PRESS-07"]
        public var locations: Set<String> = ["BR100", "PLANT"]
        public var takesAnyAsset = false
        public var notificationTypes: Set<String> = ["M1", "M2", "M3"]
        public var orderTypes: Set<String> = ["PM01", "PM02", "PM03"]
        /// Detection codes of the customer's catalogue, `group/code`.
        public var detectionCodes: Set<String> = ["VISION/AI01"]
        public var damageCodes: Set<String> = ["VISDEF/SCRA"]
        /// Services that the customer has activated.
        public var services: Set<String> = [
            "API_MAINTNOTIFICATION", "API_MAINTENANCEORDER;v=0002", "API_MAINTORDERCONFIRMATION",
            "API_CV_ATTACHMENT_SRV", "API_EQUIPMENT", "API_MATERIAL_DOCUMENT_SRV",
        ]

        public init() {}
    }

    public struct Notification: Sendable {
        public var fields: [String: JSON]
        public var items: [[String: JSON]] = []
        public var causes: [[String: JSON]] = []
        public var activities: [[String: JSON]] = []
        public var version = 1
    }

    public struct File: Sendable {
        public var object: String
        public var key: String
        public var name: String
        public var document: String
        public var bytes: [UInt8]
    }

    struct Books {
        /// Token -> the cookie that it is worth something with.
        var sessions: [String: String] = [:]
        var notifications: [String: Notification] = [:]
        var orders: [String: [String: JSON]] = [:]
        var confirmations: [[String: JSON]] = []
        var components: [[String: JSON]] = []
        var documents: [[String: JSON]] = []
        var files: [File] = []
        var nextNotification = 10_000_020
        var nextOrder = 4_000_001
        var fetches = 0
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    // MARK: What a test looks at, and what people do

    public func notifications(_ reference: Reference) -> [Notification] {
        books.withLock { books in
            books.notifications.sorted { $0.key < $1.key }.map(\.value).filter {
                $0.fields["MaintNotifExtReferenceNumber"]?.string == "AND-\(reference)"
            }
        }
    }

    public func orders(_ reference: Reference) -> [[String: JSON]] {
        let numbers = notifications(reference).compactMap { $0.fields["MaintenanceNotification"] }
        return books.withLock { books in
            books.orders.values.filter { numbers.contains($0["MaintenanceNotification"] ?? "") }
        }
    }

    public func files(_ reference: Reference) -> [File] {
        let number = notifications(reference).first?.fields["MaintenanceNotification"]?.string ?? "-"
        return books.withLock { $0.files.filter { $0.key.hasSuffix(number) } }
    }

    /// How often a token was fetched.
    public var fetches: Int { books.withLock { $0.fetches } }

    public func change(_ reference: Reference, _ change: (inout Notification) -> Void) {
        books.withLock { books in
            guard let number = first(reference, books) else { return }
            if var found = books.notifications[number] {
                change(&found)
                found.version += 1
                found.fields["LastChangeDateTime"] = SAPDesk.moment(time.now())
                books.notifications[number] = found
            }
        }
    }

    private func first(_ reference: Reference, _ books: Books) -> String? {
        books.notifications.filter { $0.value.fields["MaintNotifExtReferenceNumber"]?.string == "AND-\(reference)" }
            .keys.min()
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            if let number = first(reference, books) { books.notifications[number] = nil }
        }
    }

    /// A planner makes an order of the notification, or goes on with the one that it has; the notification is not
    /// touched by what follows.
    @discardableResult
    public func plan(_ reference: Reference, _ fields: [String: JSON]) -> String? {
        books.withLock { books in
            guard let number = first(reference, books) else { return nil }
            var order = books.notifications[number]?.fields["MaintenanceOrder"]?.string ?? ""
            if order.isEmpty {
                order = String(books.nextOrder)
                books.nextOrder += 1
                books.notifications[number]?.fields["MaintenanceOrder"] = .string(order)
                books.orders[order] = [
                    "MaintenanceOrder": .string(order), "MaintenanceNotification": .string(number),
                    "SystemStatusText": "CRTD NTUP", "MaintOrdProcessSubPhaseCode": "",
                ]
            }
            books.orders[order]?.merge(fields) { $1 }
            books.orders[order]?["LastChangeDateTime"] = SAPDesk.moment(time.now())
            return order
        }
    }

    /// Labour and parts of the order.
    public func confirm(_ reference: Reference, confirmations: [[String: JSON]], components: [[String: JSON]]) {
        guard let order = plan(reference, [:]) else { return }
        books.withLock { books in
            let key: [String: JSON] = ["MaintenanceOrder": .string(order)]
            books.confirmations += confirmations.map { $0.merging(key) { $1 } }
            books.components += components.map { $0.merging(key) { $1 } }
        }
    }

    public func expireSessions() { books.withLock { $0.sessions = [:] } }

    // MARK: Requests

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in
                answering { try SAPDesk(setup: setup, now: time.now(), request: request).answer(&books) }
            }
        }
    }
}

/// A refusal in the form of SAP Gateway.
struct SAPFault: StandInRefusal {
    var status: Int
    var code: String
    var message: String
    var headers: [(String, String)] = []

    init(_ status: Int, _ code: String, _ message: String, headers: [(String, String)] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    var answer: StandInAnswer {
        if code.isEmpty {
            return .answer(
                status: status, headers: headers + [("content-type", "text/html")], body: Array(message.utf8))
        }
        let error: JSON = [
            "error": [
                "code": .string(code), "message": ["lang": "en", "value": .string(message)],
                "innererror": [
                    "transactionid": "5F1AFBB7B05E0340E0066B5E7B2D9C1A",
                    "errordetails": [
                        ["code": .string(code), "message": .string(message), "severity": "error", "target": ""]
                    ],
                ],
            ]
        ]
        return .answer(
            status: status, headers: headers + [("content-type", "application/json")], body: error.canonicalBytes)
    }
}
