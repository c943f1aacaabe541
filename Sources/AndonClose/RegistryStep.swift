import AndonLedger
import AndonModel
import Logging

/// Keeps the CMMS's asset registry at hand: which assets there are, where they belong and how critical they are.
///
/// What was read last stays in the store, so a CMMS that is away changes nothing but the figures' age.
public final class RegistryStep: Sendable {
    private let store: Store
    private let time: any TimeSource
    private let followed: [Followed]
    private let onRead: @Sendable () async -> Void
    private let isOnDuty: @Sendable () -> Bool
    private let logger: Logger

    public struct Followed: Sendable {
        public var name: String
        public var connector: any Connector
        public var every: Duration
        public var makeWire: @Sendable () -> any Wire

        public init(
            name: String, connector: any Connector, every: Duration, makeWire: @escaping @Sendable () -> any Wire
        ) {
            self.name = name
            self.connector = connector
            self.every = every
            self.makeWire = makeWire
        }
    }

    /// More than any plant has; a registry that never ends must not fill the memory.
    private static let assetsMax = 500_000

    /// `onRead` is called after each registry that was read.
    public init(
        store: Store, time: any TimeSource, followed: [Followed],
        isOnDuty: @escaping @Sendable () -> Bool = { true }, logger: Logger,
        onRead: @escaping @Sendable () async -> Void
    ) {
        self.isOnDuty = isOnDuty
        self.store = store
        self.time = time
        self.followed = followed.filter { $0.connector.traits.hasAssetRegistry && $0.every > .zero }
        self.logger = logger
        self.onRead = onRead
    }

    /// Reads all registries now and then until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for registry in followed {
                group.addTask {
                    repeat {
                        if self.isOnDuty() { await self.read(registry) }
                    } while (try? await self.time.sleep(for: registry.every)) != nil
                }
            }
        }
    }

    /// Reads one registry as a whole: half of one would make the other half's assets unknown.
    public func read(_ registry: Followed) async {
        do {
            var assets: [Asset] = []
            var page: String?
            repeat {
                let found = try await registry.connector.assets(page: page, over: registry.makeWire())
                assets += found.assets
                page = found.next
                guard assets.count <= Self.assetsMax else {
                    throw ConnectorError.refused("the registry has more than \(Self.assetsMax) assets")
                }
            } while page != nil
            let all = assets
            try await store.write { transaction in
                try transaction.keepRegistry(all, connector: registry.name)
                try transaction.clearAlarm("registry-unread", subject: registry.name)
            }
            await onRead()
        } catch {
            let detail = (error as? ConnectorError)?.detail ?? "\(error)"
            logger.warning(
                "the asset registry could not be read",
                metadata: ["connector": "\(registry.name)", "error": "\(detail)"])
            _ = try? await store.write { transaction in
                try transaction.alarm("registry-unread", subject: registry.name, detail)
            }
        }
    }
}
