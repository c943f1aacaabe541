import NIOCore
import NIOPosix
import UACodec
import UASecurity
import UATransport

/// An OPC UA server: a port, the sessions and subscriptions of its clients, and an address space that the application
/// fills and keeps up to date.
///
/// All of it runs on one event loop, which is the executor of this actor; RSA, passwords and methods that take long run
/// elsewhere. The application works on the address space and on alarms in ``update(_:)``, which runs there too: it sees
/// everything as it is at one moment, and clients see everything that it changes.
///
/// ```swift
/// let server = try await UAServer(configuration, listener, group: .singleton)
/// try await server.update { space, core in
///     try space.addVariable(NodeId("Speed", namespace: 1), "Speed", under: NodeId(85), dataType: NodeId(11))
/// }
/// try await server.start(host: "0.0.0.0", port: 4840)
/// ```
public actor UAServer {
    nonisolated let loop: any EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    private struct Parts {
        let space: AddressSpace
        let core: ServerCore
        let listener: ServerListener
    }

    private let parts: NIOLoopBound<Parts>
    private var space: AddressSpace { parts.value.space }
    private var core: ServerCore { parts.value.core }
    private var listener: ServerListener { parts.value.listener }
    private var wake: (at: Int64, task: Scheduled<Void>)?
    private var isScheduling = false

    /// - Parameters:
    ///   - listener: the port's own settings; its ways in must be those of `configuration`.
    ///   - users: whom certificates of users are checked against.
    ///   - authenticate: says who a user is, or nil.
    ///   - report: takes what is worth a log entry: refused connections, broken rules.
    public init(
        _ configuration: ServerCoreConfiguration, _ listener: ListenerConfiguration, users: TrustList? = nil,
        group: any EventLoopGroup, authenticate: @escaping Authenticate, report: @escaping @Sendable (String) -> Void
    ) async throws {
        let loop = group.next()
        self.loop = loop
        parts = try await loop.submit {
            let space = AddressSpace(applicationUri: configuration.applicationUri, time: listener.now)
            let environment = ServerEnvironment(
                now: { Int64(loop.now.uptimeNanoseconds / 1_000_000) }, time: listener.now, random: Self.random,
                worker: LoopWorker(loop: loop))
            let core = ServerCore(
                configuration, space: space, own: listener.own, users: users, environment: environment,
                authenticate: authenticate)
            let port = ServerListener(listener, delegate: core, loop: loop, report: report)
            return NIOLoopBound(Parts(space: space, core: core, listener: port), eventLoop: loop)
        }.get()
        begin(configuration, started: listener.now())
    }

    private func begin(_ configuration: ServerCoreConfiguration, started: DateTime) {
        ServerObject.fill(space, configuration, started: started)
        core.deadlineChanged = { [weak self] in self?.assumeIsolated { $0.scheduleSoon() } }
    }

    /// Opens the port.
    ///
    /// - Parameter port: 0 for one that is free.
    /// - Returns: the port.
    @discardableResult
    public func start(host: String, port: Int) async throws -> Int {
        let bound = try await listener.start(host: host, port: port).get()
        core.port = bound
        return bound
    }

    /// Closes the port and all connections, after telling the clients that the server goes.
    public func stop() {
        space.setValue(
            DataValue(Variant(ServerObject.shutdown), sourceTimestamp: space.time()), of: NodeId(2259))
        core.advance(now: now)
        wake?.task.cancel()
        listener.stop()
    }

    /// Works on the address space, events and alarms.
    public func update<Value: Sendable>(
        _ work: (AddressSpace, ServerCore) throws -> sending Value
    ) rethrows -> Value {
        defer { schedule() }
        return try work(space, core)
    }

    /// Connections that are open, and sessions.
    public var load: (connections: Int, sessions: Int) { (listener.connectionCount, core.sessionCount) }

    private var now: Int64 { Int64(loop.now.uptimeNanoseconds / 1_000_000) }

    /// Once after all requests that have come in together.
    private func scheduleSoon() {
        guard !isScheduling else { return }
        isScheduling = true
        loop.execute { [weak self] in
            guard let self else { return }
            self.assumeIsolated {
                $0.isScheduling = false
                $0.schedule()
            }
        }
    }

    /// Has the core woken when something is due.
    private func schedule() {
        guard let next = core.nextDeadline else { return }
        if let wake, wake.at <= next { return }
        wake?.task.cancel()
        let task = loop.scheduleTask(in: .milliseconds(max(0, next - now))) { [weak self] in
            guard let self else { return }
            self.assumeIsolated { $0.awake() }
        }
        wake = (next, task)
    }

    private func awake() {
        wake = nil
        core.advance(now: now)
        schedule()
    }

    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

/// Does work on Swift's own threads and comes back to the loop.
private struct LoopWorker: Worker {
    let loop: any EventLoop

    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value, then: @escaping (Value) -> Void) {
        let bound = NIOLoopBound(then, eventLoop: loop)
        let loop = loop
        let finish = { @Sendable (value: Value) in loop.execute { bound.value(value) } }
        Task.detached { finish(await work()) }
    }
}
