import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// The built-in desk as a connector: to the dispatcher it is a CMMS like any other.
///
/// Every effect is idempotent by a constraint of the store, so an attempt that a crash cut short leaves nothing
/// behind or all of it.
public struct DeskConnector: Connector {
    public let traits = ConnectorTraits(system: "Andon desk", reschedules: true)
    private let store: Store

    public init(store: Store) {
        self.store = store
    }

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        try await inStore { transaction in
            switch effect {
            case .create(let order, _): try Self.create(order, transaction)
            case .attach(let attachment, _, let number):
                try Self.insert(
                    "INSERT INTO desk_file (number, name, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    [number, attachment.fileName, attachment.picture.sha256], attachment.fileName, transaction)
            case .append(let note, let number):
                try Self.insert(
                    "INSERT INTO desk_note (number, key, at, text) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [number, note.key, transaction.now.microseconds, note.text], note.key, transaction)
            }
        }
    }

    private static func create(_ order: WorkOrder, _ transaction: Transaction) throws -> Receipt {
        let changed = try DeskOrder.nextChange(transaction)
        try transaction.run(
            """
            INSERT INTO desk_order (reference, document, state, assignee, created_at, changed)
            VALUES (?, ?, 'open', ?, ?, ?) ON CONFLICT (reference) DO NOTHING
            """,
            [
                order.reference.text, try DeskOrder.document(of: order), order.route.assignee,
                transaction.now.microseconds, changed,
            ])
        guard let receipt = try receipt(of: order.reference, transaction.reader) else {
            throw StoreError.inconsistent("the desk did not keep \(order.reference)")
        }
        return receipt
    }

    private static func insert(
        _ sql: String, _ arguments: StatementArguments, _ name: String, _ transaction: Transaction
    ) throws -> Receipt {
        try transaction.run(sql, arguments)
        return Receipt(remoteID: name)
    }

    private static func receipt(of reference: Reference, _ reader: Reader) throws -> Receipt? {
        guard let row = try reader.row("SELECT number FROM desk_order WHERE reference = ?", [reference.text]) else {
            return nil
        }
        let number: Int64 = row["number"]
        return Receipt(remoteID: "\(number)", number: "D-\(number)", link: "/desk/\(reference)")
    }

    /// The date on the order's page, with a line in its notes. A date that it has already changes nothing.
    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        guard let date = order.scheduledAt else {
            throw .refused("the order has no planned date that it could be moved to")
        }
        let isThere = try await inStore { transaction in
            guard let order = try Self.order(remoteID, transaction.reader) else { return false }
            try Desk.plan(order, for: date, transaction)
            return true
        }
        if !isThere { throw .gone("the desk has no order \(remoteID)") }
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        let state: OrderState? = try await inStore { transaction in
            guard let order = try Self.order(remoteID, transaction.reader) else { return nil }
            if order.state == .open { try Desk.withdraw(order, reason: reason, transaction) }
            return order.state
        }
        guard let state else { throw .gone("the desk has no order \(remoteID)") }
        if state == .inProgress { throw .refused("somebody works on the order D-\(remoteID) already") }
    }

    private static func order(_ remoteID: String, _ reader: Reader) throws -> DeskOrder? {
        try reader.row("SELECT * FROM desk_order WHERE number = ?", [Int64(remoteID) ?? 0]).map { try DeskOrder($0) }
    }

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        try await inSnapshot { reader in
            switch effect {
            case .create(let order, _): return try Self.receipt(of: order.reference, reader).map { [$0] } ?? []
            case .attach(let attachment, _, let number):
                let found = try reader.count(
                    "SELECT COUNT(*) FROM desk_file WHERE number = ? AND name = ?", [number, attachment.fileName])
                return found > 0 ? [Receipt(remoteID: attachment.fileName)] : []
            case .append(let note, _):
                let found = try reader.count("SELECT COUNT(*) FROM desk_note WHERE key = ?", [note.key])
                return found > 0 ? [Receipt(remoteID: note.key)] : []
            }
        }
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await inSnapshot { reader in
            let rows = try reader.rows(
                "SELECT * FROM desk_order WHERE changed > ? ORDER BY changed LIMIT 200",
                [cursor.flatMap { Int64($0) } ?? 0])
            let orders = try rows.map { try DeskOrder($0) }
            return Changes(
                orders: orders.map(\.remote), cursor: orders.last.map { String($0.changed) } ?? cursor,
                more: orders.count == 200)
        }
    }

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await inSnapshot { try Self.order(remoteID, $0)?.remote }
    }

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }

    // MARK: The store's errors are an unreachable desk

    private func inStore<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(ConnectorError) -> Value {
        do {
            return try await store.write(body)
        } catch {
            throw .unreachable("the desk's store: \(error)")
        }
    }

    private func inSnapshot<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws -> Value
    ) async throws(ConnectorError) -> Value {
        do {
            return try await store.read(body)
        } catch {
            throw .unreachable("the desk's store: \(error)")
        }
    }
}
