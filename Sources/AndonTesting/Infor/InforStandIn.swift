import AndonModel
import Foundation
import Synchronization

/// An Infor EAM for tests, over real HTTP: nested codes, dates and numbers as objects, a default dataspy that hides
/// closed orders, and documents that show nowhere until they are associated.
public final class InforStandIn: StandIn {
    public static let type = "infor"

    public struct Setup: Sendable {
        public var tenant = "ACME_PRD"
        public var organization = "BEDFORD"
        public var user = "ANDON"
        public var password = "test-key"
        /// Client and service account of the gateway; a bearer token is taken as well as a password.
        public var clientID = "client"
        public var accountKey = "ACME_PRD#key+/=="
        public var equipment: Set<String> = ["PRESS-07"]
        public var takesAnyAsset = false
        public var statuses: [String: String] = ["Q": "Q", "R": "R", "IP": "R", "C": "C", "CANC": "C", "REJ": "REJ"]
        public var types: Set<String> = ["CORR", "PDM", "BRKD"]
        public var dataspy = "101"
        /// The server's own clock.
        public var timeZone = "Europe/Berlin"
        /// How the account's dates are written.
        public var dateFormat = "dd-MMM-yyyy"

        public init() {}
    }

    public struct Order: Sendable {
        public var body: JSON
        public var createdAt: Timestamp
        public var comments: [(type: String, text: String)] = []
        public var labour: [[String: String]] = []
        public var parts: [[String: String]] = []
        public var documents: [String] = []
        public var version = 1
    }

    public struct Document: Sendable {
        public var name: String
        public var bytes: [UInt8]
    }

    struct Books {
        var orders: [String: Order] = [:]
        var documents: [String: Document] = [:]
        var tokens: Set<String> = []
        var next = 10_234
        var nextDocument = 5001
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
            books.orders.sorted { $0.key < $1.key }.map(\.value).filter {
                $0.body["UserDefinedFields"]?["UDFCHAR01"]?.string == reference.text
            }
        }
    }

    public func files(_ reference: Reference) -> [Document] {
        let codes = orders(reference).first?.documents ?? []
        return books.withLock { books in codes.compactMap { books.documents[$0] } }
    }

    public func change(_ reference: Reference, _ change: (inout Order) -> Void) {
        books.withLock { books in
            let found = books.orders.filter {
                $0.value.body["UserDefinedFields"]?["UDFCHAR01"]?.string == reference.text
            }
            guard let number = found.keys.min(), var order = books.orders[number] else { return }
            change(&order)
            order.version += 1
            books.orders[number] = order
        }
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            books.orders = books.orders.filter {
                $0.value.body["UserDefinedFields"]?["UDFCHAR01"]?.string != reference.text
            }
        }
    }

    public func expireSessions() { books.withLock { $0.tokens = [] } }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in
                answering { try InforDesk(setup: setup, request: request, now: time.now()).answer(&books) }
            }
        }
    }
}

/// A refusal in EAM's form.
struct InforFault: StandInRefusal {
    var status = 400
    var message: String
    var location = ""

    var answer: StandInAnswer {
        let body: JSON = [
            "ErrorAlert": [
                [
                    "Message": .string(message), "Name": "com.dstm.mp.MPException", "Location": .string(location),
                    "Code": "",
                ]
            ],
            "ConfirmationAlert": nil, "Result": nil,
        ]
        return .answer(status: status, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }
}
