import AndonLedger
import AndonModel
import Logging

/// Looks among the orders that people made in the CMMS for defects that a camera should have seen, and keeps each as a
/// report of a missed defect, once.
///
/// An order is taken when its work is over, because the codes are final then.
public final class MissedStep: Sendable {
    private let store: Store
    private let time: any TimeSource
    private let followed: [Followed]
    private let isOnDuty: @Sendable () -> Bool
    private let logger: Logger

    public struct Followed: Sendable {
        public var name: String
        public var connector: any Connector
        public var findings: Findings
        public var makeWire: @Sendable () -> any Wire

        public init(
            name: String, connector: any Connector, findings: Findings, makeWire: @escaping @Sendable () -> any Wire
        ) {
            self.name = name
            self.connector = connector
            self.findings = findings
            self.makeWire = makeWire
        }
    }

    /// - Parameter isOnDuty: whether this server does what one of those that share the store should do. All may.
    public init(
        store: Store, time: any TimeSource, followed: [Followed], isOnDuty: @escaping @Sendable () -> Bool = { true },
        logger: Logger
    ) {
        self.isOnDuty = isOnDuty
        self.store = store
        self.time = time
        self.followed = followed.filter { $0.connector.traits.hasOldOrders && !$0.findings.missed.isEmpty }
        self.logger = logger
    }

    /// Looks now and then until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for settings in followed {
                group.addTask {
                    repeat {
                        if self.isOnDuty() { await self.look(settings) }
                    } while (try? await self.time.sleep(for: settings.findings.missedEvery)) != nil
                }
            }
        }
    }

    /// Reads the orders of people that were made within the time to look back.
    public func look(_ settings: Followed) async {
        let now = time.now()
        var unnamed: [String] = []
        do {
            var page: String?
            repeat {
                let found = try await settings.connector.oldOrders(
                    madeIn: now - settings.findings.lookBack..<now + .seconds(60), page: page,
                    over: settings.makeWire())
                let missed = found.orders.filter { settings.findings.isMissed($0.remote) }
                unnamed += try await keep(missed, settings)
                page = found.next
                // Half of a list says nothing of the rest.
                guard !Task.isCancelled else { return }
            } while page != nil
            try await tell(unnamed, settings)
        } catch {
            let detail = (error as? ConnectorError)?.detail ?? "\(error)"
            logger.warning(
                "the orders of people could not be read",
                metadata: ["connector": "\(settings.name)", "error": "\(detail)"])
            _ = try? await store.write { try $0.alarm("missed-unread", subject: settings.name, detail) }
        }
    }

    /// Returns the numbers of those that say no class.
    private func keep(_ orders: [OldOrder], _ settings: Followed) async throws -> [String] {
        guard !orders.isEmpty else { return [] }
        return try await store.write { transaction in
            var unnamed: [String] = []
            for order in orders {
                if let missed = Self.missed(order, settings, transaction.now) {
                    try transaction.report(missed, from: order, in: settings.name)
                } else {
                    unnamed.append(order.number)
                }
            }
            return unnamed
        }
    }

    /// The problem code itself is the class where the table has no other.
    private static func missed(_ order: OldOrder, _ settings: Followed, _ now: Timestamp) -> MissedDefect? {
        let closure = order.remote.closure
        let code = closure?.problemCode?.trimmed
        guard let name = settings.findings.defectClass(of: order.remote) ?? code, !name.isEmpty else { return nil }
        let words = "Order \(order.number) in \(settings.name)"
        return MissedDefect(
            defectClass: name, asset: order.asset,
            seenAt: order.reportedAt ?? order.createdAt ?? closure?.startedAt ?? closure?.closedAt ?? now,
            words: closure?.notes.map { "\(words): \($0)" } ?? words, by: closure?.technician ?? settings.name)
    }

    private func tell(_ unnamed: [String], _ settings: Followed) async throws {
        try await store.write { transaction in
            try transaction.clearAlarm("missed-unread", subject: settings.name)
            guard !unnamed.isEmpty else {
                return try transaction.clearAlarm("missed-unnamed", subject: settings.name)
            }
            let shown = unnamed.prefix(5).joined(separator: ", ") + (unnamed.count > 5 ? " and others" : "")
            try transaction.alarm(
                "missed-unnamed", subject: settings.name,
                "orders in \(settings.name) report a defect that a camera missed, and name none: \(shown) lack a problem "
                    + "code; give them one there, or report the defect on the desk")
        }
    }
}
