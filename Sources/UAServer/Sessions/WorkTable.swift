import UACodec
import UATransport

/// Work that is away from the loop.
struct WorkTable {
    struct Entry {
        let session: NodeId?
        let address: String
        let requestHandle: UInt32
        let deadline: Int64
        /// Answers in place of the work.
        let abandon: (StatusCode) -> Void
    }

    private var entries: [UInt64: Entry] = [:]
    private var lastId: UInt64 = 0
    /// Pieces that run, those included that nobody waits for any more.
    private(set) var running = 0

    var nextDeadline: Int64? { entries.values.lazy.map(\.deadline).min() }

    func count(of session: NodeId) -> Int { entries.values.lazy.filter { $0.session == session }.count }

    func count(from address: String) -> Int { entries.values.lazy.filter { $0.address == address }.count }

    mutating func begin(_ entry: Entry) -> UInt64 {
        lastId += 1
        running += 1
        entries[lastId] = entry
        return lastId
    }

    /// - Returns: whether somebody still waits for it.
    mutating func end(_ id: UInt64) -> Bool {
        running -= 1
        return entries.removeValue(forKey: id) != nil
    }

    mutating func take(where fits: (Entry) -> Bool) -> [Entry] {
        let taken = entries.filter { fits($0.value) }
        for id in taken.keys { entries[id] = nil }
        return taken.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension ServerCore {
    /// Has work done off the loop, within the bounds of number and time.
    ///
    /// - Parameters:
    ///   - session: whose end ends it.
    ///   - then: gets what came of it, or Bad_Timeout, Bad_SessionClosed or Bad_RequestCancelledByClient.
    /// - Throws: Bad_ServerTooBusy.
    func offload<Value: Sendable>(
        _ exchange: Exchange, session: NodeId?, _ run: @escaping @Sendable () async -> Value,
        then: @escaping (Result<Value, StatusError>) -> Void
    ) throws(StatusError) {
        let limits = configuration.sessions
        let address = exchange.connection.peer.address
        guard work.running < limits.workInAll, work.count(from: address) < limits.workPerAddress,
            session.map({ work.count(of: $0) < limits.workPerSession }) ?? true
        else { throw StatusError(.badServerTooBusy) }
        var time = limits.workTime
        if exchange.header.timeoutHint > 0 { time = min(time, Int64(exchange.header.timeoutHint)) }
        let id = work.begin(
            WorkTable.Entry(
                session: session, address: address, requestHandle: exchange.header.requestHandle,
                deadline: environment.now() + time,
                abandon: { then(.failure(StatusError($0))) }))
        environment.worker.run(run) { [weak self] value in
            guard let self, self.work.end(id) else { return }
            then(.success(value))
            self.deadlineChanged()
        }
    }

    func expireWork(now: Int64) {
        for entry in work.take(where: { $0.deadline <= now }) { entry.abandon(.badTimeout) }
    }
}
