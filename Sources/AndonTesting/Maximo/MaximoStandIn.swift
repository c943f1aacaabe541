import AndonModel
import Foundation
import Synchronization

/// A Maximo for tests, over real HTTP, as strict as the sheet of facts that the connector was written from: it
/// refuses what the real one refuses, drops in silence what the real one drops, and takes an order twice when it
/// is sent twice.
public final class MaximoStandIn: StandIn {
    public static let type = "maximo"

    public struct Record: Sendable {
        public var id: String
        public var fields: [String: JSON]
        public var files: [File] = []
    }

    public struct File: Sendable {
        public var id: String
        public var name: String
        public var description: String
        public var folder: String
        public var bytes: [UInt8]
    }

    /// What the plant's Maximo has; change it before the server starts.
    public struct Setup: Sendable {
        public var apiKey = "test-key"
        public var readOnlyKey = "read-key"
        public var user = "andon"
        public var password = "secret"
        public var sites: Set<String> = ["BEDFORD"]
        /// Asset number -> its attributes.
        public var assets: [String: [String: JSON]] = [:]
        /// Takes any asset, as a test with many of them needs.
        public var takesAnyAsset = false
        public var locations: Set<String> = ["BR100", "PLANT"]
        public var workTypes: Set<String> = ["CM", "EM", "CP", "PM"]
        public var folders: Set<String> = ["Attachments"]
        public var extensions: Set<String> = ["jpg", "png", "pdf", "txt"]
        public var attachmentBytesMax = 10_000_000
        public var remembersTransactions = true
        public var inner = "http://maxinst1.inner:9080/maximo/api"
        /// Works this long on every request.
        public var delay: Duration = .zero
        /// Keeps no attachments' bytes and no transaction ids: for long runs.
        public var keepsBytes = true

        public init() {}
    }

    struct Books {
        var records: [Record] = []
        var index: [String: Int] = [:]
        var byReference: [String: [Int]] = [:]
        var nextNumber = 1001
        var transactions: Set<String> = []
        var sessions: Set<String> = []
        var requests = 0
        var created: [Timestamp] = []
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())
    private let arrivals = Mutex<(@Sendable (String) -> Void)?>(nil)
    private let lies = Mutex(0)
    private let witness = Mutex<(countdown: Int, action: @Sendable () -> Void)?>(nil)

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    // MARK: What a test looks at, and what a technician does

    public var records: [Record] { books.withLock { $0.records } }
    public var requests: Int { books.withLock { $0.requests } }

    public func record(_ reference: Reference) -> Record? {
        books.withLock { books in books.byReference[reference.text]?.first.map { books.records[$0] } }
    }

    /// Changes a record as a person at Maximo's screen does.
    public func change(_ reference: Reference, _ fields: [String: JSON]) {
        books.withLock { books in
            guard let at = books.byReference[reference.text]?.first else { return }
            books.records[at].fields.merge(fields) { $1 }
            books.records[at].fields["changedate"] = .string(Self.localText(time.now()))
        }
    }

    /// Runs `action` once, when `count` more changes are committed, before the last one's answer is sent: the
    /// moment at which a caller does not know yet what it has done.
    public func afterCommits(_ count: Int, _ action: @escaping @Sendable () -> Void) {
        witness.withLock { $0 = (count, action) }
    }

    private func committed() {
        let action = witness.withLock { witness -> (@Sendable () -> Void)? in
            guard let (countdown, action) = witness else { return nil }
            witness = countdown > 1 ? (countdown - 1, action) : nil
            return countdown > 1 ? nil : action
        }
        action?()
    }

    /// Says of the next so many orders that it has made them, and makes none.
    public func lie(aboutOrders count: Int) { lies.withLock { $0 = count } }

    /// Lies that are still to be told.
    public var liesLeft: Int { lies.withLock { $0 } }

    private func isLie(_ request: StandInRequest) -> Bool {
        guard request.method == "POST", (try? JSON(parsing: request.body))?["externalrefid"] != nil else {
            return false
        }
        return lies.withLock { lies in
            defer { lies = max(0, lies - 1) }
            return lies > 0
        }
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            guard let at = books.byReference[reference.text]?.first else { return }
            books.index[books.records[at].id] = nil
            books.byReference[reference.text] = nil
            books.records[at].fields["sourcesysid"] = "REMOVED"
        }
    }

    public func expireSessions() {
        books.withLock { $0.sessions = [] }
    }

    /// Times come in the server's own zone, with its offset.
    static func localText(_ time: Timestamp) -> String {
        let local = (time + .seconds(3600)).description.prefix(19)
        return "\(local)+01:00"
    }

    // MARK: Requests

    /// Tells of every new order's body the moment that it has arrived, before the stand-in works on it.
    public func onArrival(_ action: @escaping @Sendable (_ reference: String) -> Void) {
        arrivals.withLock { $0 = action }
    }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        if request.method == "POST", let tell = arrivals.withLock({ $0 }),
            let reference = (try? JSON(parsing: request.body))?["externalrefid"]?.string
        {
            tell(reference)
        }
        if setup.delay > .zero { try? await Task.sleep(for: setup.delay) }
        switch faults.next() {
        case .dropBefore: return .drop
        case .hang: return .hang
        case .answer(let status, let headers, let body):
            return .answer(status: status, headers: headers.map { ($0, $1) }, body: Array(body.utf8))
        case .dropAfter:
            _ = answer(request)
            return .drop
        case nil:
            if isLie(request) { return answer(request, isKept: false) }
            let answer = answer(request)
            if request.method == "POST", case .answer(200..<300, _, _) = answer { committed() }
            return answer
        }
    }

    /// - Parameter isKept: whether what it says that it did is done; numbers that it gave are not given again.
    private func answer(_ request: StandInRequest, isKept: Bool = true) -> StandInAnswer {
        books.withLock { books in
            books.requests += 1
            func desk(_ books: inout Books) -> StandInAnswer {
                answering { try MaximoDesk(setup: setup, now: time.now(), request: request).answer(&books) }
            }
            guard !isKept else { return desk(&books) }
            var imagined = books
            let answer = desk(&imagined)
            books.nextNumber = imagined.nextNumber
            return answer
        }
    }
}

/// A refusal in Maximo's own form.
struct MaximoFault: StandInRefusal {
    var status: Int
    var code: String?
    var message: String
    var headers: [(String, String)] = []

    init(_ status: Int, _ code: String?, _ message: String, headers: [(String, String)] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    var answer: StandInAnswer {
        guard let code else {
            return .answer(
                status: status, headers: headers + [("content-type", "text/html")], body: Array(message.utf8))
        }
        let error: JSON = [
            "Error": [
                "reasonCode": .string(code), "message": .string("\(code) - \(message)"),
                "statusCode": .string(String(status)),
                "extendedError": [
                    "moreInfo": ["href": .string("http://maxinst1.inner/maximo/api/error/messages/\(code)")]
                ],
            ]
        ]
        return .answer(
            status: status, headers: headers + [("content-type", "application/json")], body: error.canonicalBytes)
    }
}
