import AndonModel
import Synchronization

/// A CMMS in memory that can lose its answer after it has done what was asked: the worst thing that a real one
/// does. It takes the same order twice, as real ones do; only asking first keeps it from happening.
final class FakeCMMS: Connector {
    enum Fault: Sendable {
        case dropBefore
        case dropAfter
        case busy
        case refuse
        case unreachable
    }

    struct Books: Sendable {
        var orders: [String] = []
        var files: [String] = []
        var notes: [String] = []
        var faults: [Fault] = []
        var states: [String: RemoteOrder] = [:]
        var searches = 0
        /// Planned dates by remote id, each as it was set.
        var dates: [String: [Timestamp?]] = [:]
        /// Orders that people made.
        var people: [OldOrder] = []
    }

    let traits = ConnectorTraits(system: "fake", hasOldOrders: true, reschedules: true)
    private let books: Mutex<Books>

    init(faults: [Fault] = []) {
        books = Mutex(Books(faults: faults))
    }

    var kept: Books { books.withLock { $0 } }

    func lose(answers count: Int) {
        books.withLock { $0.faults = Array(repeating: .dropAfter, count: count) }
    }

    func refuseNext() { books.withLock { $0.faults.append(.refuse) } }

    /// No further faults.
    func recover() {
        books.withLock { $0.faults = [] }
    }

    func set(_ order: RemoteOrder) {
        books.withLock { $0.states[order.remoteID] = order }
    }

    func remove(_ remoteID: String) {
        books.withLock { $0.states[remoteID] = nil }
    }

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        let result: Result<Receipt, ConnectorError> = books.withLock { books in
            let fault = books.faults.isEmpty ? nil : books.faults.removeFirst()
            switch fault {
            case .dropBefore: return .failure(.answerLost("closed before the answer"))
            case .busy: return .failure(.busy(after: nil, "try later"))
            case .refuse: return .failure(.refused("BMXAA0090E: asset not operating"))
            case .unreachable: return .failure(.unreachable("connection refused"))
            case .dropAfter, nil: break
            }
            let receipt = Self.commit(effect, &books)
            return fault == .dropAfter ? .failure(.answerLost("closed after the commit")) : .success(receipt)
        }
        return try result.get()
    }

    private static func commit(_ effect: Effect, _ books: inout Books) -> Receipt {
        switch effect {
        case .create(let order, _):
            books.orders.append(order.reference.text)
            let id = "R-\(order.reference)"
            books.dates[id] = [order.scheduledAt]
            books.states[id] = RemoteOrder(
                remoteID: id, reference: order.reference, state: .open, vendorState: "WAPPR")
            return Receipt(remoteID: id, number: "\(1000 + books.orders.count)")
        case .attach(let attachment, _, _):
            books.files.append(attachment.fileName)
            return Receipt(remoteID: attachment.fileName)
        case .append(let occurrence, _):
            books.notes.append(occurrence.key)
            return Receipt(remoteID: occurrence.key)
        }
    }

    func reschedule(_ order: WorkOrder, remoteID: String, over wire: any Wire) async throws(ConnectorError) {
        let fault: Fault? = books.withLock { books in
            let fault = books.faults.isEmpty ? nil : books.faults.removeFirst()
            if fault == nil || fault == .dropAfter { books.dates[remoteID, default: []].append(order.scheduledAt) }
            return fault
        }
        if fault != nil { throw .answerLost("closed") }
    }

    func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        books.withLock { books in
            books.states[remoteID]?.state = .cancelled
            books.states[remoteID]?.vendorState = "CAN"
        }
    }

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        books.withLock { books in
            books.searches += 1
            switch effect {
            case .create(let order, _):
                return books.orders.filter { $0 == order.reference.text }.map { Receipt(remoteID: "R-\($0)") }
            case .attach(let attachment, _, _):
                return books.files.filter { $0 == attachment.fileName }.map { Receipt(remoteID: $0) }
            case .append(let occurrence, _):
                return books.notes.filter { $0 == occurrence.key }.map { Receipt(remoteID: $0) }
            }
        }
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        Changes(orders: books.withLock { Array($0.states.values) }, cursor: "x")
    }

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        books.withLock { $0.states[remoteID] }
    }

    /// People make an order there, or change it.
    func keep(_ order: OldOrder) {
        books.withLock { books in
            books.people.removeAll { $0.remote.remoteID == order.remote.remoteID }
            books.people.append(order)
        }
    }

    /// Two a page, with a fault of the list at each page as long as there are any.
    func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let (found, isFaulty) = books.withLock { books in
            let isFaulty = !books.faults.isEmpty
            if isFaulty { books.faults.removeFirst() }
            return (books.people.filter { $0.createdAt.map(times.contains) ?? false }, isFaulty)
        }
        if isFaulty { throw .unreachable("connection refused") }
        let first = page.flatMap { Int($0) } ?? 0
        return OldOrderPage(
            orders: Array(found.dropFirst(first).prefix(2)), next: found.count > first + 2 ? "\(first + 2)" : nil)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }
}

struct NoWire: Wire {
    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        throw .notSent("this wire leads nowhere")
    }

    func now() -> Timestamp { SystemTime().now() }
}

/// Raises every detection, or joins the order that is open.
struct RaiseAll: DecisionMaker {
    func factsWanted(for detection: Detection) -> FactsWanted { FactsWanted() }

    func decide(_ detection: Detection, facts: Facts) -> Decision {
        Decision(
            outcome: facts.openOrder == nil ? .raised : .grouped, joins: facts.openOrder?.reference,
            kind: .corrective, priority: 2, severity: 0.5, severityBand: "major", criticality: "B",
            className: detection.defect.defectClass, classKnown: true, route: Route(target: .backlog),
            reason: "test", rule: "test", rulesVersion: 1)
    }
}
