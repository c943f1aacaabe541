import AndonLedger
import AndonModel
import Logging
import Synchronization

extension Dispatcher {
    /// Until cancelled: says that this server lives, and takes what others have under way that do not.
    func keepLease() async {
        // Where nobody else can write, the lease never ends.
        guard store.isShared else { return }
        while (try? await time.sleep(for: lease.settings.renewEvery)) != nil {
            do {
                try await renew()
            } catch {
                logger.warning(
                    "this server's lease could not be renewed: nothing leaves once it has ended",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    func renew() async throws {
        let wasHeld = lease.isHeld
        let asked = time.uptime()
        let (settings, name, configuration) = (lease.settings, serverName, configurationDigest())
        let (taken, others) = try await store.write { transaction in
            try transaction.keepLease(
                name: name, configuration: configuration, for: settings.length + settings.margin)
            return (try transaction.takeOver(), try transaction.reader.servers())
        }
        lease.renewed(askedAt: asked)
        if taken > 0 {
            logger.notice("attempts without an answer will be looked for", metadata: ["count": "\(taken)"])
        }
        say(of: others, configuration)
        if taken > 0 || !wasHeld { store.wakeClaimers() }
    }

    /// Servers of one store do the same with what they take in only where they have the same configuration.
    private func say(of servers: [ServerRecord], _ configuration: String?) {
        // Of a file that one process has, the rows of others are of servers that were killed.
        let isFirst = !store.isShared || servers.first?.id == store.server
        let others = store.isShared ? servers.filter { $0.id != store.server } : []
        let different = configuration.map { own in
            others.filter { $0.configuration.map { $0 != own } ?? false }.map(\.name)
        }
        let new = company.withLock { company -> [String] in
            defer { company = Company(isFirst: isFirst, others: others, differing: different ?? []) }
            return (different ?? []).filter { !company.differing.contains($0) }
        }
        for name in new {
            logger.error(
                "another server of the same store has another configuration: give all of them the same",
                metadata: ["server": "\(name)"])
        }
    }

    /// What this server sent after its lease had ended, in spite of all, may be in the CMMS a second time: it is asked, once
    /// whoever has the effect now is done with it.
    func lookForDoubles(_ claim: Claim, _ lane: Lane) async {
        let kind = "late-attempt"
        let subject = claim.row.reference.text
        while (try? await time.sleep(for: Self.lookEvery)) != nil {
            do {
                guard try await !store.read({ try $0.isOpen(claim.row) }) else { continue }
                let copies = try await lane.copies(claim, over: leased(lane.settings.makeWire().wire), store: store)
                let name = lane.settings.name
                return try await store.write { transaction in
                    if copies > 1 {
                        try transaction.alarm(
                            "duplicate", subject: subject, "\(name) has \(copies) records of \(claim.row.reference)")
                    }
                    try transaction.clearAlarm(kind, subject: subject)
                }
            } catch {
                logger.warning(
                    "a late attempt's effect could not be looked for yet",
                    metadata: ["reference": "\(claim.row.reference)", "error": "\(error)"])
            }
        }
    }

    func leased(_ wire: any Wire) -> any Wire { LeasedWire(wire: wire, permit: lease.permit) }

    /// The servers that share the store at present, without this one, and which of them have another configuration.
    public var others: (names: [String], differing: [String]) {
        company.withLock { ($0.others.map(\.name), $0.differing) }
    }

    /// Whether this is the server that has been there for longest: of what need be done once it does it. For a moment two may
    /// think so, and what they do must bear that.
    public var isOnDuty: Bool { company.withLock { $0.isFirst } }

    /// What the last renewal found.
    struct Company: Sendable {
        var isFirst = true
        var others: [ServerRecord] = []
        var differing: [String] = []
    }
}

extension Lane {
    /// Notes that an attempt ended when somebody else had its row.
    ///
    /// - Returns: whether it may have left something in the CMMS that nobody looks for.
    func late(
        _ claim: Claim, _ result: Result<[Receipt], ConnectorError>, in transaction: Transaction
    ) throws -> Bool {
        guard claim.action == .send, !claim.row.effect.isIdempotent, settings.connector.traits.isSearchable else {
            return false
        }
        switch result {
        case .success, .failure(.answerLost), .failure(.handedOver): break
        case .failure: return false
        }
        try transaction.alarm(
            "late-attempt", subject: claim.row.reference.text,
            "a server sent the \(claim.row.effect.rawValue) of \(claim.row.reference) to \(settings.name) after its lease "
                + "had ended; \(settings.name) is asked whether it is there twice")
        return true
    }

    /// How many records the CMMS has of what the row stands for.
    func copies(_ claim: Claim, over wire: any Wire, store: Store) async throws -> Int {
        guard let effect = try await effect(of: claim.row, store: store) else { return 0 }
        return try await settings.connector.find(effect, over: wire).count
    }
}
