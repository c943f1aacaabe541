import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// An order on the desk.
public struct DeskOrder: Sendable {
    public var number: Int64
    public var order: WorkOrder
    public var state: OrderState
    public var assignee: String?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var closure: Closure?
    /// Position in the desk's order of changes.
    var changed: Int64

    init(_ row: Row) throws {
        number = row["number"]
        order = try WorkOrder(kept: row["document"])
        guard let state = OrderState(rawValue: row["state"]) else {
            throw StoreError.inconsistent("the desk's order \(number) has an unknown state")
        }
        self.state = state
        assignee = row["assignee"]
        createdAt = Timestamp(microseconds: row["created_at"])
        startedAt = (row["started_at"] as Int64?).map { Timestamp(microseconds: $0) }
        closure = try (row["closure"] as String?).map { try Closure(kept: $0) }
        changed = row["changed"]
    }

    var remote: RemoteOrder {
        RemoteOrder(
            remoteID: "\(number)", reference: order.reference, state: state, vendorState: state.rawValue,
            priority: "\(order.priority)", assignee: assignee, closure: closure)
    }

    /// As the desk keeps it.
    static func document(of order: WorkOrder) throws -> String { try order.keptText() }

    static func nextChange(_ transaction: Transaction) throws -> Int64 {
        Int64(try transaction.reader.count("SELECT COALESCE(MAX(changed), 0) + 1 FROM desk_order"))
    }
}

/// What somebody wrote on an order.
public struct DeskNote: Sendable {
    public var text: String
    public var at: Timestamp
    /// Nil for what Andon itself wrote.
    public var by: String?
}
