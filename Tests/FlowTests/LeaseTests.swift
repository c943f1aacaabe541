import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Synchronization
import Testing

@testable import AndonDispatch

/// Two servers' dispatchers on one PostgreSQL, each with a clock of its own, against one CMMS.
private final class Pair: Sendable {
    let stores: [Store]
    let clocks = [TestTime(), TestTime()]
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder("andon-lease")
        let data = try TestDatabase.postgresFolder(folder.path + "/data", address: TestDatabase.address())
        stores = try clocks.map { try Store(folder: data, time: $0) }
    }

    func close() throws { for store in stores { try store.close() } }

    /// An order that waits to be sent.
    func raise(_ asset: String) async throws {
        let store = stores[0]
        try await store.write { transaction in
            try transaction.enqueue(
                .create, of: try #require(Reference("AAAAAAAA" + asset)), connector: "cmms", orderingKey: asset,
                payload: .null)
        }
    }

    func claim(_ number: Int) async throws -> [Claim] {
        try await stores[number].write { try $0.claim(connector: "cmms", limit: 10) }
    }

    /// Says that a server lives, for so long by the database's clock.
    func keepLease(_ number: Int, for duration: Duration) async throws {
        try await stores[number].write { try $0.keepLease(name: "s\(number)", configuration: nil, for: duration) }
    }

    func state(_ claim: Claim) async throws -> String {
        try await stores[0].read { reader in
            let row = try reader.row("SELECT state FROM outbox WHERE id = ?", [claim.row.id])
            return try #require(row)["state"]
        }
    }
}

@Suite("Servers that share a store")
struct LeaseTests {
    @Test(
        "A lease ends by its own clock, counted from before it was asked for, and leaves nothing to begin with at its end"
    )
    func clock() throws {
        let time = TestTime()
        let lease = Lease(time: time, settings: LeaseSettings(length: .seconds(60)), isShared: true)
        #expect(lease.left <= .zero, "before the first renewal there is none")
        let asked = time.uptime()
        time.advance(by: .seconds(5))
        lease.renewed(askedAt: asked)
        #expect(lease.left == .seconds(60) - .seconds(5) - .milliseconds(7500))
        time.advance(by: .seconds(47))
        #expect(lease.left > .zero)
        time.advance(by: .seconds(1))
        #expect(lease.left <= .zero)
        // An answer that comes late does not shorten what a later one gave.
        lease.renewed(askedAt: time.uptime())
        lease.renewed(askedAt: asked)
        #expect(lease.left > .seconds(50))
        let alone = Lease(time: time, settings: LeaseSettings(length: .seconds(2)), isShared: false)
        time.advance(by: .seconds(1_000_000))
        #expect(alone.left > .seconds(1_000_000), "where nobody shares the store it never ends")
    }

    @Test("Nothing leaves over a wire whose lease has ended, and what leaves has no more time than the lease")
    func wire() async throws {
        let time = TestTime()
        let lease = Lease(time: time, settings: LeaseSettings(length: .seconds(8)), isShared: true)
        let seen = SeenRequests()
        let wire = LeasedWire(wire: seen, permit: lease.permit)
        await #expect(throws: WireError.notSent(SendPermit.refusal)) {
            try await wire.exchange(WireRequest("GET", "/"))
        }
        lease.renewed(askedAt: time.uptime())
        _ = try await wire.exchange(WireRequest("GET", "/"))
        let permit = try #require(seen.requests.first?.permit)
        #expect(permit.left() == .seconds(7))
        // The request waits for its connection meanwhile.
        time.advance(by: .seconds(7))
        #expect(throws: WireError.notSent(SendPermit.refusal)) { try permit.check() }
    }

    @Test("What a server has under way is its own while it says that it lives, and is taken once when it does not")
    func takeOver() async throws {
        let pair = try Pair()
        try await pair.keepLease(0, for: .seconds(3600))
        try await pair.keepLease(1, for: .seconds(3600))
        try await pair.raise("07")
        let claim = try #require(try await pair.claim(0).first)
        #expect(try await pair.claim(1).isEmpty, "two have the same order")
        #expect(try await pair.stores[1].write { try $0.takeOver() } == 0)
        #expect(try await pair.stores[0].write { try $0.held(claim).isOwn })

        // Its lease ran out a second ago by the database's clock.
        try await pair.keepLease(0, for: .seconds(-1))
        #expect(try await pair.stores[1].write { try $0.takeOver() } == 1)
        #expect(try await pair.stores[1].write { try $0.takeOver() } == 0)
        #expect(try await pair.state(claim) == "unknown")
        #expect(try await !pair.stores[0].write { try $0.held(claim).isOwn }, "it wakes up and has lost its fence")
        let taken = try #require(try await pair.claim(1).first)
        #expect(taken.action == .search && taken.fence > claim.fence, "the CMMS is asked before anything is sent again")
        #expect(try await pair.stores[1].write { try $0.held(taken).isOwn })
        #expect(try await !pair.stores[0].write { try $0.held(claim).isOwn })
        try pair.close()
    }

    @Test("A server that starts leaves alone what others have under way, and takes what nobody owns")
    func start() async throws {
        let pair = try Pair()
        try await pair.keepLease(0, for: .seconds(3600))
        for asset in ["01", "02"] { try await pair.raise(asset) }
        let claims = try await pair.claim(0)
        let second = try #require(claims.last)
        _ = try await pair.stores[0].write { transaction in
            try transaction.run("UPDATE outbox SET owner = NULL WHERE id = ?", [second.row.id])
        }
        #expect(try await pair.stores[1].write { try $0.takeOver() } == 1)
        #expect(try await pair.state(second) == "unknown")
        #expect(try await pair.state(try #require(claims.first)) == "sending")
        // One that ends in order leaves its work at once.
        try await pair.stores[0].write { try $0.endLease() }
        #expect(try await pair.stores[1].write { try $0.takeOver() } == 1)
        try pair.close()
    }

    @Test("In a file, which one process writes at a time, a start takes all that was under way before")
    func alone() async throws {
        let folder = try TemporaryFolder("andon-lease")
        func raise(_ store: Store) async throws -> Int {
            try await store.write { transaction in
                try transaction.keepLease(name: "s", configuration: nil, for: .seconds(3600))
                try transaction.enqueue(
                    .create, of: try #require(Reference("AAAAAAAA01")), connector: "cmms", orderingKey: "A",
                    payload: .null)
                return try transaction.claim(connector: "cmms", limit: 1).count
            }
        }
        let first = try Store(folder: folder.path, time: SystemTime())
        #expect(try await raise(first) == 1)
        #expect(try await first.write { try $0.takeOver() } == 0, "its own is under way")
        try first.close()
        let second = try Store(folder: folder.path, time: SystemTime())
        #expect(try await second.write { try $0.takeOver() } == 1)
        try second.close()
    }
}

private final class SeenRequests: Wire {
    private let seen = Mutex<[WireRequest]>([])
    var requests: [WireRequest] { seen.withLock { $0 } }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        seen.withLock { $0.append(request) }
        return WireResponse(status: 200, headers: [], body: [])
    }

    func now() -> Timestamp { Timestamp(microseconds: 0) }
}
